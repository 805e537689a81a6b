"""Where does one statement end and the next begin?

A semicolon ends a statement, unless it stands in quotes, dollar quotes or a comment. A line that begins with
a backslash, or a full stop, where a statement could begin is a command of the shell. Pure; knows no database.
"""

import re
from collections.abc import Iterator

# What is passed over whole. One that does not end reaches to the end of the text.
OPAQUE = re.compile(
    r"'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|\$(\w*)\$.*?(?:\$\1\$|\Z)",
    re.DOTALL,
)
COMMAND = "\\"
COMMANDS = (COMMAND, ".")  # as in PostgreSQL's shell, and as in DuckDB's and SQLite's
END = ";"


def is_whole(text: str) -> bool:
    """Whether there is nothing to wait for: a command, nothing at all, or a statement that has ended."""
    bare = text.strip()
    if not bare or bare.startswith(COMMANDS):
        return True
    pieces = list(_pieces(text))
    return bool(pieces) and not pieces[-1].strip()


def inputs(text: str) -> list[str]:
    """Statements without their semicolons, and commands, in order."""
    found = []
    rest = text
    while rest.strip():
        rest = rest.lstrip()
        if rest.startswith(COMMANDS):
            line, _, rest = rest.partition("\n")
            found.append(COMMAND + line.strip()[1:])
            continue
        statement = next(_pieces(rest))
        found.append(statement.strip())
        rest = rest[len(statement) + len(END) :]
    return [one for one in found if one]


def _pieces(text: str) -> Iterator[str]:
    """The text between semicolons; the last is what comes behind the last of them."""
    start = place = 0
    while place < len(text):
        opaque = OPAQUE.match(text, place)
        if opaque is not None:
            place = opaque.end()
        elif text[place] == END:
            yield text[start:place]
            start = place = place + 1
        else:
            place += 1
    yield text[start:]
