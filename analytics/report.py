"""What do the standing questions say: unaccounted chips, capacity, balances, claims, classes, changes?

Each is one file in `reports/` or several, run on a snapshot with values by placeholder; `analytics.reporting`
has what each may be asked and what is worked out of its rows. Times are compared with the `as_of` that is
given, by default the admission of the last entry, so that a report on a snapshot says the same for ever. A
report cut at its limit says so; its totals are of all rows all the same. Knows no clock.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from analytics.contained import MEMORY_LIMIT, THREADS
from analytics.older import OTHER_TABLES, has_other_tables
from analytics.reporting.answers import Report, Total
from analytics.reporting.drills import drill_into
from analytics.reporting.families import families_text
from analytics.reporting.moments import before_the_log, cautions_of
from analytics.reporting.parameters import ReportRefused, read_all
from analytics.reporting.questions import REPORTS, Question, text_from, text_of
from analytics.reporting.totalling import GROUPED, Totalling
from analytics.reporting.working import BESIDE, WORKED, Asked
from analytics.snapshots import Snapshot, open_snapshot

__all__ = ["REPORTS", "Question", "Report", "ReportRefused", "Total", "run_report"]

ROWS_MAX = 100_000
READ_ROWS_MAX = 100_000  # of a table that something is worked out of
NOBODY = "-"  # the group of what is nobody's, where one group is asked for: no id is spelled so
ROWS_PER_BATCH = 8_192

# Of narrow rows, put aside as `picked`: how many there are of each group, and the first of one or of all.
COUNTED = """
    SELECT p.grouped, m.h100e, CAST(SUM(p.chips) AS BIGINT)
    FROM (SELECT grouped, model, COUNT(*) AS chips FROM picked GROUP BY grouped, model) AS p
    LEFT JOIN model AS m ON m.model = p.model
    GROUP BY p.grouped, m.h100e
"""
CUT = """
    CREATE TEMP TABLE cut AS
    SELECT * FROM picked
    WHERE CAST($group AS VARCHAR) IS NULL OR COALESCE(grouped, $nobody) = $group
    ORDER BY grouped, chip
    LIMIT $rows_max
"""

Totals = tuple[Total, ...]


class _Run:
    """One report's reading of one snapshot. `was_cut`: some table beside it had more rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rows_max: int) -> None:
        self._connection = connection
        self.rows_max = rows_max
        self.was_cut = False

    def whole(
        self, query: str, values: Mapping[str, Any], *, totals: bool, group: str | None = None
    ) -> tuple[pa.Table, int, Totals]:
        """The first rows of a group or of all, how many there are of it, and the totals of all groups."""
        return self._read(query, values, self.rows_max, totals=totals, group=group)

    def _read(
        self, query: str, values: Mapping[str, Any], rows_max: int, *, totals: bool, group: str | None
    ) -> tuple[pa.Table, int, Totals]:
        reader = self._connection.sql(query, params=_named(values, query)).to_arrow_reader(ROWS_PER_BATCH)
        chosen = group if GROUPED in reader.schema.names else None
        kept: list[pa.RecordBatch] = []
        seen = 0
        counted = Totalling()
        for batch in reader:
            if totals:
                counted.add(pa.Table.from_batches([batch]))
            # A group is chosen before rows are cut off: behind the cut it would seem to have none.
            ours = of_group(batch, chosen)
            if seen < rows_max:
                kept.append(ours.slice(0, rows_max - seen))
            seen += ours.num_rows
        return pa.Table.from_batches(kept, reader.schema), seen, counted.totals()

    def long(
        self, picked: str, name: str, values: Mapping[str, Any], group: str | None = None
    ) -> tuple[pa.Table, int, Totals]:
        """As `whole`, of a report with a row a chip, which may be millions.

        Its narrow rows are put aside once; they are counted and cut where they lie, and only what is left is
        read in full.
        """
        narrow = text_of(picked).rstrip().removesuffix(";")
        self._connection.execute(f"CREATE TEMP TABLE picked AS {narrow}", _named(values, narrow))
        counts = self._connection.execute(COUNTED).fetchall()
        counted = Totalling()
        counted.count((name, worth, count, count) for name, worth, count in counts)
        totals = counted.totals()
        self._connection.execute(CUT, {"group": group, "nobody": NOBODY, "rows_max": self.rows_max})
        query = text_from(name, "SELECT * FROM cut")
        rows = self._connection.sql(query, params=_named(values, query)).to_arrow_table()
        seen = sum(total.rows for total in totals if group in (None, total.grouped or NOBODY))
        return rows, seen, totals

    def read(self, query: str, values: Mapping[str, Any], group: str | None = None) -> pa.Table:
        """The rows, of one group where they have groups, of what is worked into a report or stands beside."""
        table, count, _ = self._read(query, values, READ_ROWS_MAX, totals=False, group=group)
        self.was_cut = self.was_cut or count > table.num_rows
        return table

    def beside(self, tables: Mapping[str, pa.Table], group: str | None) -> Mapping[str, pa.Table]:
        """The first rows of what stands beside, of one group: without tables whose rows are of no group."""
        found = {}
        for name, table in tables.items():
            if group is not None and table.num_rows and GROUPED not in table.column_names:
                continue
            ours = of_group(table, group) if table.num_rows else table
            # A table without columns and rows has as many rows as a slice of it is asked for.
            is_cut = ours.num_rows > self.rows_max
            found[name] = ours.slice(0, self.rows_max) if is_cut else ours
            self.was_cut = self.was_cut or is_cut
        return found


def _named(values: Mapping[str, Any], query: str) -> dict[str, Any]:
    """The values that a text names: the engine refuses others."""
    return {name: value for name, value in values.items() if f"${name}" in query}


def run_report(
    snapshot: Snapshot,
    name: str,
    *,
    as_of: datetime | None = None,
    grouping: str | None = None,
    group: str | None = None,
    rows_max: int = ROWS_MAX,
    given: Mapping[str, Any] | None = None,
) -> Report | ReportRefused:
    """One report on one snapshot. `as_of` is naive UTC or aware; what is due later is not overdue.

    `group`: its rows alone, `NOBODY` for nobody's; totals stay of all, what has no groups is left out.
    `given` are the report's own parameters (`REPORTS[name].parameters`), as text or as numbers.
    """
    question = REPORTS.get(name)
    if question is None:
        return ReportRefused("no_such_report", f"reports are {', '.join(REPORTS)}")
    chosen = question.groupings[0] if grouping is None else grouping
    if chosen not in question.groupings:
        return ReportRefused("bad_grouping", f"{name} is grouped by {', '.join(question.groupings)}")
    said = read_all(question.parameters, given or {})
    if isinstance(said, ReportRefused):
        return said
    with open_snapshot(snapshot.path, MEMORY_LIMIT, THREADS) as connection:
        size, root, until, version = connection.execute(
            "SELECT log_size, root, admitted_until, views_version FROM snapshot"
        ).fetchall()[0]
        clock = None if as_of is None else _naive(as_of)
        moment = until if clock is None else clock
        fault = before_the_log(clock, _first(connection))
        if fault is not None:
            return fault
        if "to_size" in said:
            said["to_size"] = size if said["to_size"] is None else said["to_size"]
            fault = _span_fault(said, size)
            if fault is not None:
                return fault
        day = _day(said.get("on"), moment)
        if "on" in said:
            said["on"] = None if day is None else day.isoformat()
        values = {**said, "grouping": chosen, "families": families_text(), **_times(said, moment)}
        run = _Run(connection, rows_max)
        asked = Asked(chosen, values, day, run.read, group)
        try:
            answer = _answer(name, question, asked, run, group)
        except duckdb.OutOfMemoryException:
            return ReportRefused("too_large", "the report needs more memory than a report may have")
        except (duckdb.CatalogException, duckdb.BinderException):
            if not has_other_tables(snapshot):
                raise
            return ReportRefused("other_tables", OTHER_TABLES)
    rows, count, totals, beside, notes = answer
    cut = count > rows.num_rows
    head = (name, snapshot.name, size, root or "", version, moment, chosen)
    way = partial(drill_into, name, grouping=chosen, values=values)
    told = (*question.notes, *notes), way, cautions_of(name, size, clock, until)
    return Report(*head, rows, cut, totals, beside, run.was_cut, said, *told, group, count)


def _first(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the log's first entry was admitted, naive UTC; None for a log without entries."""
    told = connection.execute("SELECT admitted_at FROM entry WHERE entry_index = 0").fetchall()
    first: datetime | None = told[0][0] if told else None
    return first


def _answer(
    name: str, question: Question, asked: Asked, run: _Run, group: str | None
) -> tuple[pa.Table, int, Totals, Mapping[str, pa.Table], tuple[str, ...]]:
    """Rows of the group, how many it has, totals of all, what stands beside, and notes."""
    if name in WORKED:
        worked = WORKED[name](asked)
        counted = Totalling()
        if question.has_totals:
            counted.add(worked.rows)
        rows = of_group(worked.rows, group)
        shown = rows.slice(0, run.rows_max)
        return shown, rows.num_rows, counted.totals(), run.beside(worked.beside, group), worked.notes
    if question.picked is not None:
        rows, count, totals = run.long(question.picked, name, asked.values, group)
    else:
        rows, count, totals = run.whole(text_of(name), asked.values, totals=question.has_totals, group=group)
    wanted = name in BESIDE and asked.values.get("beside") != "none"
    others = BESIDE[name](asked) if wanted else {}
    return rows, count, totals, run.beside(others, group), ()


def of_group(rows: pa.Table, group: str | None) -> pa.Table:
    """Rows, or a batch of them, of one group; of all where no group is named."""
    if group is None:
        return rows
    column = pc.fill_null(rows.column(GROUPED).cast(pa.string()), NOBODY)
    return rows.filter(pc.equal(column, group))


def _span_fault(said: Mapping[str, Any], size: int) -> ReportRefused | None:
    if said["from_size"] <= said["to_size"] <= size:
        return None
    return ReportRefused(
        "bad_parameter", f"from_size is at most to_size, and that at most {size}, the snapshot's"
    )


def _times(said: Mapping[str, Any], moment: datetime | None) -> dict[str, Any]:
    """The moment of the report in seconds, and since when a chip must have been seen."""
    now = moment or datetime(1970, 1, 1)  # noqa: DTZ001  (naive UTC, as the snapshot has it)
    times: dict[str, Any] = {"as_of_s": 0 if moment is None else _seconds(moment)}
    if "claim_days" in said:
        times["claimed_since"] = _days_before(now, said["claim_days"])
    if "window_days" in said:
        since = _days_before(now, said["window_days"])
        times["confirmed_since"] = since.isoformat(sep=" ")
        times["since_s"] = _seconds(since)
        # The same seconds as times, for those who read on in SQL: from the first to the end of the other.
        times["counted_since"] = _second(times["since_s"])
        times["counted_until"] = _second(times["as_of_s"] + 1)
    return times


def _days_before(moment: datetime, days: int) -> datetime:
    return moment - min(timedelta(days=days), moment - datetime(1, 1, 1))  # noqa: DTZ001


def _second(seconds: int) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat(sep=" ")  # noqa: DTZ001


def _day(said: Any, moment: datetime | None) -> date | None:
    if said is not None:
        return date.fromisoformat(said)
    return None if moment is None else moment.date()


def _naive(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _seconds(moment: datetime) -> int:
    """Rounded up: what was due within the second is late at its end."""
    return -int(-moment.replace(tzinfo=UTC).timestamp() // 1)
