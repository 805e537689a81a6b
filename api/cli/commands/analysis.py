"""What do an analyst's questions answer? The commands `sql` and `report`.

Questions run on the server, on a snapshot that does not change while it is asked; what comes back is shown as
tables for people, or handed on as JSON or CSV.
"""

import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import httpx
import msgspec
import typer

from api.cli.paperwork.columns import DAY, read_time
from api.cli.remote.client import ProblemAnswer
from api.cli.remote.provenance import format_of, may_be_written, save_answer, warn_of
from api.cli.remote.reading import asked, open_client
from api.cli.screen.options import At, ReaderKey, ReaderParty, Url
from api.cli.screen.report_tables import TABLES, show_report
from api.cli.screen.terminal import Ended, wrong_usage
from ledger.book.times import format_seconds
from signing.canonical import Unreadable

QUERY_BYTES_MAX = 64 * 1024
ROWS_SHOWN_MAX = 1_000  # of an answer to SQL
UTF8_MARK = b"\xef\xbb\xbf"
VIEWS = (
    *("snapshot", "entry", "party_span", "party_ancestor", "model", "site", "lot", "chip", "chip_span"),
    *("chip_event", "shipment", "discrepancy", "discrepancy_chip", "stocktake", "inspection"),
    *("inspection_item", "claim"),
)
CANCELLED = "cancelled"
TOO_COSTLY = ("memory", "too_slow", "output_too_large")  # the console's words
OWN_OPTIONS = ("format", "grouping", "group", "as_of", "at", "date", "part")  # said by options of their own
ASKERS = "snapshots are for analysts, verifiers and the registrar"

Answer = TypeVar("Answer")


class Format(StrEnum):
    """How rows are handed out."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    PARQUET = "parquet"


BINARY = (Format.ARROW, Format.PARQUET)
AsFormat = Annotated[
    Format,
    typer.Option("--format", help="A table to read; json or csv to go on with; all but tables for --out."),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Save the rows in this .csv, .json, .arrow or .parquet, and beside it what they stand for:"
        " size, root, question, the file's SHA-256.",
    ),
]
JsonShort = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
Excel = Annotated[
    bool, typer.Option("--excel", help="CSV that begins with a byte order mark, for Excel to read as UTF-8.")
]


def report(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(TABLES)}.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    grouping: Annotated[str | None, typer.Option(help="What the totals are of: custodian, country …")] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Rows of this group alone, as oslo, or -: nobody's; totals are of all."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Overdue as of this time, day (its end, UTC) or now; default: the last entry."),
    ] = None,
    at: At = None,
    date: Annotated[
        str | None, typer.Option(help="The snapshot of the end of this day, UTC: YYYY-MM-DD.")
    ] = None,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the report; repeat it."),
    ] = [],  # noqa: B006
    part: Annotated[
        str | None, typer.Option(help="For csv: what stands beside the report, such as bounds or trend.")
    ] = None,
    form: AsFormat = Format.TABLE,
    as_json: JsonShort = False,
    excel: Excel = False,
    out_file: OutFile = None,
    all_columns: Annotated[
        bool,
        typer.Option("--all-columns", help="The rows of the report with all they say, for a wide screen."),
    ] = False,
) -> None:
    """A standing question: missing and undeclared chips, capacity, balances, claims, classes, losses.

    Parameters: basis=registered|suspected, window_days, claim_days, utilisation_percent, from_size, to_size,
    term, miss_ppm, double_ppm, alpha_ppm, mortality_ppm, losses, seen_by, odds_percent, on=DAY, rule,
    beside=none. A report names those it takes when it is given another.

    \b
    chipledger report capacity --set window_days=90 --format csv --part bounds > bounds.csv
    chipledger report unaccounted --grouping ultimate_parent --set basis=suspected
    chipledger report overdue --as-of 2027-01-01 --format csv > overdue.csv
    chipledger report changes --set from_size=1000
    chipledger report export_class --grouping country --set on=2022-12-01
    chipledger report losses --grouping model --set mortality_ppm=20000
    """
    if name not in TABLES:
        raise wrong_usage(f"there is no report {name[:80]!r}", f"one of {', '.join(TABLES)}")
    form = form_of(form, as_json=as_json, excel=excel)
    moment = None if as_of is None else _end_of(as_of)
    named = dict(_setting(one) for one in settings)
    said = asked(grouping=grouping, group=group, as_of=moment, at=at, date=date, part=part, **named)
    with open_client(url, party, key) as client:
        if out_file is not None:
            kind = kind_for(out_file, form)
            answer = answered(lambda: client.get(f"/reports/{name}", {**said, "format": kind}))
            # An answer says its parameters itself, with defaults; here stands what was asked.
            save_answer(client, answer, out_file, kind, {"report": name, "asked": said, "parameters": named})
            return
        query = {**said, "format": asked_for(form)}
        answer = answered(lambda: client.get(f"/reports/{name}", query))
    warn_of(answer)
    if form is not Format.TABLE:
        hand_on(answer.content, excel=excel)
    else:
        show_report(name, _object(answer.content), all_columns=all_columns)


def kind_for(out_file: Path, form: Format) -> str:
    """In which format a file is to be written; `Ended` where it may not be."""
    kind = format_of(out_file, None if form is Format.TABLE else form.value)
    may_be_written(out_file)
    return kind


def answered(ask: Callable[[], Answer]) -> Answer:
    """What a snapshot says; `Ended` with advice that fits a question rather than a statement."""
    try:
        return ask()
    except ProblemAnswer as said:
        match said.status:
            case httpx.codes.NOT_FOUND if "below" in said.problem:
                near = [str(said.problem[side]) for side in ("below", "above") if said.problem.get(side)]
                raise Ended(str(said), f"--at {' or '.join(near)}" if near else "none was made yet") from None
            case httpx.codes.NOT_FOUND:
                raise Ended(
                    f"no snapshot for you: {ASKERS}",
                    "say --party and --key of one of them; a new ledger has none yet",
                ) from None
            case httpx.codes.UNPROCESSABLE_ENTITY if said.problem.get("console") == CANCELLED:
                raise Ended(str(said)) from None
            case httpx.codes.UNPROCESSABLE_ENTITY if said.problem.get("console") in TOO_COSTLY:
                raise Ended(str(said), "ask for less: fewer chips, fewer columns, a LIMIT") from None
            case httpx.codes.UNPROCESSABLE_ENTITY if "console" in said.problem:
                raise Ended(str(said), f"correct the query; the views are {', '.join(VIEWS)}") from None
            case httpx.codes.UNPROCESSABLE_ENTITY:
                raise Ended(str(said), "correct the option that is named, and ask again") from None
            case httpx.codes.SERVICE_UNAVAILABLE:
                raise Ended(str(said), "ask again in a moment") from None
        raise


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or name in OWN_OPTIONS:
        raise wrong_usage(f"--set {text[:80]!r} is no NAME=VALUE", "such as --set window_days=90")
    return name, value


def _end_of(text: str) -> str:
    """The moment that is meant: a time as it is, a day's last second in UTC, or now."""
    if text == "now":
        return format_seconds(int(time.time()))
    try:
        read_time(text)
    except Unreadable as fault:
        raise wrong_usage(f"--as-of: {fault}", "write 2026-11-21T06:44:00Z, 2026-11-21, or now") from None
    return f"{text}T23:59:59Z" if DAY.fullmatch(text) else text


def form_of(form: Format, *, as_json: bool, excel: bool) -> Format:
    """The format that the options together mean."""
    if excel:
        return Format.CSV
    return Format.JSON if as_json else form


def asked_for(form: Format) -> str:
    """The word for the server, of what goes to standard output."""
    if form in BINARY:
        raise wrong_usage(f"{form.value} goes into a file", f"say --out rows.{form.value}")
    return Format.JSON.value if form is Format.TABLE else form.value


def hand_on(raw: bytes, *, excel: bool) -> None:
    """The answer's own bytes, for a file or a pipe; only Excel wants a mark before them."""
    bare = raw.removeprefix(UTF8_MARK)
    sys.stdout.flush()
    sys.stdout.buffer.write(UTF8_MARK * excel + bare + b"\n" * (not bare.endswith(b"\n")))
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
