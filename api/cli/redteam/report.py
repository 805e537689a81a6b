"""How is an attack on a plan told?

As one sentence, as tables for the terminal, as Markdown or HTML for a file, and as JSON for programs. The
same report is always the same text. What a plan never promised to catch stands beside what it did. Plays
nothing and judges nothing.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from html import escape
from typing import Any

from api.cli.redteam.attempts import Outcome
from api.cli.redteam.measured import PROMISED, TAIL, Measured
from api.cli.redteam.play import Report
from ledger.inspection.plan import decimal_text

Cells = Sequence[str]
Table = tuple[str, Cells, list[Cells]]

MEASURED = ("attack", "by", "what is tried", "standing", "exact", "caught", "worlds", "band", "outcome")
TRIED = ("attack", "by", "what is tried", "the log says", "outcome")
BROKEN = ("broken on purpose", "promised", "caught", "worlds", "outcome")
PERCENT_PLACES = 2

NOT_CAUGHT = (
    "shells that nobody noted as affiliated: their chips are in no frame",
    "chips that stand at no declared site: no position of theirs is ever drawn",
    "chips fetched back between the notice and the visit: short notice is all that helps",
    "chips lent after the draw is known: each is told as `wrong_place`, and none makes the verdict worse",
    "one chip shown again in another rack or hall more than six hours later: it may have been moved there",
    "draws of a second series: a verdict counts those of its own, though every commitment stands in the log",
    "stand-ins that the test overlooks more often than the plan states",
    "inspectors who write what they did not see, with the second signature of a colleague who did not either",
    "a verifier that calls a beacon silent that was not: `void_beacon` excuses the day, the sample stays due",
    "a verifier that closes as `inconclusive` before `found_by`: what was not visited is told, and not why",
    "an operator together with every witness, or a beacon together with the verifier",
)


def percent(value: Fraction) -> str:
    """With two decimals; what is not quite all or nothing is not told as such."""
    text = decimal_text(value * 100, PERCENT_PLACES)
    if text == "0.00" and value > 0:
        return "<0.01 %"
    if text == "100.00" and value < 1:
        return ">99.99 %"
    return f"{text} %"


def sentence(report: Report) -> str:
    """The outcome as a person would say it."""
    target = report.target
    risk = f"{percent(report.miss)} (wanted: at most {percent(target.beta)})"
    plan = f"Of {target.chips:,} chips {target.missing:,} are gone; {target.visits:,} visits overlook that"
    tried = (
        f"{len(report.rows)} cheats in {report.worlds:,} worlds, {len(report.outcomes)} attempts on the log"
    )
    if report.holds:
        return f"{plan} with {risk} at worst. {tried}: every promise was kept."
    return f"{plan} with {risk} at worst. {tried}: a promise is broken. {' '.join(faults(report))}"


def faults(report: Report) -> list[str]:
    """A sentence for each promise that is broken."""
    found = []
    if not report.keeps_its_risk:
        found.append(f"The plan is too small: it overlooks {percent(report.miss)}.")
    found += [f"Counted otherwise than promised: {_named(row)}." for row in report.strayed]
    if report.keeps_its_risk:
        found += [f"Above the risk: {_named(row)}." for row in report.unpromised]
    found += [_let_through(outcome) for outcome in report.let_through]
    found += [f"Not noticed: {control.broken}." for control in report.unnoticed]
    rehearsal = report.rehearsal
    if rehearsal.agreed < rehearsal.inspections:
        found.append(f"Worlds and ledger disagree in {rehearsal.inspections - rehearsal.agreed} inspections.")
    return found


def _let_through(outcome: Outcome) -> str:
    tried = f"{outcome.attack}, {outcome.tried}"
    if outcome.told == outcome.caught_by:
        return f"The honest twin was refused too, which shows nothing: {tried}."
    return f"The log said {outcome.told!r}, not {outcome.caught_by!r}: {tried}."


def _named(row: Measured) -> str:
    return f"{row.claim.attack}, {row.claim.tried}: clean {row.clean:,} of {row.worlds:,}"


def tables(report: Report) -> list[Table]:
    """(title, columns, rows) of everything measured, tried and controlled."""
    return [
        ("Cheats, measured", MEASURED, [_measured_cells(row) for row in report.rows]),
        (
            "Attempts on the log",
            TRIED,
            [(o.attack, o.who, o.tried, o.told, _mark(o.caught)) for o in report.outcomes],
        ),
        (
            "Promises broken on purpose, which must be noticed",
            BROKEN,
            [
                (
                    control.broken,
                    percent(1 - control.row.claim.chance),
                    percent(control.row.caught_share),
                    f"{control.row.worlds:,}",
                    "noticed" if control.noticed else "NOT NOTICED",
                )
                for control in report.controls
            ],
        ),
    ]


def _measured_cells(row: Measured) -> Cells:
    band = f"{percent(1 - Fraction(row.high, row.worlds))} to {percent(1 - Fraction(row.low, row.worlds))}"
    claim = row.claim
    told = (claim.attack, claim.who, claim.tried, claim.standing, percent(1 - claim.chance))
    return (*told, percent(row.caught_share), f"{row.worlds:,}", band, _outcome(row))


def _outcome(row: Measured) -> str:
    """Nothing is kept where nothing was promised: there the count is only as the row tells it."""
    return "as told" if row.agrees and row.claim.standing != PROMISED else _mark(row.agrees)


def _mark(good: bool) -> str:
    return "ok" if good else "BROKEN"


def closing_lines(report: Report) -> list[str]:
    """What belongs under the tables."""
    rehearsal = report.rehearsal
    verdicts = ", ".join(f"{number} {word}" for word, number in rehearsal.verdicts)
    return [
        f"Whole inspections in a real ledger that drew and ended as their worlds did: {rehearsal.agreed} of "
        f"{rehearsal.inspections} ({verdicts}).",
        f"Seed: {report.seed}. The same seed gives the same report. A true promise leaves its band with a "
        f"chance below {int(TAIL * 1_000_000)} in a million at either end.",
    ]


def as_markdown(report: Report) -> str:
    """For a file that people read as text."""
    parts = ["# A plan under attack", sentence(report)]
    for title, columns, rows in tables(report):
        lines = [f"| {' | '.join(map(_cell, line))} |" for line in (columns, ["---"] * len(columns), *rows)]
        parts += [f"## {title}", "\n".join(lines)]
    parts += ["## What is not caught", "\n".join(f"- {each}." for each in NOT_CAUGHT)]
    return "\n\n".join([*parts, *closing_lines(report)]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def as_html(report: Report) -> str:
    """For a file that a browser shows: no scripts, nothing from elsewhere."""
    parts = [f"<h1>A plan under attack</h1><p>{escape(sentence(report))}</p>"]
    for title, columns, rows in tables(report):
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
        parts.append(f"<h2>{escape(title)}</h2>\n<table><tr>{head}</tr>\n{body}</table>")
    limits = "".join(f"<li>{escape(each)}.</li>\n" for each in NOT_CAUGHT)
    parts.append(f"<h2>What is not caught</h2>\n<ul>\n{limits}</ul>")
    parts += [f"<p>{escape(line)}</p>" for line in closing_lines(report)]
    opening = '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>A plan under attack</title>'
    style = "<style>table{border-collapse:collapse}td,th{border:1px solid;padding:.2em .5em}</style>"
    return opening + style + "\n" + "\n".join(parts) + "\n</html>\n"


WRITERS: dict[str, Callable[[Report], str]] = {".md": as_markdown, ".html": as_html}
"""By the ending of the file's name."""


def as_object(report: Report) -> dict[str, Any]:
    """For programs; chances are decimal text of 12 digits."""
    target = report.target
    return {
        "holds": report.holds,
        "sentence": sentence(report),
        "faults": faults(report),
        "seed": report.seed,
        "worlds": report.worlds,
        "plan": {
            "strata": [
                {"name": name, "chips": stratum.chips}
                for name, stratum in zip(target.names, target.strata, strict=True)
            ],
            "stages": [
                {"visits": list(stage.sizes), "accept": stage.accept, "reject": stage.reject}
                for stage in target.stages
            ],
            "missing": target.missing,
            "budget": target.budget,
            "beta": decimal_text(target.beta),
            "miss": decimal_text(report.miss),
        },
        "measured": [_measured_object(row) for row in report.rows],
        "attempts": [
            {"attack": o.attack, "by": o.who, "tried": o.tried, "promised": o.caught_by}
            | {"told": o.told, "honest_twin_admitted": o.honest, "caught": o.caught}
            for o in report.outcomes
        ],
        "controls": [
            {"broken": control.broken, "noticed": control.noticed} | _counted(control.row)
            for control in report.controls
        ],
        "rehearsal": {"inspections": report.rehearsal.inspections, "agreed": report.rehearsal.agreed}
        | {"verdicts": dict(report.rehearsal.verdicts)},
        "not_caught": list(NOT_CAUGHT),
    }


def _measured_object(row: Measured) -> dict[str, Any]:
    claim = row.claim
    told: dict[str, Any] = {"attack": claim.attack, "by": claim.who, "tried": claim.tried}
    told |= {"promised": claim.standing == PROMISED, "agrees": row.agrees}
    return told | _counted(row)


def _counted(row: Measured) -> dict[str, Any]:
    counted: dict[str, Any] = {"clean_chance": decimal_text(row.claim.chance), "clean": row.clean}
    return counted | {"worlds": row.worlds, "clean_low": row.low, "clean_high": row.high}
