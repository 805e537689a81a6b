"""What do outside claims say together, where they overlap, and how far is the ledger from it?

Claims of one cell (subject, scope, unit, measure, time) are enveloped: from the lowest to the highest, and
whether they agree is said. What one source says of parts of a cell that do not overlap (quarters of a year,
models of a family) is added up, low to low and high to high, and set beside: a range, no estimate. Nothing
is ever summed across sources. What does not exist yet, or no more, or is of a time to come, is compared with
nothing, and `told` says so. Works on rows as
the query gives them; knows no snapshot.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from analytics.reporting.families import models_of, short_name

Row = dict[str, Any]
BEGINNING = datetime(1, 1, 1)  # noqa: DTZ001  (naive UTC, as snapshots have it)
EVERYBODY = "*"  # the party of a claim about the whole world


class Cell(NamedTuple):
    """What claims must share to be about the same; `party`: whom the subject names, None for nobody here."""

    subject: str
    party: str | None
    model: str | None
    family: str | None
    unit: str
    measure: str
    since: datetime | None
    as_of: datetime
    exists_now: int


def cell_of(row: Row) -> Cell:
    """The cell of a claim."""
    return Cell(*(row[name] for name in Cell._fields))


def scope_of(model: str | None, family: str | None) -> frozenset[str] | None:
    """The models that a claim is about by short name, None for all."""
    if model is not None:
        return models_of(short_name(model))
    return None if family is None else models_of(family)


def enveloped(rows: Sequence[Row]) -> list[Row]:
    """A row a cell, in the order of subjects, scopes and times."""
    cells: dict[Cell, list[Row]] = defaultdict(list)
    for row in rows:
        cells[cell_of(row)].append(row)
    order = sorted(cells, key=lambda cell: tuple("" if each is None else str(each) for each in cell))
    return [_told(cell, cells[cell], cells) for cell in order]


def _told(cell: Cell, claims: Sequence[Row], cells: dict[Cell, list[Row]]) -> Row:
    """One cell: its envelope, what its parts add up to, and the ledger."""
    low, high = min(row["low"] for row in claims), max(row["high"] for row in claims)
    inner_low, inner_high = max(row["low"] for row in claims), min(row["high"] for row in claims)
    parts = _by_parts(cell, cells)
    lows = [low, *(part[0] for part in parts.values())]
    highs = [high, *(part[1] for part in parts.values())]
    meet_low = max(inner_low, *(part[0] for part in parts.values())) if parts else inner_low
    meet_high = min(inner_high, *(part[1] for part in parts.values())) if parts else inner_high
    ledger = claims[0]["ledger_chips" if cell.unit == "chips" else "ledger_h100e"]
    return {
        "grouped": cell.subject,
        "party": cell.party,
        "best_h100e": claims[0]["best_h100e"],
        "model": cell.model,
        "family": cell.family,
        "unit": cell.unit,
        "measure": cell.measure,
        "since": cell.since,
        "as_of": cell.as_of,
        "exists": bool(cell.exists_now),
        "claims": len(claims),
        "duplicates": _duplicates(claims),
        "low": low,
        "high": high,
        "agree": meet_low <= meet_high,
        "parts_sources": len(parts),
        "parts_low": min((part[0] for part in parts.values()), default=None),
        "parts_high": max((part[1] for part in parts.values()), default=None),
        "envelope_low": min(lows),
        "envelope_high": max(highs),
        "overlapping": _overlapping(cell, cells),
        "told": claims[0]["told"],
        "ledger": ledger,
        "short_low": None if ledger is None else max(0, min(lows) - ledger),
        "short_high": None if ledger is None else max(0, max(highs) - ledger),
        "entries": " ".join(str(row["entry_index"]) for row in claims),
    }


def _duplicates(claims: Sequence[Row]) -> int:
    """Claims that say what an earlier one of the cell said from the same source, or call themselves so."""
    seen: set[tuple[Any, ...]] = set()
    count = 0
    for row in claims:
        said = row["source_sha256"], row["low"], row["high"]
        count += bool(row["said_duplicate"]) or said in seen
        seen.add(said)
    return count


def _by_parts(cell: Cell, cells: dict[Cell, list[Row]]) -> dict[str, tuple[int, int]]:
    """By source: the sums of what it says of parts of the cell, where they do not overlap each other.

    Parts are of what was acquired or sold: what stood somewhere at two times may be the same chips.
    """
    if cell.measure == "installed" or cell.since is None or not cell.exists_now:
        return {}
    parts = [other for other in cells if _is_part(other, cell)]
    by_source: dict[str, list[Row]] = defaultdict(list)
    for part in parts:
        for row in cells[part]:
            by_source[row["source_sha256"]].append(row)
    return {
        source: (sum(row["low"] for row in rows), sum(row["high"] for row in rows))
        for source, rows in by_source.items()
        if not _clash(rows) and _covers(rows, cell)
    }


def _is_part(part: Cell, whole: Cell) -> bool:
    alike = ("subject", "unit", "measure", "exists_now")
    if part == whole or part.since is None or whole.since is None:
        return False
    if any(getattr(part, name) != getattr(whole, name) for name in alike):
        return False
    inner, outer = scope_of(part.model, part.family), scope_of(whole.model, whole.family)
    within = outer is None or (inner is not None and inner <= outer)
    return within and whole.since <= part.since and part.as_of <= whole.as_of


def _clash(rows: Sequence[Row]) -> bool:
    """Whether any two are about some of the same."""
    cells = [cell_of(row) for row in rows]
    return any(_overlap(one, other) for place, one in enumerate(cells) for other in cells[:place])


def _covers(rows: Iterable[Row], whole: Cell) -> bool:
    """Whether the times of the parts leave none of the whole's out; of the scope nobody asks."""
    reached = whole.since
    assert reached is not None
    for since, as_of in sorted({(row["since"], row["as_of"]) for row in rows}):
        if (since - reached).total_seconds() > 1:
            return False
        reached = max(reached, as_of)
    return reached == whole.as_of


def _overlap(one: Cell, other: Cell) -> bool:
    """Whether two cells are about some of the same chips, by subject, time and scope."""
    if one.measure != other.measure or one.exists_now != other.exists_now or not _may_be_one(one, other):
        return False
    if one.measure == "installed":
        same_time = one.as_of == other.as_of
    else:
        same_time = (one.since or BEGINNING) < other.as_of and (other.since or BEGINNING) < one.as_of
    first, second = scope_of(one.model, one.family), scope_of(other.model, other.family)
    return same_time and (first is None or second is None or bool(first & second))


def _may_be_one(one: Cell, other: Cell) -> bool:
    """Whether two subjects have chips in common: a party may have several names, and is of the world."""
    if one.subject == other.subject or EVERYBODY in (one.party, other.party):
        return True
    return one.party is not None and one.party == other.party


def _overlapping(cell: Cell, cells: Iterable[Cell]) -> int:
    """Other cells about some of the same chips: never to be added to this one."""
    return sum(1 for other in cells if other != cell and _overlap(other, cell))
