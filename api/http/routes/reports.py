"""The standing questions, for analysts, verifiers and the registrar: one route, all parameters of them all.

What a report may be asked is the report's own to say (`analytics.reporting.questions`); here each parameter
has its place in the query, and is handed on as text.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from analytics.formats import MEDIA_TYPES
from analytics.report import REPORTS, Report, ReportRefused, run_report
from api.http.chosen import Absent, BeforeTheLog, choose_snapshot, told_of
from api.http.gate import AtDesk, SnapshotAsker
from api.http.kept import tag_of
from api.http.parameters import WORD_CHARACTERS_MAX, Day, Moment, StrictRoute, Whole, Word
from api.http.problems import NOT_FOUND, Refusal, bad_parameter
from api.http.reply import Told
from api.http.routes.analysis import Form, provenance_headers, with_neighbours
from api.http.routes.answers import NOT_CHANGED, problems

OF_ALL = frozenset({"at", "date", "as_of", "grouping", "group", "part", "format"})
"""What every report may be asked here; the rest are the report's own parameters."""


class ReportRoute(StrictRoute):
    """A strict route that, of a parameter no report has, says which this report takes."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler behind the check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            question = REPORTS.get(request.path_params.get("name", ""))
            if question is not None:
                own = tuple(each.name for each in question.parameters)
                every = frozenset(each.name for one in REPORTS.values() for each in one.parameters)
                for name in request.query_params:
                    if name not in OF_ALL | every:
                        takes = f"no parameter of this route; it has: {', '.join((*own, *sorted(OF_ALL)))}"
                        raise bad_parameter(f"{name[:WORD_CHARACTERS_MAX]}: {takes}")
            return await handle(request)

        return checked


routes = APIRouter(route_class=ReportRoute, tags=["analysis"])


def report_parameters(
    *,
    basis: Annotated[
        Word | None, Query(description="ultimate parents as `registered`, or as `suspected` too")
    ] = None,
    window_days: Annotated[
        Word | None, Query(description="a chip is confirmed that was seen within so many days")
    ] = None,
    claim_days: Annotated[
        Word | None, Query(description="`capacity`: claims of what was so more days ago raise no `high`")
    ] = None,
    utilisation_percent: Annotated[
        Word | None, Query(description="share of the dense rate that a run attains")
    ] = None,
    from_size: Annotated[
        Word | None, Query(description="`balance`, `changes`: the log's size where the span begins")
    ] = None,
    to_size: Annotated[
        Word | None, Query(description="where it ends; without it, at the snapshot's size")
    ] = None,
    term: Annotated[
        Word | None, Query(description="`balance`: which term an account's chips are listed of")
    ] = None,
    miss_ppm: Annotated[Word | None, Query(description="chance that a count overlooks a chip")] = None,
    double_ppm: Annotated[Word | None, Query(description="chance that it counts a chip twice")] = None,
    alpha_ppm: Annotated[Word | None, Query(description="level of the tests, in millionths")] = None,
    mortality_ppm: Annotated[
        Word | None, Query(description="`losses`: chips that die in a million chip-years, as you state it")
    ] = None,
    losses: Annotated[Word | None, Query(description="`losses`: which losses count")] = None,
    seen_by: Annotated[Word | None, Query(description="`undeclared`: which second list")] = None,
    odds_percent: Annotated[
        Word | None, Query(description="`undeclared`: how the lists may depend, in hundredths")
    ] = None,
    on: Annotated[Word | None, Query(description="`export_class`: the day whose rule counts")] = None,
    rule: Annotated[Word | None, Query(description="`export_class`: the rule itself")] = None,
    beside: Annotated[
        Word | None, Query(description="`none` leaves out what stands beside the report")
    ] = None,
) -> dict[str, str]:
    """The report's own parameters that were given."""
    given = {
        "basis": basis,
        "window_days": window_days,
        "claim_days": claim_days,
        "utilisation_percent": utilisation_percent,
        "from_size": from_size,
        "to_size": to_size,
        "term": term,
        "miss_ppm": miss_ppm,
        "double_ppm": double_ppm,
        "alpha_ppm": alpha_ppm,
        "mortality_ppm": mortality_ppm,
        "losses": losses,
        "seen_by": seen_by,
        "odds_percent": odds_percent,
        "on": on,
        "rule": rule,
        "beside": beside,
    }
    return {name: value for name, value in given.items() if value is not None}


Given = Annotated[dict[str, str], Depends(report_parameters)]


@routes.get(
    "/reports/{name}",
    responses={
        200: {"description": "head, totals, rows and what stands beside"},
        **NOT_CHANGED,
        **problems(401, 404, 422),
    },
    response_model=None,
)
async def show_report(
    *,
    request: Request,
    desk: AtDesk,
    viewer: SnapshotAsker,
    name: str,
    given: Given,
    at: Annotated[Whole | None, Query(description="the snapshot of this size; the newest without it")] = None,
    date: Day = None,
    as_of: Annotated[
        Moment | None, Query(description="overdue and open as of this time, or the end of this day, UTC")
    ] = None,
    grouping: Annotated[Word | None, Query(description="what the rows or totals are grouped by")] = None,
    group: Annotated[
        Word | None, Query(description="rows of this group alone, `-` for nobody's; totals stay of all")
    ] = None,
    part: Annotated[
        Word | None,
        Query(description="in csv, arrow, parquet: what stands beside the report, by name"),
    ] = None,
    format: Form = "json",
) -> Response:
    """`unaccounted`, `capacity`, `overdue`, `balance`, `fabrication`, `claims`, `changes`, `export_class`,
    `losses`, `undeclared`."""
    if at is not None and date is not None:
        raise bad_parameter("date: a report is of a size or of a day, not of both")
    chosen = await choose_snapshot(desk, at, date)
    if isinstance(chosen, Absent):
        return with_neighbours(chosen)
    if isinstance(chosen, BeforeTheLog):
        raise bad_parameter(chosen.detail)
    snapshot = chosen.snapshot
    # A day that is not over makes its answer say so, in words that change with the log.
    tag = await tag_of(request, desk, viewer, snapshot, *chosen.cautions)
    if tag.is_held_by(request):
        return tag.unchanged()
    report = await desk.read(
        run_report, snapshot, name, as_of=as_of, grouping=grouping, group=group, given=given
    )
    match report:
        case ReportRefused("no_such_report"):
            raise Refusal(NOT_FOUND)
        case ReportRefused(reason, detail):
            raise bad_parameter(f"{reason}: {detail}")
        case Report():
            report = told_of(chosen, report, has_time=as_of is not None)
            headers = provenance_headers(snapshot, report.truncated or report.beside_truncated) | tag.headers
            headers["X-Chipledger-Report"] = json.dumps(report.asked())  # ASCII: a header has nothing else
            if report.part(part) is None:
                there = ", ".join([name, *report.beside])
                raise bad_parameter(f"part: one of {there}")
            if format == "json":
                return Told(report.as_object(), headers=headers)
            if report.cautions:
                headers["X-Chipledger-Caution"] = " ".join(report.cautions)
            body: Any = await desk.read(report.render, format, part)
            return Response(body, 200, headers, MEDIA_TYPES[format])
