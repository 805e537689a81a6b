"""Are the published tiles those of the tree that these entries make?

The tree is grown anew from leaf hashes; whatever is published is compared with it. Where entries are
not shown, the leaves are taken from the published tiles of the lowest level, and all above is
computed from those. Knows no entry's meaning and no signature.
"""

from collections.abc import Callable, Sequence
from typing import Final

from ledger.audit.published import Published
from ledger.log.merkle import HASH_BYTES, TILE_WIDTH, RightEdge, grow, leaf_hashes, split_hashes
from ledger.log.proofs import HashSource, root_at
from ledger.log.tiles import tile_coordinates, tile_path, unpack_entries
from signing.canonical import Unreadable

TILES_PER_REPORT: Final = 64  # between two words of progress


class Regrown:
    """A tree grown leaf by leaf, all its tiles at hand: 32 bytes a leaf."""

    def __init__(self) -> None:
        self._edge = RightEdge.empty()
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._source = HashSource(lambda level, number: self._tiles[level, number])

    @property
    def size(self) -> int:
        """How many leaves."""
        return self._edge.size

    def add(self, leaf_hashes: Sequence[bytes]) -> None:
        """More leaves, on the right."""
        growth = grow(self._edge, leaf_hashes)
        self._edge = growth.edge
        self._tiles.update(growth.tiles)

    def root_at(self, size: int) -> bytes:
        """The root over the first `size` leaves, of those there are."""
        assert 0 <= size <= self.size
        return root_at(size, self._source)

    def tile(self, level: int, number: int) -> bytes:
        """A tile's hashes, as many as there are."""
        return self._tiles[level, number]


def leaves_from_tiles(published: Published, size: int, tree: Regrown) -> str | None:
    """Add the leaves that the published tiles of level 0 name; what is wrong, where one is not whole."""
    for first in range(0, size, TILE_WIDTH):
        number, width = first // TILE_WIDTH, min(TILE_WIDTH, size - first)
        tile = published.hash_tile(0, number, width)
        if tile is None or len(tile) != width * HASH_BYTES:
            state = "is missing" if tile is None else f"has {len(tile)} bytes"
            return f"{tile_path(0, number, width)} {state}"
        tree.add(split_hashes(tile))
    return None


def read_on(published: Published, size: int, tree: Regrown) -> None:
    """Add the leaves published beyond a whole tree, up to a size, or to the first that is not there."""
    while tree.size < size:
        number, known = divmod(tree.size, TILE_WIDTH)
        width = min(TILE_WIDTH, size - number * TILE_WIDTH)
        leaves = _leaves(published, number, width)
        if len(leaves) != width:
            return
        tree.add(leaves[known:])


def _leaves(published: Published, number: int, width: int) -> Sequence[bytes]:
    """Of one bundle, or of one tile where entries are not shown; none where that is not whole."""
    if not published.shows_entries:
        tile = published.hash_tile(0, number, width)
        return [] if tile is None or len(tile) != width * HASH_BYTES else split_hashes(tile)
    bundle = published.entry_bundle(number, width)
    try:
        return [] if bundle is None else leaf_hashes(unpack_entries(bundle))
    except Unreadable:
        return []


def compare_tiles(
    published: Published,
    size: int,
    tree: Regrown,
    on_bad: Callable[[int | None, str], None],
    progress: Callable[[int, int], None],
) -> None:
    """Tell `on_bad` of each published tile that is not the tree's; of a leaf, which entry's it is."""
    # Of a tree that could not be read to its size, which has been reported, only full tiles are known.
    whole = tree.size == size
    known = tile_coordinates(tree.size)
    wanted = [path for path in known if path.level is not None and (whole or path.width == TILE_WIDTH)]
    for done, path in enumerate(wanted, start=1):
        assert path.level is not None
        ours = tree.tile(path.level, path.number)
        theirs = published.hash_tile(path.level, path.number, path.width)
        if theirs != ours:
            place = _first_other(ours, theirs or b"")
            state = "is missing" if theirs is None else f"has another hash at place {place}"
            # A hash above the leaves covers many entries: which of them is bad, its leaf will say.
            entry = None if path.level else min(path.number * TILE_WIDTH + place, tree.size - 1)
            on_bad(entry, f"{path.text()} {state}")
        if done % TILES_PER_REPORT == 0 or done == len(wanted):
            progress(done, len(wanted))


def _first_other(ours: bytes, theirs: bytes) -> int:
    """The place of the first hash that differs; one past the last where there is only too much."""
    pairs = zip(split_hashes(ours), split_hashes(theirs[: len(ours)]), strict=False)
    places = (place for place, (mine, other) in enumerate(pairs) if mine != other)
    return next(places, min(len(ours), len(theirs)) // HASH_BYTES)
