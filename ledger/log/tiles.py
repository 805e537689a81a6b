"""What is each file of a published log called, and how do entries lie in a bundle?

C2SP tlog-tiles: hash tiles are `tile/<L>/<N>`, entry bundles `tile/entries/<N>`, unfinished ones end
in `.p/<W>`; a bundle is each entry behind its length in two bytes, big-endian. A path and a bundle
have one spelling; readers raise `Unreadable` for any other. Reads and writes no file.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.log.merkle import TILE_HEIGHT, TILE_WIDTH
from signing.canonical import Unreadable

ENTRY_BYTES_MAX: Final = 65_535
LENGTH_BYTES: Final = 2
TILE_LEVEL_MAX: Final = 63
TILE_NUMBER_MAX: Final = 2**63 - 1
PATH_CHARACTERS_MAX: Final = 64
ENTRIES: Final = "entries"  # where a hash tile has its level

_PATH = re.compile(
    r"tile/(?:(?P<level>0|[1-9][0-9]?)|entries)"
    r"/(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class TilePath:
    """A hash tile, or an entry bundle when `level` is None; `width` hashes or entries, 256 when full."""

    level: int | None
    number: int
    width: int = TILE_WIDTH

    def text(self) -> str:
        """The path below the folder of the log, without a slash in front."""
        assert self.level is None or 0 <= self.level <= TILE_LEVEL_MAX
        assert 0 <= self.number <= TILE_NUMBER_MAX
        assert 1 <= self.width <= TILE_WIDTH
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        level = ENTRIES if self.level is None else str(self.level)
        return f"tile/{level}/{_spelled(self.number)}{part}"


def _spelled(number: int) -> str:
    """Three digits a folder, all but the last marked x: 1234067 is x001/x234/067."""
    text = f"{number % 1000:03}"
    while number := number // 1000:
        text = f"x{number % 1000:03}/{text}"
    return text


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """The path of a hash tile."""
    return TilePath(level, number, width).text()


def entries_path(number: int, width: int = TILE_WIDTH) -> str:
    """The path of an entry bundle."""
    return TilePath(None, number, width).text()


def parse_tile_path(path: str) -> TilePath:
    """The tile a path names. Raises `Unreadable` for every spelling but the one `TilePath.text` writes."""
    if len(path) > PATH_CHARACTERS_MAX or not (match := _PATH.fullmatch(path)):
        raise Unreadable("tile_path", path[:PATH_CHARACTERS_MAX])
    level = int(match["level"]) if match["level"] else None
    number = int(match["number"].replace("/", "").replace("x", ""))
    width = int(match["width"]) if match["width"] else TILE_WIDTH
    within = (level or 0) <= TILE_LEVEL_MAX and number <= TILE_NUMBER_MAX and width <= TILE_WIDTH
    parsed = TilePath(level, number, width)
    if not within or parsed.text() != path:  # such as .p/256, or a leading x000
        raise Unreadable("tile_path", path)
    return parsed


def tile_coordinates(size: int) -> Iterator[TilePath]:
    """Every file of a log of exactly `size` entries, hash tiles by level and then bundles.

    Unfinished tiles of smaller sizes are not among them.
    """
    assert size >= 0
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        yield from _row(level, hashes)
        level += 1
    yield from _row(None, size)


def _row(level: int | None, hashes: int) -> Iterator[TilePath]:
    full, rest = divmod(hashes, TILE_WIDTH)
    for number in range(full):
        yield TilePath(level, number)
    if rest:
        yield TilePath(level, full, rest)


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle of at most 256 entries."""
    assert len(entries) <= TILE_WIDTH
    parts = []
    for entry in entries:
        assert len(entry) <= ENTRY_BYTES_MAX
        parts += [len(entry).to_bytes(LENGTH_BYTES, "big"), entry]
    return b"".join(parts)


def unpack_entries(raw: bytes) -> list[bytes]:
    """The entries of a bundle; `Unreadable` when it breaks off or holds more than 256.

    How many there must be is for the caller to compare: the path's width says.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(raw):
        start = at + LENGTH_BYTES
        end = start + int.from_bytes(raw[at:start], "big")
        # A length cut in two reads as a smaller one, but then `start` lies beyond the bytes already.
        if end > len(raw):
            raise Unreadable("entries", f"entry {len(entries)} breaks off at byte {len(raw)}")
        if len(entries) == TILE_WIDTH:
            raise Unreadable("entries", f"more than {TILE_WIDTH} entries")
        entries.append(raw[start:end])
        at = end
    return entries
