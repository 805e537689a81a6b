"""How many chips must be visited? The command `inspect plan`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Accept, Beta, TestMiss
from api.cli.commands.inspections.planning_options import (
    Budget,
    ChipRate,
    ChipsOwned,
    Direction,
    Evade,
    FrameChips,
    Gone,
    LongestDays,
    PeriodDays,
    Planner,
    ProverCounts,
    RunDays,
    RunFlop,
    Sizes,
    SnapshotsPerDay,
    StageRules,
    StratumCounts,
    VisitCost,
    Visits,
)
from api.cli.draws.planning import planned, strata_text
from api.cli.loading import Later
from api.cli.screen.options import Json
from api.cli.screen.terminal import out, print_json, table_of
from ledger.planning.reading import PRESENCE
from ledger.planning.telling import Told

PERCENT = 100
PRINT_CURVE = Later("api.cli.screen.curve", "print_curve")
WRITE_PICTURE = Later("api.cli.screen.picture", "write_picture")
OTHER_PICTURE = "Cost against risk: --plot NAME.cost.svg, or the server's page /plan."

Picture = Annotated[
    Path | None,
    typer.Option("--plot", help="Write the picture here, as SVG; NAME.cost.svg gives cost by risk."),
]


def plan(
    *,
    frame: FrameChips = None,
    missing: Gone = None,
    beta_ppm: Beta = 50_000,
    accept: Accept = 0,
    test_miss_ppm: TestMiss = 0,
    stratum: StratumCounts = None,
    prover: ProverCounts = None,
    visits: Visits = None,
    sizes: Sizes = None,
    budget: Budget = None,
    visit_cost: VisitCost = None,
    stage: StageRules = None,
    direction: Direction = None,
    evade: Evade = False,
    planner: Planner = PRESENCE,
    run_flop: RunFlop = None,
    chip_flop_per_day: ChipRate = None,
    run_days: RunDays = None,
    chips: ChipsOwned = None,
    period_days: PeriodDays = None,
    snapshots_per_day: SnapshotsPerDay = None,
    longest_days: LongestDays = None,
    plot: Picture = None,
    as_json: Json = False,
) -> None:
    """How many chips must be visited, or looked at? Needs no ledger; exact, no approximation."""
    asked: dict[str, object] = {
        **{"frame": frame, "missing": missing, "beta_ppm": beta_ppm, "visits": visits, "sizes": sizes},
        **{"accept": accept or None, "test_miss_ppm": test_miss_ppm or None, "direction": direction},
        **{"budget": budget, "visit_cost": visit_cost, "evade": 1 if evade else None},
        **{"strata": strata_text(stratum or ()), "provers": ",".join(prover or ())},
        **{"stages": ",".join(stage or ()), "chips": chips, "longest_days": longest_days},
        **{"run_flop": run_flop, "chip_flop_per_day": chip_flop_per_day, "run_days": run_days},
        **{"period_days": period_days, "snapshots_per_day": snapshots_per_day},
    }
    told = planned(planner, asked)
    if plot is not None:
        WRITE_PICTURE.load()(plot, told)
    if as_json:
        print_json(told.facts)
    else:
        print_plan(told)
    if not told.good:
        raise typer.Exit(1)


def print_plan(told: Told) -> None:
    """Sentence, notes, table and picture."""
    out.print(told.sentence, markup=False)
    for note in told.notes:
        out.print(note, markup=False)
    out.print(table_of("", told.table.columns, told.table.rows))
    points = [(float(point.visits), float(point.detection) * PERCENT) for point in told.points]
    if not points:
        return
    size = told.facts.get("n", told.facts.get("per_period"))
    here = next((point for point in points if point[0] == size), None)
    PRINT_CURVE.load()("chance of detection, per cent", points, here, told.size)
    out.print(OTHER_PICTURE, markup=False)
