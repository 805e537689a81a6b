"""What do an analyst's questions answer? The commands `sql` and `report`.

Questions run on the server, on a snapshot that does not change while it is asked; what comes back is shown as
a table, or handed on as JSON or CSV untouched. A report of capacity is drawn as bars of blocks.
"""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from api.cli.options import At, ReaderKey, ReaderParty, Url
from api.cli.reading import asked, open_client
from api.cli.terminal import Ended, bar, out, say, table_of, warn

QUERY_BYTES_MAX = 64 * 1024
ROWS_SHOWN_MAX = 1_000  # of an answer to SQL
REPORT_ROWS_SHOWN_MAX = 40  # the totals are of all rows, and what a person reads first
BARS_SHOWN_MAX = 24


class Format(StrEnum):
    """How rows are handed out."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


AsFormat = Annotated[Format, typer.Option("--format", help="A table to read; json or csv to go on with.")]
JsonShort = Annotated[bool, typer.Option("--json", help="The same as --format json.")]


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT, or - to read it from standard input, or @FILE.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    at: At = None,
    form: AsFormat = Format.TABLE,
    as_json: JsonShort = False,
) -> None:
    """Ask a question in SQL of a snapshot of the whole ledger.

    For analysts, verifiers and the registrar. The views are snapshot, entry, party_span, model, site, chip,
    chip_span, shipment, discrepancy; DESCRIBE chip lists a view's columns.

    \b
    chipledger sql "SELECT custodian, count(*) AS chips FROM chip GROUP BY 1 ORDER BY 2 DESC"
    chipledger sql @question.sql --format csv > answer.csv
    """
    text = _query(query)
    path = "/sql" if at is None else f"/at/{at}/sql"
    form = Format.JSON if as_json else form
    with open_client(url, party, key) as client:
        answer = client.get(path, asked(q=text, format=_asked_for(form)))
    if form is not Format.TABLE:
        _hand_on(answer.content)
        return
    told = _object(answer.content)
    columns = [column["name"] for column in told.get("columns", [])]
    _show_rows("", columns, told.get("rows", []), ROWS_SHOWN_MAX)
    if told.get("truncated"):
        warn("there were more rows than one answer may have: ask for fewer")
    say(f"snapshot {told.get('snapshot')}, of the log at size {told.get('size')}")


def report(
    name: Annotated[str, typer.Argument(help="unaccounted, capacity or overdue.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    grouping: Annotated[str | None, typer.Option(help="What the totals are of: custodian, country …")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Overdue as of this time; default: the last entry.")
    ] = None,
    at: At = None,
    form: AsFormat = Format.TABLE,
    as_json: JsonShort = False,
) -> None:
    """A standing question: chips unaccounted for, capacity per actor, shipments overdue.

    \b
    chipledger report capacity
    chipledger report unaccounted --grouping country
    chipledger report overdue --format csv > overdue.csv
    """
    form = Format.JSON if as_json else form
    with open_client(url, party, key) as client:
        query = asked(format=_asked_for(form), grouping=grouping, as_of=as_of, at=at)
        answer = client.get(f"/reports/{name}", query)
    if form is not Format.TABLE:
        _hand_on(answer.content)
        return
    told = _object(answer.content)
    totals = told.get("totals", [])
    grouped = str(told.get("grouping", "grouped"))
    draw_bars(name, grouped, totals)
    columns = (grouped, "rows", "chips", "H100-equivalents")
    rows = [(one["grouped"] or "nobody", one["rows"], one["chips"], _rounded(one["h100e"])) for one in totals]
    out.print(table_of(f"{name} by {grouped}", columns, rows))
    for title, part in ((name, told.get("rows", [])), *told.get("beside", {}).items()):
        _show_rows(f"{title}, row by row", list(part[0]) if part else [], part, REPORT_ROWS_SHOWN_MAX)
    say(f"snapshot {told.get('snapshot')}, as of {told.get('as_of')}")


def draw_bars(name: str, grouped: str, totals: Sequence[Mapping[str, Any]]) -> None:
    """Bars of blocks for the totals, the longest first: H100-equivalents, or chips where none has a rate."""
    measure = "h100e" if any(one.get("h100e") for one in totals) else "chips"
    sized = sorted(
        ((float(one.get(measure) or 0), str(one["grouped"] or "nobody")) for one in totals), reverse=True
    )
    most = sized[0][0] if sized else 0.0
    if most <= 0:
        return
    width = max(len(label) for _, label in sized[:BARS_SHOWN_MAX])
    unit = "H100-equivalents" if measure == "h100e" else "chips"
    out.print(f"[bold]{name} by {grouped}, in {unit}[/]")
    for value, label in sized[:BARS_SHOWN_MAX]:
        out.print(f"{label:>{width}} [cyan]{bar(value / most)}[/] {value:,.0f}")


def _show_rows(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], shown_max: int) -> None:
    if not rows:
        out.print(f"{title or 'no rows'}: none" if title else "no rows", markup=False)
        return
    shown = [[_rounded(row.get(column)) for column in columns] for row in rows[:shown_max]]
    out.print(table_of(title, columns, shown))
    if len(rows) > shown_max:
        say(f"{len(rows):,} rows, the first {shown_max:,} shown; --format csv gives all")


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def _asked_for(form: Format) -> str:
    return Format.JSON.value if form is Format.TABLE else form.value


def _hand_on(raw: bytes) -> None:
    """The answer's own bytes, for a file or a pipe."""
    sys.stdout.flush()
    sys.stdout.buffer.write(raw if raw.endswith(b"\n") else raw + b"\n")
    sys.stdout.buffer.flush()


def _object(raw: bytes) -> dict[str, Any]:
    # Rates may be fractions here: analytics is no signed form.
    try:
        told = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Ended("the answer is not what a ledger gives", "is --url the address of `chipledger serve`?")
    return told


def _query(text: str) -> str:
    if text == "-":
        return sys.stdin.read(QUERY_BYTES_MAX + 1)
    if text.startswith("@"):
        return Path(text[1:]).read_text(encoding="utf-8")
    return text
