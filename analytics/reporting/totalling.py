"""How many rows and chips has each group, and what are they worth? Of all rows, shown or cut off.

Worths are summed by what one row is worth, the smallest first, so that no sum depends on an order of rows.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from analytics.reporting.answers import Total

GROUPED, CHIPS, WORTH = "grouped", "chips", "h100e"
ALIKE = [GROUPED, WORTH]

Counts = Iterable[tuple[str | None, float | None, int, int]]


class Totalling:
    """Rows counted as they come; a row without `chips` is one chip, and no chip stands in two rows."""

    def __init__(self) -> None:
        self._alike: dict[tuple[str | None, float | None], tuple[int, int]] = {}

    def add(self, rows: pa.Table) -> None:
        """Count these too."""
        kept = [name for name in (*ALIKE, CHIPS) if name in rows.column_names]
        summed: list[tuple[Any, ...]] = [(WORTH, "count", pc.CountOptions(mode="all"))]
        summed += [(CHIPS, "sum")] if CHIPS in kept else []
        found = rows.select(kept).group_by(ALIKE, use_threads=False).aggregate(summed)
        counts = found.column(f"{WORTH}_count").to_pylist()
        chips = found.column(f"{CHIPS}_sum").to_pylist() if CHIPS in kept else counts
        self.count(zip(*(found.column(name).to_pylist() for name in ALIKE), counts, chips, strict=True))

    def count(self, counts: Counts) -> None:
        """Count what was counted already: group, worth of one row, rows alike, chips in them."""
        for grouped, worth, rows, chips in counts:
            before = self._alike.get((grouped, worth), (0, 0))
            self._alike[grouped, worth] = (before[0] + rows, before[1] + chips)

    def totals(self) -> tuple[Total, ...]:
        """In the order of the groups, nobody last."""
        found: dict[str | None, Total] = defaultdict(lambda: Total(None, 0, 0, None))
        for (grouped, worth), (rows, chips) in sorted(
            self._alike.items(), key=lambda item: (item[0][1] is None, item[0][1] or 0.0)
        ):
            before = found[grouped]
            h100e = before.h100e if worth is None else (before.h100e or 0.0) + worth * rows
            found[grouped] = Total(grouped, before.rows + rows, before.chips + chips, h100e)
        return tuple(found[group] for group in sorted(found, key=lambda group: (group is None, group or "")))
