"""One group of a report is chosen before rows are cut off, so that none seems to have no rows."""

import pytest

from analytics.report import NOBODY, REPORTS, run_report
from tests.analytics.wide_reports import NEEDED, told

ROWS_MAX = 3


def groups_of(rows):
    return {row["grouped"] or NOBODY for row in rows if "grouped" in row}


@pytest.mark.parametrize("name", REPORTS)
def test_rows_of_one_group_are_those_of_the_whole_report_and_of_no_other(wide, name):
    _, snapshot = wide
    given = NEEDED.get(name, {})
    whole = told(snapshot, name, **given)
    for group in sorted(groups_of(whole["rows"]))[:3]:
        alone = run_report(snapshot, name, group=group, given=given).as_object()
        bare = [row for row in whole["rows"] if (row["grouped"] or NOBODY) == group]
        assert len(alone["rows"]) == len(bare) == alone["row_count"] > 0
        assert [row["entry_index"] for row in alone["rows"] if "entry_index" in row] == [
            row["entry_index"] for row in bare if "entry_index" in row
        ]
        assert alone["totals"] == whole["totals"] and alone["group"] == group
        assert all(groups_of(rows) <= {group} for rows in (alone["rows"], *alone["beside"].values()))
        left_out = whole["beside"].keys() - alone["beside"].keys()
        assert all("grouped" not in whole["beside"][part][0] for part in left_out)
    nobody_called_so = run_report(snapshot, name, group="no such group", given=given)
    assert nobody_called_so.rows.num_rows == nobody_called_so.row_count == 0


@pytest.mark.parametrize("name", ["unaccounted", "changes", "balance", "capacity"])
def test_a_group_behind_the_cut_has_its_rows(wide, name):
    _, snapshot = wide
    given = NEEDED.get(name, {})
    whole = run_report(snapshot, name, given=given)
    cut = run_report(snapshot, name, given=given, rows_max=ROWS_MAX)
    assert cut.truncated and cut.rows.num_rows == ROWS_MAX and cut.row_count == whole.row_count
    names = whole.rows.column("grouped").to_pylist()
    assert whole.row_count == len(names) > ROWS_MAX and not whole.truncated
    last = names[-1] or NOBODY
    assert last not in {each or NOBODY for each in names[:ROWS_MAX]}, "it is behind the cut"
    alone = run_report(snapshot, name, given=given, rows_max=ROWS_MAX, group=last)
    of_it = sum(1 for each in names if (each or NOBODY) == last)
    assert alone.row_count == of_it and alone.rows.num_rows == min(of_it, ROWS_MAX)
    assert alone.truncated == (of_it > ROWS_MAX) and alone.totals == whole.totals == cut.totals


@pytest.mark.parametrize(
    ("name", "grouping", "part"),
    [
        ("unaccounted", "liable", "unverified"),
        ("capacity", "custodian", "bounds"),
        ("balance", "party", "muf"),
        ("balance", "party", "srd"),
        ("balance", "party", "trend"),
        ("export_class", "country", "by_class"),
    ],
)
def test_a_group_behind_the_cut_of_what_stands_beside_has_its_rows(wide, name, grouping, part):
    _, snapshot = wide
    asked = {"grouping": grouping, "given": NEEDED.get(name, {})}
    whole = run_report(snapshot, name, **asked)
    cut = run_report(snapshot, name, **asked, rows_max=1)
    assert whole.beside[part].num_rows > 1 and not whole.beside_truncated
    assert cut.beside[part].equals(whole.beside[part].slice(0, 1)) and cut.beside_truncated
    names = [each or NOBODY for each in whole.beside[part].column("grouped").to_pylist()]
    for group in {each for each in names if each != names[0]} or {names[0]}:
        alone = run_report(snapshot, name, **asked, rows_max=1, group=group)
        theirs = run_report(snapshot, name, **asked, group=group)
        assert theirs.beside[part].num_rows == names.count(group) and not theirs.beside_truncated
        assert alone.beside[part].to_pylist() == theirs.beside[part].to_pylist()[:1] != []
        assert alone.beside_truncated == any(each.num_rows > 1 for each in theirs.beside.values())


@pytest.mark.parametrize("name", ["claims", "export_class", "losses", "undeclared"])
def test_rows_that_are_worked_out_are_cut_too_and_counted(wide, name):
    _, snapshot = wide
    given = NEEDED.get(name, {})
    whole, cut = (run_report(snapshot, name, given=given, rows_max=most) for most in (100, 1))
    assert cut.rows.equals(whole.rows.slice(0, 1)) and cut.truncated and not whole.truncated
    assert cut.row_count == whole.row_count == whole.rows.num_rows > 1 and cut.totals == whole.totals
