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

SAID = pa.schema([("entry_index", NUMBER), ("chip", TEXT), ("seen_at", SECONDS)])
COUNTED = pa.schema([("entry_index", NUMBER), ("chip", TEXT)])
JUDGED_COLUMNS = (
    ("stocktake", TEXT),
    ("entry_index", NUMBER),
    *typed(TEXT, "party", "site"),
    ("is_full", TRUTH),
    ("is_of_itself", TRUTH),  # its last part is the entry itself, whose lines are in `said`
)


class Line(msgspec.Struct, frozen=True, gc=False):
    """What is looked at of a line; what it does not name is ""."""

    chip: str = ""
    result: str = ""
    found_at: str = ""


_lines = msgspec.json.Decoder(list[Line])


@dataclass(slots=True)
class Observed:
    """What the entries of a batch say: rows for `said`, `counted` and `judged`. Grows entry by entry."""

    said: list[pa.RecordBatch] = field(default_factory=list)
    counted: list[pa.RecordBatch] = field(default_factory=list)
    judged: list[tuple[str, int, str, str | None, bool, bool]] = field(default_factory=list)

    def hear(self, entry: StoredEntry, manifest: Sequence[bytes]) -> None:
        """An entry with its manifest."""
        lines = _each_chip_once([line for line in _read(manifest) if line.chip])
        chips = pa.array([line.chip for line in lines], TEXT)
        self.said.append(
            pa.RecordBatch.from_arrays(
                [pa.repeat(pa.scalar(entry.index, NUMBER), len(lines)), chips, _seen_at(entry, lines)],
                schema=SAID,
            )
        )

    def count(self, row: Stocktake, parts: Iterable[Sequence[bytes]]) -> None:
        """A count that is complete with its last part, and the manifests of its other parts."""
        is_of_itself = row.changed in parts_of(row)
        self.judged.append((row.stocktake, row.changed, row.party, row.site, row.scope == FULL, is_of_itself))
        chips = pa.array(sorted({line.chip for part in parts for line in _read(part)}), TEXT)
        index = pa.repeat(pa.scalar(row.changed, NUMBER), len(chips))
        self.counted.append(pa.RecordBatch.from_arrays([index, chips], schema=COUNTED))

    def tables(self) -> dict[str, pa.Table]:
        """The rows as columns, by the table they go to."""
        return {
            "said": pa.Table.from_batches(self.said, SAID),
            "counted": pa.Table.from_batches(self.counted, COUNTED),
            "judged": columns_of(JUDGED_COLUMNS, self.judged),
        }


def may_speak_of_others(entry: StoredEntry, moved: int) -> bool:
    """Whether the lines of an entry that wrote `moved` versions of chips have to be read."""
    if not entry.lines or entry.kind in MOVING:
        return False
    return entry.kind != ARRIVAL or entry.lines != moved


def parts_of(row: Stocktake) -> list[int]:
    """The entries that the parts of a count came in."""
    return [int(word.split("@")[1]) for word in row.parts_in.split()]


def _read(manifest: Sequence[bytes]) -> list[Line]:
    return _lines.decode(b"[" + b",".join(manifest) + b"]")


def _each_chip_once(lines: list[Line]) -> list[Line]:
    """Of lines about one chip, one: the last to confirm it, if any does."""
    if len({line.chip for line in lines}) == len(lines):
        return lines
    by_weight = sorted(lines, key=lambda line: (line.chip, line.result == CONFIRMED, line.found_at))
    return list({line.chip: line for line in by_weight}.values())


def _seen_at(entry: StoredEntry, lines: Sequence[Line]) -> pa.Array:
    if entry.kind == SIGHTING:
        return pa.repeat(pa.scalar(entry.occurred_at, SECONDS), len(lines))
    if entry.kind != FINDING:
        return pa.nulls(len(lines), SECONDS)
    found = [parse_seconds(line.found_at, "found_at") if line.result == CONFIRMED else None for line in lines]
    return pa.array(found, SECONDS)
