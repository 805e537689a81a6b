"""Stories 6 to 8: which silicon is it? Serials and labels move, the key in the silicon does not.

A re-serialised module is counted once; two bodies under one serial are found by two keys and split; labels
on dummies pass every count of labels, and none of keys.
"""

from hashlib import sha256

from ledger.book.rejection import Reason
from tests.world_disputes import answer_draft, resolution_draft
from tests.world_http import WATCH
from tests.world_lives import MAKER, proving

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}
PARTIES = ("acme", "oslo", "lima")


def ik(name):
    """The identity of a key in some silicon."""
    return sha256(name.encode()).hexdigest()


def born(chip, **identity):
    """A line of a registration."""
    return {"chip": chip, "identity": {"ik_sha256": ik(chip), **identity}}


def silicon(world, at=None):
    """The keys in all that is held or on its way, at a size: one each, or somebody counts twice."""
    keys = []
    for party in PARTIES:
        held = world.items(WATCH, f"/parties/{party}/holdings", at=at)
        keys += [chip["identity"]["ik_sha256"] for chip in held]
    assert len(keys) == len(set(keys))
    assert len(keys) == sum(world.frame(party, at)[0] for party in PARTIES)
    return len(keys)


def test_a_returned_module_is_sold_again_and_its_silicon_counted_once(world):
    """Story 6."""
    world.founds(CAST)
    slots = {f"acme:R{number}": str(number) for number in range(1, 5)}
    old, spare, renewed, passes = "acme:R3", "acme:SPARE", "acme:RENEWED", {"title": "passes_on_arrival"}
    made = world.registers("acme", *map(born, [*slots, spare]))
    assert world.dispatches("acme", "acme/s1", *slots, to="oslo", **passes).admitted
    assert world.arrives("oslo", "acme/s1").admitted
    rack = [{"chip": chip, "system": "srv-1", "slot": slot} for chip, slot in slots.items()]
    installed = world.places("oslo", *rack)
    assert (world.chip(old, "oslo")["system"], world.chip(old, "oslo")["slot"]) == ("srv-1", "3")

    # The replacement comes and takes slot 3; the old module is on the shelf.
    assert world.dispatches("acme", "acme/s2", spare, to="oslo", **passes).admitted
    assert world.arrives("oslo", "acme/s2", {"chip": spare, "seen": {"ik_sha256": ik(spare)}}).opened == []
    swapped = world.places("oslo", {"chip": spare, "system": "srv-1", "slot": "3"})
    assert swapped.admitted and world.chip(spare, "oslo")["slot"] == "3"
    shelved = world.chip(old, "oslo")
    assert (shelved["custodian"], shelved["site"], shelved["slot"]) == ("oslo", "oslo/hall", None)
    assert world.chip(old, "oslo", at=swapped.index)["slot"] == "3"

    # Only what the maker holds can be re-serialised: a module still with its customer cannot.
    named_anew = {"chip": renewed, "identity": {"ik_sha256": ik(old)}, "replaces": old}
    assert world.would(world.registration_draft("acme", named_anew)).reason is Reason.IDENTITY_TAKEN
    nameless = {"chip": renewed, "replaces": old}
    assert world.would(world.registration_draft("acme", nameless)).reason is Reason.NOT_HELD
    assert world.dispatches("oslo", "oslo/rma", old, to="acme", country="TW", **passes).admitted
    assert world.inbox("acme") == {"oslo/rma": ("oslo", 1, 0, 1)}
    assert world.arrives("acme", "oslo/rma", {"chip": old, "seen": {"ik_sha256": ik(old)}}).opened == []
    assert world.stands(old)[:3] == ("acme", "acme", "acme")

    # The control: the same silicon as a new chip, beside the old one, is one too many.
    twice = {"chip": renewed, "identity": {"ik_sha256": ik(old)}}
    assert world.would(world.registration_draft("acme", twice)).reason is Reason.IDENTITY_TAKEN
    before, renamed = world.door.size(), world.registers("acme", named_anew)
    assert renamed.admitted and world.stands(old) == (None, "acme", None, None, "replaced")
    assert world.dispatches("acme", "acme/s3", renewed, to="lima", country="PE", **passes).admitted
    arrived = world.arrives("lima", "acme/s3", {"chip": renewed, "seen": {"ik_sha256": ik(old)}})
    assert arrived.opened == [] and world.stands(renewed, "lima")[:2] == ("lima", "lima")

    # Five pieces of silicon at every size, whatever they are called.
    for size in range(made.index + 1, world.door.size() + 1):
        assert silicon(world, size) == 5
    assert world.frame("acme", before)[0] == world.frame("acme", renamed.index + 1)[0] == 1
    assert world.holdings("oslo") == sorted({*slots, spare} - {old})
    assert world.holdings("lima") == [renewed] and world.holdings("acme") == []
    living = [chip for chip in world.found(ik=ik(old)) if world.chip(chip)["status"] == "held"]
    assert living == [renewed] and renewed not in world.found("oslo", ik=ik(old))
    # The old name is over for everybody: who finds it, finds something else.
    assert world.would(world.dispatch_draft("acme", "acme/s9", old, to="oslo")).reason is Reason.ENDED
    assert world.would(world.sighting_draft(WATCH, old)).opened == [("after_end", "acme", 1)]
    assert [kind for kind, *_ in world.history(old, "oslo")][-2:] == ["shipment.arrived", "chips.registered"]
    assert world.chip(old, "oslo", at=installed.index + 1)["status"] == "held"
    assert world.disputes(WATCH) == [] and world.audited(refusals=0)


def test_two_keys_under_one_serial_are_two_chips(world):
    """Story 7."""
    world.founds(CAST)
    # A maker that never says anything: enrolled without a key, so that its serials can be declared.
    assert world.enrols("ghost", "maker", country="TW", keys=[]).admitted
    assert world.declares("oslo", "nobody:S1").reason is Reason.UNKNOWN_REFERENCE
    serial, second, model = "ghost:S1", "lima:S1-B", "registrar/h100"
    line = {"chip": serial, "model": model, "seen": {"label": "S1"}}
    assert world.declares("oslo", line).opened == []
    assert world.chip(serial, "oslo")["class"] == "C" and world.chip(serial, "lima") is None
    told = world.declares("lima", line, basis="no_paperwork")
    assert told.opened == [("duplicate", "oslo", 1)]
    both = f"{told.index}.0"
    for party in ("oslo", "lima", WATCH):
        assert world.disputes(party) == [(both, "duplicate", "lima", "oslo", 1, "open")]
    assert world.holdings("oslo") == [serial] and world.holdings("lima") == []  # the book knows one

    # A verifier goes to see both. The silicon answers: two devices, two keys.
    def proves(chip, device, site):
        draft = world.sighting_draft(WATCH, chip, place=f"Rack in {site}", site=site)
        return world.says(proving(draft, {chip: device}, head=world.head()))

    assert proves(serial, "device-a", "oslo/hall").opened == []
    seen = world.chip(serial, "oslo")
    assert (seen["class"], seen["identity"]["ik_sha256"]) == ("A", MAKER.device("device-a").ik_sha256)
    there = proves(serial, "device-b", "lima/hall")
    assert there.opened == [("identity_differs", "oslo", 1)]
    differs = f"{there.index}.0"
    assert world.chip(serial)["identity"]["ik_sha256"] == MAKER.device("device-a").ik_sha256

    # Somebody must decide, and not a side; who only looked cannot be given a chip.
    split = resolution_draft(world, WATCH, both, "second_chip", new_chip=second)
    by_a_side = resolution_draft(world, "lima", both, "second_chip", new_chip=second)
    assert world.would(by_a_side).reason is Reason.WRONG_ROLE
    no_holder = resolution_draft(world, WATCH, differs, "second_chip", new_chip="ghost:S1-B")
    assert world.would(no_holder).reason is Reason.BAD_FIELD
    taken = resolution_draft(world, WATCH, both, "second_chip", new_chip=serial)
    assert world.would(taken).reason is Reason.CHIP_EXISTS
    # The control: until they are split lima can neither place nor sell what stands in its hall.
    placed = {"chip": second, "system": "srv-1", "slot": "1"}
    assert world.would(world.placement_draft("lima", placed)).reason is Reason.NOT_HELD
    assert world.frame("lima")[0] == 0

    resolved = world.says(split)
    assert resolved.admitted and world.dispute(both)[4:] == ("resolved", "second_chip")
    assert world.stands(second, "lima") == ("lima", "lima", "lima", "lima/hall", "held")
    assert (world.chip(second)["class"], world.chip(second)["model"]) == ("C", model)
    assert world.stands(serial, "oslo") == ("oslo", "oslo", "oslo", "oslo/hall", "held")
    assert world.says(resolution_draft(world, WATCH, differs, "book_stands")).admitted

    # Now the second key has a chip to belong to, and each is found by its own.
    assert proves(second, "device-b", "lima/hall").opened == []
    assert [world.chip(chip)["class"] for chip in (serial, second)] == ["A", "A"]
    for chip, device in ((serial, "device-a"), (second, "device-b")):
        assert world.found(ik=MAKER.device(device).ik_sha256) == [chip]
    assert world.found("oslo", ik=MAKER.device("device-b").ik_sha256) == []
    assert world.places("lima", placed).admitted and silicon(world) == 2
    assert (world.holdings("oslo"), world.holdings("lima")) == ([serial], [second])
    assert world.holdings("lima", at=resolved.index) == []
    assert (
        world.chip(serial, at=there.index)["class"] == "A" and world.chip(second, at=resolved.index) is None
    )
    assert world.audited(refusals=1)


def test_labels_on_dummies_pass_a_count_of_labels_and_none_of_keys(world):
    """Story 8."""
    world.founds({**CAST, "peer": ("verifier", "CH")})
    chips = [f"acme:L{number:02}" for number in range(16)]
    moved, kept = chips[:4], chips[4:]
    made = [born(chip, label=f"LABEL-{chip[-2:]}") for chip in chips]
    assert world.registers("acme", *made).admitted
    assert world.dispatches("acme", "acme/s1", *chips, to="oslo", title="passes_on_arrival").admitted
    assert world.arrives("oslo", "acme/s1", *chips).opened == []
    rack = [{"chip": chip, "system": f"srv-{n // 8}", "slot": str(n % 8)} for n, chip in enumerate(chips)]
    assert world.places("oslo", *rack).admitted

    # Four are carried off at night; their labels stay, on dummies. Whoever counts labels counts sixteen.
    def labels(chip):
        return {"chip": chip, "seen": {"label": f"LABEL-{chip[-2:]}"}}

    def keys(chip):
        silicon = f"dummy of {chip}" if chip in moved else chip
        return {"chip": chip, "seen": {"label": f"LABEL-{chip[-2:]}", "ik_sha256": ik(silicon)}}

    passed = world.counts("oslo", "oslo/count-1", *map(labels, chips), scope="full", site="oslo/hall")
    assert passed.opened == [] and world.disputes(WATCH) == []
    assert world.sights("peer", *map(labels, chips), site="oslo/hall").opened == []

    # Asked for the keys, the dummies answer with others.
    counted = world.counts("oslo", "oslo/count-2", *map(keys, chips), scope="full", site="oslo/hall")
    assert counted.opened == [("identity_differs", "oslo", 4)]
    seen = world.sights("peer", *map(keys, chips), site="oslo/hall")
    assert seen.opened == [("identity_differs", "oslo", 4)]
    mine, theirs = f"{counted.index}.0", f"{seen.index}.0"
    assert set(world.disputed(theirs, by="oslo")) == set(world.disputed(mine, by="peer")) == set(moved)

    assert world.found("oslo", label="LABEL-00") == [moved[0]] and world.found("lima", label="LABEL-00") == []
    # The book still says whose the real ones are, by key, and has them on the holder's account.
    for chip in chips:
        assert world.stands(chip, "oslo") == ("oslo", "oslo", "oslo", "oslo/hall", "held")
        assert world.found(ik=ik(chip)) == [chip]
    assert world.frame("oslo")[0] == 16 and world.holdings("oslo") == chips
    assert world.found(ik=ik(f"dummy of {moved[0]}")) == []

    # One turns up far away. Whoever has it there is told that it is oslo's; the book does not budge.
    found = {"chip": "lima:BOX-1", "seen": {"ik_sha256": ik(moved[0])}}
    abroad = world.declares("lima", found, basis="no_paperwork")
    assert abroad.opened == [("duplicate", "oslo", 1)]
    assert world.disputed(f"{abroad.index}.0", by="oslo") == {moved[0]: False}
    sighted = world.sights("peer", {"chip": moved[1], "seen": {"ik_sha256": ik(moved[1])}}, site="lima/hall")
    assert sighted.opened == [("wrong_place", "oslo", 1)]

    # Nothing the holder can say takes them off its account: they are not lost by being answered for.
    assert world.says(answer_draft(world, "oslo", theirs)).admitted and world.dispute(theirs)[4] == "answered"
    assert world.says(resolution_draft(world, WATCH, theirs, "book_stands")).admitted
    assert world.says(resolution_draft(world, WATCH, mine, "book_stands")).admitted
    for size in range(passed.index, world.door.size() + 1):
        assert {world.chip(chip, at=size)["liable"] for chip in moved} == {"oslo"}
    assert world.frame("oslo")[0] == 16
    lost = world.retires("oslo", *moved[2:], reason="lost")
    assert lost.admitted and [world.stands(chip)[:3] for chip in moved[2:]] == [(None, "oslo", "oslo")] * 2
    assert world.holdings("oslo") == [*moved[:2], *kept]
    assert world.audited(refusals=0)
