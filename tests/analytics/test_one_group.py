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
