"""How is one portable SQL text said to PostgreSQL and to Spark?

The views and reports are written once, and DuckDB reads them as they are. For the others a few words are
spelled differently, and this is all of it:

- placeholders: `$name` is `$1`, `$2` … in PostgreSQL, `:name` in Spark;
- the schema `record` of the base tables may have another name;
- quoted names: Spark wants `name` between backticks, not double quotes, unless told otherwise;
- types: DOUBLE is DOUBLE PRECISION in PostgreSQL, VARCHAR is STRING in Spark.

Literals and comments stay as they are. Knows no database.
"""

import re
from collections.abc import Callable

RECORD_SCHEMA = "record"
# In this order: what begins a comment inside a literal begins none.
WORD = re.compile(
    r"(?P<literal>'(?:[^']|'')*')"
    r"|(?P<comment>--[^\n]*)"
    r'|"(?P<quoted>(?:[^"]|"")*)"'
    r"|\$(?P<placeholder>[a-z_][a-z0-9_]*)"
    r"|\b(?P<schema>record)(?=\.)"
    r"|\b(?P<type>DOUBLE(?: PRECISION)?|VARCHAR)\b(?!\s*\()"
)


def for_postgresql(text: str, schema: str = RECORD_SCHEMA) -> tuple[str, tuple[str, ...]]:
    """The text for PostgreSQL, base tables in `schema`; and the names of its placeholders, `$1` first."""
    names: list[str] = []

    def spelled(kind: str, word: str) -> str | None:
        match kind:
            case "placeholder":
                if word not in names:
                    names.append(word)
                return f"${names.index(word) + 1}"
            case "schema":
                return schema
            case "type" if word != "VARCHAR":
                return "DOUBLE PRECISION"
        return None

    return _respelled(text, spelled), tuple(names)


def for_spark(text: str, database: str = RECORD_SCHEMA) -> str:
    """The text for Spark, base tables in `database`; values go to its named placeholders."""

    def spelled(kind: str, word: str) -> str | None:
        match kind:
            case "placeholder":
                return f":{word}"
            case "schema":
                return database
            case "quoted":
                return f"`{word}`"
            case "type":
                return "STRING" if word == "VARCHAR" else "DOUBLE"
        return None

    return _respelled(text, spelled)


def placeholders(text: str) -> tuple[str, ...]:
    """The names of a text's placeholders, each once, as they come."""
    return for_postgresql(text)[1]


def _respelled(text: str, spelled: Callable[[str, str], str | None]) -> str:
    """Every word that `spelled` has another spelling for, in that one; all else as it was."""

    def other(found: re.Match[str]) -> str:
        kind = found.lastgroup
        assert kind is not None
        told = spelled(kind, found[kind])
        return found[0] if told is None else told

    return WORD.sub(other, text)
