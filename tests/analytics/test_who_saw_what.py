"""The two lists of `undeclared`: who is heard, of which chips, and where."""

import pytest

from tests.analytics.watched_worlds import published, seen_world
from tests.analytics.wide_reports import told, with_text

NAMES = ("declared", "seen", "both_lists", "seen_elsewhere", "seen_after_end", "seen_unknown")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    with published(seen_world, tmp_path_factory.mktemp("seen")) as made:
        yield made


def lists(snapshot, **given):
    rows = told(snapshot, "undeclared", **given)["rows"]
    return {row["grouped"]: tuple(row[name] for name in NAMES) for row in rows}


def test_those_are_heard_who_neither_run_the_place_nor_have_the_chip(seen):
    _, snapshot = seen
    assert lists(snapshot) == {
        "acme/floor": (1, 2, 1, 0, 0, 1),
        "acme/hall": (8, 7, 4, 1, 1, 1),
        "bolt/hall": (4, 0, 0, 0, 0, 0),
    }


def test_a_larger_group_is_no_sum_of_places(seen):
    _, snapshot = seen
    by_operator, everything = lists(snapshot, grouping="operator"), lists(snapshot, grouping="book")
    assert by_operator["acme"] == (9, 9, 5, 1, 1, 2)
    # What is on the book anywhere is on both lists; sightings of no place in particular count here too.
    assert everything == {"book": (13, 11, 7, 0, 1, 3)}


def test_the_second_list_may_be_of_sightings_or_of_floors_alone(seen):
    _, snapshot = seen
    sightings, floors = lists(snapshot, seen_by="sightings"), lists(snapshot, seen_by="floor")
    assert sightings["acme/floor"][1] == 0 and sightings["acme/hall"] == (8, 7, 4, 1, 1, 1)
    assert floors["acme/floor"] == (1, 2, 1, 0, 0, 1) and floors["acme/hall"][1] == 0
    row = next(
        r for r in told(snapshot, "undeclared", seen_by="floor")["rows"] if r["grouped"] == "acme/hall"
    )
    assert row["undeclared"] is None and row["told"].startswith("no estimate: nobody independent")


SABOTAGE = {
    "who runs the place": ("WHERE x.side IS NULL AND y.side IS NULL", "WHERE y.side IS NULL"),
    "who has the chip": ("WHERE x.side IS NULL AND y.side IS NULL", "WHERE x.side IS NULL"),
    "what was taken back": ("        AND e.corrected_by IS NULL\n", ""),
    "what was decided or given up": ("d.outcome IN ('book_stands', 'observer')", "1 = 0"),
    "draws of the book": ("i.direction = 'floor_to_book' AND ", ""),
}


@pytest.mark.parametrize("spoiled", SABOTAGE)
def test_the_lists_without_one_of_these_are_others(seen, spoiled):
    """The control."""
    _, snapshot = seen
    values = {"basis": "registered", "confirmed_since": "2026-01-01", "seen_by": "all", "grouping": "site"}
    before, after = SABOTAGE[spoiled]
    if spoiled == "draws of the book":
        before, after = (
            before + "v.result IS NOT NULL AND POSITION('#' IN v.item) > 0",
            "v.result IS NOT NULL",
        )
        values |= {"grouping": "book"}
    assert with_text(snapshot, "undeclared", values, before, after) != with_text(
        snapshot, "undeclared", values
    )
