"""How do the versions of chips lie in a database?

Packed: every version has a number of its own, by which entry wrote it and where among the chips that entry
wrote, in the order of their numbers; versions numbered next to each other lie in one pack of a few, each
with the number of the version it followed, and with everybody that this or an earlier version of the chip
named: who was ever concerned is known without following the chain. So a statement costs one row, however
wide those of its chips are, and a chip's past is a chain. Pure; knows no database.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from ledger.book.rows import Chip

PLACE_BITS = 20  # chips one entry may write; 2 for each of the 100,000 lines it may have fit in
PACK_BITS = 4  # versions a pack may have: few, because one alone is often wanted
PACK_ROWS = 1 << PACK_BITS
INDEX_MAX = (1 << 63 - PLACE_BITS) - 1  # no version of a later entry has a number that databases know
FIRST = -1  # what a chip's first version follows

_SPARSE = 4  # a pack of which less than one part in so many is wanted is not read whole
_NAMED_KEPT = 10_000  # lists of parties that need not be sorted again


class _Pack(msgspec.Struct, frozen=True, array_like=True, gc=False):
    before: list[int]
    rows: list[Chip]
    named: list[str]  # lists of parties, each once
    places: list[int]  # for each row that of its own among them


class _Cut(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A pack whose rows are left as they are."""

    before: list[int]
    rows: list[msgspec.Raw]
    named: list[str]
    places: list[int]


class _Whole(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A pack of which nothing is read: its parts, each in one piece."""

    before: msgspec.Raw
    rows: msgspec.Raw
    named: msgspec.Raw
    places: msgspec.Raw


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Pack).decode
_decode_cut = msgspec.msgpack.Decoder(_Cut).decode
_decode_whole = msgspec.msgpack.Decoder(_Whole).decode
_decode_row = msgspec.msgpack.Decoder(Chip).decode


def bound_of(index: int) -> int:
    """Versions written by entries before `index` have numbers below this one, all others have not."""
    return min(index, INDEX_MAX) << PLACE_BITS


def pack_of(version: int) -> int:
    """The number of the pack a version lies in: that of its first version."""
    return version >> PACK_BITS << PACK_BITS


@lru_cache(_NAMED_KEPT)
def named_since(named: str, custodian: str | None, owner: str | None, liable: str | None) -> str:
    """A list of parties, sorted in one text, and these."""
    parties = {*named.split(), *(party for party in (custodian, owner, liable) if party is not None)}
    return " ".join(sorted(parties))


def packed(
    index: int, rows: Sequence[Chip], before: Sequence[int], named: Sequence[str]
) -> Iterator[tuple[int, bytes]]:
    """The packs of an entry, numbered; `rows` by number of chip, `before` the version each follows, `named`
    the parties it and those before it named, sorted in one text."""
    first = bound_of(index)
    assert len(rows) == len(before) == len(named) <= 1 << PLACE_BITS
    for start in range(0, len(rows), PACK_ROWS):
        stop = start + PACK_ROWS
        texts = {text: place for place, text in enumerate(dict.fromkeys(named[start:stop]))}
        places = [texts[text] for text in named[start:stop]]
        yield first + start, _encode((before[start:stop], rows[start:stop], list(texts), places))


def raw_rows(pack: bytes) -> list[msgspec.Raw]:
    """The versions of a pack, in order, as they lie in it."""
    return _decode_cut(pack).rows


def rows_in_one(pack: bytes) -> bytes:
    """The array of the versions of a pack, as it lies in it."""
    return bytes(_decode_whole(pack).rows)


def unpacked(pack: bytes) -> list[Chip]:
    """All versions of a pack, in order."""
    return _decode(pack).rows


def chained(pack: bytes) -> list[tuple[Chip, int]]:
    """All versions of a pack, in order, each with the one it followed."""
    whole = _decode(pack)
    return list(zip(whole.rows, whole.before, strict=True))


def picked(pack: bytes, versions: Sequence[int]) -> list[Chip]:
    """Some versions of a pack, by number."""
    if len(versions) * _SPARSE < PACK_ROWS:
        raw = _decode_cut(pack).rows
        return [_decode_row(raw[version % PACK_ROWS]) for version in versions]
    rows = _decode(pack).rows
    return [rows[version % PACK_ROWS] for version in versions]


def picked_named(pack: bytes, versions: Sequence[int]) -> list[tuple[Chip, str]]:
    """Some versions of a pack, by number, each with the parties named until then."""
    cut = _decode_cut(pack)
    places = [version % PACK_ROWS for version in versions]
    return [(_decode_row(cut.rows[place]), cut.named[cut.places[place]]) for place in places]


def preceding(pack: bytes, versions: Sequence[int]) -> list[int]:
    """The versions that some of a pack followed, `FIRST` where there was none."""
    before = _decode_cut(pack).before
    return [before[version % PACK_ROWS] for version in versions]


def linked(pack: bytes, version: int) -> tuple[Chip, int]:
    """One version of a pack, and the one it followed."""
    cut, place = _decode_cut(pack), version % PACK_ROWS
    return _decode_row(cut.rows[place]), cut.before[place]
