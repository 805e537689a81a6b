"""Of which chips does an entry speak, beyond those it moves?

Manifests name chips; those that moved have versions, and are not read again. What is read: what somebody
saw, counted, offered, drew or found. When a chip was seen is kept only where the line says that it was there
as it should be; whether that makes a confirmation is for SQL to find (`folds/confirmation.sql`).
Knows neither where manifests come from nor where rows go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]

from analytics.feed import NUMBER, SECONDS, TEXT, TRUTH, columns_of, typed
from ledger.book.rows import Stocktake
from ledger.book.times import parse_seconds
from ledger.storage.store import StoredEntry

# Each line of these writes a version of its chip, or the law would have refused the statement.
MOVING = frozenset({"chips.registered", "shipment.dispatched", "chips.placed"})
ARRIVAL = "shipment.arrived"  # its lines are read where not each of them wrote a version
SIGHTING = "chips.sighted"
FINDING = "inspection.found"
CONFIRMED = "confirmed"
FULL = "full"
JUDGED = "judged"

SAID_COLUMNS = (("entry_index", NUMBER), ("chip", TEXT), ("seen_at", SECONDS))
COUNTED_COLUMNS = (("entry_index", NUMBER), ("chip", TEXT))
JUDGED_COLUMNS = (
    ("stocktake", TEXT),
    ("entry_index", NUMBER),
    *typed(TEXT, "party", "site"),
    ("is_full", TRUTH),
)


class Line(msgspec.Struct, frozen=True, gc=False):
    """What is looked at of a line; what it does not name is ""."""

    chip: str = ""
    result: str = ""
    found_at: str = ""


_line = msgspec.json.Decoder(Line)


@dataclass(slots=True)
class Observed:
    """What the entries of a batch say: rows for `said`, `counted` and `judged`. Grows entry by entry."""

    said: list[tuple[int, str, int | None]] = field(default_factory=list)
    counted: list[tuple[int, str]] = field(default_factory=list)
    judged: list[tuple[str, int, str, str | None, bool]] = field(default_factory=list)

    def hear(self, entry: StoredEntry, lines: Iterable[bytes]) -> None:
        """An entry with its manifest."""
        for line in map(_line.decode, lines):
            if line.chip:
                self.said.append((entry.index, line.chip, _seen_at(entry, line)))

    def count(self, row: Stocktake, parts: Iterable[Iterable[bytes]]) -> None:
        """A count that is complete with its last part, and the manifests of all of them."""
        self.judged.append((row.stocktake, row.changed, row.party, row.site, row.scope == FULL))
        chips = {_line.decode(raw).chip for part in parts for raw in part}
        self.counted += ((row.changed, chip) for chip in sorted(chips))

    def tables(self) -> dict[str, pa.Table]:
        """The rows as columns, by name."""
        return {
            "said": columns_of(SAID_COLUMNS, self.said),
            "counted": columns_of(COUNTED_COLUMNS, self.counted),
            "judged": columns_of(JUDGED_COLUMNS, self.judged),
        }


def speaks_of_the_past(entries: Sequence[StoredEntry]) -> bool:
    """Whether any of these surely says something of chips that it does not move."""
    return any(entry.lines and entry.kind not in MOVING and entry.kind != ARRIVAL for entry in entries)


def may_speak_of_others(entry: StoredEntry, moved: int) -> bool:
    """Whether the lines of an entry that wrote `moved` versions of chips have to be read."""
    if not entry.lines or entry.kind in MOVING:
        return False
    return entry.kind != ARRIVAL or entry.lines != moved


def parts_of(row: Stocktake) -> list[int]:
    """The entries that the parts of a count came in."""
    return [int(word.split("@")[1]) for word in row.parts_in.split()]


def _seen_at(entry: StoredEntry, line: Line) -> int | None:
    if entry.kind == SIGHTING:
        return entry.occurred_at
    if entry.kind == FINDING and line.result == CONFIRMED:
        return parse_seconds(line.found_at, "found_at")
    return None
