"""What an arrival does to custody, and which disagreement each contradiction of the book becomes."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import DISCREPANCY_CHIPS, LINES
from tests.world import World

U1 = {"uuid": "GPU-1", "label": "L1", "pdi": "P1", "ik_sha256": "ab" * 32}


@pytest.fixture
def world():
    """acme sent S1 (with an identity), S2, S3 to oslo and S5 to lima; it keeps S4, misses S6, replaced S7."""
    world = World().settles()
    identified = {"chip": "acme:S1", "identity": U1}
    assert world.registers("acme", identified, *(f"acme:S{n}" for n in range(2, 8))).admitted
    assert world.registers("acme", {"chip": "acme:S8", "replaces": "acme:S7"}).admitted
    assert world.dispatches("acme", "acme/s1", "acme:S1", "acme:S2", "acme:S3", to="oslo").admitted
    assert world.dispatches("acme", "acme/s2", "acme:S5", to="lima", title="passes_on_arrival").admitted
    assert world.says(world.draft("acme", "chips.retired", {"reason": "lost"}, ["acme:S6"])).admitted
    return world


def row(chip, condition="received", **seen):
    """A line of an arrival."""
    return {"chip": chip, "condition": condition} | ({"seen": seen} if seen else {})


# (what was found, what becomes of it): everything at acme/s1, by oslo, before anything else came.
CONTRADICTIONS = {
    "what was sent": ([row("acme:S1"), row("acme:S2"), row("acme:S3")], []),
    "part of it": ([row("acme:S2")], []),
    "damaged": ([row("acme:S2", "damaged")], []),
    "refused": ([row("acme:S2", "refused")], []),
    "a chip nobody knows": ([row("acme:Z1")], [("unknown_chip", None, 1)]),
    "one nobody knows, not here": ([row("acme:Z1", "absent")], [("unknown_chip", None, 1)]),
    "another's chip": ([row("acme:S4")], [("extra", "acme", 1)]),
    "another's chip, refused": ([row("acme:S4", "refused")], [("extra", "acme", 1)]),
    "another's chip, not here": ([row("acme:S4", "absent")], []),
    "a chip on its way elsewhere": ([row("acme:S5")], [("extra", "acme", 1)]),
    "a missing chip": ([row("acme:S6")], [("after_end", "acme", 1)]),
    "a missing chip, not here": ([row("acme:S6", "absent")], []),
    "a replaced chip": ([row("acme:S7")], [("after_end", "acme", 1)]),
    "a replaced chip, not here": ([row("acme:S7", "absent")], []),
    "absent": ([row("acme:S2", "absent")], [("absent", "acme", 1)]),
    "two absent": ([row("acme:S2", "absent"), row("acme:S3", "absent")], [("absent", "acme", 2)]),
    "its own identity": ([row("acme:S1", **U1)], []),
    "part of its identity": ([row("acme:S1", label="L1")], []),
    "another label": ([row("acme:S1", label="L9")], [("identity_differs", "acme", 1)]),
    "another number": ([row("acme:S1", uuid="GPU-9")], [("identity_differs", "acme", 1)]),
    "another key": ([row("acme:S1", ik_sha256="cd" * 32)], [("identity_differs", "acme", 1)]),
    "another pdi": ([row("acme:S1", pdi="P9")], [("identity_differs", "acme", 1)]),
    "an identity nobody registered": ([row("acme:S2", uuid="GPU-2")], []),
    "one chip twice": ([row("acme:S2"), row("acme:S2", label="b")], [("duplicate", "acme", 1)]),
    "one chip three times, others once": (
        [row("acme:S2"), row("acme:S2", label="b"), row("acme:S2", label="c"), row("acme:S3")],
        [("duplicate", "acme", 1)],
    ),
    "a missing chip twice": ([row("acme:S6"), row("acme:S6", label="b")], [("after_end", "acme", 1)]),
    "twice, with another number": (
        [row("acme:S1", label="L1"), row("acme:S1", uuid="GPU-9")],
        [("duplicate", "acme", 1)],
    ),
    "another's, twice": ([row("acme:S4"), row("acme:S4", label="b")], [("duplicate", "acme", 1)]),
    "everything at once": (
        [
            row("acme:S1", uuid="GPU-9"), row("acme:S2", "absent"), row("acme:S3"),
            row("acme:S3", label="b"), row("acme:S4"), row("acme:S6"), row("acme:S7"), row("acme:Z1"),
            row("acme:Z2"), row("bolt:B1"),
        ],
        [
            ("unknown_chip", None, 2), ("after_end", "acme", 2), ("duplicate", "acme", 1),
            ("identity_differs", "acme", 1), ("extra", "acme", 1), ("extra", "bolt", 1),
            ("absent", "acme", 1),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_contradicts_the_book_is_recorded(world, name):
    lines, expected = CONTRADICTIONS[name]
    assert world.registers("bolt", "bolt:B1").admitted
    told = world.arrives("oslo", "acme/s1", *lines)
    assert told.admitted
    assert told.opened == expected
    mine = [row for row in world.discrepancies() if row[0].startswith(f"{told.index}.")]
    assert sorted(mine, key=ordinal) == [
        (f"{told.index}.{place}", kind, "oslo", against, chips)
        for place, (kind, against, chips) in enumerate(expected)
    ]
    received = {line["chip"] for line in lines if line["condition"] in ("received", "damaged")}
    assert set(world.held_by("oslo")) == received & {"acme:S1", "acme:S2", "acme:S3"}


def ordinal(row):
    return int(row[0].split(".")[1])


def test_each_line_is_kept_with_what_was_seen(world):
    told = world.arrives("oslo", "acme/s1", row("acme:S1", uuid="GPU-9"), row("acme:Z1"))
    kept = [
        (line.discrepancy, line.chip, line.seen, line.closed) for line in world.door.rows(DISCREPANCY_CHIPS)
    ]
    assert kept == [
        (f"{told.index}.0", "acme:Z1", "", None),
        (f"{told.index}.1", "acme:S1", '{"uuid":"GPU-9"}', None),
    ]


@pytest.mark.parametrize("title", ["kept", "passes_on_arrival"])
def test_custody_passes_when_the_receiver_signs(world, title):
    assert world.dispatches("acme", "acme/t", "acme:S4", to="oslo", title=title).admitted
    on_its_way = world.chip("acme:S4")
    assert (on_its_way.custodian, on_its_way.liable, on_its_way.status) == ("acme", "acme", "in_transit")
    assert (on_its_way.site, on_its_way.shipment) == ("acme/hall", "acme/t")
    assert world.arrives("oslo", "acme/t", "acme:S4").opened == []
    chip = world.chip("acme:S4")
    assert (chip.custodian, chip.liable, chip.status, chip.shipment) == ("oslo", "oslo", "held", None)
    assert chip.site == "oslo/hall"
    assert chip.owner == ("acme" if title == "kept" else "oslo")


def test_a_refused_chip_is_the_senders_again_and_nowhere(world):
    assert world.arrives("oslo", "acme/s1", row("acme:S1", "refused")).opened == []
    chip = world.chip("acme:S1")
    assert (chip.custodian, chip.liable, chip.status) == ("acme", "acme", "held")
    assert (chip.site, chip.shipment) == (None, None)
    assert world.arrives("oslo", "acme/s1", "acme:S1").opened == [("extra", "acme", 1)]
    assert world.chip("acme:S1").custodian == "acme"
    assert world.places("acme", "acme:S1").admitted


def test_another_country_than_dispatched_passes_custody_and_is_recorded(world):
    told = world.arrives("lima", "acme/s2", "acme:S5", site="lima/abroad")
    assert told.opened == [("wrong_place", "acme", 1)]
    assert world.chip("acme:S5").custodian == "lima"
    assert world.chip("acme:S5").site == "lima/abroad"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (row("acme:S2"), "wrong_place"),
        (row("acme:S2", "damaged"), "wrong_place"),
        (row("acme:S2", "refused"), "wrong_place"),
        (row("acme:S2", "absent"), "absent"),
        (row("acme:S1", uuid="GPU-9"), "identity_differs"),
        (row("acme:S4"), "extra"),
        (row("acme:Z1"), "unknown_chip"),
        (row("acme:S6"), "after_end"),
    ],
)
def test_in_another_country_the_first_kind_that_applies_is_given(world, line, kind):
    told = world.arrives("oslo", "acme/s1", line, site="lima/abroad")
    assert [opened[0] for opened in told.opened] == [kind]


@pytest.mark.parametrize("shipment", ["acme/s1", "acme/none", "nobody/x"])
def test_not_addressed_and_unknown_are_alike(world, shipment):
    """lima speaks: to the book it is one whether the shipment is oslo's or nobody's."""
    assert world.arrives("lima", "acme/s2", "acme:S5").admitted
    lines = [
        row("acme:S1"), row("acme:S2", "absent"), row("acme:S3", "refused"), row("acme:S4", "damaged"),
        row("acme:S5"), row("acme:S6", "absent"), row("acme:Z1"),
    ]  # fmt: skip
    told = world.arrives("lima", shipment, *lines)
    assert told.opened == [("unknown_chip", None, 1), ("after_end", "acme", 1), ("extra", "acme", 4)]
    assert world.held_by("lima") == ["acme:S5"]
    assert world.shipment("acme/s1").unexpected == 0
    assert world.arrives("lima", shipment).opened == []


def test_sealed_cartons_are_received_whole(world):
    assert world.arrives("oslo", "acme/s1", "acme:S2").admitted
    assert world.arrives("oslo", "acme/s1").opened == []
    assert world.held_by("oslo") == ["acme:S1", "acme:S2", "acme:S3"]
    assert world.shipment("acme/s1").state == "closed"
    before = world.door.digest()
    told = world.arrives("oslo", "acme/s1")
    assert told.admitted and told.opened == []
    assert world.door.digest() == before  # on a closed shipment it receives nothing


def test_sealed_cartons_in_another_country_are_recorded_too(world):
    told = world.arrives("oslo", "acme/s1", site="lima/abroad")
    assert told.opened == [("wrong_place", "acme", 3)]
    assert world.held_by("oslo") == ["acme:S1", "acme:S2", "acme:S3"]


def test_receiving_twice_changes_nothing(world):
    assert world.arrives("oslo", "acme/s1", "acme:S1", "acme:S2").opened == []
    before = world.door.digest()
    assert world.arrives("oslo", "acme/s1", "acme:S1", "acme:S2").opened == []
    assert world.door.digest() == before


def test_absent_after_acceptance_never_hands_liability_back(world):
    assert world.arrives("oslo", "acme/s1", "acme:S1").admitted
    assert world.arrives("oslo", "acme/s1", row("acme:S1", "absent")).opened == [("absent", "acme", 1)]
    assert (world.chip("acme:S1").custodian, world.chip("acme:S1").liable) == ("oslo", "oslo")


def test_absent_before_acceptance_leaves_the_line_open(world):
    assert world.arrives("oslo", "acme/s1", row("acme:S1", "absent"), "acme:S2", "acme:S3").admitted
    shipment = world.shipment("acme/s1")
    assert (shipment.state, shipment.received) == ("open", 2)
    assert world.arrives("oslo", "acme/s1", "acme:S1").opened == []
    assert world.shipment("acme/s1").state == "closed"


def test_what_was_sent_on_since_is_somebody_elses(world):
    assert world.arrives("oslo", "acme/s1", "acme:S1").admitted
    assert world.dispatches("oslo", "oslo/t", "acme:S1", to="lima").admitted
    assert world.arrives("oslo", "acme/s1", "acme:S1").opened == []  # still oslo's, on its way
    assert world.arrives("lima", "oslo/t", "acme:S1").opened == []
    assert world.arrives("oslo", "acme/s1", "acme:S1").opened == [("extra", "lima", 1)]
    assert world.chip("acme:S1").custodian == "lima"


def test_a_shipment_counts_its_lines(world):
    assert world.arrives(
        "oslo", "acme/s1", "acme:S1", row("acme:S2", "refused"), "acme:S4", "acme:Z1"
    ).admitted
    found = world.shipment("acme/s1")
    counts = (found.sent, found.received, found.refused, found.cancelled, found.lost, found.unexpected)
    assert counts == (3, 1, 1, 0, 0, 2)
    assert found.state == "open"
    assert world.arrives("oslo", "acme/s1", row("acme:S3", "damaged"), row("acme:Z1", label="b")).admitted
    assert world.shipment("acme/s1").state == "closed"


def test_a_chip_of_one_shipment_may_come_in_another(world):
    assert world.dispatches("acme", "acme/s3", "acme:S4", to="oslo").admitted
    assert world.arrives("oslo", "acme/s1", "acme:S4").opened == [("extra", "acme", 1)]
    assert world.chip("acme:S4").shipment == "acme/s3"
    assert world.arrives("oslo", "acme/s3", "acme:S4").opened == []


def test_a_discrepancy_freezes_nothing(world):
    assert world.arrives("lima", "no/where", "acme:S4").opened == [("extra", "acme", 1)]
    assert world.dispatches("acme", "acme/s9", "acme:S4", to="oslo").admitted


def test_a_shipment_to_oneself_crosses_a_border(world):
    assert world.arrives("lima", "acme/s2", "acme:S5").admitted
    assert world.places("lima", "acme:S5", site="lima/abroad").reason is Reason.NEEDS_SHIPMENT
    assert world.dispatches("lima", "lima/move", "acme:S5", to="lima", country="PE").admitted
    assert world.arrives("lima", "lima/move", site="lima/abroad").opened == []
    assert world.chip("acme:S5").site == "lima/abroad"


def test_only_who_may_hold_receives(world):
    assert world.arrives("watch", "acme/s1", "acme:S1", site="oslo/hall").reason is Reason.WRONG_ROLE
    assert world.arrives("oslo", "acme/s1", "acme:S1", site="no/where").reason is Reason.UNKNOWN_REFERENCE


def test_what_arrives_stands_at_the_site_named_even_another_partys(world):
    assert world.arrives("oslo", "acme/s1", "acme:S1", site="odm/hall").opened == []
    assert world.chip("acme:S1").site == "odm/hall"


@pytest.mark.parametrize(
    ("first", "second", "state", "custodian"),
    [
        ("received", "refused", "received", "oslo"),
        ("refused", "received", "refused", "acme"),
        ("absent", "refused", "refused", "acme"),
        ("absent", "damaged", "received", "oslo"),
        ("damaged", "absent", "received", "oslo"),
    ],
)
def test_of_two_lines_about_a_chip_the_first_that_has_it_decides(world, first, second, state, custodian):
    told = world.arrives("oslo", "acme/s1", row("acme:S2", first), row("acme:S2", second, label="b"))
    assert told.opened == [("duplicate", "acme", 1)]
    assert {each.chip: each.state for each in world.door.rows(LINES)}["acme:S2"] == state
    assert world.chip("acme:S2").custodian == custodian
    shipment = world.shipment("acme/s1")
    assert (shipment.received, shipment.refused) == (int(state == "received"), int(state == "refused"))
