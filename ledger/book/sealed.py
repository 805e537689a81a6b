"""Which bytes stand for the book when the registrar puts its name to it?

One canonical line a chip, `{chip, class, custodian, model, owner, site, status}`, absent fields left out, by
chip; the root is the RFC 9162 tree hash with each line's bytes as a leaf. Whoever has a line and its path can
show what the sealed book said of a chip, and whoever has two neighbours, that it did not know one. Chips that
were corrected away are not in the book. Knows no statement and no size.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

import msgspec

from ledger.book.rows import Chip
from ledger.log.merkle import leaf_hashes, root_of
from signing.canonical import encode_lines


class _Line(msgspec.Struct, frozen=True, omit_defaults=True, rename={"cls": "class"}, gc=False):
    chip: str
    cls: str
    status: str
    custodian: str | None = None
    model: str | None = None
    owner: str | None = None
    site: str | None = None


class SealedBook(NamedTuple):
    """How many chips, and the hex root over their lines."""

    chips: int
    root: str


def book_lines(chips: Iterable[Chip]) -> list[bytes]:
    """The line of each chip, by chip."""
    rows = sorted(chips, key=attrgetter("chip"))
    return encode_lines(
        [_Line(row.chip, row.cls, row.status, row.custodian, row.model, row.owner, row.site) for row in rows]
    )


def sealed_book(chips: Iterable[Chip]) -> SealedBook:
    """What an honest seal over these chips says."""
    lines = book_lines(chips)
    return SealedBook(len(lines), root_of(leaf_hashes(lines)).hex())
