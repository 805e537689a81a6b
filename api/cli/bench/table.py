"""The table of measurements, and whether every floor is reached; in its own process (`handover`)."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from api.cli.bench import measures
from api.cli.bench.families import by_family
from api.cli.bench.measures import Measure
from api.cli.bench.sampling import by_sampling
from api.cli.bench.scale.rows import Growth, by_scale
from api.cli.processes.handover import Request, carry_out
from api.cli.screen.terminal import EXIT_REFUSED, err, out, print_json, table_of

LOTS = (1, measures.BOARD)  # chips a statement: the floors are for one, a board shows what lines cost
SMALL_STATEMENTS = 200


def show(request: Request) -> None:
    """Measure and print; exit code 1 where a floor is not reached."""
    kept = request["keep"]
    place = Path(kept or tempfile.mkdtemp(prefix="chipledger-bench-"))
    place.mkdir(parents=True, exist_ok=True)
    rows: list[Measure] = []
    grown: list[Growth] = []
    try:
        for row in _measure(place, request, grown):
            rows.append(row)
            err.print(f"  {row.what}: {row.ours}", highlight=False)
    finally:
        if not kept:
            shutil.rmtree(place, ignore_errors=True)
    if request["json"]:
        growth = [{"chips": growth.chips, **growth.figures} for growth in grown]
        print_json({"measures": [_as_object(row) for row in rows], "growth": growth})
    else:
        columns = ("what", "ours", "beside", "ratio", "floor", "")
        shown = [
            (row.what, row.ours, row.bare, _ratio(row.ratio), _ratio(row.floor), _verdict(row))
            for row in rows
        ]
        out.print(table_of("bench", columns, shown))
        if len(grown) > 1:
            out.print(_growth_table(grown))
    if not all(row.reached for row in rows):
        raise SystemExit(EXIT_REFUSED)


def _growth_table(grown: list[Growth]) -> Table:
    """A column a size."""
    columns = ("growth", *(f"{growth.chips:,} chips" for growth in grown))
    shown = [(name, *(growth.figures.get(name, "") for growth in grown)) for name in grown[0].figures]
    return table_of("growth", columns, shown)


def _measure(place: Path, request: Request, grown: list[Growth]) -> Iterator[Measure]:
    if request["scale"]:
        yield from by_scale(place, request["scale"], grown)
        return
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
