"""How many chips must be visited? The command `inspect plan`."""

from typing import Annotated, Any

import typer

from api.cli.commands.inspections.options import Accept, Beta, Missing, TestMiss
from api.cli.draws.planning import Demand, planned, risks_around
from api.cli.screen.options import Json
from api.cli.screen.terminal import out, print_json, table_of
from ledger.inspection.plan import Infeasible, Planned, decimal_text


def plan(
    frame: Annotated[int, typer.Option(min=1, help="Chips on the book.")],
    missing: Missing,
    beta_ppm: Beta = 50_000,
    accept: Accept = 0,
    test_miss_ppm: TestMiss = 0,
    *,
    as_json: Json = False,
) -> None:
    """How many chips must be visited? Needs no ledger; exact, no approximation.

    \b
    chipledger inspect plan --frame 10000 --missing 100
    chipledger inspect plan --frame 24576 --missing 256 --beta-ppm 10000 --test-miss-ppm 100000
    """
    demand = Demand(missing, beta_ppm, accept, test_miss_ppm)
    result, said = planned(frame, demand)
    told: dict[str, Any] = {"sentence": said}
    match result:
        case Planned(n, miss, less):
            told = {"status": "ok", "n": n, "miss": decimal_text(miss), **told}
            told["miss_one_less"] = None if less is None else decimal_text(less)
        case Infeasible(best):
            told = {"status": "infeasible", "n": None, "miss": decimal_text(best), **told}
    if as_json:
        print_json(told)
    else:
        out.print(said, markup=False)
        rows: list[tuple[str, str, str]] = []
        if isinstance(result, Planned):
            for visits, risk in risks_around(frame, demand, result.n):
                rows.append((f"{visits:,}", decimal_text(risk), "planned" if visits == result.n else ""))
        out.print(table_of("", ("visits", "chance to miss", ""), rows))
    if isinstance(result, Infeasible):
        raise typer.Exit(1)
