"""What was said to be absent and turns up closes by itself; what does not stays a disagreement."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import ABSENCES, DISCREPANCY_CHIPS
from tests.book.disputed import DOORS, disputed


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    """acme made S1 to S9 and sent S1, S2, S3 to oslo."""
    world = disputed(request.param, tmp_path)
    yield world
    assert world.audit().clean
    world.door.close()


def row(chip, condition="received", **seen):
    return {"chip": chip, "condition": condition} | ({"seen": seen} if seen else {})


def absent(*chips):
    return [row(chip, "absent") for chip in chips]


def still_absent(world):
    """Chips with an absence that is not over; those of discrepancies with a line that is not settled."""
    rows = sorted({each.chip for each in world.door.rows(ABSENCES) if each.closed is None})
    lines = sorted({each.chip for each in world.door.rows(DISCREPANCY_CHIPS) if each.closed is None})
    assert set(rows) <= set(lines)
    return rows


def test_two_absent_that_turn_up_later_close_themselves(world):
    told = world.arrives("oslo", "acme/s1", "acme:S1", *absent("acme:S2", "acme:S3"))
    name = f"{told.index}.0"
    assert told.opened == [("absent", "acme", 2)]
    assert still_absent(world) == ["acme:S2", "acme:S3"]
    assert world.arrives("oslo", "acme/s1", "acme:S2").opened == []
    assert world.state_of(name) == ("open", None, 1)
    assert still_absent(world) == ["acme:S3"]
    assert world.arrives("oslo", "acme/s1", row("acme:S3", "damaged")).opened == []
    assert world.state_of(name) == ("withdrawn", None, 0)
    assert world.shipment("acme/s1").state == "closed"
    assert world.held_by("oslo") == ["acme:S1", "acme:S2", "acme:S3"]
    assert world.concedes("acme", name).reason is Reason.ENDED


def test_said_twice_and_received_once_both_are_over(world):
    one = world.arrives("oslo", "acme/s1", *absent("acme:S2"))
    two = world.arrives("oslo", "acme/s1", *absent("acme:S2", "acme:S3"))
    assert world.arrives("oslo", "acme/s1").opened == []  # sealed cartons, after all
    assert [world.state_of(f"{told.index}.0")[0] for told in (one, two)] == ["withdrawn"] * 2
    assert still_absent(world) == []


def test_a_refused_chip_is_not_received(world):
    told = world.arrives("oslo", "acme/s1", *absent("acme:S2"))
    assert world.arrives("oslo", "acme/s1", row("acme:S2", "refused")).opened == []
    assert world.state_of(f"{told.index}.0") == ("open", None, 1)


def test_an_answered_discrepancy_ends_too(world):
    told = world.arrives("oslo", "acme/s1", *absent("acme:S2"))
    assert world.answers("acme", f"{told.index}.0").admitted
    assert world.arrives("oslo", "acme/s1", "acme:S2").admitted
    assert world.state_of(f"{told.index}.0") == ("withdrawn", None, 0)


def test_what_its_owner_missed_is_over_when_the_receiver_has_it(world):
    """acme counts, does not find S8 and S9, sends S8 all the same; oslo's receipt settles that line."""
    named = [f"acme:S{number}" for number in range(4, 8)]
    told = world.counts("acme", "acme/c1", *named, scope="full")
    assert told.opened == [("absent", "acme", 2)]
    assert world.dispatches("acme", "acme/s2", "acme:S8", to="oslo").admitted
    assert world.arrives("oslo", "acme/s2").opened == []
    assert world.state_of(f"{told.index}.0") == ("open", None, 1)
    assert still_absent(world) == ["acme:S9"]


def test_six_hundred_then_three_hundred_and_ninety_and_ten_that_never_come(world):
    chips = [f"bolt:N{number:04}" for number in range(1_000)]
    assert world.registers("bolt", *chips).admitted
    assert world.dispatches("bolt", "bolt/s1", *chips, to="lima", title="passes_on_arrival").admitted
    assert world.arrives("lima", "bolt/s1", *chips[:600]).opened == []
    assert world.shipment("bolt/s1").state == "open"
    told = world.arrives("lima", "bolt/s1", *chips[600:990], *absent(*chips[990:]))
    assert told.opened == [("absent", "bolt", 10)]
    shipment = world.shipment("bolt/s1")
    assert (shipment.received, shipment.lost, shipment.state) == (990, 0, "open")
    assert world.arrives("lima", "bolt/s1", *chips[990:996]).opened == []
    assert world.concedes("bolt", f"{told.index}.0").admitted
    shipment = world.shipment("bolt/s1")
    assert (shipment.received, shipment.lost, shipment.state) == (996, 4, "closed")
    assert world.state_of(f"{told.index}.0") == ("conceded", "counterparty", 0)
    assert world.stands(chips[996]) == (None, "bolt", None, "missing")
    assert world.chip(chips[995]).owner == "lima" and world.chip(chips[996]).owner == "bolt"
    assert len(world.held_by("lima")) == 996


def test_the_wrong_pick(world):
    """S9 lies in the carton, S3 does not: S9 is conceded, S3 called back."""
    told = world.arrives("oslo", "acme/s1", "acme:S1", "acme:S2", "acme:S9", *absent("acme:S3"))
    assert told.opened == [("extra", "acme", 1), ("absent", "acme", 1)]
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert world.cancels("acme", "acme/s1").admitted
    assert world.stands("acme:S9") == ("oslo", "oslo", "oslo/hall", "held")
    assert world.stands("acme:S3") == ("acme", "acme", "acme/hall", "held")
    assert world.shipment("acme/s1").state == "closed"
    assert world.concedes("acme", f"{told.index}.1").reason is Reason.BUILT_UPON
    assert world.concedes("oslo", f"{told.index}.1").admitted


def test_accepted_as_dispatched_and_then_eight_are_absent(world):
    chips = [f"bolt:N{number:02}" for number in range(20)]
    assert world.registers("bolt", *chips).admitted
    assert world.dispatches("bolt", "bolt/s1", *chips, to="lima").admitted
    assert world.arrives("lima", "bolt/s1").opened == []
    told = world.arrives("lima", "bolt/s1", *absent(*chips[12:]))
    name = f"{told.index}.0"
    assert told.opened == [("absent", "bolt", 8)]
    assert world.stands(chips[12]) == ("lima", "lima", "lima/hall", "held")  # liability stays
    assert world.shipment("bolt/s1").state == "closed"
    before = world.chip(chips[12])
    assert world.arrives("lima", "bolt/s1", *chips[12:14]).opened == []  # two were in another box
    assert world.chip(chips[12]) == before
    assert world.state_of(name) == ("open", None, 6)
    assert world.concedes("bolt", name).admitted
    assert world.stands(chips[19]) == (None, "bolt", None, "missing")
    assert len(world.held_by("lima")) == 14


def test_an_accepted_chip_found_in_another_carton_is_absent_no_more(world):
    assert world.dispatches("acme", "acme/s2", "acme:S4", to="oslo").admitted
    assert world.arrives("oslo", "acme/s1").admitted
    told = world.arrives("oslo", "acme/s1", *absent("acme:S3"))
    assert world.arrives("oslo", "acme/s2", "acme:S3", "acme:S4").opened == []
    assert world.state_of(f"{told.index}.0") == ("withdrawn", None, 0)


def test_nobody_ends_another_ones_absence_by_word_alone(world):
    """A chip on its way to lima, who misses it, is not there because its sender says it received it once."""
    assert world.arrives("oslo", "acme/s1").admitted
    assert world.dispatches("oslo", "oslo/s1", "acme:S1", to="lima").admitted
    told = world.arrives("lima", "oslo/s1", *absent("acme:S1"))
    for speaker, shipment in (("oslo", "acme/s1"), ("oslo", "no/where"), ("acme", "acme/s1")):
        assert world.arrives(speaker, shipment, "acme:S1").admitted
    assert world.state_of(f"{told.index}.0") == ("open", None, 1)
    assert world.arrives("lima", "oslo/s1", row("acme:S1", uuid="WORN")).opened == [
        ("identity_differs", "oslo", 1)
    ]
    assert world.state_of(f"{told.index}.0") == ("withdrawn", None, 0)  # received all the same


def test_nothing_is_missed_that_was_not_to_come_or_has_left(world):
    assert world.cancels("acme", "acme/s1", "acme:S3").admitted
    assert world.arrives("oslo", "acme/s1", row("acme:S2", "refused"), "acme:S1").admitted
    assert world.retires("acme", "acme:S9").admitted
    gone = absent("acme:S2", "acme:S3", "acme:S4", "acme:S9")
    assert world.arrives("oslo", "acme/s1", *gone).opened == []
    assert world.dispatches("oslo", "oslo/s1", "acme:S1", to="lima").admitted
    assert world.arrives("lima", "oslo/s1").admitted
    assert world.arrives("oslo", "acme/s1", *absent("acme:S1")).opened == []  # lima has it


def test_lost_on_its_way_it_comes_after_its_end(world):
    assert world.retires("acme", "acme:S3", reason="stolen").admitted
    assert world.arrives("oslo", "acme/s1", *absent("acme:S3")).opened == []
    told = world.arrives("oslo", "acme/s1", "acme:S3")
    assert told.opened == [("after_end", "acme", 1)]
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert world.stands("acme:S3") == ("oslo", "oslo", "oslo/hall", "held")
    assert world.arrives("oslo", "acme/s1").opened == []
    assert world.shipment("acme/s1").state == "closed"


def test_twice_in_a_manifest_it_is_absent_no_more_all_the_same(world):
    told = world.arrives("oslo", "acme/s1", *absent("acme:S2"))
    assert world.arrives("oslo", "acme/s1", "acme:S2", row("acme:S2", label="b")).opened == [
        ("duplicate", "acme", 1)
    ]
    assert world.state_of(f"{told.index}.0") == ("withdrawn", None, 0)
    again = world.arrives("oslo", "acme/s1", *absent("acme:S2"))
    assert world.arrives("oslo", "acme/s1", "acme:S2", row("acme:S2", label="b")).admitted  # at rest, twice
    assert world.state_of(f"{again.index}.0") == ("withdrawn", None, 0)


def test_a_site_where_something_arrived_is_not_corrected_away(world):
    sites = [f"oslo/{name}" for name in ("dock", "quay", "yard")]
    told = [world.declares_site(site) for site in sites]
    assert world.arrives("oslo", "acme/s1", "acme:S1", site="oslo/dock").admitted
    assert world.arrives("oslo", "no/where", "acme:S9", site="oslo/quay").admitted
    assert world.arrives("oslo", "no/where", site="oslo/yard").admitted  # nothing came, nothing is disputed
    assert [world.corrects("oslo", each).reason for each in told] == [Reason.BUILT_UPON] * 2 + [None]
