"""From the sheets to the verdict, by the commands: what is undone is asked about, what is said is signed."""

import json
from contextlib import chdir

import pytest

from ledger.book.times import format_seconds
from tests.cli.stage import chipledger
from tests.field.hall import (
    HALL,
    HELD,
    LOST,
    VISIT,
    asking,
    chip_of,
    filled,
    record,
    rows_of,
    speaking,
    write_rows,
)
from tests.world_http import WATCH

SHEETS = (HALL, "visit.oslo-annex.team-1-of-1.csv", "visit.in-transit.team-1-of-1.csv")
SERIES = f"{WATCH}/s1"


def close(world, folder, *words, code=0):
    """`inspect close`, its files in a folder."""
    with chdir(folder):
        now = ["--occurred-at", format_seconds(world.now // 1000)]
        result = chipledger("inspect", "close", "visit", *words, *now, *speaking(world))
    assert result.exit_code == code, result.output
    return result


def back(world, sheets, *missed, but=()):
    """All sheets filled in and recorded; those in `missed` are not found, those in `but` not visited."""
    for name in SHEETS:
        rows = []
        for row in rows_of(sheets / name):
            chip = chip_of(world, row["reference"])
            if chip in but:
                rows.append(row)
                continue
            site = {"site": row["site"] or "oslo/hall"}
            rows.append(filled(world, row, "not_found" if chip in missed else "confirmed", **site))
        record(world, write_rows(sheets / f"back-{name}", rows))


@pytest.fixture
def rest(world, sheets):
    """Chips of the hall's sheet but the lost one, by line."""
    chips = [chip_of(world, row["reference"]) for row in rows_of(sheets / HALL)]
    return [chip for chip in chips if chip != LOST]


def test_all_but_the_lost_chip_is_there_and_the_verdict_says_so(world, sheets):
    back(world, sheets, LOST)
    size = world.door.size()
    dry = close(world, sheets, "--dry-run", "--json")
    told = json.loads(dry.stdout)
    assert (told["verdict"], told["signed"], told["undone"]) == ("violations", False, [])
    assert world.door.size() == size and not list(sheets.glob("*.closed.*")), "nothing was signed"
    begins = f"Draw 1 of 1 in series {SERIES}: {HELD} of {HELD} visited, 1 missing; at 95 % confidence "
    assert told["sentence"].startswith(f"{begins}at most 1 is missing;")
    shown = close(world, sheets).stdout
    assert told["sentence"] in " ".join(shown.split()) and world.door.size() == size + 1
    state = world.inspection(VISIT)
    assert (state["state"], state["verdict"], state["upper_bound"]) == ("closed", "violations", 1)
    again = close(world, sheets, code=1)
    assert f"{VISIT} is closed. Draw 1 of 1" in " ".join(again.stderr.split())
    facts = " ".join(chipledger("show", "inspection", VISIT, *asking(world)).stdout.split())
    assert "violations, draw 1 of 1 in its series" in facts and f"{HELD} of {HELD}" in facts


def test_what_is_not_visited_is_not_closed_unless_a_person_says_so(world, sheets, rest):
    back(world, sheets, LOST, but=rest[:2])
    size = world.door.size()
    refused = close(world, sheets, code=1)
    said = " ".join(refused.stderr.split())
    assert f"2 of {HELD} drawn are not visited, and count as missing for the bound" in said
    assert "--yes signs all the same" in said and world.door.size() == size
    told = json.loads(close(world, sheets, "--yes", "--json").stdout)
    assert told["signed"] and len(told["undone"]) >= 1 and world.door.size() == size + 1
    assert told["body"]["counts"]["not_visited"] == 2 and told["body"]["upper_bound"] == 3


def test_a_stage_that_is_drawn_is_not_given_up(world, sheets):
    back(world, sheets)
    other = close(world, sheets, "--verdict", "withheld", code=1)
    assert "the verdict is clean, and there can be no other" in other.stderr


def test_closed_inspections_are_claimed_together(world, sheets):
    back(world, sheets)
    close(world, sheets)
    words = ["inspect", "joint", VISIT, *asking(world)]
    told = json.loads(chipledger(*words, "--json").stdout)
    assert [one["verdict"] for one in told["claims"]] == ["clean"] and told["total_upper"] == 0
    assert told["risk_any"] == "0.050000000000"
    plain = " ".join(chipledger(*words).stdout.split())
    assert "1 claim together: at most 0 missing in all" in plain
    assert "plan each with --beta-ppm 50000 at most" in plain
    assert chipledger("inspect", "joint", *asking(world)).exit_code == 2
    both = chipledger("inspect", "joint", "--series", SERIES, "--series", f"{WATCH}/s2", *asking(world))
    assert both.exit_code == 0 and "1 of 2 inspections bound nothing" in " ".join(both.stdout.split())
