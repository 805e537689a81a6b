"""What is said of the views is so, and every question that is shipped is one the console answers."""

from pathlib import Path

import duckdb
import pytest

from analytics import catalogue
from analytics.console import Console, SqlAnswer
from analytics.question import Limits, SqlRefused
from tests.console.room import answers_plainly

VIEWS_FOLDER = Path(catalogue.__file__).parent / "views"
SHIPPED = {f"example {view.name}": view.example for view in catalogue.views() if view.example}
SHIPPED |= {f"saved {query.name}": query for query in catalogue.saved()}
ROOMY = Limits(memory_bytes=256 << 20, threads=1)


def test_every_view_is_described_with_every_column_and_an_example(room):
    with duckdb.connect(str(room.snapshot.path), read_only=True) as connection:
        there = connection.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns()"
            " WHERE schema_name = 'main' AND NOT internal GROUP BY 1"
        ).fetchall()
    told = {view.name: {column.name for column in view.columns} for view in catalogue.views()}
    assert told == {name: set(columns) for name, columns in there}
    assert told.keys() == {path.stem for path in VIEWS_FOLDER.glob("*.sql")}
    for view in catalogue.views():
        assert view.example is not None and view.name in view.example.text, view.name
        assert all(column.meaning and column.unit for column in view.columns), view.name


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_query_is_answered_with_rows(name, room):
    query = SHIPPED[name]
    assert query.question.endswith((".", "?"))
    answer = Console(ROOMY).run(room.snapshot, query.text)
    assert isinstance(answer, SqlAnswer) and not answer.truncated, answer
    assert answer.rows or name in {"saved seen_twice", "example party_ancestor"}, "an example shows something"


def test_there_are_saved_queries_and_a_spoiled_one_is_seen(room):
    assert len(catalogue.saved()) >= 8
    spoiled = SHIPPED["example chip"].text.replace("custodian", "custodain", 1)
    answer = Console(ROOMY).run(room.snapshot, spoiled)
    assert isinstance(answer, SqlRefused) and answer.word == "custodain"
    assert answers_plainly(Console(ROOMY), room)
