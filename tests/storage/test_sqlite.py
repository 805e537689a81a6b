"""SQLite is opened as the log needs it, and is sent no more statements for more chips."""

from collections import Counter
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError

from ledger.book.registry import Needs
from ledger.book.tables import CHIPS, LINES, SHIPMENTS
from ledger.storage.database import UnfitDatabase
from ledger.storage.sql import SqlStore
from ledger.storage.sql_writes import SqlTransaction
from ledger.storage.sqlite import Sqlite, check_version
from ledger.storage.store import Doubt, Fenced
from tests.storage.samples import batch, chip, commit, entry, grown, line, loaded, needing, shipment

FEW, MANY = 8, 50_000


@pytest.fixture
def store(tmp_path):
    """A store in a new file."""
    made = SqlStore(Sqlite(tmp_path / "record.db"))
    yield made
    made.close()


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 44, 5), (3, 44, 7), (3, 50, 6), (3, 51, 2), (3, 51)])
def test_a_sqlite_that_may_lose_commits_is_refused_before_any_file_is_made(version, tmp_path):
    with pytest.raises(UnfitDatabase, match=r"may lose commits .* 3\.51\.3 or later"):
        Sqlite(tmp_path / "record.db", SimpleNamespace(sqlite_version_info=version))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 53, 4), (4, 0, 0)])
def test_a_sqlite_with_the_mend_is_taken(version):
    check_version(version)


def test_both_kinds_of_connection_write_ahead_and_wait_for_the_disk(store):
    for engine, may_write in ((store.database.writer, 0), (store.database.reader, 1)):
        with engine.connect() as connection:

            def asked(name, connection=connection):
                return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

            found = asked("journal_mode"), asked("synchronous"), asked("query_only")
            assert found == ("wal", 2, may_write)


def test_a_reader_cannot_write(store):
    with store.database.reader.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.exec_driver_sql('DELETE FROM "log"')


def test_what_was_committed_is_there_after_opening_again(tmp_path):
    first = SqlStore(Sqlite(tmp_path / "record.db"))
    head = grown(first, first.claim(), entries=3, inserts={CHIPS: [chip(0)]})
    first.close()
    again = SqlStore(Sqlite(tmp_path / "record.db"))
    assert again.head() == head and list(again.rows(CHIPS)) == [chip(0)] and len(again.entries(0, 9)) == 3
    again.close()


def test_another_layout_is_refused(tmp_path):
    store = SqlStore(Sqlite(tmp_path / "record.db"))
    with store.database.writer.begin() as connection:
        connection.exec_driver_sql('UPDATE "schema" SET "version" = 99')
    store.close()
    with pytest.raises(UnfitDatabase, match="layout 99"):
        SqlStore(Sqlite(tmp_path / "record.db"))


def test_a_commit_that_fails_is_doubt_and_leaves_no_lock_behind(store):
    head = store.claim()
    full = True

    def fail(_connection):
        if full:
            raise OperationalError("COMMIT", None, OSError("disk full"))

    event.listen(store.database.writer, "commit", fail)
    with pytest.raises(Doubt, match="COMMIT"):
        grown(store, head)
    assert store.head() == head
    full = False
    assert grown(store, head).size == 1


def test_whoever_claims_through_another_connection_fences_the_first(store, tmp_path):
    head = store.claim()
    other = SqlStore(Sqlite(tmp_path / "record.db"))
    claimed = other.claim()
    with pytest.raises(Fenced):
        grown(store, head)
    assert grown(other, claimed).size == 1
    other.close()


def test_an_error_does_not_say_what_was_in_the_row(store):
    head = grown(store, store.claim(), inserts={CHIPS: [chip(0)]})
    with pytest.raises(Doubt) as doubt:
        grown(store, head, inserts={CHIPS: [chip(0)]})
    assert isinstance(doubt.value.__cause__, IntegrityError)
    assert chip(0).chip not in str(doubt.value) + str(doubt.value.__cause__)


def test_settling_moves_the_write_ahead_log_into_the_file(store, tmp_path):
    size = (tmp_path / "record.db").stat().st_size
    head = grown(store, store.claim(), inserts={CHIPS: [chip(place) for place in range(2000)]})
    assert (tmp_path / "record.db").stat().st_size <= size + 4096 * 50
    store.settle()
    assert (tmp_path / "record.db").stat().st_size > 500_000
    assert grown(store, head).size == 2


def _sent(store, chips):
    """How often each statement was sent to write so many chips with their lines, load and update them."""
    sent = Counter()

    def count(_connection, _cursor, statement, *_rest):
        sent[statement] += 1

    engines = (store.database.writer, store.database.reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    try:
        head = store.head()
        born = head.size
        rows = [chip(place, born=born) for place in range(chips)]
        lines = [line(f"s{born}", row.chip, changed=born) for row in rows]
        inserts = {CHIPS: rows, LINES: lines, SHIPMENTS: [shipment(f"s{born}", born, born=born)]}
        commit(store, head, batch(store, head, FEW, inserts=inserts))
        head = store.claim()  # whoever claims knows no chip any more, and has to ask
        needs = needing(CHIPS, *[row.chip for row in rows]).group(LINES, f"s{born}")
        needs.rows(LINES, [(f"s{born}", row.chip) for row in rows])
        needs.roots.update(range(min(chips, head.size)))
        with store.writing(head) as transaction:
            registry = loaded(transaction, needs)
            assert len(registry.of(CHIPS)) == len(registry.of(LINES)) == chips
            transaction.known([str(place) for place in range(chips)])
            moved = [chip(place, born, head.size, "hall-oslo") for place in range(chips)]
            received = [line(f"s{born}", row.chip, "received", head.size) for row in rows]
            transaction.write(batch(store, head, FEW, updates={CHIPS: moved, LINES: received}))
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", count)
    return sent


def test_no_more_statements_are_sent_for_fifty_thousand_chips_than_for_eight(store):
    store.claim()
    _sent(store, FEW)  # opens the connections, which costs statements of its own
    few, many = _sent(store, FEW), _sent(store, MANY)
    assert few == many
    assert 20 < few.total() < 45 and max(few.values()) < 10


def _sent_to_look_back(store, chips):
    """How many statements are sent to load all a party has, and what two entries wrote of so many chips."""
    head = store.head()
    rows = [chip(place, born=head.size) for place in range(chips)]
    head = grown(store, head, inserts={CHIPS: rows})
    moved = [chip(place, head.size - 1, head.size, f"holder-{chips}") for place in range(chips)]
    grown(store, head, updates={CHIPS: moved})
    head, sent = store.claim(), []
    event.listen(store.database.writer, "before_cursor_execute", lambda *call: sent.append(call[2]))
    names = {entry(head.size - 1).statement, entry(head.size - 2).statement}
    with store.writing(head) as transaction:
        before = len(sent)
        registry = loaded(transaction, Needs(holdings={f"holder-{chips}"}, statements=names))
        used = len(sent) - before
    assert len(registry.of(CHIPS)) == chips
    assert [len(each.versions[CHIPS]) for each in registry.written.values()] == [chips] * 2
    return used


def test_no_more_statements_are_sent_to_look_back_on_many_chips_than_on_few(store):
    store.claim()
    few, many = _sent_to_look_back(store, FEW), _sent_to_look_back(store, 3_000)
    assert few == many < 40


def _sent_to_look_up(store, names, at):
    """How many statements are sent to say who was concerned with chips, and how they were."""
    sent = []
    event.listen(store.database.reader, "before_cursor_execute", lambda *call: sent.append(call[2]))
    found = store.standings(names)
    counts = [len(sent)]
    assert len(store.chips_as_of(names, at)) == len(found)
    store.entries_at(range(len(found)))
    return [*counts, len(sent) - counts[0]], len(found)


def test_as_many_statements_are_sent_for_a_thousand_chips_as_for_one_or_none(store):
    head = store.claim()
    _sent_to_look_up(store, [], 0)  # opens the connection
    names = [chip(place).chip for place in range(1_000)]
    head = grown(store, head, inserts={CHIPS: [chip(place) for place in range(1_000)]})
    for custodian in ("a", "b"):
        moved = [chip(place, 0, head.size, custodian) for place in range(1_000)]
        head = grown(store, head, updates={CHIPS: moved})
    (now, found), (one, _) = (_sent_to_look_up(store, some, 3) for some in (names, names[:1]))
    (none, missing) = _sent_to_look_up(store, ["maker:none"], 3)
    assert (found, missing) == (1_000, 0)
    assert now[0] == one[0] == none[0] <= 4  # which of them are there is not told by how long it takes
    assert now == one
    assert _sent_to_look_up(store, names, 1)[0] == _sent_to_look_up(store, names[:1], 1)[0]


class _ChipByChip(SqlTransaction):
    def load(self, needs, registry):
        for key in needs.keys.pop(CHIPS):
            super().load(needing(CHIPS, key), registry)
        super().load(needs, registry)


class ChipByChip(SqlStore):
    """A store that loads one chip at a time."""

    transaction = _ChipByChip


def test_a_store_that_asks_chip_by_chip_is_noticed(tmp_path):
    store = ChipByChip(Sqlite(tmp_path / "record.db"))
    store.claim()
    _sent(store, FEW)
    assert _sent(store, FEW) != _sent(store, 3 * FEW)
    store.close()
