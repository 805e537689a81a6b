"""What does a report give back: its rows with what they stand for, what stands beside them, and the way down.

Frozen values. `head` says of which snapshot and with which parameters; every row of `as_object` that counts
chips has a `drill`, the SQL that lists them with their entries, for `/sql` at the same size.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from analytics.formats import plain_rows, render
from analytics.reporting.drills import Way
from analytics.reporting.parameters import Value

Drill = Callable[[str, Mapping[str, Any]], Way | None]


@dataclass(frozen=True, slots=True)
class Total:
    """Of one group, over all rows, shown or not; `h100e` is None where no chip has a rate."""

    grouped: str | None
    rows: int
    chips: int
    h100e: float | None


def _no_way_down(_part: str, _row: Mapping[str, Any]) -> Way | None:
    return None


@dataclass(frozen=True, slots=True)
class Report:
    """Rows with what they stand for. `beside` has its own rows, never to be added to these."""

    name: str
    snapshot: str
    size: int
    root: str
    views_version: int
    as_of: datetime | None  # UTC; None for a log without entries
    grouping: str
    rows: pa.Table
    truncated: bool
    totals: tuple[Total, ...]
    beside: Mapping[str, pa.Table]
    beside_truncated: bool
    parameters: Mapping[str, Value] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    drill: Drill = _no_way_down
    cautions: tuple[str, ...] = ()  # what this question and this book do not say to each other
    group: str | None = None  # whose rows these are alone; totals are of all
    row_count: int = 0  # how many rows there are, shown or cut off, of the group where there is one

    def head(self) -> dict[str, Any]:
        """What the rows stand for: snapshot and parameters."""
        return {
            "report": self.name,
            "snapshot": self.snapshot,
            "size": self.size,
            "root": self.root,
            "views_version": self.views_version,
            "as_of": None if self.as_of is None else self.as_of.isoformat() + "Z",
            "grouping": self.grouping,
            "group": self.group,
            "parameters": dict(self.parameters),
            "notes": list(self.notes),
            "cautions": list(self.cautions),
            "row_count": self.row_count,
            "truncated": self.truncated or self.beside_truncated,
        }

    def asked(self) -> dict[str, Any]:
        """Of the head what a file of rows cannot say of itself: what was asked, defaults included."""
        head = self.head()
        return {name: head[name] for name in ("as_of", "grouping", "group", "parameters", "row_count")}

    def as_object(self) -> dict[str, Any]:
        """The whole report as JSON has it; `totals.chips` counts distinct chips."""
        totals = [
            {"grouped": t.grouped, "rows": t.rows, "chips": t.chips, "h100e": t.h100e} for t in self.totals
        ]
        beside = {name: self._rows(name, rows) for name, rows in self.beside.items()}
        return {**self.head(), "totals": totals, "rows": self._rows(self.name, self.rows), "beside": beside}

    def _rows(self, part: str, table: pa.Table) -> list[dict[str, Any]]:
        """Rows with their `drill`, where they count chips that others list."""
        told = plain_rows(table)
        ways = (self.drill(part, row) for row in told)
        return [
            row if way is None else {**row, "drill": way.text} for row, way in zip(told, ways, strict=True)
        ]

    def part(self, name: str | None) -> pa.Table | None:
        """The rows of the report, or of what stands beside it under this name; None where nothing does."""
        return self.rows if name in (None, self.name) else self.beside.get(name or "")

    def render(self, form: str, part: str | None = None) -> bytes:
        """One part's rows as csv, arrow or parquet, the head in the metadata where the format has any."""
        table = self.part(part)
        assert table is not None, f"nothing called {part} stands beside {self.name}"
        return render(table, form, {name: str(value) for name, value in self.head().items()})
