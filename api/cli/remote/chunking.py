"""How many statements travel in one request?

As many as the server judges in a few seconds, in their order. Knows no statement.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

LINES_PER_REQUEST = 2_000
BYTES_PER_REQUEST = 8 * 1024 * 1024  # a larger bundle travels alone

Item = TypeVar("Item")


def chunks(
    items: Iterable[Item], size_of: Callable[[Item], int], lines_max: int = LINES_PER_REQUEST
) -> Iterator[list[Item]]:
    """The items in their order, in runs as one request takes them; one larger than that is alone."""
    chunk: list[Item] = []
    size = 0
    for item in items:
        if chunk and (len(chunk) >= lines_max or size + size_of(item) > BYTES_PER_REQUEST):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += size_of(item) + 1
    if chunk:
        yield chunk
