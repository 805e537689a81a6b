"""How fast is this machine at it? The command `bench`."""

from typing import Annotated

import typer

from api.cli.processes.handover import become
from api.cli.screen.options import Json

STATEMENTS = 9_000
CHIPS = 100_000
DRAW_CHIPS = 1_000_000


def bench(
    statements: Annotated[int, typer.Option(min=100, help="Statements of the admission rows.")] = STATEMENTS,
    chips: Annotated[int, typer.Option(min=1_000, help="Chips of the end-to-end row.")] = CHIPS,
    draw_chips: Annotated[
        int, typer.Option(min=1_000, help="Chips drawn from and hashed; 10000000 takes two minutes.")
    ] = DRAW_CHIPS,
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
    sizes = {"statements": statements, "chips": chips, "draw_chips": draw_chips}
    become("bench.table", {**sizes, "draws_only": draws_only, "json": as_json})
