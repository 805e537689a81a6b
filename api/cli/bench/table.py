"""`chipledger bench`: the table of measurements, and whether every floor is reached."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.cli.bench import measures
from api.cli.bench.measures import Measure
from api.cli.options import Json
from api.cli.terminal import err, out, print_json, table_of

STATEMENTS = 5_000
CHIPS = 100_000
SMALL_STATEMENTS = 200


def bench(
    statements: Annotated[int, typer.Option(min=100, help="Statements of the admission rows.")] = STATEMENTS,
    chips: Annotated[int, typer.Option(min=1_000, help="Chips of the end-to-end row.")] = CHIPS,
    *,
    as_json: Json = False,
) -> None:
    """Measure this machine: each figure beside the bare parts it is made of, in the same run.

    What carries over to other machines are the ratios. A row with a floor that is not reached is marked, and
    the exit code is 1 then.
    """
    place = Path(tempfile.mkdtemp(prefix="chipledger-bench-"))
    try:
        rows = []
        for row in _measure(place, statements, chips):
            rows.append(row)
            err.print(f"  {row.what}: {row.ours}", highlight=False)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if as_json:
        print_json({"measures": [_as_object(row) for row in rows]})
    else:
        shown = [
            (row.what, row.ours, row.bare, _ratio(row.ratio), _ratio(row.floor), _verdict(row))
            for row in rows
        ]
        out.print(table_of("bench", ("what", "ours", "beside", "ratio", "floor", ""), shown))
    if not all(row.reached for row in rows):
        raise typer.Exit(1)


def _measure(place: Path, statements: int, chips: int) -> Iterator[Measure]:
    load = measures.prepare(statements)
    first, seconds = measures.in_process(place, load)
    yield first
    yield measures.over_http(place, load, seconds)
    yield measures.end_to_end(place, chips)
    yield measures.auditing(place, load)
    yield measures.beside_a_manifest(place, SMALL_STATEMENTS)


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _verdict(row: Measure) -> str:
    if row.floor is None:
        return ""
    return "reached" if row.reached else "NOT REACHED"


def _as_object(row: Measure) -> dict[str, object]:
    return {
        "what": row.what,
        "ours": row.ours,
        "beside": row.bare,
        "ratio": row.ratio,
        "floor": row.floor,
        "reached": row.reached,
    }
