"""Is this leaf in that tree, and does this tree begin with that one?

Proofs are those of RFC 9162, sections 2.1.3 and 2.1.4, made from stored tiles and checked from
nothing but hashes. Making one raises `Unreadable` when a stored tile is too narrow; checking one
never raises: whatever does not prove is `False`. A proof does not prove a tree's size: sizes come
from signed checkpoints. Knows no path, store or signature.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from ledger.log.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    checked_tile,
    node_hash,
    parents,
    split_hashes,
)

TILES_KEPT_DEFAULT: Final = 1024  # about 16 KB each, with the nodes inside
SIZES_KEPT_MAX: Final = 64  # tree sizes whose right edge is remembered
PROOF_HASHES_MAX: Final = 65  # a path from a leaf in a tree of 2^63 leaves, and one hash to start from

TileReader = Callable[[int, int], bytes]
"""The hashes stored of tile (level, number), concatenated: those of the tree asked about, or more."""

_Nodes = tuple[bytes, ...]  # a tile's nodes: eight levels, each concatenated, the tile itself first


class HashSource:
    """Any node of the tree, from its tiles.

    One source serves trees of every size and any number of threads, because the tree is only ever
    added to: what is remembered of an unfinished tile may be too short, and is then read again, but
    it is never wrong. Only tiles taken back (a write rolled back after it was read) need
    `forget_partial`.
    """

    def __init__(self, read_tile: TileReader, tiles_kept: int = TILES_KEPT_DEFAULT) -> None:
        assert tiles_kept > 0
        self._read_tile = read_tile
        self._tiles_kept = tiles_kept
        self._lock = Lock()  # held to look up and to put in, never while reading or hashing
        self._tiles: OrderedDict[tuple[int, int], _Nodes] = OrderedDict()
        self._edges: OrderedDict[int, list[bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        """The hash over leaves `index << level` up to `(index + 1) << level`, all of them present."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        number, place = divmod(index, TILE_WIDTH >> height)
        nodes = self.tile_nodes(tile_level, number, (place + 1) << height)
        return nodes[height][place * HASH_BYTES : (place + 1) * HASH_BYTES]

    def tile_nodes(self, level: int, number: int, width: int) -> _Nodes:
        """The eight node levels of a tile, each concatenated, over at least its first `width` hashes."""
        key = level, number
        with self._lock:
            nodes = self._tiles.get(key)
            if nodes is not None:
                self._tiles.move_to_end(key)
        if nodes is not None and len(nodes[0]) >= width * HASH_BYTES:
            return nodes
        stored = self._read_tile(level, number)
        checked_tile(stored, level, number, width)
        hashes = split_hashes(stored)
        levels = [stored]
        while len(levels) < TILE_HEIGHT:
            hashes = parents(hashes)
            levels.append(b"".join(hashes))
        nodes = tuple(levels)
        with self._lock:
            self._tiles[key] = nodes
            self._tiles.move_to_end(key)
            while len(self._tiles) > self._tiles_kept:
                self._tiles.popitem(last=False)
        return nodes

    def right_edge(self, size: int) -> list[bytes]:
        """For each tree level the root over the leaves right of the last full node, b"" for none.

        The entry at level `size.bit_length()` is the root of the tree. Not to be changed by callers.
        """
        with self._lock:
            edge = self._edges.get(size)
        if edge is not None:
            return edge
        edge = [b""]
        for level in range(size.bit_length()):
            right = edge[level]
            if size >> level & 1:
                node = self.node(level, (size >> level) - 1)
                right = node_hash(node, right) if right else node
            edge.append(right)
        with self._lock:
            self._edges[size] = edge
            while len(self._edges) > SIZES_KEPT_MAX:
                self._edges.popitem(last=False)
        return edge

    def forget_partial(self) -> None:
        """Drop what was read of unfinished tiles, and what was made from it."""
        with self._lock:
            self._edges.clear()
            for key in [k for k, nodes in self._tiles.items() if len(nodes[0]) < TILE_WIDTH * HASH_BYTES]:
                del self._tiles[key]


def root_at(size: int, source: HashSource) -> bytes:
    """The root of the first `size` leaves."""
    assert size >= 0
    return source.right_edge(size)[-1] if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, source: HashSource) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves, nearest sibling first."""
    assert 0 <= index < size
    return _path(0, index, size, source)


def consistency_proof(old: int, new: int, source: HashSource) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old`.

    Empty for `old` 0 or `new`, where there is nothing to prove.
    """
    assert 0 <= old <= new
    if old in (0, new):
        return []
    # The largest perfect subtree that ends where the old tree does. When it is the old tree itself,
    # the verifier knows its hash already.
    level = (old & -old).bit_length() - 1
    index = (old >> level) - 1
    path = _path(level, index, new, source)
    return [source.node(level, index), *path] if index else path


def _path(level: int, index: int, size: int, source: HashSource) -> list[bytes]:
    """Siblings on the way from node `index` of `level` up to the root of the tree of `size` leaves."""
    path = []
    last = (size - 1) >> level  # the last node of the level, full or not
    while last:
        tile_level, height = divmod(level, TILE_HEIGHT)
        number = index >> (TILE_HEIGHT - height)
        width = min(TILE_WIDTH, (size >> (tile_level * TILE_HEIGHT)) - number * TILE_WIDTH)
        # A tile of which only the ragged right end exists at this size has no node to give.
        nodes = source.tile_nodes(tile_level, number, width) if width > 0 else ()
        first = number << (TILE_HEIGHT - height)
        for inner in range(height, TILE_HEIGHT):
            if not last:
                break
            sibling = index ^ 1
            if sibling < size >> level:
                at = (sibling - first) * HASH_BYTES
                path.append(nodes[inner][at : at + HASH_BYTES])
            elif sibling == last:
                path.append(source.right_edge(size)[level])
            index >>= 1
            last >>= 1
            first >>= 1
            level += 1
    return path


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2. Hashes of another length, and places outside the tree, prove nothing."""
    if not 0 <= index < size or len(leaf_hash) != HASH_BYTES or not _is_proof(proof):
        return False
    node, last, running = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            running = node_hash(sibling, running)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            running = node_hash(running, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and running == root


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """RFC 9162, 2.1.4.2. From size 0 nothing can be proved: every tree begins with the empty one."""
    if not 0 < old_size <= new_size or not _is_proof(proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if len(old_root) != HASH_BYTES:
        return False
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    skipped = (old_size & -old_size).bit_length() - 1
    node, last = (old_size - 1) >> skipped, (new_size - 1) >> skipped
    old_running = new_running = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_running = node_hash(step, old_running)
            new_running = node_hash(step, new_running)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new_running = node_hash(new_running, step)
        node >>= 1
        last >>= 1
    return last == 0 and old_running == old_root and new_running == new_root


def _is_proof(proof: Sequence[bytes]) -> bool:
    return len(proof) <= PROOF_HASHES_MAX and all(len(step) == HASH_BYTES for step in proof)
