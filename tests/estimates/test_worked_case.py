"""The worked case of docs/claims.md, recomputed from the data: two sources on the Hopper chips of 2024."""

import csv

import pytest

from analytics.follower import Follower
from analytics.report import run_report
from analytics.reporting.enveloping import enveloped
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from api.cli.estimates.reading import Naming, read_estimates
from tests.analytics.trade import H100_GFLOPS, Trade
from tests.docs.papers import ROOT
from tests.shared import shared

BUYERS = ("Microsoft", "Meta", "Amazon", "Google")
HOPPER = "nvidia-hopper-family"
PAGE = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The estimates of the four buyers, said in a log, followed and reported."""
    found = read_estimates(shared("data", "market", "claims.csv"), Naming({}))
    trade = Trade()
    trade.list_model("nvidia-h100-sxm5-80", H100_GFLOPS)
    trade.enrol("quill", "analyst", "IS")
    said = 0
    for claim in found.claims:
        if claim.body["measure"] == "acquired" and claim.body["subject"] in BUYERS:
            trade.say("quill", "claim.noted", dict(claim.body))
            said += 1
    assert said > 100
    folder = tmp_path_factory.mktemp("case")
    warehouse = Warehouse(folder / "w")
    Follower(trade.store, warehouse).follow(trade.size, trade.root)
    snapshot = Snapshots(folder / "s").publish(warehouse)
    warehouse.close()
    return run_report(snapshot, "claims")


def rows_of_2024(report):
    """The cell of the year and the family, by buyer."""
    rows = report.as_object()["rows"]
    return {
        row["grouped"]: row for row in rows if row["family"] == HOPPER and row["as_of"].startswith("2024")
    }


@pytest.mark.parametrize("buyer", BUYERS)
def test_the_figures_of_the_page_are_those_of_the_files(report, buyer):
    row = rows_of_2024(report)[buyer]
    with shared("data", "market", "omdia_2024_hopper.csv").open(encoding="utf-8") as lines:
        press = [
            int(one["units"])
            for one in csv.DictReader(lines)
            if (one["buyer"], one["chip_family_id"]) == (buyer, HOPPER)
        ]
    counts = shared("data", "market", "epoch_chip_counts", "nvidia_owners_quarters_by_chip.csv")
    with counts.open(encoding="utf-8-sig") as lines:
        quarters = [
            one
            for one in csv.DictReader(lines)
            if one["Owner"] == buyer and one["End date"].endswith("/2024") and one["Chip type"] == "H100/H200"
        ]
    assert len(press) == 1 and len(quarters) == 4
    low, high, median = (
        sum(int(one[name]) for one in quarters)
        for name in (
            "Number of Units (5th percentile)",
            "Number of Units (95th percentile)",
            "Number of Units",
        )
    )
    assert (row["low"], row["high"]) == (press[0], press[0])
    assert (row["parts_low"], row["parts_high"], row["parts_sources"]) == (low, high, 1)
    assert (row["envelope_low"], row["envelope_high"]) == (min(press[0], low), max(press[0], high))
    assert row["agree"] is False and press[0] < low, "and both below Epoch's lows"
    told = [f"{number:,}" for number in (press[0], low, high, median)]
    ends = f"{row['envelope_low']:,} to {row['envelope_high']:,}"
    assert f"| {buyer} | {' | '.join(told)} | no | {ends} |" in PAGE


def test_what_the_page_says_of_one_buyer_and_of_the_file_holds(report):
    row = rows_of_2024(report)["Microsoft"]
    between = f"between {row['parts_low'] - 485_000:,} and {row['parts_high'] - 485_000:,} chips"
    assert between in " ".join(PAGE.split())
    assert row["ledger"] is None, "the log began later"
    found = read_estimates(shared("data", "market", "claims.csv"), Naming({}))
    undated = sum(left.why == "no day" for left in found.left)
    doubts = [claim.doubt for claim in found.claims if claim.doubt]
    twice = sum("duplicate" in doubt for doubt in doubts)
    text = " ".join(PAGE.split())
    assert f"{len(found.claims)} make a claim and {len(found.left)} do not: {undated} have no day" in text
    assert f"{len(found.left) - undated} no quantity. {twice} of the {len(found.claims)}" in text
    assert f"{len(doubts) - twice} are planned" in text


SPOILT = {
    "a quarter is missing": lambda rows: [row for row in rows if not str(row["as_of"]).startswith("2024-06")],
    "a part is told twice": lambda rows: [
        *rows,
        {**next(r for r in rows if "2024-06" in str(r["as_of"])), "low": 1},
    ],
    "it is planned": lambda rows: [{**row, "exists_now": 0} for row in rows],
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_parts_that_leave_something_out_or_overlap_are_not_added_up(report, spoilt):
    rows = report.beside["claim_lines"].to_pylist()
    sound = next(cell for cell in enveloped(rows) if is_microsoft(cell))
    other = next(cell for cell in enveloped(SPOILT[spoilt](rows)) if is_microsoft(cell))
    assert sound["parts_sources"] == 1 and other["parts_sources"] == 0
    assert other["parts_low"] is None and other["envelope_high"] == 485_000


def is_microsoft(cell):
    return cell["grouped"] == "Microsoft" and cell["family"] == HOPPER
