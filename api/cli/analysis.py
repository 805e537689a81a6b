"""What do an analyst's questions answer? The commands `sql` and `report`.

Questions run on the server, on a snapshot that does not change while it is asked; what comes back is shown as
a table, or handed on as JSON or CSV untouched. A report of capacity is drawn as bars of blocks.
"""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.options import At, ReaderKey, ReaderParty, Url
from api.cli.reading import asked, open_client
from api.cli.terminal import bar, cell_text, out, table_of, wrong_usage

QUERY_BYTES_MAX = 64 * 1024
ROWS_SHOWN_MAX = 1_000
BARS_SHOWN_MAX = 24
# What a report is drawn by, if it has such a column: the first that is there.
BAR_COLUMNS = ("h100e", "h100_equivalents", "chips_unaccounted", "short", "tpp", "chips")
LABEL_COLUMNS = ("actor", "party", "custodian", "liable", "holder", "site", "shipment", "model")


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
    form = Format.JSON if as_json else form
    path = "/sql" if at is None else f"/at/{at}/sql"
    wanted = "json" if form is Format.TABLE else form.value
    with open_client(url, party, key) as client:
        answer = client.get(path, asked(q=text, format=wanted))
        _hand_out(form, answer.content, answer.json, "")


def report(
    name: Annotated[str, typer.Argument(help="unaccounted, capacity, overdue …")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    form: AsFormat = Format.TABLE,
    as_json: JsonShort = False,
) -> None:
    """A standing question of the analysts: unaccounted, capacity, overdue.

    \b
    chipledger report capacity
    chipledger report overdue --format csv
    """
    form = Format.JSON if as_json else form
    wanted = "json" if form is Format.TABLE else form.value
    with open_client(url, party, key) as client:
        answer = client.get(f"/reports/{name}", asked(format=wanted))
        _hand_out(form, answer.content, answer.json, name)


def _hand_out(form: Format, raw: bytes, read: Any, title: str) -> None:
    if form is not Format.TABLE:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw if raw.endswith(b"\n") else raw + b"\n")
        sys.stdout.buffer.flush()
        return
    rows = rows_of(read())
    columns = list(rows[0]) if rows else []
    shown = rows[:ROWS_SHOWN_MAX]
    out.print(
        table_of(title, columns or ["no rows"], [[row.get(column) for column in columns] for row in shown])
    )
    if len(shown) < len(rows):
        out.print(f"{len(rows):,} rows, the first {len(shown):,} shown; --format csv gives all")
    if title:
        draw_bars(rows)


def rows_of(answer: Any) -> list[dict[str, Any]]:
    """The rows of an answer: a list of objects, bare or as the member `rows`."""
    rows = answer.get("rows", answer.get("items")) if isinstance(answer, dict) else answer
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise wrong_usage("the answer is not a list of rows: is this a ledger?")
    return rows


def draw_bars(rows: Sequence[Mapping[str, Any]]) -> None:
    """Bars of blocks, the longest first, where the rows have something to draw."""
    measure = next((name for name in BAR_COLUMNS if rows and name in rows[0]), None)
    label = next((name for name in LABEL_COLUMNS if rows and name in rows[0]), None)
    if measure is None or label is None:
        return
    sums: dict[str, float] = {}
    for row in rows:
        name = cell_text(row[label]) or "nobody"
        sums[name] = sums.get(name, 0.0) + _number(row[measure])
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:BARS_SHOWN_MAX]
    most = max((value for _, value in ranked), default=0.0)
    if most <= 0:
        return
    width = max(len(name) for name, _ in ranked)
    out.print(f"[bold]{measure} by {label}[/]")
    for name, value in ranked:
        out.print(f"{name:>{width}} {bar(value / most)} {value:,.0f}", markup=False)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _query(text: str) -> str:
    if text == "-":
        return sys.stdin.read(QUERY_BYTES_MAX + 1)
    if text.startswith("@"):
        return Path(text[1:]).read_text(encoding="utf-8")
    return text
