"""What is the root of these leaves, and which tiles change when leaves are added?

The tree is that of RFC 9162, section 2.1 (the same as RFC 6962), over SHA-256. It is kept in tiles
of 256 hashes (C2SP tlog-tiles): tile (L, N) holds the hashes of tree level 8L from 256N on. Growing
needs only the rightmost, unfinished tile of each level. All functions are pure; none knows a path,
a store, or what an entry says.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from signing.canonical import Unreadable

HASH_BYTES: Final = 32
TILE_HEIGHT: Final = 8  # tree levels in a tile
TILE_WIDTH: Final = 1 << TILE_HEIGHT  # hashes in a full tile
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
EMPTY_ROOT: Final = sha256(b"").digest()

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """RFC 9162, 2.1.1: SHA-256 of a zero byte and the entry."""
    return sha256(_LEAF + entry).digest()


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """`leaf_hash` of each, in order."""
    return [sha256(_LEAF + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1: SHA-256 of a one byte and the two children."""
    return sha256(_NODE + left + right).digest()


def parents(hashes: Iterable[bytes]) -> list[bytes]:
    """The level above: one node for each pair; a last hash without a partner is left out."""
    # Copying a hash that has already eaten the prefix is the fastest of the plain ways: performance.md.
    begun = sha256(_NODE).copy
    nodes: list[bytes] = []
    add = nodes.append
    waiting = iter(hashes)
    for left, right in zip(waiting, waiting, strict=False):
        node = begun()
        node.update(left + right)
        add(node.digest())
    return nodes


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes; `EMPTY_ROOT` for none."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        above = parents(level)
        if len(level) % 2:
            # Carried up as it is, never paired with itself: otherwise two lists would share a root.
            above.append(level[-1])
        level = above
    return level[0]


def split_hashes(joined: bytes) -> list[bytes]:
    """A tile's bytes as a list of hashes."""
    return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]


@dataclass(frozen=True, slots=True)
class RightEdge:
    """All that must be remembered of a tree of `size` leaves to make it grow.

    `tiles[L]` is the concatenated hashes of the unfinished tile of level L: `(size >> 8L) % 256` of
    them, so possibly none. There are as many levels as have a hash at all.
    """

    size: int
    tiles: tuple[bytes, ...]

    @staticmethod
    def empty() -> "RightEdge":
        return RightEdge(0, ())

    def root(self) -> bytes:
        """The tree's root. Costs at most 255 hashes a tile level."""
        right: bytes | None = None
        for tile in self.tiles:
            for peak in reversed(_peaks(split_hashes(tile))):
                right = peak if right is None else node_hash(peak, right)
        return EMPTY_ROOT if right is None else right


def _peaks(hashes: list[bytes]) -> list[bytes]:
    """Roots of the perfect subtrees that these hashes fall into, the largest first."""
    found = []
    start = 0
    for height in range(len(hashes).bit_length() - 1, -1, -1):
        width = 1 << height
        if len(hashes) & width:
            found.append(root_of(hashes[start : start + width]))
            start += width
    return found


@dataclass(frozen=True, slots=True)
class Growth:
    """The edge after growing, and every hash tile, full or unfinished, that is new or longer."""

    edge: RightEdge
    tiles: dict[tuple[int, int], bytes]


def grow(edge: RightEdge, leaf_hashes: Sequence[bytes]) -> Growth:
    """Add leaves on the right, a whole level at a time; about one hash a leaf in all."""
    tiles: dict[tuple[int, int], bytes] = {}
    grown: list[bytes] = []
    fresh = list(leaf_hashes)
    level = 0
    while fresh:
        before = edge.size >> (TILE_HEIGHT * level)
        unfinished = edge.tiles[level] if level < len(edge.tiles) else b""
        joined = unfinished + b"".join(fresh)
        first = before >> TILE_HEIGHT
        for place, at in enumerate(range(0, len(joined), TILE_BYTES)):
            tiles[level, first + place] = joined[at : at + TILE_BYTES]
        full = len(joined) - len(joined) % TILE_BYTES
        grown.append(joined[full:])
        fresh = split_hashes(joined[:full])
        for _ in range(TILE_HEIGHT):
            fresh = parents(fresh)
        level += 1
    after = RightEdge(edge.size + len(leaf_hashes), (*grown, *edge.tiles[level:]))
    return Growth(after, tiles)


def edge_from(size: int, read_tile: Callable[[int, int], bytes]) -> RightEdge:
    """The right edge of a tree of `size` leaves whose tiles are stored.

    `read_tile(level, number)` gives a tile's concatenated hashes, more of them when the tree has
    grown since. Raises `Unreadable` for a tile too narrow or not a whole number of hashes.
    """
    assert size >= 0
    tiles: list[bytes] = []
    while size >> (TILE_HEIGHT * len(tiles)):
        level = len(tiles)
        width = (size >> (TILE_HEIGHT * level)) % TILE_WIDTH
        number = size >> (TILE_HEIGHT * (level + 1))
        tiles.append(checked_tile(read_tile(level, number), level, number, width) if width else b"")
    return RightEdge(size, tuple(tiles))


def checked_tile(stored: bytes, level: int, number: int, width: int) -> bytes:
    """The first `width` hashes of a stored tile; `Unreadable` when it cannot be such a tile."""
    if len(stored) % HASH_BYTES or not width * HASH_BYTES <= len(stored) <= TILE_BYTES:
        raise Unreadable("tile", f"level {level} number {number}: {len(stored)} bytes, {width} hashes wanted")
    return stored[: width * HASH_BYTES]
