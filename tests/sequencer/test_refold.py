"""The book made again from the log alone is the book that was."""

import pytest

from ledger.batch.sitting import Sitting
from ledger.book.fold import book_digest
from ledger.book.registry import FrameKey, Needs
from ledger.book.rejection import Reason
from ledger.book.tables import TABLES
from ledger.durability.floor import ReadOnly
from ledger.refold import Unfoldable, refold
from ledger.storage.memory import MemoryStore
from tests.sequencer import trade


@pytest.fixture(params=trade.STORES)
def desk(request, tmp_path):
    desk = trade.Desk(trade.STORES[request.param](tmp_path)).open()
    yield desk
    desk.close()


def trades(desk):
    """A little of everything, in several commits, with a head the speaker knew."""
    names = trade.chips(0, 12)
    desk.all_in(trade.registered(names), trade.placed("maker", {name: name[-2:] for name in names}))
    desk.all_in(trade.dispatched("s1", names[:6]), trade.dispatched("s2", names[6:]))
    head = {"size": desk.sequencer.head().size, "root": desk.sequencer.head().root.hex()}
    desk.clock.now += 5_000
    desk.all_in(trade.arrived("maker/s1", head=head), trade.arrived("maker/s2", names[4:]))
    desk.all_in(trade.placed("oslo", {names[0]: "a", names[1]: "b"}), trade.placed("oslo", {names[2]: "a"}))
    desk.all_in(trade.dispatched("s3", names[:3], sender="oslo", to="lima"))
    desk.all_in(*(trade.site("lima", f"s{number}") for number in range(30)))


def everything(store):
    kept = [list(store.versions(table, 0, 10_000)) for table in TABLES if table.history]
    tiles = [store.tile(level, 0) for level in range(2)]
    return book_digest(store.rows), kept, tiles, (store.head().size, store.head().root)


def test_dropped_and_folded_again_it_is_equal_and_the_log_goes_on(desk):
    trades(desk)
    desk.sequencer.stop()
    before = everything(desk.store)
    heard = []
    assert refold(desk.store, heard.append) == desk.store.head().size == heard[-1]
    assert everything(desk.store) == before
    desk.sequencer.start()
    desk.all_in(trade.site("maker", "after"))


def test_the_control_a_book_that_was_tampered_with_is_not_equal(desk):
    trades(desk)
    desk.sequencer.stop()
    before = everything(desk.store)
    desk.store.drop_book()
    assert everything(desk.store) != before


def test_a_refold_that_was_interrupted_is_told_apart_from_a_loss(desk):
    trades(desk)
    desk.sequencer.stop()
    desk.store.drop_book()
    with pytest.raises(ReadOnly, match="Run it again"):
        desk.sequencer.start()
    refold(desk.store)
    desk.sequencer.start()


class SwappingStore(MemoryStore):
    """Gives back manifests with two lines swapped."""

    def manifest(self, index):
        lines = super().manifest(index)
        return (lines[1], lines[0], *lines[2:]) if len(lines) > 1 else lines


def test_an_entry_the_law_does_not_let_stand_is_named():
    desk = trade.Desk(SwappingStore()).open()
    (registered,) = desk.all_in(trade.registered(trade.chips(0)))
    desk.sequencer.stop()
    with pytest.raises(Unfoldable) as fault:
        refold(desk.store)
    assert fault.value.index == registered.index
    assert fault.value.rejection.reason is Reason.MANIFEST_MISMATCH
    desk.close()


def test_a_frame_of_the_book_being_made_is_not_looked_for_before_it_is_there():
    asked = []

    def load(needs, _):
        asked.append((frozenset(needs.frames), frozenset(needs.roots)))

    sitting = Sitting(load, 10)
    early, late = FrameKey(("oslo",), 10), FrameKey(("oslo",), 11)
    needs = Needs()
    needs.frames.update((early, late))
    assert sitting._load_new(needs, sitting.registry)
    assert asked == [(frozenset({early}), frozenset())]
