"""The log's settings change from an entry on, one at a time or together; what is not named stays."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_row

from ledger.book.rejection import Reason
from ledger.book.tables import LOG
from signing.canonical import encode
from tests.world import LOG_KEY, World
from tests.world_affairs import every_setting, log_change_draft, log_vkey, witness
from tests.world_doors import FoldDoor, memory_door, sqlite_door
from tests.world_speech import ORIGIN

DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}
WAITS = {"beacon_lead_s": 7_200, "timely_lead_s": 61, "key_delay_s": 1_209_600}
ROOTS = [{"vendor": "Acme", "spki_sha256": "cd" * 32}]
BEFORE = {"log": "ledger.example/before", "size": 3, "root": "ab" * 32}
CHANGES = {  # what is said, and what the row then has
    "log_key": (log_vkey(), {"log_key": log_vkey(), "former_log_key": LOG_KEY.text()}),
    "witnesses": ([witness()], {"witnesses": encode([witness()]).decode()}),
    "quorum": (0, {"quorum": 0}),
    "rules": (1, {"rules": 1}),
    "waits": (WAITS, WAITS),
    "device_roots": (ROOTS, {"device_roots": encode(ROOTS).decode()}),
    "continues": (BEFORE, {"continues": encode(BEFORE).decode()}),
}


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    world = World(DOORS[request.param](tmp_path)).settles()
    yield world
    world.door.close()


def changes(world, **body):
    return world.says(log_change_draft(world, **body))


def log(world):
    return world.door.get(LOG, ORIGIN)


@pytest.mark.parametrize("field", sorted(CHANGES.keys() - {"log_key"}))
def test_what_is_named_changes_and_the_rest_stays(world, field):
    value, expected = CHANGES[field]
    before = log(world)
    told = changes(world, **{field: value})
    assert told.admitted
    assert log(world) == replace_row(before, **expected, changed=told.index)


def test_a_new_log_key_changes_and_the_rest_stays():
    """By the law alone: a door takes one only from an operator who has it at hand."""
    world = World().settles()
    value, expected = CHANGES["log_key"]
    before = log(world)
    told = changes(world, log_key=value)
    assert log(world) == replace_row(before, **expected, rekeyed=told.index, changed=told.index)


def test_every_setting_was_tried():
    assert CHANGES.keys() == every_setting().keys() and len(CHANGES) == 7


def test_all_at_once():
    world = World().settles()
    told = changes(world, **every_setting())
    row = log(world)
    assert (row.quorum, row.beacon_lead_s, row.key_delay_s, row.born) == (1, 600, 1_209_600, 0)
    assert (row.former_log_key, row.rekeyed, row.changed) == (LOG_KEY.text(), told.index, told.index)
    assert row.registrar == "registrar"


def test_a_log_has_one_key_and_remembers_the_one_before():
    world = World().settles()
    assert changes(world, log_key=LOG_KEY.text()).reason is Reason.BAD_FIELD
    first, second = log_vkey("log#2"), log_vkey("log#3")
    assert changes(world, log_key=first).admitted
    assert changes(world, log_key=first).reason is Reason.BAD_FIELD
    told = changes(world, log_key=second)
    row = log(world)
    assert (row.log_key, row.former_log_key, row.rekeyed) == (second, first, told.index)
    assert changes(world, quorum=0).admitted  # another change leaves all three alone
    assert (log(world).former_log_key, log(world).rekeyed) == (first, told.index)


def test_a_quorum_is_held_against_the_witnesses_there_will_be(world):
    assert changes(world, quorum=1).reason is Reason.BAD_FIELD
    assert changes(world, witnesses=[witness(), witness("x.example")], quorum=3).reason is Reason.BAD_FIELD
    assert changes(world, witnesses=[witness(), witness("x.example")]).admitted
    assert changes(world, quorum=2).admitted
    assert changes(world, witnesses=[witness()]).reason is Reason.BAD_FIELD
    assert changes(world, witnesses=[witness()], quorum=1).admitted
    assert changes(world, quorum=2).reason is Reason.BAD_FIELD
    assert log(world).quorum == 1
    assert world.audit().clean


def test_the_witnesses_in_the_book_are_what_a_quorum_is_held_against():
    """The control: with more of them put there by hand the same quorum may stand."""
    world = World().settles()
    draft = log_change_draft(world, quorum=1)
    assert world.would(draft).reason is Reason.BAD_FIELD
    row = replace_row(log(world), witnesses=encode([witness()]).decode())
    world.door.registry.put(LOG, [row])
    assert world.would(draft).reason is None


def test_a_new_wait_counts_from_its_entry_on(world):
    draft = world.commitment_draft("watch", "watch/i1", "acme")
    assert world.would(draft).reason is None
    assert changes(world, waits=WAITS).admitted
    assert world.says(draft).reason is Reason.TOO_EARLY
    assert changes(world, waits=WAITS | {"beacon_lead_s": 60}).admitted
    assert world.says_commitment(draft).admitted
    assert world.audit().clean


def test_any_registrar_changes_the_log_and_nobody_else(world):
    draft = log_change_draft(world, quorum=0)
    for party in ("oslo", "watch", "quill"):
        assert world.says(replace(draft, party=party)).reason is Reason.WRONG_ROLE
    assert world.enrols("second", "registrar").admitted
    assert world.says(replace(draft, party="second")).admitted
    assert log(world).registrar == "registrar"
    assert world.audit().clean


def test_settings_change_within_one_breath():
    world = World(memory_door).settles()
    said = [{"witnesses": [witness()]}, {"quorum": 1}, {"witnesses": []}, {"quorum": 0, "witnesses": []}]
    raws = [log_change_draft(world, **body).raw() for body in said]
    refused = [getattr(outcome, "rejection", None) for outcome in world.door.admit_all(raws)]
    assert [fault and fault.reason for fault in refused] == [None, None, Reason.BAD_FIELD, None]
    assert world.audit().clean
    world.door.close()
