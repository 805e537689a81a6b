"""Reports over HTTP: their own parameters, and no others."""

import inspect
import json

from analytics.report import REPORTS
from api.http.routes.reports import report_parameters


def told(answer):
    """The answer's body; it must be one."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_reports_take_their_own_parameters_and_no_others(post, scene):
    bounds = told(post.ask("quant", "/reports/capacity?window_days=30&utilisation_percent=50"))
    assert bounds["parameters"]["window_days"] == 30 and bounds["beside"]["bounds"]
    assert "beside" in bounds and told(post.ask("quant", "/reports/capacity?beside=none"))["beside"] == {}
    changes = told(post.ask("quant", f"/reports/changes?from_size=0&to_size={scene.size}"))
    assert len(changes["rows"]) == 5 and all(row["changed"].startswith("born") for row in changes["rows"])
    row = told(post.ask("quant", "/reports/balance?grouping=model"))["rows"][0]
    assert row["residual"] == 0
    rows = told(post.ask("quant", "/sql", params={"q": row["drill"]}))["rows"]
    assert rows and {"chip", "entry_index"} <= rows[0].keys()
    part = post.ask("quant", "/reports/capacity?format=csv&part=bounds")
    assert part.content.startswith(b"\xef\xbb\xbfgrouped,low_chips")
    for wrong, said in (
        ("changes", "from_size must be said"),
        ("capacity?rule=us-2022-10", "rule is no parameter of this report"),
        ("capacity?window_days=x", "window_days is a whole number"),
        ("capacity?part=rumours", "part: one of capacity, bounds"),
        ("capacity?windowdays=9", "no parameter of this route; it has: basis, window_days"),
        ("changes?nonsense=1", "nonsense: no parameter of this route; it has: from_size, to_size, as_of"),
        ("capacity?at=5&date=2026-11-21", "of a size or of a day"),
        (
            "overdue?as_of=tomorrow",
            "as_of: a time is written YYYY-MM-DDTHH:MM:SSZ, or YYYY-MM-DD for the end",
        ),
        ("overdue?as_of=2026-02-30", "as_of: no such time"),
    ):
        answer = post.ask("quant", f"/reports/{wrong}")
        assert answer.status_code == 422 and said in answer.json()["detail"], wrong
    day, second = (
        told(post.ask("quant", f"/reports/overdue?as_of={moment}"))
        for moment in ("2199-11-21", "2199-11-21T23:59:59Z")
    )
    assert day == second and day["as_of"] == "2199-11-21T23:59:59Z"
    assert post.ask("quant", "/reports/capacity?date=2020-01-01").status_code == 422
    today = told(post.ask("quant", "/reports/capacity?date=2999-01-01"))
    assert today["size"] == scene.size


def test_rows_of_one_group_are_asked_for_and_files_say_what_was_asked(post):
    whole = told(post.ask("quant", "/reports/capacity"))
    group = whole["rows"][-1]["grouped"]
    alone = told(post.ask("quant", "/reports/capacity", params={"group": group}))
    assert {row["grouped"] for row in alone["rows"]} == {group} != {row["grouped"] for row in whole["rows"]}
    assert alone["group"] == group and alone["totals"] == whole["totals"]
    answer = post.ask("quant", "/reports/capacity", params={"group": group, "format": "csv"})
    assert len(answer.content.splitlines()) == 1 + len(alone["rows"])
    assert json.loads(answer.headers["x-chipledger-report"]) == {
        name: alone[name] for name in ("as_of", "grouping", "group", "parameters", "row_count")
    }
    assert alone["parameters"]["window_days"] == 180, "what was taken where nothing was said is there too"


def test_the_route_knows_every_parameter_of_every_report():
    known = {each.name for question in REPORTS.values() for each in question.parameters}
    assert known == set(inspect.signature(report_parameters).parameters)
