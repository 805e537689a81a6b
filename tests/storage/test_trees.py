"""The tiles a store fetches at once are those that the root of a size is made of."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.log.merkle import HASH_BYTES, TILE_WIDTH, edge_from
from ledger.storage.trees import tiles_of_edges


def _tiles_read(size):
    read = set()

    def tile(level, number):
        read.add((level, number))
        return bytes(HASH_BYTES * TILE_WIDTH)

    edge_from(size, tile)
    return read


@given(st.sets(st.integers(0, 2**40), max_size=5))
def test_they_are_the_tiles_that_are_read(sizes):
    assert tiles_of_edges(sizes) == set().union(*map(_tiles_read, sizes))


def test_they_are_the_tiles_that_are_read_at_every_small_size():
    assert all(tiles_of_edges([size]) == _tiles_read(size) for size in range(70_000))
    assert tiles_of_edges([]) == tiles_of_edges([0]) == set()
