"""Stories 2 to 4: what comes is not what was sent, and who answers for the difference meanwhile.

Missing chips stay their sender's until they turn up; a wrong pick is put right by the two sides alone; and
whoever signed for sealed cartons answers for what they did not hold, until the sender concedes.
"""

from ledger.book.rejection import Reason
from tests.world_disputes import answer_draft
from tests.world_http import WATCH

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}


def absent(chip):
    """A line of an arrival."""
    return {"chip": chip, "condition": "absent"}


def test_ten_of_a_thousand_are_absent_and_two_turn_up(world):
    """Story 2."""
    world.founds(CAST)
    chips = [f"acme:D{number:04}" for number in range(1_000)]
    gone, late = chips[990:], chips[990:992]
    assert world.registers("acme", *chips).admitted
    sent = world.dispatches("acme", "acme/s1", *chips, to="oslo", title="passes_on_arrival")
    assert world.inbox("oslo") == {"acme/s1": ("acme", 1_000, 0, 1_000)}
    assert (
        world.holdings("oslo") == [] and world.holdings("acme") == chips
    )  # in transit they are the sender's
    assert world.shipment("acme/s1", by="lima") is None and world.inbox("lima") == {}

    first = world.arrives("oslo", "acme/s1", *chips[:600])
    assert first.opened == [] and world.inbox("oslo") == {"acme/s1": ("acme", 1_000, 600, 400)}
    assert (world.holdings("oslo"), world.holdings("acme")) == (chips[:600], chips[600:])

    # Without a word about them the ten are merely late: nobody is told that anything is wrong.
    silent = world.arrival_draft("oslo", "acme/s1", *chips[600:990])
    assert world.would(silent).opened == []
    second = world.arrives("oslo", "acme/s1", *chips[600:990], *map(absent, gone))
    assert second.opened == [("absent", "acme", 10)]
    missed = f"{second.index}.0"
    for party in ("oslo", "acme", WATCH):
        assert world.disputes(party) == [(missed, "absent", "oslo", "acme", 10, "open")]
    assert world.disputes("lima") == [] and world.dispute(missed, by="lima") is None
    assert world.inbox("oslo") == {"acme/s1": ("acme", 1_000, 990, 10)}
    for chip in gone:
        assert world.stands(chip) == ("acme", "acme", "acme", "acme/hall", "in_transit")
    assert (world.holdings("acme"), len(world.holdings("oslo"))) == (gone, 990)

    world.waits(40 * 86_400)  # they are overdue, and still the sender's
    assert world.holdings("acme") == gone
    third = world.arrives("oslo", "acme/s1", *late)
    assert third.opened == []
    assert world.disputed(missed, by="acme") == {chip: chip in late for chip in gone}
    looked = world.door.lookup("oslo", chips)  # a thousand at once; what never came is as unknown as nothing
    assert [chip["chip"] for chip in looked["items"]] == chips[:992] and looked["unknown"] == gone[2:]
    assert world.dispute(missed)[4] == "open" and world.inbox("oslo") == {"acme/s1": ("acme", 1_000, 992, 8)}
    assert world.stands(late[0], by="oslo") == ("oslo", "oslo", "oslo", "oslo/hall", "held")

    # What closed itself is conceded no more; the sender answers for the eight.
    assert world.would(answer_draft(world, "acme", missed, late[0], concedes=True)).reason is Reason.ENDED
    assert world.says(answer_draft(world, "acme", missed, concedes=True)).admitted
    assert world.dispute(missed)[4:] == ("conceded", "counterparty")
    for chip in gone[2:]:
        assert world.stands(chip) == (None, "acme", "acme", None, "missing")
    assert world.stands(late[1]) == ("oslo", "oslo", "oslo", "oslo/hall", "held")
    assert world.shipment("acme/s1")["state"] == "closed" and world.inbox("oslo") == {}
    assert world.holdings("acme") == []

    at = {"sent": sent, "first": first, "second": second, "third": third}
    held = {name: len(world.holdings("oslo", at=told.index + 1)) for name, told in at.items()}
    assert held == {"sent": 0, "first": 600, "second": 990, "third": 992}
    assert [world.frame("acme", told.index + 1)[0] for told in at.values()] == [1_000, 400, 10, 8]
    assert world.disputes("acme", at=second.index) == []
    assert world.dispute(missed, at=second.index + 1)[4] == "open"
    # By date: the day of the second scan ends with ten on their way, the last with none.
    assert len(world.holdings("acme", date="2026-11-21")) == 10
    assert world.stands(late[0], date="2026-11-21")[4] == "in_transit"
    assert world.holdings("acme", date="2026-12-31") == []
    assert world.audited(refusals=0)


def test_a_wrong_pick_is_put_right_by_the_two_sides_alone(world):
    """Story 3."""
    world.founds(CAST)
    meant, came, model = "acme:X1", "acme:X2", "acme:X3"
    assert world.registers("acme", meant, came, model).admitted
    terms = {"to": "oslo", "title": "passes_on_arrival"}
    assert world.dispatches("acme", "acme/s1", meant, **terms).admitted

    told = world.arrives("oslo", "acme/s1", came, absent(meant))
    assert told.opened == [("extra", "acme", 1), ("absent", "acme", 1)]
    extra, missed = f"{told.index}.0", f"{told.index}.1"
    assert [each[0] for each in world.disputes("acme", state="open")] == [extra, missed]
    assert world.shipment("acme/s1", by="oslo")["unexpected"] == 1
    # Nothing has moved by being seen: X2 is with its maker in the book, X1 on its way.
    assert world.stands(came) == ("acme", "acme", "acme", "acme/hall", "held")
    assert world.stands(meant)[4] == "in_transit" and world.chip(came, by="oslo") is None
    taken = world.dispatch_draft("oslo", "oslo/s1", came, to="lima")
    assert world.would(taken).reason is Reason.NOT_HELD

    # Only a side may concede, and the one that observed gains nothing by it.
    assert world.would(answer_draft(world, "lima", extra, concedes=True)).reason is Reason.UNKNOWN_REFERENCE
    conceded = world.says(answer_draft(world, "acme", extra, concedes=True))
    assert conceded.admitted and world.dispute(extra)[4:] == ("conceded", "counterparty")
    assert world.stands(came, by="oslo") == ("oslo", "acme", "oslo", "oslo/hall", "held")
    assert world.stands(came, at=conceded.index)[0] == "acme"

    cancelled = world.cancels("acme", "acme/s1", meant, reason="It was never in the box")
    assert cancelled.admitted and world.shipment("acme/s1", by="oslo")["state"] == "cancelled"
    assert world.stands(meant) == ("acme", "acme", "acme", "acme/hall", "held")
    assert world.chip(meant, by="oslo") is None and world.inbox("oslo") == {}
    # The sender can no longer lose it by conceding; who missed it lets it be.
    too_late = world.would(answer_draft(world, "acme", missed, concedes=True))
    assert too_late.reason is Reason.BUILT_UPON
    assert world.says(answer_draft(world, "oslo", missed, concedes=True)).admitted
    assert world.dispute(missed)[4:] == ("conceded", "observer")

    # Title did not come along with the wrong box: it is sold like any other.
    assert world.offers("acme", "acme/o1", came, to="oslo").admitted
    assert world.accepts("oslo", "acme/o1").admitted
    assert world.dispatches("acme", "acme/s2", meant, **terms).admitted
    assert world.arrives("oslo", "acme/s2", meant).opened == []
    right = ("oslo", "oslo", "oslo", "oslo/hall", "held")
    assert world.stands(meant, by="oslo") == world.stands(came, by="oslo") == right
    assert world.holdings("acme") == [model] and world.holdings("oslo") == [meant, came]
    assert {each[5] for each in world.disputes(WATCH)} == {"conceded"}
    since = world.items(WATCH, "/entries", after=told.index - 1)
    assert "registrar" not in {entry["party"] for entry in since}
    assert world.audited(refusals=0) and world.audited_from_afar()


def test_who_signed_for_sealed_cartons_answers_until_the_sender_concedes(world):
    """Story 4."""
    world.founds(CAST)
    chips, other = [f"acme:U{number:02}" for number in range(40)], ["acme:V0", "acme:V1"]
    gone = chips[32:]
    assert world.registers("acme", *chips, *other).admitted
    assert world.dispatches("acme", "acme/s1", *chips, to="oslo", title="passes_on_arrival").admitted
    assert world.dispatches("acme", "acme/s2", *other, to="oslo").admitted
    accepted = world.arrives("oslo", "acme/s1")  # as dispatched
    assert accepted.opened == [] and world.shipment("acme/s1")["state"] == "closed"
    assert world.statement(accepted.outcome.statement)["body"]["evidence"] == "as_dispatched"
    assert world.arrives("oslo", "acme/s2").opened == []
    assert world.holdings("oslo") == [*chips, *other]

    unpacked = world.arrives("oslo", "acme/s1", *chips[:32], *map(absent, gone))
    assert unpacked.opened == [("absent", "acme", 8)]
    missed = f"{unpacked.index}.0"
    assert world.disputes("acme") == [(missed, "absent", "oslo", "acme", 8, "open")]
    mine = ("oslo", "oslo", "oslo", "oslo/hall", "held")
    assert {world.stands(chip) for chip in chips} == {mine}
    assert (
        world.frame("oslo")[0] == 42 and world.holdings("acme") == []
    )  # an inspector may ask for all of them

    answered = world.says(answer_draft(world, "acme", missed))  # "they were in it": nothing moves
    assert answered.admitted and world.dispute(missed)[4] == "answered"
    assert {world.stands(chip) for chip in gone} == {mine}
    # Nor can the receiver hand them back by giving in or by saying it again.
    assert world.would(world.dispatch_draft("acme", "acme/s9", gone[0], to="lima")).reason is Reason.NOT_HELD

    conceded = world.says(answer_draft(world, "acme", missed, concedes=True))
    assert conceded.admitted and world.dispute(missed)[4:] == ("conceded", "counterparty")
    for chip in gone:
        assert world.stands(chip) == (None, "oslo", "acme", None, "missing")
        assert world.stands(chip, at=conceded.index) == mine
    assert world.holdings("oslo") == [*chips[:32], *other]
    between = range(accepted.index + 1, conceded.index)
    assert {world.chip(chip, at=size)["liable"] for chip in gone for size in between} == {"oslo"}

    # The control: whoever calls chips missing and uses them is not relieved of them by a friendly sender.
    again = world.arrives("oslo", "acme/s2", *map(absent, other))
    assert world.would(answer_draft(world, "acme", f"{again.index}.0", concedes=True)).reason is None
    assert world.places("oslo", {"chip": other[0], "system": "rack-1", "slot": "1"}).admitted
    relieved = world.says(answer_draft(world, "acme", f"{again.index}.0", concedes=True))
    assert relieved.reason is Reason.BUILT_UPON and relieved.chips == (other[0],)
    assert world.says(answer_draft(world, "acme", f"{again.index}.0", other[1], concedes=True)).admitted
    assert [world.chip(chip)["liable"] for chip in other] == ["oslo", "acme"]
    assert world.audited(refusals=1)
