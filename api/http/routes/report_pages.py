"""The standing questions for a browser, at the addresses where programs ask them.

A route here answers only where a page is wanted: by `Accept: text/html` without a `format`, or `format=html`.
All else passes to the route for programs as if this one were not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from analytics.report import REPORTS, Report, ReportRefused, run_report
from analytics.reporting.parameters import SIZE_MAX, WHOLE
from api.http.chosen import Absent, BeforeTheLog, Chosen, choose_snapshot, told_of
from api.http.gate import AtDesk, Desk, SnapshotAsker
from api.http.parameters import NOT_UTF8, WORD_CHARACTERS_MAX, StrictRoute, day_begins, moment, not_utf8
from api.http.problems import NOT_FOUND, Refusal
from api.http.reply import NEVER_STORE
from api.http.routes.analysis import provenance_headers
from api.web.reports.page import Visit, fault_page, index_page, neighbours_page, report_page

HTML, HTML_MEDIA = "html", "text/html"
MORTALITY_PPM_TO_BEGIN = 20_000
"""Deaths in a million chip-years that the page of losses is filled with until somebody states theirs."""
OF_ALL = ("at", "date", "as_of", "grouping", "group", "format")
"""What the page of every report may be asked; the rest are the report's own parameters."""


class BrowserRoute(APIRoute):
    """A route that is there for those who want a page, and for nobody else."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route's, where a page is wanted."""
        return super().matches(scope) if wants_page(scope) else (Match.NONE, {})


def wants_page(scope: Scope) -> bool:
    """Whether a page is asked for: in so many words, or by a browser that names no form."""
    if scope["type"] != "http":
        return False
    form = QueryParams(scope.get("query_string", b"")).get("format")
    if form is not None:
        return form == HTML
    return HTML_MEDIA in Headers(scope=scope).get("accept", "")


index = APIRouter(route_class=StrictRoute, include_in_schema=False)
pages = APIRouter(route_class=BrowserRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was asked cannot be read; `detail` is for people."""

    detail: str


@index.get("/reports", response_class=HTMLResponse)
async def reports_index(desk: AtDesk, viewer: SnapshotAsker) -> Response:
    """Which reports there are, and of what the newest is."""
    snapshots = await desk.read(desk.ledger.analysis.snapshots.every)
    page = await desk.read(index_page, desk.ledger.origin, viewer.party, snapshots)
    return HTMLResponse(page, headers=NEVER_STORE)


@pages.get("/reports/{name}", response_class=HTMLResponse)
async def show_page(request: Request, desk: AtDesk, viewer: SnapshotAsker, name: str) -> Response:
    """A report as a page. Inputs that were left empty are taken out of the address first."""
    if name not in REPORTS:
        raise Refusal(NOT_FOUND)
    said = request.query_params.multi_items()
    asked = {key: value.strip() for key, value in said if value.strip() and key != "format"}
    if "date" in asked:
        asked.pop("at", None)  # a day was chosen beside a snapshot: of the two it is the newer word
    names = [key for key, _ in said]
    unread = not_utf8(request)
    is_clean = {key: value for key, value in said if key != "format"} == asked
    if not is_clean and unread is None and len(set(names)) == len(names):
        return RedirectResponse(f"/reports/{name}?{urlencode(asked)}", HTTPStatus.SEE_OTHER, NEVER_STORE)
    snapshots = await desk.read(desk.ledger.analysis.snapshots.every)
    visit = Visit(desk.ledger.origin, viewer.party, name, asked, snapshots)
    wrong = _misspelt(name, names, asked, unread)
    if wrong is not None:
        return await _fault(desk, visit, wrong.detail)
    at = int(asked["at"]) if "at" in asked else None
    chosen = await choose_snapshot(desk, at, day_begins(asked["date"]) if "date" in asked else None)
    match chosen:
        case Absent(around, detail):
            page = await desk.read(neighbours_page, visit, detail, around)
            return HTMLResponse(page, HTTPStatus.NOT_FOUND, chosen.headers)
        case BeforeTheLog(detail):
            return await _fault(desk, visit, detail)
        case Chosen():
            return await _report(desk, visit, chosen)


async def _report(desk: Desk, visit: Visit, chosen: Chosen) -> Response:
    snapshot = chosen.snapshot
    needed = {each.name for each in REPORTS[visit.name].parameters if each.required}
    if "mortality_ppm" in needed - visit.asked.keys():
        # Nobody knows it. The page begins with a figure to be replaced, which its sentence and its form say.
        visit = replace(visit, asked={**visit.asked, "mortality_ppm": str(MORTALITY_PPM_TO_BEGIN)})
    if "from_size" in needed - visit.asked.keys():
        # Nothing was said of what to compare with: with the snapshot before, as far as there is one.
        before = max((s.size for s in visit.snapshots if s.size < snapshot.size), default=0)
        visit = replace(visit, asked={**visit.asked, "from_size": str(before)})
    asked = visit.asked
    given = {key: value for key, value in asked.items() if key not in OF_ALL}
    as_of = moment(asked["as_of"]) if "as_of" in asked else None
    report = await desk.read(
        run_report, snapshot, visit.name, as_of=as_of, grouping=asked.get("grouping"), given=given
    )
    match report:
        case ReportRefused(_, detail):
            return await _fault(desk, visit, detail)
        case Report():
            report = told_of(chosen, report, has_time=as_of is not None)
            cut = report.truncated or report.beside_truncated
            alone = None
            if cut and "group" in asked:
                # Its rows may be behind the cut: they are asked for by themselves.
                found = await desk.read(
                    run_report, snapshot, visit.name, as_of=as_of, grouping=asked.get("grouping"),
                    group=asked["group"], given=given,
                )  # fmt: skip
                alone = found if isinstance(found, Report) else None
            page = await desk.read(report_page, visit, report, alone)
            return HTMLResponse(page, headers=provenance_headers(snapshot, cut))


async def _fault(desk: Desk, visit: Visit, detail: str) -> Response:
    page = await desk.read(fault_page, visit, detail)
    return HTMLResponse(page, HTTPStatus.UNPROCESSABLE_ENTITY, NEVER_STORE)


def _misspelt(name: str, names: list[str], asked: Mapping[str, str], unread: str | None) -> Wrong | None:
    """The first word that is unknown, given twice, not UTF-8 (`unread`), or no size, day or time."""
    known = {*OF_ALL, *(each.name for each in REPORTS[name].parameters)}
    for key in names:
        if key not in known:
            return Wrong(f"{key[:WORD_CHARACTERS_MAX]} is nothing this report may be asked")
        if names.count(key) > 1:
            return Wrong(f"{key} is given twice")
        if key == unread:
            return Wrong(f"{key}: {NOT_UTF8}")
    for key, value in asked.items():
        if len(value) > WORD_CHARACTERS_MAX:
            return Wrong(f"{key} has at most {WORD_CHARACTERS_MAX} characters")
    at = asked.get("at")
    if at is not None and (WHOLE.fullmatch(at) is None or int(at) > SIZE_MAX):
        return Wrong("at is a size of the log: a whole number from 0, in digits")
    try:
        moment(asked.get("as_of", "1970-01-01"))
    except ValueError as fault:
        return Wrong(f"as_of: {fault}")
    try:
        day_begins(asked.get("date", "1970-01-01"))
    except ValueError:
        return Wrong("date is a day, written YYYY-MM-DD")
    return None
