"""Is this text one question, and nothing but a question?

The first of several walls, and the one that explains itself: what it turns away would also fail behind it,
but less legibly. It reads the statement with a parser of its own and lets pass one SELECT (or DESCRIBE,
SUMMARIZE) over named tables and a few harmless table functions. What it cannot read it refuses. Knows no
database.
"""

import re
from typing import Any

import sqlglot
import sqlglot.errors

# The parser takes these in when it first meets a subscript or the like: behind the walls it cannot.
import sqlglot.optimizer.annotate_types
import sqlglot.optimizer.normalize_identifiers
import sqlglot.optimizer.simplify
import sqlglot.transforms
from sqlglot import exp

from analytics.question import QUERY_BYTES_MAX, SqlRefused

QUESTIONS = (exp.Query, exp.Values, exp.Describe, exp.Summarize)
DEEDS = (
    exp.DDL, exp.Alter, exp.AlterRename, exp.Analyze, exp.Attach, exp.Cache, exp.Command, exp.Comment,
    exp.Commit, exp.Copy, exp.Delete, exp.Detach, exp.Drop, exp.Export, exp.Grant, exp.Install, exp.Into,
    exp.Kill, exp.LoadData, exp.Merge, exp.Pragma, exp.Rollback, exp.Set, exp.Transaction, exp.Update,
    exp.Use,
)  # fmt: skip
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
WORD_CHARACTERS_MAX = 100
TOO_DEEP = "this is nested too deep"
DETAIL_CHARACTERS_MAX = 200
# In brackets behind FROM our parser takes these words for tables with another name, the database for deeds.
DEEDS_IN_BRACKETS = frozenset({"show", "pragma", "call", "describe", "desc", "summarize", "explain"})
TABLE_FUNCTIONS = frozenset(
    {"generate_series", "generateseries", "range", "unnest", "explode", "json_each", "json_tree"}
)
CATALOGUE = frozenset({"duckdb_columns", "duckdb_tables", "duckdb_views"})
FORBIDDEN_FUNCTION = re.compile(
    r"(read|write|load|sniff|query|pragma|duckdb|sqlite|parquet|json_execute|json_serialize|set|enable|disable|which"
    r"|getenv|getvariable|current_setting|glob|checkpoint|force_checkpoint|copy|import|export"
    r"|pandas|arrow|http)(_.*|csv.*|parquet.*)?"
    r"|.*_scan(_.*)?",
    re.IGNORECASE,
)


# What people try first who come from the database's own shell, and what is answered in its place.
INSTEAD = {
    "show": "DESCRIBE chip shows a view's columns, SELECT view_name FROM duckdb_views() the views",
    "explain": "a question's cost shows in the time and memory it may have",
    "pivot": "a column each: SELECT maker, COUNT(*) FILTER (WHERE status = 'held') FROM chip GROUP BY maker",
    "unpivot": "a row each: SELECT 'a' AS name, a AS value FROM t UNION ALL SELECT 'b', b FROM t",
}


def refuse_statement(query: str) -> SqlRefused | None:
    """Why this may not be asked, None where it may."""
    if len(query.encode("utf-8", errors="replace")) > QUERY_BYTES_MAX:
        return SqlRefused("too_long", f"a query has at most {QUERY_BYTES_MAX} bytes")
    try:
        parsed = [statement for statement in sqlglot.parse(query, read="duckdb") if statement is not None]
        if len(parsed) != 1:
            return SqlRefused("not_one_statement", f"one statement is answered at a time, not {len(parsed)}")
        return _refuse_tree(parsed[0])
    except sqlglot.errors.SqlglotError as error:
        return _unreadable(error)
    except RecursionError:
        return SqlRefused("unreadable", TOO_DEEP)


def _refuse_tree(statement: exp.Expr) -> SqlRefused | None:
    if not isinstance(statement, QUESTIONS):
        return _no_question(_word(statement))
    for node in statement.walk():
        if isinstance(node, DEEDS):
            return _no_question(_word(node))
        if isinstance(node, exp.Placeholder | exp.Parameter | exp.SessionParameter):
            return SqlRefused("not_allowed", "a query has no parameters")
        fault = None
        if isinstance(node, exp.Describe | exp.Summarize) and isinstance(node.this, exp.Literal):
            return SqlRefused("not_allowed", "files cannot be read")
        if isinstance(node, exp.Table):
            fault = _refuse_table(node)
        elif isinstance(node, exp.Func):
            fault = _refuse_function(node)
        if fault is not None:
            return fault
    return None


def _refuse_table(table: exp.Table) -> SqlRefused | None:
    source = table.this
    if isinstance(source, exp.Func):
        name = _function_name(source)
        if name in TABLE_FUNCTIONS or name in CATALOGUE:
            return None
        return SqlRefused("not_allowed", f"{name} is not among the table functions: {_functions()}")
    for part in table.parts:
        if not isinstance(part, exp.Identifier) or PLAIN_NAME.fullmatch(part.name) is None:
            return SqlRefused("not_allowed", f"{part.sql()[:80]} is no table here; files cannot be read")
    name = table.name.lower()
    if name in DEEDS_IN_BRACKETS:
        return _no_question(name)
    if name.startswith(("duckdb_", "pragma_", "pg_settings")) and name not in CATALOGUE:
        return SqlRefused("not_allowed", f"{name} speaks of this machine")
    return None


def _refuse_function(function: exp.Func) -> SqlRefused | None:
    name = _function_name(function)
    if name in CATALOGUE or name in TABLE_FUNCTIONS or FORBIDDEN_FUNCTION.fullmatch(name) is None:
        return None
    return SqlRefused("not_allowed", f"{name} is not a function for questions")


def _function_name(function: exp.Expr) -> str:
    if isinstance(function, exp.Anonymous):
        return str(function.name).lower()
    return str(function.sql_name() if isinstance(function, exp.Func) else function.key).lower()


def _functions() -> str:
    return ", ".join(sorted(TABLE_FUNCTIONS - {"generateseries", "explode"}))


def _word(node: exp.Expr) -> str:
    if isinstance(node, exp.Pivot) and node.unpivot:
        return "unpivot"
    return str(node.name if isinstance(node, exp.Command) else node.key)[:40]


def _no_question(word: str) -> SqlRefused:
    """That it is none, and how to ask instead where there is a way."""
    instead = INSTEAD.get(word.lower())
    way = "" if instead is None else f"; {instead}"
    return SqlRefused("not_a_question", f"only SELECT and its kin are answered, not {word.upper()}{way}")


def _unreadable(error: Exception) -> SqlRefused:
    """The parser's word for what it could not read, and where."""
    first: dict[str, Any] = next(iter(getattr(error, "errors", ())), {})
    word = str(first.get("highlight") or "")[:WORD_CHARACTERS_MAX] or None
    line, last = first.get("line"), first.get("col")  # the parser counts to the word's last character
    column = max(1, int(last) - len(word or " ") + 1) if last else None
    said = re.sub(r"\x1b\[[0-9;]*m", "", str(first.get("description") or error)).splitlines()[0]
    said = re.sub(r" for <class '[^']*'>", "", said)[:DETAIL_CHARACTERS_MAX]
    place = f"line {line}, column {column}: " if line and column else ""
    near = f" at {word!r}" if word else ""
    return SqlRefused(
        "unreadable", f"{place}this is not SQL that can be checked: {said}{near}", line, column, word
    )
