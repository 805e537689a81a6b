"""Who waits for the sequencer goes into batches in order, up to the limits, and is always answered."""

from itertools import zip_longest
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.batch.waiting import BATCH_ENTRIES_MAX, BATCH_LINES_MAX, WaitingRoom


def statements(*lines):
    """Stand-ins of which only the number of lines matters."""
    return [SimpleNamespace(name=number, lines=range(count)) for number, count in enumerate(lines)]


def drained(room):
    """Every batch until the room is empty, each statement answered by itself."""
    room.close()
    batches = []
    while shares := room.take():
        batches.append([each for share in shares for each in share.statements])
        for share in shares:
            share.knock.answer(list(share.statements))
    return batches


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, BATCH_LINES_MAX), max_size=5), max_size=8))
def test_every_batch_is_within_the_limits_in_order_and_as_full_as_it_may_be(knocks):
    room = WaitingRoom(turned_away=None)
    given_in = [statements(*lines) for lines in knocks]
    futures = [room.put(each) for each in given_in]
    batches = drained(room)
    assert [id(each) for batch in batches for each in batch] == [
        id(each) for some in given_in for each in some
    ]
    for batch, after in zip_longest(batches, batches[1:], fillvalue=[]):
        lines = sum(len(each.lines) for each in batch)
        assert len(batch) == 1 or lines <= BATCH_LINES_MAX
        assert not after or lines + len(after[0].lines) > BATCH_LINES_MAX
    assert [future.result(0) for future in futures] == given_in


def test_a_long_knock_is_shared_out_over_batches():
    room = WaitingRoom(turned_away=None)
    many = statements(*[0] * (2 * BATCH_ENTRIES_MAX + 5))
    future = room.put(many)
    assert list(map(len, drained(room))) == [BATCH_ENTRIES_MAX, BATCH_ENTRIES_MAX, 5]
    assert future.result(0) == many


def test_whoever_is_sent_away_is_answered_after_what_was_served():
    room = WaitingRoom(turned_away=lambda statement: f"away {statement.name}")
    many = statements(*[0] * (BATCH_ENTRIES_MAX + 2))
    future, other = room.put(many), room.put(statements(0))
    (share,) = room.take()
    share.knock.answer(["served"] * len(share.statements))
    room.clear()
    assert future.result(0)[-3:] == ["served", f"away {BATCH_ENTRIES_MAX}", f"away {BATCH_ENTRIES_MAX + 1}"]
    assert other.result(0) == ["away 0"]
    assert room.put(statements(0)).result(0) == ["away 0"]
    assert room.take() == []


def test_nobody_waits_for_nothing():
    assert WaitingRoom(turned_away=None).put([]).result(0) == []
