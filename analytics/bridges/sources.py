"""How does dbt learn what the views of a mirror mean?

A sources file (YAML) with every view, column and comment, the unit of each column under `meta`. Made from the
comments that the snapshots have themselves, so that there is one telling. Knows no database.
"""

import json
import re

from analytics.bridges.mirror import SCHEMA_DEFAULT
from analytics.warehouse import COLUMNS

COMMENT = re.compile(
    r"^COMMENT ON (?:VIEW (?P<view>\w+)|COLUMN (?P<of>\w+)\.\"?(?P<column>\w+)\"?)"
    r" IS '(?P<text>(?:[^']|'')*)';$",
    re.MULTILINE,
)
RESERVED = ("from",)  # names that have to stand between quotes


def sources_text(schema: str = SCHEMA_DEFAULT) -> str:
    """The sources file of the mirror in this schema."""
    lines = [
        "# What is in a mirror, for dbt. Written by `chipledger mirror --sources FILE`.",
        "version: 2",
        "",
        "sources:",
        "  - name: chipledger",
        f"    schema: {schema}",
        '    description: "Views of one snapshot of a chipledger; the view snapshot says which."',
        "    tables:",
    ]
    columns: dict[str, list[str]] = {}
    views: dict[str, str] = {}
    for found in COMMENT.finditer(COLUMNS):
        text = found["text"].replace("''", "'")
        if found["view"]:
            views[found["view"]] = text
        else:
            columns.setdefault(found["of"], []).extend(_column(found["column"], text))
    for view, text in sorted(views.items()):
        lines += [f"      - name: {view}", f"        description: {_quoted(text)}", "        columns:"]
        lines += columns[view]
    return "\n".join(lines) + "\n"


def _column(name: str, text: str) -> list[str]:
    told, _, unit = text.rpartition("; ")
    lines = [f"          - name: {name}", f"            description: {_quoted(told)}"]
    lines += ["            quote: true"] if name in RESERVED else []
    return [*lines, "            meta:", f"              unit: {_quoted(unit)}"]


def _quoted(text: str) -> str:
    """JSON's spelling of a text is one that YAML has too."""
    return json.dumps(text, ensure_ascii=False)
