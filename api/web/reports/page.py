"""What does a browser see of a report: its answer in a sentence, pictures, tables, and what it rests on?

Works without scripts; the address says everything that was asked. A report that cannot be made says why above
its form, and a size without a snapshot names its neighbours. Every value is escaped where it enters a page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from analytics.report import NOBODY, REPORTS, Report, of_group
from analytics.reporting.totalling import GROUPED
from analytics.snapshots import Neighbours, Snapshot
from api.web.asof import snapshot_named
from api.web.asof import until as until_of
from api.web.pages import page_of
from api.web.reports.accounts import tell_balance, tell_claims, tell_export_class, tell_fabrication
from api.web.reports.address import Here
from api.web.reports.bars import draw
from api.web.reports.chips import tell_capacity, tell_changes, tell_overdue, tell_unaccounted
from api.web.reports.expectations import tell_losses, tell_undeclared
from api.web.reports.filters import filters
from api.web.reports.tables import table
from api.web.reports.telling import Part, Telling, asked_as, has_every, named

TELLERS: Mapping[str, Callable[[Report], Telling]] = {
    "unaccounted": tell_unaccounted,
    "capacity": tell_capacity,
    "overdue": tell_overdue,
    "balance": tell_balance,
    "fabrication": tell_fabrication,
    "claims": tell_claims,
    "changes": tell_changes,
    "export_class": tell_export_class,
    "losses": tell_losses,
    "undeclared": tell_undeclared,
}
QUESTIONS: Mapping[str, tuple[str, str]] = {
    "unaccounted": (
        "Unaccounted chips",
        "Which chips can nobody show, on what evidence, and who answers for them?",
    ),
    "capacity": ("Capacity", "How much compute is there, low, book and high, and what could it run?"),
    "overdue": ("Overdue shipments", "What was due and has not come, how late is it, and who answers?"),
    "balance": ("Balance", "Does every account add up, and what do counts and receipts say beyond error?"),
    "fabrication": ("Fabrication", "What became of the good dies that fabs told of?"),
    "claims": ("Claims", "What do others say there is, beside what the ledger has?"),
    "changes": ("Changes", "Which chips differ between two sizes of the log, and by which entry?"),
    "export_class": ("Export classes", "How many chips of each export-control class are held, and where?"),
    "losses": ("Losses", "Are more chips reported lost than a mortality that you state would take?"),
    "undeclared": (
        "Undeclared chips",
        "How many chips stand where nobody declared them, if what others saw is a fair sample?",
    ),
}
NONE = pa.table({})
WAY = "/reports"


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks what of which report, and which snapshots there are."""

    origin: str
    party: str
    name: str
    asked: Mapping[str, str]
    snapshots: Sequence[Snapshot]


def index_page(origin: str, party: str, snapshots: Sequence[Snapshot]) -> str:
    """The reports there are, and of what the newest is."""
    last = max(snapshots, key=lambda each: each.size, default=None)
    items = "".join(
        f'<li><a href="/reports/{name}">{escape(title)}</a><p>{escape(question)}</p></li>\n'
        for name, (title, question) in QUESTIONS.items()
    )
    stand = "There is no snapshot yet." if last is None else f"The newest snapshot: {snapshot_named(last)}."
    content = (
        f'<h1>Reports</h1>\n<p>{escape(stand)} {_reader(party)}</p>\n<ul class="doors">\n{items}</ul>\n'
        '<p>Questions of your own: <a href="/sql">in SQL</a>, on <a href="/schema">the views</a>.</p>'
    )
    return page_of("Reports", origin, content, WAY)


def report_page(visit: Visit, report: Report, alone: Report | None = None) -> str:
    """The page of a report that was made; `alone`: the same of the group alone, where the whole was cut."""
    here = Here(visit.name, report.size, visit.asked)
    shown = only(report if alone is None else alone, visit.asked.get("group"))
    told = TELLERS[visit.name](shown)
    left_out: list[str] = []
    if "group" in visit.asked:
        # Sentence and pictures are of all groups: a part is not to be taken for the whole.
        whole = TELLERS[visit.name](report)
        left_out = [part.name for part in told.parts if not _has_groups(report, part.name)]
        parts = [part for part in told.parts if part.name not in left_out]
        told = Telling(whole.sentence, whole.good, whole.bars, parts)
    mood = "" if told.good is None else " met" if told.good else " unmet"
    pictures = "\n".join(
        draw(each, f"picture-{place}", has_rest=has_every(told.parts, each))
        for place, each in enumerate(told.bars, start=1)
    )
    tables = "\n".join(
        table(part, here, place, has_files=_has_files(told.parts, place - 1))
        for place, part in enumerate(told.parts, start=1)
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    cautions = "".join(f'<p role="note" class="unmet">{escape(each)}</p>\n' for each in report.cautions)
    content = (
        f'{_top(visit)}\n<p class="sentence{mood}"><strong>{escape(told.sentence)}</strong></p>\n'
        f"{_cut(shown)}{cautions}{_alone(visit, report, here, left_out)}{_provenance(visit, report, here)}\n"
        f"{_form(visit, set(_groups(report)), report)}\n{pictures}\n{tables}\n"
        + (f"<h2>How to read this</h2>\n<ul>{notes}</ul>" if notes else "")
    )
    return page_of(QUESTIONS[visit.name][0], visit.origin, content, WAY)


def fault_page(visit: Visit, sentence: str) -> str:
    """The page of a report that could not be made: why, above the form."""
    content = (
        f'{_top(visit)}\n<p role="alert" class="unmet">{escape(sentence)}</p>\n{_form(visit, set(), None)}'
    )
    return page_of(QUESTIONS[visit.name][0], visit.origin, content, WAY)


def neighbours_page(visit: Visit, detail: str, around: Neighbours) -> str:
    """No snapshot has the size, as `detail` tells: the nearest that there are."""
    kept = {name: value for name, value in visit.asked.items() if name not in ("at", "date")}
    links = " ".join(
        f'<a href="{escape(Here(visit.name, each.size, kept).page())}">{escape(snapshot_named(each))}</a>'
        for each in (around.below, around.above)
        if each is not None
    )
    told = f"The nearest: {links}." if links else "There is none at all yet."
    why = escape(detail[:1].upper() + detail[1:])
    content = f'{_top(visit)}\n<p role="alert" class="unmet">{why}. {told}</p>\n{_form(visit, set(), None)}'
    return page_of(QUESTIONS[visit.name][0], visit.origin, content, WAY)


def only(report: Report, group: str | None) -> Report:
    """The report with the rows of one group, in all its parts that have groups; those without are empty."""
    if group is None:
        return report

    def of(rows: pa.Table) -> pa.Table:
        return of_group(rows, group) if GROUPED in rows.column_names else rows.slice(0, 0)

    parts = REPORTS[report.name].beside if report.beside else ()
    beside = {name: of(report.beside.get(name, NONE)) for name in parts}
    totals = tuple(each for each in report.totals if asked_as(each.grouped) == group)
    rows = of(report.rows)
    count = report.row_count if report.group is not None else rows.num_rows
    return replace(report, rows=rows, beside=beside, totals=totals, row_count=count)


def _has_groups(report: Report, name: str) -> bool:
    rows = report.part(name)
    return rows is None or not rows.num_rows or GROUPED in rows.column_names


def _groups(report: Report) -> list[str | None]:
    found: list[str | None] = [each.grouped for each in report.totals]
    if not found and "grouped" in report.rows.column_names:
        found = pc.unique(report.rows.column("grouped")).to_pylist()
    return found


def _has_files(parts: Sequence[Part], place: int) -> bool:
    """Files have whole parts, so the last table of a part tells of them: those before it sum it up."""
    return parts[place].name not in {part.name for part in parts[place + 1 :]}


def _top(visit: Visit) -> str:
    tabs = " ".join(
        f'<a href="/reports/{name}"{_here(name, visit.name)}>{escape(title)}</a>'
        for name, (title, _) in QUESTIONS.items()
    )
    title, question = QUESTIONS[visit.name]
    return (
        f'<nav class="tabs" aria-label="Reports">{tabs}</nav>\n<h1>{escape(title)}</h1>\n'
        f'<p class="asked">{escape(question)} {_reader(visit.party)}</p>'
    )


def _here(name: str, chosen: str) -> str:
    return ' aria-current="page"' if name == chosen else ""


def _reader(party: str) -> str:
    return f'<span class="reader">Reading as <a href="/session"><code>{escape(party)}</code></a>.</span>'


def _form(visit: Visit, groups: set[str | None], report: Report | None) -> str:
    asked = dict(visit.asked)
    if report is not None:
        asked = {"grouping": report.grouping, **asked}
    form = filters(REPORTS[visit.name], visit.name, asked, visit.snapshots, groups)
    return f'<details class="ask" open><summary>What is asked</summary>\n{form}</details>'


def _cut(report: Report) -> str:
    """What was cut says so."""
    if not report.truncated and not report.beside_truncated:
        return ""
    what = "a table beside the report has more rows than an answer may have."
    if report.truncated:
        what = (
            f"of {report.row_count:,} rows the tables, and the files, have the first "
            f"{report.rows.num_rows:,}. Totals are of all of them, and one group alone is cut by itself."
        )
    return f'<p role="alert" class="unmet">This answer was cut: {what}</p>\n'


def _alone(visit: Visit, report: Report, here: Here, left_out: Sequence[str]) -> str:
    group = visit.asked.get("group")
    if group is None:
        return ""
    groups = _groups(report)
    told = "The tables show only" if group in map(asked_as, groups) else "No row has"
    # A product may be called as one asks for nobody's; only where there is no such row is it nobody.
    called = named(None) if group == NOBODY and NOBODY not in groups else group
    everything = escape(here.page(group=None))
    others = f" Rows of no group are left out: {escape(', '.join(left_out))}." if left_out else ""
    return (
        f'<p class="alone">{told} <strong>{escape(called)}</strong>.{others} '
        f'<a href="{everything}">Show all</a></p>\n'
    )


def _provenance(visit: Visit, report: Report, here: Here) -> str:
    """Snapshot, size, root and parameters: what anybody needs to get the same numbers."""
    until = next((f", until {until_of(each)}" for each in visit.snapshots if each.size == report.size), "")
    parameters = "".join(
        f", {escape(name)} {escape(str(value))}"
        for name, value in report.parameters.items()
        if value is not None
    )
    moment = ""
    if report.as_of is not None:
        moment = f", judged at {report.as_of.isoformat(sep=' ', timespec='seconds')} UTC"
    lasting, data = escape(here.page()), escape(here.data("json"))
    return (
        f'<div class="provenance"><p>As of <strong>size {report.size:,}</strong>{until}{moment}, grouped by '
        f"{escape(report.grouping)}{parameters}.</p><p>Snapshot <code>{escape(report.snapshot)}</code>, root "
        f'<code>{escape(report.root)}</code>. <a href="{lasting}" rel="bookmark">This page, for ever</a> · '
        f'<a href="{data}">the same for programs</a></p></div>'
    )
