"""The table of measurements, and whether every floor is reached; in its own process (`handover`)."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from api.cli.bench import measures
from api.cli.bench.families import by_family
from api.cli.bench.measures import Measure
from api.cli.bench.sampling import by_sampling
from api.cli.processes.handover import Request, carry_out
from api.cli.screen.terminal import EXIT_REFUSED, err, out, print_json, table_of

LOTS = (1, measures.BOARD)  # chips a statement: the floors are for one, a board shows what lines cost
SMALL_STATEMENTS = 200


def show(request: Request) -> None:
    """Measure and print; exit code 1 where a floor is not reached."""
    place = Path(tempfile.mkdtemp(prefix="chipledger-bench-"))
    rows = []
    try:
        for row in _measure(place, request):
            rows.append(row)
            err.print(f"  {row.what}: {row.ours}", highlight=False)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if request["json"]:
        print_json({"measures": [_as_object(row) for row in rows]})
    else:
        columns = ("what", "ours", "beside", "ratio", "floor", "")
        shown = [
            (row.what, row.ours, row.bare, _ratio(row.ratio), _ratio(row.floor), _verdict(row))
            for row in rows
        ]
        out.print(table_of("bench", columns, shown))
    if not all(row.reached for row in rows):
        raise SystemExit(EXIT_REFUSED)


def _measure(place: Path, request: Request) -> Iterator[Measure]:
    yield from by_sampling(request["draw_chips"])
    if request["draws_only"]:
        return
    for lot in LOTS:
        load = measures.prepare(request["statements"], lot)
        first, seconds = measures.in_process(place, load)
        yield first
        yield measures.over_http(place, load, seconds)
        yield measures.auditing(place, load)
    yield measures.end_to_end(place, request["chips"])
    yield measures.beside_a_manifest(place, SMALL_STATEMENTS)
    yield from by_family(place)


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


if __name__ == "__main__":
    carry_out(show)
