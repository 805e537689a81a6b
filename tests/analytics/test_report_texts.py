"""The texts of the reports are written for more databases than one, and say first what they answer."""

import re

import pytest
import sqlglot
from sqlglot import exp

from analytics.report import REPORTS
from analytics.reporting.questions import HERE, text_of
from analytics.warehouse import SUMS

TEXTS = {path.stem: text_of(path.stem) for path in sorted(HERE.glob("*.sql"))}
# What not every one of the databases takes.
FOREIGN = re.compile(
    r"\b(ASOF|RECURSIVE|QUALIFY|EXCLUDE|ILIKE|LATERAL|STRING_AGG|LISTAGG|GROUP_CONCAT|FILTER|PIVOT|UNNEST"
    r"|IS DISTINCT FROM|ANY_VALUE|ARG_MAX|EPOCH|STRFTIME|GROUPING SETS|USING)\b|::|\[",
    re.IGNORECASE,
)
PLACES = re.compile(r"\$([a-z_]+)")


def test_every_report_has_its_text_and_every_text_is_some_reports():
    read = {"surplus", "unverified", "bounds", "counts", "receipts", "late", "differing"}
    assert TEXTS.keys() == REPORTS.keys() | read and len(TEXTS) == 17


def test_what_was_due_is_written_once_and_read_by_four():
    rows = text_of("late").rstrip().removesuffix(";")
    within = [name for name, text in TEXTS.items() if rows in text]
    assert within == ["bounds", "late", "overdue", "unaccounted", "unverified"]
    assert "the rows of" not in "".join(TEXTS.values())


@pytest.mark.parametrize("name", [*TEXTS, *SUMS])
def test_a_text_begins_with_its_question_and_uses_nothing_foreign(name):
    text = {**TEXTS, **SUMS}[name]
    assert re.match(r"-- [^\n]*\?[^\n]*\n", text), name
    bare = "\n".join(line.partition("--")[0] for line in text.splitlines())
    assert FOREIGN.search(bare) is None, FOREIGN.search(bare)
    assert FOREIGN.search(bare + " x::DATE") is not None, "the control"


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_other_dialects_parsers_read_the_same_columns(name, dialect):
    text = PLACES.sub("'x'", TEXTS[name])
    if dialect == "spark":
        text = text.replace('"', "`")  # as under its setting for identifiers in double quotes
    read = sqlglot.parse_one(text, read=dialect)
    assert isinstance(read, exp.Query)
    first = sqlglot.parse_one(PLACES.sub("'x'", TEXTS[name]), read="duckdb")
    assert read.named_selects == first.named_selects and len(read.named_selects) > 1


def test_values_are_given_by_placeholder_and_are_those_there_are():
    known = {each.name for question in REPORTS.values() for each in question.parameters}
    known |= {"grouping", "as_of_s", "since_s", "confirmed_since", "families"}
    assert {name for text in TEXTS.values() for name in PLACES.findall(text)} <= known
