"""What a draw costs is worked out at the door: the sequencer finds it at hand, and goes on with others."""

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import ClassVar

import pytest

from ledger.admission import Admission
from ledger.book.rejection import Reason
from ledger.storage.sql import SqlStore
from ledger.storage.sql_writes import SqlTransaction
from ledger.storage.sqlite import Sqlite
from tests.world import LEAD_S, World
from tests.world_doors import StoreDoor

WAIT_S = 180


class Watched(SqlTransaction):
    """Tells what of a frame was at hand when the sequencer asked for it."""

    def load(self, needs, registry):
        for key in needs.frames:
            frame = self._access.frames.get(key)
            self.told.append(None if frame is None else {name for name, *_ in frame.memo})
        super().load(needs, registry)


class Store(SqlStore):
    """A database whose readers may be held up, or struck, at a frame."""

    def __init__(self, path):
        super().__init__(Sqlite(path))
        self.told = []
        self.transaction = type("Told", (Watched,), {"told": self.told})
        self.at_frame = lambda: None

    transaction: ClassVar[type[SqlTransaction]] = Watched

    def load(self, needs, registry):
        if needs.frames:
            self.at_frame()
        super().load(needs, registry)


class Hasty(Admission):
    """A door that works nothing out."""

    def _foresee(self, call, _):
        self._hand_over(call)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "world.db")


@pytest.fixture
def world(store):
    """An inspection that may be drawn."""
    world = World(lambda clock: StoreDoor(clock, store))
    world.settles()
    assert world.registers("acme", *(f"acme:S{n}" for n in range(30))).admitted
    assert world.commits("watch", "watch/i1", "acme", sizes=(5,)).admitted
    world.waits(LEAD_S + 60)
    yield world
    world.door.close()


def test_the_sequencer_finds_the_frame_its_root_and_the_draw_at_hand(world, store):
    assert world.draws("watch", "watch/i1").admitted
    assert store.told and {"listing", "drawn"} in store.told
    assert None not in store.told
    assert world.audit().clean


def test_a_door_that_works_nothing_out_leaves_it_to_the_sequencer(world, store):
    """The control: the same draw is admitted, and was not at hand."""
    world.door.admission.close()
    world.door.admission = Hasty(store, world.door.sequencer)
    assert world.draws("watch", "watch/i1").admitted
    assert store.told and set(store.told) == {None}


def test_others_are_admitted_while_a_frame_is_read(world, store):
    reached, go = Event(), Event()

    def stop():
        reached.set()
        assert go.wait(WAIT_S)

    store.at_frame = stop
    draft = world.draw_draft("watch", "watch/i1").raw()
    with ThreadPoolExecutor(1) as pool:
        drawn = pool.submit(world.door.admit, draft)
        assert reached.wait(WAIT_S)
        assert world.registers("acme", "acme:LATER").admitted
        assert not drawn.done()
        go.set()
        assert hasattr(drawn.result(WAIT_S), "index")


def test_what_befalls_the_door_befalls_no_draw(world, store):
    def struck():
        raise OSError("the disk is gone for a moment")

    store.at_frame = struck
    assert world.draws("watch", "watch/i1").admitted
    assert set(store.told) == {None}


def test_a_frame_goes_when_nobody_holds_it(world, store):
    assert world.draws("watch", "watch/i1").admitted
    gc.collect()
    assert len(store._frames._frames) == 0


def test_what_was_foreseen_is_judged_all_the_same(world):
    """A doctored selection, foreseen and refused; the honest one after it is admitted."""
    honest = world.draw_draft("watch", "watch/i1")
    other = next(
        f"acme:S{n}" for n in range(30) if f"acme:S{n}" not in {line["chip"] for line in honest.lines}
    )
    swapped = sorted([other, *(line["chip"] for line in honest.lines[1:])])
    assert world.says(honest.with_lines(*swapped)).reason is Reason.WRONG_SELECTION
    assert world.says(honest).admitted
