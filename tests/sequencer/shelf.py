"""A ledger that publishes into a folder, and what must hold of the files there."""

from threading import Event

from ledger.book.encoding import read_entry
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import parse_checkpoint_text
from ledger.log.merkle import HASH_BYTES, leaf_hashes, root_of
from ledger.log.tiles import entries_path, tile_coordinates, unpack_entries
from ledger.publication import Publisher
from ledger.segments.reading import Segments, parse_segment_name, segment_name
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


class GatedStore(MemoryStore):
    """Notes how far each run goes, holds up the first, and tells of the second."""

    def __init__(self):
        super().__init__()
        self.first, self.go, self.second = Event(), Event(), Event()
        self.runs = []

    def entries(self, start, stop):
        self.runs.append(stop)
        if len(self.runs) == 1:
            self.first.set()
            assert self.go.wait(120)
        else:
            self.second.set()
        return super().entries(start, stop)


def heads_of(store, count):
    """A log of so many sites more, each with its head, published nowhere yet."""
    desk = trade.Desk(store).open()
    heads = []
    for number in range(count):
        desk.all_in(trade.site("maker", f"s{number}"))
        heads.append(desk.sequencer.head())
    desk.close()
    store.runs = []
    return heads


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
    check_segments(files, leaves_of(files, head.size))
    return head.size


def leaves_of(files, size):
    """The entries up to a size."""
    found = []
    for number in range(-(-size // 256)):
        found += unpack_entries(files["private/" + entries_path(number, min(256, size - number * 256))])
    return found


def check_segments(files, raws):
    """Segments cover the log without gap or overlap, and hold every manifest an entry claims."""
    place = "private/manifests/"
    spans = sorted(
        (span.start, span.stop)
        for name in files
        if name.startswith(place) and (span := parse_segment_name(name.removeprefix(place))) is not None
    )
    assert [0, *(stop for _, stop in spans)][: len(spans)] == [start for start, _ in spans]
    assert spans[-1][1] >= len(raws)
    segments = Segments(
        lambda: [name.removeprefix(place) for name in files if name.startswith(place)],
        lambda name: files[place + name],
    )
    for index, raw in enumerate(raws):
        envelope = read_entry(raw)[1]
        claimed = decode(envelope.payload, "payload").get("manifest")
        lines = segments.find(envelope.id(), index)
        if claimed is None:
            assert lines is None
        else:
            assert root_of(leaf_hashes(lines.splitlines())).hex() == claimed["root"]


def spans_of(folder):
    return sorted((span.start, span.stop) for span in map(parse_segment_name, names_in(folder)) if span)


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def plant(folder, *spans):
    for span in spans:
        (folder / segment_name(*span)).write_bytes(b"")
