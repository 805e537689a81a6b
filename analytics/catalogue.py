"""Which views are there to ask, what does each column mean, and what is worth asking?

Read from the files that make the views: comments from `columns.sql`, an example a view from `examples/`,
standing questions of analysts from `saved/`. A file's first line is the question it answers. Knows no
database: a snapshot made by another release may have fewer columns.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS_FILE = HERE / "columns.sql"
EXAMPLES, SAVED = HERE / "examples", HERE / "saved"
VIEW = re.compile(r"^COMMENT ON VIEW (\w+) IS '((?:[^']|'')*)';$", re.MULTILINE)
COLUMN = re.compile(r"^COMMENT ON COLUMN (\w+)\.\"?(\w+)\"? IS '((?:[^']|'')*)';$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """A query with the question it answers."""

    name: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """`unit` is a unit, or the form of a text."""

    name: str
    meaning: str
    unit: str


@dataclass(frozen=True, slots=True)
class View:
    """One view with its columns in their order of description."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    example: Query | None


@cache
def views() -> tuple[View, ...]:
    """Every view that is described, by name."""
    text = COLUMNS_FILE.read_text("utf-8")
    columns: dict[str, list[Column]] = {}
    for view, name, told in COLUMN.findall(text):
        meaning, _, unit = told.replace("''", "'").rpartition("; ")
        columns.setdefault(view, []).append(Column(name, meaning, unit))
    examples = {query.name: query for query in _queries(EXAMPLES)}
    found = (
        View(name, told.replace("''", "'"), tuple(columns.get(name, ())), examples.get(name))
        for name, told in VIEW.findall(text)
    )
    return tuple(sorted(found, key=lambda view: view.name))


@cache
def saved() -> tuple[Query, ...]:
    """The questions that come with the program, by name."""
    return tuple(_queries(SAVED))


def _queries(folder: Path) -> list[Query]:
    return [_query(path) for path in sorted(folder.glob("*.sql"))]


def _query(path: Path) -> Query:
    first, _, text = path.read_text("utf-8").partition("\n")
    return Query(path.stem, first.removeprefix("-- "), text.strip().removesuffix(";"))
