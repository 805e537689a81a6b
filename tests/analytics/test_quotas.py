"""Quotas stand beside what is held abroad, of countries or of parties, on days when they were in force."""

import pytest

from analytics.snapshots import open_snapshot
from tests.analytics.wide_reports import told

IN_FORCE = "2025-03-01"
OF_EACH = {"country": {"country"}, "custodian": {"consignee_year", "validated_end_user"}}


@pytest.mark.parametrize("grouping", OF_EACH)
def test_what_is_beside_a_quota_is_listed_and_abroad(wide, grouping):
    _, snapshot = wide
    report = told(snapshot, "export_class", grouping=grouping, on=IN_FORCE)
    rows = report["beside"]["quotas"]
    assert rows and {row["quota"] for row in rows} == OF_EACH[grouping]
    assert "US" not in {row["grouped"] for row in rows} and None not in {row["grouped"] for row in rows}
    assert any("a quota is no limit of holdings" in note for note in report["notes"])
    held = {row["grouped"]: 0 for row in report["rows"]}
    for row in report["rows"]:
        held[row["grouped"]] += (row["tpp"] or 0) * row["listed_as"].startswith("3A090")
    with open_snapshot(snapshot.path, "500MB", 1) as connection:
        each = dict(connection.execute("SELECT model, tpp FROM model").fetchall())
        country = dict(connection.execute("SELECT site, country FROM site").fetchall())
        for row in rows:
            if "drill" not in row:
                assert row["listed_tpp"] == 0
                continue
            found = connection.execute(row["drill"]).fetchall()
            assert sum(each[chip[1]] for chip in found) == row["listed_tpp"]
            assert "US" not in {country.get(chip[4]) for chip in found}
    at_home = sum(held.values()) - sum({row["grouped"]: row["listed_tpp"] for row in rows}.values())
    assert at_home > 0, "the control: some of what is listed stands in the United States"


def test_today_no_quota_is_in_force(wide):
    _, snapshot = wide
    report = told(snapshot, "export_class")
    assert report["beside"]["quotas"] == []
    assert any("no quota was in force on 2026" in note for note in report["notes"])
