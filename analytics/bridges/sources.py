"""How does dbt learn what the views of a mirror mean?

A sources file (YAML) with every view, column and comment, the unit of each column under `meta`. Made from the
comments that the snapshots have themselves, so that there is one telling. Knows no database.
"""

import json

from analytics.bridges.mirror import SCHEMA_DEFAULT
from analytics.catalogue import Column, views

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
    for view in views():
        lines += [f"      - name: {view.name}", f"        description: {_quoted(view.meaning)}"]
        lines.append("        columns:")
        for column in view.columns:
            lines += _column(column)
    return "\n".join(lines) + "\n"


def _column(column: Column) -> list[str]:
    lines = [f"          - name: {column.name}", f"            description: {_quoted(column.meaning)}"]
    lines += ["            quote: true"] if column.name in RESERVED else []
    return [*lines, "            meta:", f"              unit: {_quoted(column.unit)}"]


def _quoted(text: str) -> str:
    """JSON's spelling of a text is one that YAML has too."""
    return json.dumps(text, ensure_ascii=False)
