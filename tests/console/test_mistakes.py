"""What the database says of a mistake is told with its place, and a strange message breaks nothing."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.mistakes import explained
from analytics.question import REASONS

NAMES = {"columns": ["custodian", "chip"], "views": ["chip", "chip_span"], "functions": ["count"]}


def test_a_long_line_is_told_with_its_own_column():
    query = "SELECT " + ", ".join(f"chip AS c{number}" for number in range(30)) + ", nope FROM chip"
    shown = "..., chip AS c28, chip AS c29, nope FROM chip"
    message = f'Binder Error: Referenced column "nope" not found\n\nLINE 1: {shown}\n'
    message += " " * (len("LINE 1: ") + shown.index("nope")) + "^"
    told = explained(message, query, NAMES)
    assert (told.line, told.column, told.word) == (1, query.index("nope") + 1, "nope")


def test_lines_before_the_query_are_not_counted():
    message = 'Binder Error: Referenced column "x" not found\n\nLINE 3:   x\n          ^'
    told = explained(message, "SELECT\n  x", NAMES, lines_before=1)
    assert (told.line, told.column) == (2, 3)


def test_an_unknown_view_is_told_with_those_there_are():
    told = explained("Catalog Error: Table with name nonsense does not exist!", "FROM nonsense", NAMES)
    assert "the views are chip, chip_span" in told.detail and told.near == ()
    assert explained("Table with name chipp does not exist!", "", NAMES).near == ("chip", "chip_span")


@given(st.text(max_size=200), st.text(max_size=100), st.integers(0, 2))
def test_no_message_breaks_it(message, query, before):
    for said in (message, f"{message}\n\nLINE 1: {query}\n    ^"):
        told = explained(said, query, NAMES, before)
        assert told.reason in REASONS
        assert told.line is None or 1 <= told.line <= query.count("\n") + 1
