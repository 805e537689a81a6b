"""Which files are published, when, and what a failure on the way leaves behind."""

from threading import Event

import pytest

from ledger.book.encoding import read_entry
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import parse_checkpoint_text
from ledger.log.merkle import HASH_BYTES, leaf_hash, leaf_hashes, root_of
from ledger.log.tiles import tile_coordinates, unpack_entries
from ledger.publication import Publisher
from ledger.storage.memory import MemoryStore
from signing.canonical import decode
from tests.sequencer import trade


class Stand:
    """A ledger that publishes into a folder."""

    def __init__(self, path, store=None):
        self.folder = LedgerFolder(path)
        self.store = store or MemoryStore()
        self.publisher = Publisher(self.store, self.folder)
        self.desk = trade.Desk(self.store, publish=self.publisher.publish).open()

    def grows(self, count, first=0):
        """Admit so many sites, and wait until they are published."""
        self.desk.all_in(*(trade.site("maker", f"s{first + number}") for number in range(count)))
        self.publisher.flush()

    def files(self):
        """Every published file, by its name."""
        return {
            path.relative_to(self.folder.path).as_posix(): path.read_bytes()
            for root in (self.folder.public, self.folder.private)
            for path in root.rglob("*")
            if path.is_file()
        }

    def close(self):
        self.desk.close()
        self.publisher.close()


@pytest.fixture
def stand(tmp_path):
    stand = Stand(tmp_path)
    yield stand
    stand.close()


def head_of(files):
    return parse_checkpoint_text(files["public/checkpoint"].decode().partition("\n\n")[0] + "\n")


def check(files):
    """Every tile the checkpoint needs is there, whole, and hashes to its root."""
    head = head_of(files)
    leaves = []
    for tile in tile_coordinates(head.size):
        raw = files[("private/" if tile.level is None else "public/") + tile.text()]
        if tile.level is None:
            entries = unpack_entries(raw)
            assert len(entries) == tile.width
            leaves += leaf_hashes(entries)
        else:
            assert len(raw) == tile.width * HASH_BYTES
        if tile.level == 0:
            start = tile.number * 256
            assert raw == b"".join(leaves[start : start + 256]) or not leaves
    assert root_of(leaves) == head.root
    return head.size


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


def test_manifests_lie_under_their_statements_and_every_signed_size_under_its_number(stand):
    names = trade.chips(0, 20)
    (registered, _, arrived) = stand.desk.all_in(
        trade.registered(names), trade.dispatched("s1", names), trade.arrived("maker/s1")
    )
    stand.publisher.flush()
    files = stand.files()
    lines = files[f"private/manifests/{registered.statement[:2]}/{registered.statement}"].splitlines(True)
    assert [decode(line[:-1], "line")["chip"] for line in lines] == names
    assert f"private/manifests/{arrived.statement[:2]}/{arrived.statement}" not in files
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

    def manifest(self, index):
        self._spend()
        return super().manifest(index)

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
            self.go.wait(10)
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
