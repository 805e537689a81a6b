"""The same view and report texts give the same rows on DuckDB, PostgreSQL and a Spark engine."""

import re
from pathlib import Path

import pytest

import analytics
from analytics.bridges.dialects import placeholders
from analytics.bridges.mirror import Mirrored, mirror
from analytics.reporting.questions import text_of
from analytics.warehouse import SUMS, VIEWS
from tests.bridges.engines import Lake, asking_duckdb, asking_postgresql

BOOKS = ("small", "second")
# What is summed up beforehand is counted anew by each, from the same chips.
REPORTS = SUMS | {
    path.stem: text_of(path.stem)
    for path in sorted((Path(analytics.__file__).parent / "reports").glob("*.sql"))
}
GROUPINGS = re.compile(r"CASE \$grouping((?:\s+WHEN '[a-z_]+' THEN .*)+)")
AS_OF_S = 1_795_240_800 + 40 * 86_400  # when all that is on its way in these books is late
# What the placeholders of reports are given, beside `grouping`, which is given each of its words.
VALUES = {
    "as_of_s": AS_OF_S,
    "basis": "suspected",
    "confirmed_since": "2026-11-21T06:30:00",
    "since_s": AS_OF_S - 40 * 86_400,
    "seen_by": "all",
    "from_size": 20,
    "to_size": 10_000,
    "families": " hopper=h100 ",
}


@pytest.fixture(scope="module", params=BOOKS)
def book(request, postgresql, spark, tmp_path_factory):
    """What asks DuckDB, PostgreSQL and Spark, over the same tables."""
    snapshot = request.getfixturevalue(request.param)
    schema = f"conform_{request.param}"
    done = mirror(snapshot.path, postgresql, schema, advance=lambda *_: None)
    assert isinstance(done, Mirrored) and done.written
    lake = Lake(spark, schema, snapshot.path, tmp_path_factory.mktemp(request.param))
    with asking_duckdb(snapshot.path) as here, asking_postgresql(postgresql, schema) as there:
        yield here, there, lake.ask


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_the_same_everywhere(book, view):
    duckdb, postgresql, spark = book
    text = f"SELECT * FROM {view}"
    here = duckdb(text)
    assert here == postgresql(text), here.differences(postgresql(text))
    assert here == spark(text), here.differences(spark(text))


def questions():
    """(report, values) for every text, and every word that its first `CASE $grouping` knows."""
    for name, text in REPORTS.items():
        asked = placeholders(text)
        cases = GROUPINGS.search(text)
        words = sorted(set(re.findall(r"WHEN '([a-z_]+)'", cases[1]))) if cases else ["any"]
        for word in words if "grouping" in asked else [None]:
            values = VALUES if word is None else VALUES | {"grouping": word}
            yield pytest.param(name, values, id=name if word is None else f"{name}-{word}")


@pytest.mark.parametrize(("report", "values"), list(questions()))
def test_a_report_is_the_same_everywhere(book, report, values):
    duckdb, postgresql, spark = book
    text = REPORTS[report]
    here = duckdb(text, values)
    assert here == postgresql(text, values), here.differences(postgresql(text, values))
    assert here == spark(text, values), here.differences(spark(text, values))


def test_there_is_something_to_compare_in_every_view_and_report(small, second):
    found = dict.fromkeys([*VIEWS, *REPORTS], 0)
    for snapshot in (small, second):
        with asking_duckdb(snapshot.path) as ask:
            for view in VIEWS:
                found[view] += ask(f"SELECT * FROM {view}").rows.total()
            for asked in questions():
                name, values = asked.values
                found[name] += ask(REPORTS[name], values).rows.total()
    assert [name for name, rows in found.items() if rows == 0] == []
