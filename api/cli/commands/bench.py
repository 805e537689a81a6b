"""How fast is this machine at it? The command `bench`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.processes.handover import become
from api.cli.screen.options import Json

STATEMENTS = 9_000
CHIPS = 100_000
DRAW_CHIPS = 1_000_000
SCALE_STEP = 5_000


def bench(
    statements: Annotated[int, typer.Option(min=100, help="Statements of the admission rows.")] = STATEMENTS,
    chips: Annotated[int, typer.Option(min=1_000, help="Chips of the end-to-end row.")] = CHIPS,
    draw_chips: Annotated[
        int, typer.Option(min=1_000, help="Chips drawn from and hashed; 10000000 takes two minutes.")
    ] = DRAW_CHIPS,
    scale: Annotated[
        list[int] | None,
        typer.Option(
            "--scale",
            min=5_000,
            help="Only follower, snapshots and reports, on a log of so many chips, ten events each; may be "
            "given again, for a table of growth. 100000 takes a minute, 10000000 an hour and 35 GB.",
        ),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Where logs made for --scale stay, and are used again.")
    ] = None,
    *,
    draws_only: Annotated[
        bool, typer.Option("--draws-only", help="Only the rows of inspections: draws, roots, plans.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure this machine: each figure beside the bare parts it is made of, in the same run.

    What carries over to other machines are the ratios. A row with a floor that is not reached is marked, and
    the exit code is 1 then.
    """
    for size in scale or []:
        if size % SCALE_STEP:
            raise typer.BadParameter(f"chips come in lots of {SCALE_STEP:,}", param_hint="--scale")
    sizes = {"statements": statements, "chips": chips, "draw_chips": draw_chips}
    where = {"scale": scale or [], "keep": str(keep) if keep else ""}
    become("bench.table", {**sizes, **where, "draws_only": draws_only, "json": as_json})
