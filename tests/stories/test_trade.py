"""Stories of trade, told to every door: the plain fold, the real one over memory, the real one over SQLite.

Each ends with an auditor who trusts only the stored bytes.
"""

import pytest

from ledger.audit.report import Check
from ledger.book.encoding import entry_bytes
from ledger.book.rejection import Reason
from tests.world import LEAD_S, World
from tests.world_doors import FoldDoor, memory_door, sqlite_door
from tests.world_published import DoorPublished

DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    world = World(DOORS[request.param](tmp_path)).settles()
    yield world
    world.door.close()


def test_a_chip_goes_from_its_maker_to_a_rack(world):
    assert world.registers("acme", "acme:S1", "acme:S2").admitted
    assert world.dispatches("acme", "acme/s1", "acme:S1", "acme:S2", to="oslo").admitted
    assert world.held_by("acme") == ["acme:S1", "acme:S2"]  # on their way they are the sender's
    assert world.arrives("oslo", "acme/s1", "acme:S1", "acme:S2").opened == []
    assert world.held_by("oslo") == ["acme:S1", "acme:S2"]
    assert world.places("oslo", {"chip": "acme:S1", "system": "r1", "slot": "a"}).admitted
    assert world.chip("acme:S1").slot == "a"
    assert world.audit().clean


def test_a_chip_cannot_go_to_two_halls(world):
    assert world.registers("acme", "acme:S1").admitted
    assert world.dispatches("acme", "acme/s1", "acme:S1", to="oslo").admitted
    again = world.dispatches("acme", "acme/s2", "acme:S1", to="lima")
    assert again.reason is Reason.IN_TRANSIT and again.chips == ("acme:S1",)
    assert world.arrives("oslo", "acme/s1", "acme:S1").admitted
    assert world.dispatches("acme", "acme/s2", "acme:S1", to="lima").reason is Reason.NOT_HELD
    assert world.shipment("acme/s2") is None
    assert world.audit().clean


def test_nobody_sends_what_is_not_theirs_and_nobody_learns_whether_it_exists(world):
    assert world.registers("acme", "acme:S1").admitted
    theirs = world.dispatches("oslo", "oslo/s1", "acme:S1", to="lima")
    nobodys = world.dispatches("oslo", "oslo/s1", "acme:S9", to="lima")
    assert theirs.reason is nobodys.reason is Reason.NOT_HELD
    assert theirs.detail.replace("S1", "S9") == nobodys.detail
    assert world.audit().clean


def test_one_bad_chip_keeps_the_whole_pallet_back(world):
    assert world.registers("acme", *(f"acme:S{n}" for n in range(10))).admitted
    refused = world.dispatches("acme", "acme/s1", *(f"acme:S{n}" for n in range(12)), to="oslo")
    assert refused.reason is Reason.NOT_HELD
    assert sorted(refused.chips) == ["acme:S10", "acme:S11"]
    assert world.shipment("acme/s1") is None
    assert {world.chip(f"acme:S{n}").status for n in range(10)} == {"held"}
    assert world.audit().clean


def test_the_same_words_twice_are_said_once(world):
    raw = world.registration_draft("acme", "acme:S1").raw()
    first, again = world.sends(raw), world.sends(raw)
    assert (first.known, again.known) == (False, True)
    assert (first.index, first.outcome.leaf_hash) == (again.index, again.outcome.leaf_hash)
    world.waits(200 * 86_400)  # what is known has its receipt, whatever has expired since
    assert world.sends(raw).known
    assert world.audit().clean


def test_a_second_chip_with_the_same_serial_is_heard_of(world):
    assert world.registers("acme", "acme:S1", "acme:S2").admitted
    assert world.dispatches("acme", "acme/s1", "acme:S1", to="oslo").admitted
    assert world.arrives("oslo", "acme/s1", "acme:S1").opened == []
    told = world.arrives("lima", "acme/s9", "acme:S1", "acme:FAKE")
    assert told.opened == [("unknown_chip", None, 1), ("extra", "oslo", 1)]
    assert world.chip("acme:S1").custodian == "oslo"
    assert [row[0] for row in world.discrepancies()] == [f"{told.index}.0", f"{told.index}.1"]
    assert world.audit().clean


def test_a_diversion_across_a_border_is_on_the_record(world):
    assert world.registers("acme", "acme:S1").admitted
    assert world.dispatches("acme", "acme/s1", "acme:S1", to="lima").admitted
    assert world.arrives("lima", "acme/s1", "acme:S1", site="lima/abroad").opened == [
        ("wrong_place", "acme", 1)
    ]
    assert world.places("lima", "acme:S1").reason is Reason.NEEDS_SHIPMENT
    assert world.audit().clean


def test_chips_change_places_in_one_statement(world):
    """Two chips swap their slots; a third takes one of them; a fourth leaves by shipment and comes back."""
    a, b = ({"chip": f"acme:S{n}", "system": "r1", "slot": s} for n, s in ((1, "a"), (2, "b")))
    assert world.registers("acme", *(f"acme:S{n}" for n in range(1, 5))).admitted
    assert world.places("acme", a, b).admitted
    assert world.places("acme", {**a, "slot": "b"}, {**b, "slot": "a"}).admitted
    assert (world.chip("acme:S1").slot, world.chip("acme:S2").slot) == ("b", "a")
    assert world.places("acme", {**a, "chip": "acme:S3"}).admitted
    moved = world.chip("acme:S2")
    assert (moved.site, moved.system, moved.slot) == ("acme/hall", None, None)
    assert world.dispatches("acme", "acme/s1", "acme:S1", "acme:S3", to="acme").admitted
    assert world.arrives("acme", "acme/s1").opened == []
    assert world.places("acme", b, {**a, "chip": "acme:S4"}).admitted
    assert [world.chip(f"acme:S{n}").slot for n in range(1, 5)] == [None, "b", None, "a"]
    assert world.audit().clean


def test_a_module_gets_a_new_face(world):
    """Re-serialised: the silicon is the same, so the new chip may bear the identity of the old."""
    silicon = {"ik_sha256": "ab" * 32}
    assert world.registers("acme", {"chip": "acme:S1", "identity": silicon}).admitted
    assert world.places("acme", {"chip": "acme:S1", "system": "r1", "slot": "a"}).admitted
    copied = world.registers("acme", {"chip": "acme:S2", "identity": silicon})
    assert copied.reason is Reason.IDENTITY_TAKEN
    assert world.registers("acme", {"chip": "acme:S2", "identity": silicon, "replaces": "acme:S1"}).admitted
    old = world.chip("acme:S1")
    assert (old.status, old.custodian, old.liable, old.owner, old.site) == (
        "replaced",
        None,
        None,
        "acme",
        None,
    )
    assert world.places("acme", {"chip": "acme:S2", "system": "r1", "slot": "a"}).admitted
    assert world.registers("acme", {"chip": "acme:S3", "identity": silicon}).reason is Reason.IDENTITY_TAKEN
    assert world.registers("acme", {"chip": "acme:S4", "replaces": "acme:S2"}).admitted
    assert world.registers("acme", {"chip": "acme:S3", "identity": silicon}).admitted
    assert world.audit().clean


def test_an_inspection_draws_what_it_promised(world):
    assert world.registers("acme", *(f"acme:S{n}" for n in range(30))).admitted
    assert world.dispatches("acme", "acme/s1", *(f"acme:S{n}" for n in range(20)), to="oslo").admitted
    assert world.arrives("oslo", "acme/s1").admitted
    assert world.commits("watch", "watch/i1", "oslo", sizes=(5,)).admitted
    assert world.dispatches("oslo", "oslo/away", "acme:S0", to="lima").admitted  # too late to hide it
    assert world.draws("watch", "watch/i1").reason is Reason.TOO_EARLY
    world.waits(LEAD_S + 60)
    honest = world.draw_draft("watch", "watch/i1")
    assert honest.body["frame"]["count"] == 20 and len(honest.lines) == 5
    one_less = honest.with_lines(*(line["chip"] for line in honest.lines[1:]))
    assert world.says(one_less).reason is Reason.WRONG_SELECTION
    assert world.says(honest).admitted
    assert world.audit().clean


def test_what_is_refused_leaves_no_trace_in_the_book(world):
    assert world.registers("acme", "acme:S1").admitted
    before = world.door.digest(), world.door.size()
    assert world.registers("acme", "acme:S1").reason is Reason.CHIP_EXISTS
    assert world.registers("oslo", "oslo:S1").reason is Reason.WRONG_ROLE
    assert world.enrols("oslo", "holder").reason is Reason.ID_TAKEN
    assert world.sends(b"{").reason is Reason.MALFORMED
    assert (world.door.digest(), world.door.size()) == before
    assert world.audit().clean


@pytest.mark.parametrize("spoil", ["one bit", "an entry the law refused", "a line", "nothing"])
def test_an_auditor_notices(world, spoil):
    """The control of all the others."""
    assert world.registers("acme", "acme:S1").admitted
    stolen = world.dispatch_draft("oslo", "oslo/s1", "acme:S1", to="lima")
    assert world.says(stolen).reason is Reason.NOT_HELD
    seen = DoorPublished(world.door)
    if spoil == "one bit":
        seen.raws[5] = seen.raws[5][:99] + bytes([seen.raws[5][99] ^ 1]) + seen.raws[5][100:]
    elif spoil == "an entry the law refused":
        seen.raws[-1] = entry_bytes(world.now, stolen.envelope())
        seen.shown[stolen.envelope().id()] = b"".join(line + b"\n" for line in stolen.raw_lines())
    elif spoil == "a line":
        (name,) = seen.shown
        seen.shown[name] = seen.shown[name].replace(b"acme:S1", b"acme:S2")
    found = world.audit(seen)
    assert found.clean is (spoil == "nothing")
    if spoil == "an entry the law refused":
        assert Check.JUDGMENT in {finding.check for finding in found.findings}
