"""Which files are published, when, and what a failure on the way leaves behind."""

from threading import Event

import pytest

from ledger.audit.published import FolderPublished
from ledger.book.encoding import read_entry
from ledger.folder import LedgerFolder
from ledger.log.merkle import leaf_hash
from ledger.log.tiles import unpack_entries
from ledger.publication import Publisher
from ledger.storage.memory import MemoryStore
from signing.canonical import decode
from tests.sequencer import trade
from tests.sequencer.shelf import GatedStore, Stand, check, heads_of


@pytest.fixture
def stand(tmp_path):
    stand = Stand(tmp_path)
    yield stand
    stand.close()


@pytest.mark.parametrize("counts", [(1,), (248,), (249, 1), (600, 1, 300), (3, 3, 3)])
def test_every_published_size_has_exactly_the_files_it_needs(stand, counts):
    first = 0
    for count in counts:
        stand.grows(count, first)
        first += count
        assert check(stand.files()) == 8 + first == stand.publisher.size


def test_unfinished_tiles_go_once_the_whole_one_is_there(stand):
    stand.grows(10)
    assert "public/tile/0/000.p/18" in stand.files()
    stand.grows(300, 10)
    assert not [name for name in stand.files() if "/000.p/" in name and "/tile/1/" not in name]


def test_manifests_lie_in_segments_and_every_signed_size_under_its_number(stand):
    names = trade.chips(0, 20)
    (registered, _, arrived) = stand.desk.all_in(
        trade.registered(names), trade.dispatched("s1", names), trade.arrived("maker/s1")
    )
    stand.publisher.flush()
    files = stand.files()
    published = FolderPublished(stand.folder.public, stand.folder.private)
    asked = {outcome.statement: outcome.index for outcome in (registered, arrived)}
    (lines, none) = published.manifests(asked)
    assert [decode(line, "line")["chip"] for line in lines.splitlines()] == names
    assert none is None
    sizes = stand.store.checkpoint_sizes(0, 1_000)
    assert {f"public/checkpoints/{size}" for size in sizes} == {
        name for name in files if name.startswith("public/checkpoints/")
    }
    assert files[f"public/checkpoints/{sizes[-1]}"] == files["public/checkpoint"]
    bundle = files[f"private/tile/entries/000.p/{sizes[-1]}"]
    assert read_entry(unpack_entries(bundle)[registered.index])[1].id() == registered.statement
    assert leaf_hash(unpack_entries(bundle)[registered.index]) == registered.leaf_hash


class FailingStore(MemoryStore):
    """Reads fail once so many more have been made."""

    reads_left = None

    def _spend(self):
        if self.reads_left is not None:
            if self.reads_left == 0:
                raise OSError(24, "Too many open files")
            self.reads_left -= 1

    def tile(self, level, number):
        self._spend()
        return super().tile(level, number)

    def entries(self, start, stop):
        self._spend()
        return super().entries(start, stop)

    def manifests(self, start, stop):
        self._spend()
        return super().manifests(start, stop)

    def checkpoint(self, size):
        self._spend()
        return super().checkpoint(size)


def test_what_breaks_off_anywhere_leaves_the_old_checkpoint_whole_and_is_made_good(tmp_path):
    stand = Stand(tmp_path, FailingStore())
    stand.grows(260)
    broken = 0
    for reads in range(40):
        names = trade.chips(reads * 2, 2)
        stand.publisher.flush()
        before = stand.publisher.size
        stand.store.reads_left = None
        done = stand.desk.all_in(trade.registered(names), trade.dispatched(f"s{reads}", names))
        stand.publisher.flush()
        # Once more, as after a kill: a publisher that finds the old checkpoint begins where it ends.
        (stand.folder.public / "checkpoint").write_text(stand.store.checkpoint(before))
        again = Publisher(stand.store, stand.folder)
        assert again.size == before
        head = stand.desk.sequencer.head()
        stand.store.reads_left = reads
        again.publish(head.size, head.note)
        try:
            again.flush()
        except OSError:
            broken += 1
            assert check(stand.files()) == before, "the control: nothing moved"
            assert before in {int(name[-18:-6]) for name in stand.files() if "manifests" in name}
            stand.store.reads_left = None
            again.publish(head.size, head.note)
            again.flush()
        stand.store.reads_left = None
        assert check(stand.files()) == head.size == done[-1].index + 1
        again.close()
    assert 3 <= broken < 40
    stand.close()


class SlowStore(MemoryStore):
    """The first publication waits until it is let go."""

    def __init__(self):
        super().__init__()
        self.go = Event()
        self.published = []

    def entries(self, start, stop):
        if self.head().size and (start, stop) == (0, 1):  # the bundle of size 1
            self.go.wait(120)
        return super().entries(start, stop)


def test_of_many_commits_only_the_last_needs_its_unfinished_tiles(tmp_path):
    stand = Stand(tmp_path, SlowStore())
    for number in range(5):
        stand.desk.all_in(trade.site("maker", f"s{number}"))
    stand.store.go.set()
    stand.publisher.flush()
    files = stand.files()
    assert check(files) == 13
    widths = sorted(int(name.split("/")[-1]) for name in files if "tile/0/000.p/" in name)
    assert widths[-1] == 13 and len(widths) <= 2
    assert len([name for name in files if name.startswith("public/checkpoints/")]) >= 6
    stand.close()


@pytest.mark.parametrize("pause_seconds", [600, 0])
def test_between_two_runs_it_pauses_unless_somebody_waits(tmp_path, pause_seconds):
    store = GatedStore()
    store.go.set()
    first, *more, last = heads_of(store, 5)
    store.go.clear()
    store.first.clear()
    publisher = Publisher(store, LedgerFolder(tmp_path), pause_seconds=pause_seconds)
    publisher.publish(first.size, first.note)
    assert store.first.wait(120)
    for head in more:
        publisher.publish(head.size, head.note)
    store.go.set()
    if pause_seconds == 0:
        assert store.second.wait(120), "the control: without a pause it goes on at once"
    publisher.publish(last.size, last.note)
    publisher.flush()
    assert publisher.size == last.size
    assert store.runs == (
        [first.size, more[-1].size, last.size] if pause_seconds == 0 else [first.size, last.size]
    )
    publisher.close()


def test_ending_waits_for_no_pause(tmp_path):
    store = GatedStore()
    store.go.set()
    first, *_, last = heads_of(store, 5)
    publisher = Publisher(store, LedgerFolder(tmp_path), pause_seconds=600)
    publisher.publish(first.size, first.note)
    publisher.publish(last.size, last.note)
    publisher.close()
    assert Publisher(store, LedgerFolder(tmp_path)).size == last.size


class FullDisk(GatedStore):
    """Cannot be read so many times, as when the disk is full."""

    failures = 0

    def entries(self, start, stop):
        if self.failures:
            self.failures -= 1
            raise OSError(28, "No space left on device")
        return super().entries(start, stop)


@pytest.mark.parametrize("again_seconds", [0.01, 600])
def test_a_quiet_log_is_published_once_a_failure_has_passed(tmp_path, again_seconds):
    store = FullDisk()
    store.go.set()
    (head,) = heads_of(store, 1)
    store.first.clear()
    store.failures = 3
    publisher = Publisher(store, LedgerFolder(tmp_path))
    publisher.again_seconds = again_seconds
    publisher.publish(head.size, head.note)
    if again_seconds == 600:
        assert not store.first.wait(0.5), "the control: without another try it stays behind"
        assert publisher.size == 0
    else:
        assert store.first.wait(120)
        publisher.flush()
        assert publisher.size == head.size
    publisher.close()


def test_whoever_waits_too_long_for_a_publication_is_told(tmp_path):
    store = GatedStore()
    store.go.set()
    (head,) = heads_of(store, 1)
    store.go.clear()
    publisher = Publisher(store, LedgerFolder(tmp_path))
    publisher.publish(head.size, head.note)
    with pytest.raises(TimeoutError, match="not published"):
        publisher.flush(0.01)
    store.go.set()
    publisher.close()
    assert publisher.size == head.size, "the control"
