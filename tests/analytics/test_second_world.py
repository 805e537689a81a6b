"""Reports on a world nobody wrote them for, row for row what a slow count by hand finds."""

import json
from datetime import UTC, datetime

import pytest

from analytics.follower import Follower
from analytics.report import REPORTS, Report, ReportRefused, run_report
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from ledger.book.tables import CHIPS
from tests.analytics.second_world import World
from tests.analytics.slow_reports import slow_capacity, slow_overdue, slow_surplus, slow_unaccounted
from tests.analytics.summed_anew import summed_anew
from tests.analytics.trade import DAY_S


def plain(name):
    """The groupings that are columns of the book; those by families are tested in a world that has some."""
    return [grouping for grouping in REPORTS[name].groupings if not grouping.endswith("_parent")]


@pytest.fixture(scope="module", params=[11, 23, 47])
def asked(request, tmp_path_factory):
    """A world, its snapshot and the as-of time of its last entry, in seconds rounded up."""
    world = World(request.param)
    folder = tmp_path_factory.mktemp("second")
    warehouse = Warehouse(folder / "w")
    Follower(world.store, warehouse).follow(world.size, world.root)
    snapshot = Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()
    return world, snapshot, -(-world.entries[-1].admitted_at // 1000)


def rows_of(report):
    return [{name: row[name] for name in row if name != "drill"} for row in report.as_object()["rows"]]


def alike(found, expected):
    """Equal but for the last places of sums of fractions."""
    assert len(found) == len(expected)
    for left, right in zip(found, expected, strict=True):
        assert list(left) == list(right)
        for name in left:
            if name == "h100e":
                assert left[name] == (None if right[name] is None else pytest.approx(right[name], rel=1e-12))
            else:
                assert left[name] == right[name], (name, left, right)


@pytest.mark.parametrize("grouping", plain("unaccounted"))
def test_unaccounted_chips_are_those_counted_by_hand(asked, grouping):
    world, snapshot, as_of_s = asked
    report = run_report(snapshot, "unaccounted", grouping=grouping)
    expected = slow_unaccounted(world, as_of_s, grouping)
    alike(rows_of(report), expected)
    assert {row["evidence"] for row in expected} == {"S", "K", "R", "O", "L"}
    assert {"K", "O", "L"} <= {row["also"] for row in expected}, "some chips have evidence of two classes"
    assert len({row["chip"] for row in expected}) == len(expected)
    named = {row["chip"] for row in expected}
    assert named.isdisjoint({world.turned_up, world.gone, *world.own, *world.confirmed})
    assert {world.unconfirmed, world.again} <= named
    assert all(row["liable"] for row in expected), "somebody answers for each"
    by_group = {total.grouped: total.chips for total in report.totals}
    assert by_group == {
        group: sum(row["grouped"] == group for row in expected)
        for group in {row["grouped"] for row in expected}
    }


SABOTAGE = {
    "a holder's own sighting": ("    AND x.party_a <> x.party_b\n", ""),
    "a successor's sighting": (
        "    AND POSITION(' ' || x.party_a || ' ' IN ' ' || p.successors || ' ') = 0\n",
        "",
    ),
    "what is settled": ("WHERE l.closed_index IS NULL AND d.state IN ('open', 'answered')", ""),
    "a registrar for a verifier": ("        AND POSITION(' verifier ' IN ' ' || p.roles || ' ') > 0\n", ""),
    "confirmed destructions": ("WHERE g.chip = c.chip", "WHERE 1 = 0"),
    "counts": ("x.said_in = 'stocktake.declared'", "1 = 0"),
    "ended chips' last liable": (
        "COALESCE(r.charged, c.liable, c.last_liable) AS charged",
        "COALESCE(r.charged, c.liable) AS charged",
    ),
}


@pytest.mark.parametrize("spoiled", SABOTAGE)
def test_evidence_without_one_of_its_conditions_is_another(asked, spoiled, tmp_path):
    """The control: the worlds have a case for each."""
    _, snapshot, _ = asked
    other = summed_anew(snapshot, tmp_path, "evidence", *SABOTAGE[spoiled])
    assert not run_report(other, "unaccounted").rows.equals(run_report(snapshot, "unaccounted").rows)


def test_surplus_stands_beside_and_is_never_added(asked):
    world, snapshot, _ = asked
    report = run_report(snapshot, "unaccounted")
    beside = report.as_object()["beside"]["surplus"]
    assert beside == slow_surplus(world)
    assert {"extra", "unknown_chip", "duplicate"} <= {row["kind"] for row in beside}
    assert sum(total.chips for total in report.totals) == report.rows.num_rows


@pytest.mark.parametrize("grouping", plain("overdue"))
def test_overdue_shipments_are_those_counted_by_hand(asked, grouping):
    world, snapshot, as_of_s = asked
    expected = slow_overdue(world, as_of_s, grouping)
    alike(rows_of(run_report(snapshot, "overdue", grouping=grouping)), expected)
    assert len(expected) == 3, "the two planted, and the short receipt that fell due"


def test_lateness_is_counted_to_the_moment_asked_about(asked):
    world, snapshot, as_of_s = asked
    counts = []
    for later in (-4 * DAY_S, 0, 100 * DAY_S):
        moment = as_of_s + later
        report = run_report(snapshot, "overdue", as_of=datetime.fromtimestamp(moment, UTC))
        alike(rows_of(report), slow_overdue(world, moment, "liable"))
        counts.append(report.rows.num_rows)
    assert counts[0] < counts[1] < counts[2]


@pytest.mark.parametrize("grouping", plain("capacity"))
def test_capacity_is_that_counted_by_hand(asked, grouping):
    world, snapshot, _ = asked
    report = run_report(snapshot, "capacity", grouping=grouping)
    alike(rows_of(report), slow_capacity(world, grouping))
    standings = {row["standing"] for row in rows_of(report)}
    assert standings == {"placed", "stored", "in_transit", "disputed"}
    present = [row for row in world.rows(CHIPS) if row.status in {"held", "in_transit"}]
    assert sum(total.chips for total in report.totals) == len(present)


def test_a_report_that_was_cut_says_so_and_totals_all(asked):
    _, snapshot, _ = asked
    whole = run_report(snapshot, "unaccounted")
    cut = run_report(snapshot, "unaccounted", rows_max=2)
    assert (whole.truncated, cut.truncated) == (False, True)
    assert cut.rows.num_rows == 2 and cut.totals == whole.totals
    assert cut.head()["truncated"] is True
    exact = run_report(snapshot, "overdue", rows_max=3)
    assert exact.truncated is False and exact.rows.num_rows == 3


def test_the_head_names_what_was_asked_of_what(asked):
    world, snapshot, _ = asked
    report = run_report(snapshot, "capacity", grouping="owner")
    assert isinstance(report, Report)
    head = json.loads(json.dumps(report.head()))
    assert head["snapshot"] == snapshot.name and head["size"] == world.size
    assert head["root"] == world.root.hex() and head["grouping"] == "owner"
    assert report.render("csv").startswith(b"\xef\xbb\xbfgrouped,standing")


def test_what_cannot_be_asked_is_refused(asked):
    _, snapshot, _ = asked
    assert run_report(snapshot, "gossip") == ReportRefused(
        "no_such_report", f"reports are {', '.join(REPORTS)}"
    )
    refused = run_report(snapshot, "overdue", grouping="model'; DROP TABLE x")
    assert isinstance(refused, ReportRefused) and refused.reason == "bad_grouping"
