"""Every report of a real world fits its tables, whole and with every column."""

import json

import pytest

from analytics.report import REPORTS, run_report
from api.cli.screen.report_tables import show_report
from tests.analytics.wide_reports import NEEDED, published

WORDS = {
    "unaccounted": ("failed an inspection", "unverified: not seen for long", "gaps known as counts only"),
    "capacity": ("days 1e25", "what they could run"),
    "overdue": ("longest overdue first",),
    "balance": ("the residual must be 0", "MUF", "alarm"),
    "fabrication": ("class D", "foundry/fab-east-0"),
    "claims": ("enveloped, never added up", "planned or gone"),
    "changes": ("changes by kind", "some of these chips"),
    "export_class": ("3A090.a", "no quota was in force", "size 296, root"),
    "losses": ("against the mortality stated", "beyond it"),
    "undeclared": ("a floor where lists depend", "not an estimate of 0"),
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Of a wider world."""
    return published(7, tmp_path_factory.mktemp("screens"))[1]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("all_columns", [False, True])
def test_a_report_is_shown_with_what_stands_beside_it(snapshot, capsys, name, all_columns):
    report = run_report(snapshot, name, given=NEEDED.get(name, {}))
    show_report(name, json.loads(json.dumps(report.as_object())), all_columns=all_columns)
    text = " ".join(capsys.readouterr().out.split())
    assert text
    if not all_columns:
        assert all(word in text for word in WORDS[name]), text
