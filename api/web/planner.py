"""How does a person plan in a browser?

A page that works without scripts: a form whose inputs all end in the page's own address, and beneath it the
plans side by side, one for each of the risks and sizes that were given with commas between. Each plan has its
sentence, its table, its picture from the plan route, and a link to the same plan for programs. Every value is
escaped where it enters. Knows no planner but the one it is given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from api.web.pages import page_of, scrolled
from ledger.planning import texts
from ledger.planning.reading import ACTIVITY, PRESENCE
from ledger.planning.telling import Told
from signing.canonical import Unreadable

FORM = Template((Path(__file__).parent / "planner.html").read_text("utf-8"))
SIDE_BY_SIDE_MAX = 6
"""Plans on one page: each is as dear as a question to the plan route."""

PLAN_ROUTE = "/inspections/plan"
MANY = {"missing": "chips gone:", "visits": "visits:", "beta_ppm": "risk in millionths:"}
"""Inputs that may be several, commas between, and what a plan of one of them is headed."""
LINES_MAX = 64


@dataclass(frozen=True, slots=True)
class Field:
    """An input: its parameter, its label, what is said under it, what stands in it at first."""

    name: str
    label: str
    told: str = ""
    first: str = ""
    many_lines: bool = False


FIELDS: Mapping[str, Sequence[Field]] = {
    PRESENCE: (
        Field("frame", "Chips on the book", "or leave empty and name strata or provers", "10000"),
        Field("missing", "Chips gone, at least", "several, commas between, stand side by side", "100"),
        Field("beta_ppm", "Risk of missing that, in millionths", "50000 is 5 %; several too", "50000"),
        Field("accept", "Found chips that are still acceptable", "", ""),
        Field("test_miss_ppm", "Missing chips the test overlooks, in millionths", "100000 is 10 %"),
        Field("strata", "Strata, a line each", "NAME@SITE:CHIPS:MISS_PPM:COST, of which NAME:CHIPS must be",
              many_lines=True),
        Field("visits", "Or: what would so many visits catch?", "in place of chips gone"),
        Field("budget", "Budget", "with costs; alone it asks what it would catch"),
        Field("visit_cost", "Cost of a visit", "where there are no strata"),
        Field("stages", "Stages", "ACCEPT:REJECT of each, commas between, such as 0:2,1:2"),
        Field("sizes", "Or: judge these sizes", "visits of each stratum, commas between"),
        Field("direction", "From book to floor, or back", "floor_to_book draws positions, not chips"),
        Field("provers", "Provers inspected as one", "PARTY:CHIPS of each, commas between"),
        Field("run_flop", "Or: a significant quantity, FLOP of a run", "says how many chips matter"),
        Field("chip_flop_per_day", "FLOP a chip does in a day"),
        Field("run_days", "Days of the run"),
        Field("evade", "What would a cheat do?", "1 tells it"),
    ),
    ACTIVITY: (
        Field("chips", "Chips owned", "", "100000"),
        Field("run_flop", "FLOP of the smallest run to be found", "low is careful", "3.14e23"),
        Field("chip_flop_per_day", "FLOP a chip does in a day", "high is careful", "86400000000000000000"),
        Field("run_days", "Days of the run", "high is careful", "365"),
        Field("period_days", "Days of the monitoring period", "", "30"),
        Field("snapshots_per_day", "Snapshots a chip logs in a day", "low is careful", "0.1"),
        Field("beta_ppm", "Risk of missing it, in millionths", "several, commas between", "100000"),
        Field("longest_days", "Longest run to be thought of", "empty: any length"),
        Field("visit_cost", "Cost of a look"),
    ),
}  # fmt: skip
TABS = {PRESENCE: "Are the chips there?", ACTIVITY: "Was a run hidden?"}

Plans = Callable[[str, Mapping[str, str]], Told]


@dataclass(frozen=True, slots=True)
class Shown:
    """One plan of the page: what is different about it, its parameters, and the answer or what is wrong."""

    title: str
    asked: Mapping[str, str]
    told: Told | None
    fault: str = ""


def planner_page(origin: str, planner: str, given: Mapping[str, str], plans: Plans) -> str:
    """The page; `given` are the form's inputs as they came, empty at the first visit."""
    shown = [] if not given else list(_answers(planner, given, plans))
    content = FORM.substitute(
        planner=escape(planner),
        tabs=" ".join(_tab(name, planner) for name in TABS),
        fields="\n".join(_input(field, given) for field in FIELDS[planner]),
        answers=_side_by_side(planner, shown),
    )
    return page_of("Plan an inspection", origin, content, "/plan")


def fields_of(planner: str) -> frozenset[str]:
    """The parameters the page knows."""
    return frozenset(field.name for field in FIELDS[planner])


def _answers(planner: str, given: Mapping[str, str], plans: Plans) -> list[Shown]:
    asked = {name: value.strip() for name, value in given.items() if value.strip()}
    if "strata" in asked:
        lines = [line for line in asked["strata"].splitlines() if line.strip()]
        try:
            asked["strata"] = texts.written_strata(texts.strata_lines("strata", lines[: LINES_MAX + 1]))
        except Unreadable as fault:
            return [Shown("", asked, None, str(fault))]
    several = {name: asked[name].split(",") for name in MANY if "," in asked.get(name, "")}
    choices = list(product(*several.values()))
    if len(choices) > SIDE_BY_SIDE_MAX:
        return [
            Shown("", asked, None, f"{len(choices)} plans: at most {SIDE_BY_SIDE_MAX} stand side by side")
        ]
    shown = []
    for choice in choices:
        chosen = {name: value.strip() for name, value in zip(several, choice, strict=True)}
        one = {**asked, **chosen}
        title = ", ".join(f"{MANY[name]} {value}" for name, value in chosen.items())
        try:
            shown.append(Shown(title, one, plans(planner, one)))
        except (Unreadable, ValueError) as fault:
            shown.append(Shown(title, one, None, str(fault)))
    return shown


def _tab(name: str, chosen: str) -> str:
    here = ' aria-current="page"' if name == chosen else ""
    return f'<a href="/plan?planner={name}"{here}>{escape(TABS[name])}</a>'


def _input(field: Field, given: Mapping[str, str]) -> str:
    value = escape(given.get(field.name, "" if given else field.first))
    told = f' aria-describedby="{field.name}-told"' if field.told else ""
    under = f'<small id="{field.name}-told">{escape(field.told)}</small>' if field.told else ""
    label = f'<label for="{field.name}">{escape(field.label)}</label>'
    if field.many_lines:
        box = f'<textarea id="{field.name}" name="{field.name}" rows="4"{told}>{value}</textarea>'
    else:
        box = f'<input id="{field.name}" name="{field.name}" value="{value}"{told}>'
    return f'<div class="field">{label}{box}{under}</div>'


def _side_by_side(planner: str, shown: Sequence[Shown]) -> str:
    if not shown:
        return ""
    plans = "\n".join(_shown(planner, one, place) for place, one in enumerate(shown, start=1))
    return f'<h2>{"Plans" if len(shown) > 1 else "The plan"}</h2>\n<div class="plans">\n{plans}\n</div>'


def _shown(planner: str, one: Shown, place: int) -> str:
    title = f"<h3>{escape(one.title)}</h3>" if one.title else ""
    if one.told is None:
        return f'<section class="plan">{title}<p role="alert">{escape(one.fault)}</p></section>'
    told, query = one.told, {"planner": planner, **one.asked}
    notes = "".join(f"<p>{escape(note)}</p>" for note in told.notes)
    link = escape(f"{PLAN_ROUTE}?{urlencode(query)}")
    pictures = ""
    if told.points:
        for plot, alt in (
            ("detection", "chance of detection by size"),
            ("cost", "cost by the risk that is left"),
        ):
            source = escape(f"{PLAN_ROUTE}?{urlencode({**query, 'format': 'svg', 'plot': plot})}")
            pictures += (
                f'<img src="{source}" alt="{escape(f"{alt}. {told.sentence}")}" width="720" height="400">'
            )
    mood = "met" if told.good else "unmet"
    return (
        f'<section class="plan" aria-labelledby="plan-{place}">{title}'
        f'<p class="sentence {mood}" id="plan-{place}"><strong>{escape(told.sentence)}</strong></p>{notes}'
        f"{_table(told, place)}{_sites(told)}{pictures}"
        f'<p><a href="{link}">the same for programs</a></p></section>'
    )


def _table(told: Told, place: int) -> str:
    head = "".join(map(_head, told.table.columns))
    rows = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>\n" for row in told.table.rows)
    caption = f'<caption id="figures-{place}">Figures of plan {place}</caption>'
    table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>"
    return scrolled(table, f"figures-{place}")


def _head(name: str) -> str:
    return f'<th scope="col">{escape(name)}</th>' if name else "<td></td>"


def _cell(text: str) -> str:
    number = ' class="number"' if text[:1].isdigit() else ""
    return f"<td{number}>{escape(text)}</td>"


def _sites(told: Told) -> str:
    sites = told.facts.get("sites")
    if not sites or all(each["site"] is None for each in sites):
        return ""
    rows = "".join(f'<tr>{_site(each["site"])}<td class="number">{each["n"]:,}</td></tr>' for each in sites)
    return f"<table><caption>visits per site</caption><tbody>{rows}</tbody></table>"


def _site(site: str | None) -> str:
    return "<td></td>" if site is None else f'<th scope="row">{escape(site)}</th>'
