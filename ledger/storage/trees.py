"""Which tiles does a store need in order to name the root of its log at a size?

Pure arithmetic over sizes, so that a store can ask for all of them at once.
"""

from collections.abc import Iterable

from ledger.log.merkle import TILE_HEIGHT, TILE_WIDTH


def tiles_of_edges(sizes: Iterable[int]) -> set[tuple[int, int]]:
    """(level, number) of every tile that `merkle.edge_from` reads for these sizes."""
    places = set()
    for size in sizes:
        level = 0
        while hashes := size >> (TILE_HEIGHT * level):
            if hashes % TILE_WIDTH:
                places.add((level, hashes >> TILE_HEIGHT))
            level += 1
    return places
