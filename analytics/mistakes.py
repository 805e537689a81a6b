"""Where is the mistake in this query, and what was probably meant?

Reads the database's own message: its excerpt with a mark under it gives line and column, its sentence the
word it stumbled over. Names that are near come from those the snapshot has. What the message does not tell is
left out, never guessed. Knows no database.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from analytics.question import SqlRefused

NEAR_MAX = 3
NEARNESS_MIN = 0.6  # of 1, the same word
WORD_CHARACTERS_MAX = 100
DETAIL_CHARACTERS_MAX = 2_000
COLUMNS, VIEWS, FUNCTIONS, WORDS = "columns", "views", "functions", "words"
KEYWORDS = (
    "all", "and", "as", "asc", "between", "by", "case", "cast", "count", "cross", "current_date", "describe",
    "desc", "distinct", "else", "end", "exists", "false", "first", "from", "full", "group", "having", "in",
    "inner", "interval", "is", "join", "last", "lateral", "left", "like", "limit", "not", "null", "nulls",
    "offset", "on", "or", "order", "outer", "over", "partition", "right", "row_number", "select", "sum",
    "summarize", "then", "timestamp", "true", "union", "unnest", "using", "values", "when", "where", "window",
    "with",
)  # fmt: skip

EXCERPT = re.compile(r"^LINE (?P<line>\d{1,6}): (?P<text>[^\n]*)\n(?P<mark> *\^+)", re.MULTILINE)
SAID = {
    COLUMNS: re.compile(
        r'(?:Referenced column|Column with name|does not have a column named|[Cc]olumn) "(.{1,100}?)"'
    ),
    VIEWS: re.compile(
        r"(?:Table|View) with name (\S{1,100}) does not exist|Referenced table \"(.{1,100}?)\""
    ),
    FUNCTIONS: re.compile(r"Function with name (\S{1,100}) does not exist"),
    WORDS: re.compile(r'at or near "(.{1,100}?)"'),
}
NO_TABLE = re.compile(r"(?:Table|View) with name \S{1,100} does not exist")
PART = r'(?:"[^"]{1,100}"|\w{1,100})'
CHAIN = re.compile(rf"{PART}(?:\.{PART}){{0,2}}")
ARROW = "Deprecated lambda arrow"  # what the database advises on it is a setting, which no question may make
ARROW_TOLD = "a function is written lambda x: x + 1, not x -> x + 1"
ASIDE = re.compile(r"^(?:Did you mean|Candidate bindings|LINE \d+:).*", re.MULTILINE | re.DOTALL)


def explained(
    message: str, query: str, names: Mapping[str, Iterable[str]], lines_before: int = 0
) -> SqlRefused:
    """The refusal of a query that the database could not answer.

    `names` has the snapshot's names by kind: `columns`, `views`, `functions`. `lines_before`: lines
    that stood before the query when the message was made.
    """
    kind, word = _word(message)
    line, column, marked = _place(message, query, lines_before)
    word = word or marked
    there = KEYWORDS if kind == WORDS else names.get(kind, ())
    near = _near(word, there) if word else ()
    told = _sentence(message)
    if line is not None:
        place = f"line {line}" if column is None else f"line {line}, column {column}"
        told = f"{place}: {told}"
    if near:
        told += f"; did you mean {' or '.join(near)}?"
    elif kind == VIEWS:
        told += f"; the views are {', '.join(sorted(names.get(VIEWS, ())))}"
    missing = _missing(message, word, marked)
    return SqlRefused("failed", told[:DETAIL_CHARACTERS_MAX], line, column, word, near, missing)


def _missing(message: str, word: str | None, marked: str | None) -> str | None:
    """The table there is not, named as the query does where the database marked it: with its schema."""
    if NO_TABLE.search(message) is None or not word:
        return None
    found = CHAIN.match(marked or "")
    return word if found is None else found[0]


def _sentence(message: str) -> str:
    """What is wrong, without the excerpt and without guesses at tables that are not the snapshot's."""
    if ARROW in message:
        return ARROW_TOLD
    return " ".join(ASIDE.sub("", message).split()).removesuffix("!")


def _word(message: str) -> tuple[str, str | None]:
    for kind, pattern in SAID.items():
        found = pattern.search(message)
        if found is not None:
            return kind, next(group for group in found.groups() if group)
    return "", None


def _place(message: str, query: str, before: int) -> tuple[int | None, int | None, str | None]:
    """Line, column and text of what the database marked. A long line is shown in part: it is looked for."""
    found = EXCERPT.search(message)
    lines = query.split("\n")
    line = 0 if found is None else int(found["line"]) - before
    if found is None or not 1 <= line <= len(lines):
        return None, None, None
    whole = lines[line - 1].replace("\t", " ")
    shown = found["text"].replace("\t", " ")
    head = "..." if shown.startswith("...") else ""
    part = shown.removeprefix("...").removesuffix("...")
    start = whole.find(part)
    offset = len(found["mark"]) - found["mark"].count("^") - len(f"LINE {found['line']}: {head}")
    if start < 0 or offset < 0:
        return line, None, None
    column = start + offset + 1
    marked = whole[column - 1 :][: found["mark"].count("^")].strip()[:WORD_CHARACTERS_MAX]
    return line, column, marked or None


def _near(word: str, names: Iterable[str]) -> tuple[str, ...]:
    bare = word.strip('"').rpartition(".")[2].lower()
    found = get_close_matches(bare, sorted(set(names)), NEAR_MAX, NEARNESS_MIN)
    return tuple(name for name in found if name != bare)
