"""How fast is this machine at it? The command `bench`."""

from typing import Annotated

import typer

from api.cli.processes.handover import become
from api.cli.screen.options import Json

STATEMENTS = 9_000
CHIPS = 100_000


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
    become("bench.table", {"statements": statements, "chips": chips, "json": as_json})
