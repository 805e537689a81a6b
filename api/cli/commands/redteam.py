"""Would a cheat come through my plan? The command `redteam`."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Accept, Beta, Missing, TestMiss
from api.cli.redteam.play import WORLDS_MAX, WORLDS_MIN, Report, attack
from api.cli.redteam.report import NOT_CAUGHT, WRITERS, as_object, closing_lines, sentence, tables
from api.cli.redteam.spelling import target_of
from api.cli.redteam.target import BUDGET_MAX, PPM
from api.cli.screen.options import Json
from api.cli.screen.terminal import EXIT_REFUSED, out, print_json, progress, table_of, wrong_usage

WORLDS_DEFAULT = 5_000
BUDGET_DEFAULT = 5
SEED_DEFAULT = "1"
SEED_CHARACTERS_MAX = 200


def redteam(
    *,
    missing: Missing,
    frame: Annotated[
        int | None, typer.Option(min=1, help="Chips on the book, where it has no strata.")
    ] = None,
    visits: Annotated[
        int | None, typer.Option(min=0, help="Chips to visit. Default: what `inspect plan` says.")
    ] = None,
    stratum: Annotated[
        list[str] | None, typer.Option(help="NAME:CHIPS:VISITS, once a stratum; with stages NAME:CHIPS.")
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(help="VISITS:ACCEPTED:REJECTED, once a stage; VISITS for several strata: 60+30+5."),
    ] = None,
    beta_ppm: Beta = 50_000,
    accept: Accept = 0,
    test_miss_ppm: TestMiss = 0,
    budget: Annotated[
        int,
        typer.Option(min=0, max=BUDGET_MAX, help="Chips a cheat can write off before, or fetch back after."),
    ] = BUDGET_DEFAULT,
    worlds: Annotated[int, typer.Option(min=WORLDS_MIN, max=WORLDS_MAX, help="Draws to try it on.")] = (
        WORLDS_DEFAULT
    ),
    seed: Annotated[str, typer.Option(help="Any text; the same gives the same report.")] = SEED_DEFAULT,
    report: Annotated[Path | None, typer.Option(help="Also write the report: NAME.md or NAME.html.")] = None,
    as_json: Json = False,
) -> None:
    """Attack a plan with everything a cheat could try. Needs no ledger: attempts get one of their own.

    Every cheat's measured detection rate is held against its exact chance; every attempt on the log must
    come to the refusal, or the verdict, that shows it; promises broken on purpose must be noticed. The exit
    code is 1 where a promise is broken.

    \b
    chipledger redteam --frame 10000 --missing 100 --visits 294
    chipledger redteam --stratum hall:600:56 --stratum annex:300:29 --stratum depot:90:9 --missing 30
    chipledger redteam --frame 1000 --missing 50 --stage 60:0:3 --stage 60:1:2 --report attack.html
    """
    if report is not None and report.suffix not in WRITERS:
        raise wrong_usage(f"{report}: a report ends in {' or '.join(WRITERS)}")
    if not 0 < len(seed) <= SEED_CHARACTERS_MAX:
        raise wrong_usage(f"--seed: 1 to {SEED_CHARACTERS_MAX} characters")
    try:
        target = target_of(
            frame=frame,
            visits=visits,
            strata=stratum or [],
            stages=stage or [],
            missing=missing,
            beta=Fraction(beta_ppm, PPM),
            accept=accept,
            test_miss=Fraction(test_miss_ppm, PPM),
            budget=budget,
        )
    except ValueError as fault:
        raise wrong_usage(str(fault), "see chipledger redteam --help") from None
    with progress("attacking", None) as bar:
        found = attack(target, worlds, seed, bar.at)
    if report is not None:
        report.write_text(WRITERS[report.suffix](found), encoding="utf-8")
    if as_json:
        print_json(as_object(found))
    else:
        _show(found)
    if not found.holds:
        raise typer.Exit(EXIT_REFUSED)


def _show(found: Report) -> None:
    for title, columns, rows in tables(found):
        out.print(table_of(title, columns, rows))
    out.print("What is not caught:", *(f"- {each}" for each in NOT_CAUGHT), sep="\n", markup=False)
    for line in closing_lines(found):
        out.print(line, markup=False)
    out.print(sentence(found), markup=False)
