"""What could be drawn, of a book as it stood: millions of chips or positions, in columns?

Many chips share site, model and class, so a frame keeps each such place once, and beside every id a number:
ten million chips take some 350 MB. Read as a sequence it gives a `FrameChip` at a time. Knows no store, not
which chips belong in it, and not what makes its columns (`frame_columns`): whoever only names frames loads no
engine.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import msgspec

Chunked = Any
"""A pyarrow.ChunkedArray."""


class FrameChip(msgspec.Struct, frozen=True, gc=False):
    """One chip an inspection could draw, as the book stood at the frame's index. There may be millions."""

    chip: str
    site: str | None
    model: str | None
    cls: str


class FramePlace(msgspec.Struct, frozen=True, gc=False):
    """What strata look at."""

    site: str | None
    model: str | None
    cls: str


class Frame(Sequence[FrameChip]):
    """Ids ascending by their bytes, none twice; beside each the number of its place in `places`."""

    def __init__(self, ids: Chunked, codes: Chunked, places: tuple[FramePlace, ...]) -> None:
        self.ids, self.codes, self.places = ids, codes, places
        self.memo: dict[Any, Any] = {}  # what was worked out from it, and goes when it goes

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> FrameChip: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[FrameChip]: ...

    def __getitem__(self, place: int | slice) -> FrameChip | Sequence[FrameChip]:
        """One, or a list of some."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        code = self.places[self.codes[place].as_py()]
        return FrameChip(self.ids[place].as_py().decode(), code.site, code.model, code.cls)

    def __iter__(self) -> Iterator[FrameChip]:
        for ids, codes in zip(self.ids.chunks, self.codes.chunks, strict=True):
            for name, code in zip(ids.to_pylist(), codes.to_pylist(), strict=True):
                place = self.places[code]
                yield FrameChip(name.decode(), place.site, place.model, place.cls)

    @property
    def nbytes(self) -> int:
        """Memory of the columns."""
        return int(self.ids.nbytes + self.codes.nbytes)
