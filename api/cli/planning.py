"""How many chips must be visited? The command `inspect plan`, and the plan the others need.

Exact, offline, from whole numbers alone. Knows no ledger.
"""

from fractions import Fraction
from typing import Annotated, Any

import typer

from api.cli.options import Json
from api.cli.terminal import out, print_json, table_of, wrong_usage
from ledger.inspection.plan import Infeasible, Planned, decimal_text, miss_probability, presence, sentence

PPM = 1_000_000

Missing = Annotated[int, typer.Option(min=0, help="Chips gone, at least: what must not be missed.")]
Beta = Annotated[int, typer.Option("--beta-ppm", min=0, max=PPM, help="Risk of missing that, in millionths.")]
Accept = Annotated[int, typer.Option(min=0, help="How many found missing are still acceptable.")]
TestMiss = Annotated[
    int, typer.Option("--test-miss-ppm", min=0, max=PPM, help="How often the test overlooks a missing chip.")
]


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
    beta, test_miss = Fraction(beta_ppm, PPM), Fraction(test_miss_ppm, PPM)
    result = planned(frame, missing, beta, accept, test_miss)
    said = sentence(frame, missing, beta, result, accept=accept, test_miss=test_miss)
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
        rows: list[tuple[Any, ...]] = []
        if isinstance(result, Planned):
            for n in sorted({max(result.n - 1, 0), result.n, min(2 * result.n, frame), frame}):
                risk = miss_probability(frame, missing, n, accept, test_miss)
                rows.append((f"{n:,}", decimal_text(risk), "planned" if n == result.n else ""))
            out.print(table_of("", ("visits", "chance to miss", ""), rows))
    if isinstance(result, Infeasible):
        raise typer.Exit(1)


def planned(
    frame: int, missing: int, beta: Fraction, accept: int, test_miss: Fraction
) -> Planned | Infeasible:
    """The plan of the presence planner; `Ended` for numbers it cannot take."""
    try:
        return presence(frame, missing, beta, accept, test_miss)
    except ValueError as fault:
        raise wrong_usage(str(fault)) from None
