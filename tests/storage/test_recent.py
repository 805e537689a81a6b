"""What the writer knows of chips without asking is what the database would say, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ledger.book.tables import CHIPS
from ledger.storage.recent import Known, RecentChips
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from ledger.storage.store import Doubt, Fenced
from tests.storage.samples import batch, chip, commit, grown, loaded, needing

NAME = chip(0).chip


class Unforgetting(RecentChips):
    """Goes on believing what was rolled back."""

    def forget(self):
        pass


class UnforgettingSql(SqlStore):
    """A store that spoils forgetting."""

    recent_chips = Unforgetting


@pytest.fixture(params=["whole", "spoiled"])
def store(request, tmp_path):
    """A store with one chip; `forgets` says whether it keeps what it promises."""
    made = (SqlStore if request.param == "whole" else UnforgettingSql)(Sqlite(tmp_path / "record.db"))
    made.forgets = request.param == "whole"
    grown(made, made.claim(), inserts={CHIPS: [chip(0)]})
    yield made
    made.close()


def _custodian(store, head):
    """Who the writer believes has the chip."""
    with store.writing(head) as transaction:
        return loaded(transaction, needing(CHIPS, NAME)).of(CHIPS)[NAME].custodian


def _moving(store, head):
    return batch(store, head, updates={CHIPS: [chip(0, changed=head.size, custodian="hall-oslo")]})


def _selects(store, work):
    """How many statements on chips were sent while this was done."""
    sent = []

    def count(_connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT chip"):
            sent.append(statement)

    event.listen(store.database.writer, "before_cursor_execute", count)
    work()
    event.remove(store.database.writer, "before_cursor_execute", count)
    return len(sent)


def test_a_chip_just_written_is_not_asked_for_and_one_forgotten_is(store):
    head = store.head()
    assert _selects(store, lambda: _custodian(store, head)) == 0
    if store.forgets:
        head = store.claim()
        assert _selects(store, lambda: _custodian(store, head)) > 0
        assert _selects(store, lambda: _custodian(store, head)) == 0
    commit(store, head, _moving(store, head))
    assert _custodian(store, store.head()) == "hall-oslo"


def test_what_was_rolled_back_is_not_believed_and_a_store_that_believes_it_judges_wrong(store):
    head = store.head()
    with pytest.raises(ZeroDivisionError), store.writing(head) as transaction:
        transaction.write(_moving(store, head))
        raise ZeroDivisionError
    assert _custodian(store, head) == ("fab-one" if store.forgets else "hall-oslo")
    assert [row.custodian for row in store.rows(CHIPS)] == ["fab-one"]
    if store.forgets:
        commit(store, head, _moving(store, head))


def test_what_a_failed_commit_wrote_is_not_believed(store):
    head, full = store.head(), True

    def fail(_connection):
        if full:
            raise OperationalError("COMMIT", None, OSError("disk full"))

    event.listen(store.database.writer, "commit", fail)
    with pytest.raises(Doubt, match="COMMIT"):
        commit(store, head, _moving(store, head))
    full = False
    assert _custodian(store, head) == ("fab-one" if store.forgets else "hall-oslo")


def test_what_another_writer_did_is_seen_once_the_log_is_claimed_again(store, tmp_path):
    head = store.head()
    assert _custodian(store, head) == "fab-one"
    other = SqlStore(Sqlite(tmp_path / "record.db"))
    theirs = other.claim()
    commit(other, theirs, _moving(other, theirs))
    other.close()
    with pytest.raises(Fenced), store.writing(head):
        pass
    assert _custodian(store, store.claim()) == ("hall-oslo" if store.forgets else "fab-one")


def test_a_dropped_book_is_forgotten(store):
    store.drop_book()
    with store.writing(store.head()) as transaction:
        assert bool(loaded(transaction, needing(CHIPS, NAME)).of(CHIPS)) == (not store.forgets)


@given(
    st.integers(2, 12),
    st.lists(st.tuples(st.booleans(), st.sets(st.integers(0, 15), max_size=9)), max_size=30),
)
def test_no_more_are_known_than_may_be_and_each_as_it_was_kept_last(most, steps):
    recent, kept = RecentChips(most), {}
    for number, (writes, places) in enumerate(steps):
        names = [chip(place).chip for place in places]
        if writes:
            new = {name: Known(chip(0, changed=number), number, "fab-one") for name in names}
            recent.keep(new)
            kept |= new
            if len(new) <= most // 2:
                assert recent.known(names) == new
        found = recent.known(names)
        assert all(kept[name] == known for name, known in found.items())
        assert len(recent) <= most
    recent.forget()
    assert recent.known(kept) == {}
