"""Every store keeps every promise, and the promises can be broken."""

import shutil
from dataclasses import replace
from inspect import isfunction
from pathlib import Path
from tempfile import mkdtemp

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book.chip_columns import CHIP_COLUMNS, columns_of_chips
from ledger.book.frame import FrameChip
from ledger.book.registry import FrameKey, Needs
from ledger.book.tables import CHIPS
from ledger.storage.marks import borne
from ledger.storage.memory import MemoryStore, MemoryTransaction
from ledger.storage.sql import SqlStore
from ledger.storage.sql_writes import SqlTransaction
from ledger.storage.sqlite import Sqlite
from ledger.storage.store import Standing
from tests.contracts import store_lookups, store_promises, store_readings, store_sacred, store_undoing
from tests.storage.samples import batch, chip, commit

STORES = {
    "memory": lambda _folder, kind=MemoryStore: kind(),
    "sqlite": lambda folder, kind=SqlStore: kind(Sqlite(folder / "record.db")),
}
PROMISES = {
    name: promise
    for module in (store_promises, store_sacred, store_readings, store_lookups, store_undoing)
    for name, promise in vars(module).items()
    if isfunction(promise) and promise.__module__ == module.__name__ and not name.startswith("_")
}
BROKEN = (pytest.fail.Exception, AssertionError)


@pytest.mark.parametrize("promise", PROMISES.values(), ids=PROMISES)
@pytest.mark.parametrize("make", STORES.values(), ids=STORES)
def test_a_store_keeps_its_promise(make, promise, tmp_path):
    store = make(tmp_path)
    promise(store)
    store.settle()
    store.close()


def test_no_promise_is_left_out():
    assert len(PROMISES) == 41


class _Epochless:
    """Writes whatever epoch the log row has: as if the epoch were not in the WHERE."""

    def writing(self, head):
        return super().writing(replace(head, epoch=self.head().epoch))


class EpochlessMemory(_Epochless, MemoryStore):
    """A store that spoils fencing."""


class EpochlessSql(_Epochless, SqlStore):
    """A store that spoils fencing."""


class _Uncounted(SqlTransaction):
    def expect(self, found, foreseen, what):
        pass


class _Unchecked(MemoryTransaction):
    def check(self, batch, refold):
        pass


class UncountedSql(SqlStore):
    """A store that believes that every update found its row."""

    transaction = _Uncounted


class UncheckedMemory(MemoryStore):
    """A store that takes whatever it is given."""

    transaction = _Unchecked


class _Deaf:
    """Loads rows by key and group alone: as if nobody ever asked for more."""

    def load(self, needs, registry):
        super().load(Needs(needs.keys, needs.groups, frames=needs.frames, roots=needs.roots), registry)


class DeafMemory(_Deaf, MemoryStore):
    """A store that spoils what is asked in other ways."""


class DeafSql(_Deaf, SqlStore):
    """A store that spoils what is asked in other ways."""


class _Forgetful:
    """Knows what entries wrote, and not over what."""

    def load(self, needs, registry):
        super().load(needs, registry)
        for statement, written in registry.written.items():
            bare = {
                table: tuple(each._replace(before=None) for each in versions)
                for table, versions in written.versions.items()
            }
            registry.written[statement] = replace(written, versions=bare)


class ForgetfulMemory(_Forgetful, MemoryStore):
    """A store that spoils what was there before."""


class ForgetfulSql(_Forgetful, SqlStore):
    """A store that spoils what was there before."""


class _Showing:
    """Takes for the book what was written last, whatever it says."""

    def rows(self, table):
        last = {table.key_of(row): row for row in self.versions(table, 0, self.head().size)}
        return iter([row for _, row in sorted(last.items())])


class ShowingMemory(_Showing, MemoryStore):
    """A store that shows what was unmade."""


class ShowingSql(_Showing, SqlStore):
    """A store that shows what was unmade."""


class _Shallow:
    """Knows of each chip what its last version says, and nothing of those before."""

    def standings(self, chips):
        return {
            name: Standing(row, frozenset(filter(None, (row.custodian, row.owner, row.liable))))
            for name, (row, _) in super().standings(chips).items()
        }

    def bearers(self, identity, after, limit):
        rows = self.chips_as_of([chip for _, chip in super().bearers(identity, after, limit)], 10**9)
        return [(row.number, row.chip) for row in rows.values() if identity in borne(row)]


class ShallowMemory(_Shallow, MemoryStore):
    """A store that spoils the past of chips."""


class ShallowSql(_Shallow, SqlStore):
    """A store that spoils the past of chips."""


SPOILED = [
    ("memory", ShallowMemory, "who_was_ever_concerned_with_a_chip_is_known"),
    ("sqlite", ShallowSql, "who_was_ever_concerned_with_a_chip_is_known"),
    ("memory", ShallowMemory, "chips_are_found_by_what_they_bear_or_bore"),
    ("sqlite", ShallowSql, "chips_are_found_by_what_they_bear_or_bore"),
    ("memory", DeafMemory, "all_that_a_party_has_is_loaded"),
    ("sqlite", DeafSql, "all_that_a_party_has_is_loaded"),
    ("memory", DeafMemory, "what_the_book_has_not_come_to_was_not_written_yet"),
    ("sqlite", DeafSql, "what_the_book_has_not_come_to_was_not_written_yet"),
    ("memory", ForgetfulMemory, "what_an_entry_wrote_is_loaded_with_what_was_there_before"),
    ("sqlite", ForgetfulSql, "what_an_entry_wrote_is_loaded_with_what_was_there_before"),
    ("memory", ForgetfulMemory, "what_takes_the_name_of_an_unmade_row_updates_it"),
    ("sqlite", ForgetfulSql, "what_takes_the_name_of_an_unmade_row_updates_it"),
    ("memory", ShowingMemory, "an_unmade_row_is_seen_by_who_follows_what_happened_alone"),
    ("sqlite", ShowingSql, "an_unmade_row_is_seen_by_who_follows_what_happened_alone"),
    ("memory", UncheckedMemory, "what_takes_the_name_of_an_unmade_row_updates_it"),
    ("memory", EpochlessMemory, "a_stale_head_is_fenced"),
    ("sqlite", EpochlessSql, "a_stale_head_is_fenced"),
    ("sqlite", UncountedSql, "what_is_updated_must_be_there"),
    ("sqlite", UncountedSql, "a_tile_only_grows"),
    ("memory", UncheckedMemory, "what_is_updated_must_be_there"),
    ("memory", UncheckedMemory, "what_is_inserted_must_be_new"),
    ("memory", UncheckedMemory, "a_version_is_written_once"),
    ("memory", UncheckedMemory, "entries_follow_the_head_without_a_gap_and_are_new"),
    ("memory", UncheckedMemory, "a_value_that_every_row_has_may_not_be_missing"),
]


@pytest.mark.parametrize(("name", "spoiled", "promise"), SPOILED)
def test_a_spoiled_store_breaks_its_promise(name, spoiled, promise, tmp_path):
    (tmp_path / "whole").mkdir()
    PROMISES[promise](STORES[name](tmp_path / "whole"))
    with pytest.raises(BROKEN):
        PROMISES[promise](STORES[name](tmp_path, spoiled))


PARTIES_DRAWN = st.sampled_from(["a", "b", "c", None])
STATUSES = st.sampled_from(["held", "in_transit", "missing", "destroyed"])
TOUCHED = st.dictionaries(st.integers(0, 4), st.tuples(PARTIES_DRAWN, STATUSES), max_size=4)


def _history_into(store, touched, cut):
    """Write an entry for each of `touched` (place -> custodian, status), those before `cut` in one batch, the
    others in another; all versions as a plain list."""
    head, versions, born = store.claim(), [], {}
    for start, stop in ((0, cut), (cut, len(touched))):
        written, new = [], set()
        for at, places in enumerate(touched[start:stop], start):
            new |= places.keys() - born.keys()
            born.update(dict.fromkeys(places.keys() - born.keys(), at))
            # Numbers go down as names go up, so that nobody gets away with one order for the other.
            written += [
                (place, replace_number(chip(place, 0, at, custodian, status), place, born[place]))
                for place, (custodian, status) in places.items()
            ]
        if not touched[start:stop]:
            continue
        last = dict(written)  # of chips written twice in a batch the last row stands
        inserts = [row for place, row in last.items() if place in new]
        updates = [row for place, row in last.items() if place not in new]
        made = batch(store, head, stop - start, {CHIPS: inserts}, {CHIPS: updates})
        made.versions[CHIPS] = [row for _, row in written]
        head = commit(store, head, made)
        versions += made.versions[CHIPS]
    return versions


def replace_number(row, place, born):
    """The chip with a number against the order of names, born when it was."""
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    return type(row)(**fields | {"number": 100 - place, "born": born})


def _slow_as_of(versions, at):
    """The definition: of each chip the last version below an index, by name."""
    last = {}
    for row in versions:
        if row.changed < at:
            last[row.chip] = row
    return [last[name] for name in sorted(last)]


@pytest.mark.parametrize("make", STORES.values(), ids=STORES)
@settings(max_examples=40, deadline=None)
@given(
    touched=st.lists(TOUCHED, max_size=6),
    cut=st.integers(0, 6),
    provers=st.sets(st.sampled_from("abcd")),
)
def test_frames_and_findings_are_those_of_a_plain_twin(make, touched, cut, provers):
    folder = Path(mkdtemp())
    try:
        store = make(folder)
        versions = _history_into(store, touched, min(cut, len(touched)))
        assert list(store.rows(CHIPS)) == _slow_as_of(versions, len(touched))
        by_entry = sorted(versions, key=lambda row: (row.changed, row.number))
        assert list(store.versions(CHIPS, 0, 99)) == by_entry
        columns = pa.Table.from_batches(store.chip_columns(0, 99), CHIP_COLUMNS)
        assert columns.equals(pa.Table.from_batches([columns_of_chips(by_entry)]))
        for name in {row.chip for row in versions}:
            assert store.history(CHIPS, name) == [row for row in versions if row.chip == name]
        for at in range(len(touched) + 2):
            rows = _slow_as_of(versions, at)
            frame = tuple(
                FrameChip(row.chip, row.site, row.model, row.cls)
                for row in rows
                if row.custodian in provers and row.status in ("held", "in_transit")
            )
            assert tuple(store.frame(FrameKey(tuple(sorted(provers)), at))) == frame
            assert store.find(CHIPS, {}, at, None, 99) == rows
            held = [row for row in rows if row.custodian is None and row.status == "held"]
            assert store.find(CHIPS, {"custodian": None, "status": "held"}, at, None, 99) == held
        store.close()
    finally:
        shutil.rmtree(folder)
