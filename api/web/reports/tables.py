"""How does a table of a report become HTML?

With a caption, a scope for every heading, numbers to the right, and from each line the ways down: to the
chips behind it, to a chip's history, to an entry. A table that shows less than there is says so. Every value
is escaped where it enters.
"""

from html import escape
from typing import Any

from api.web.reports.address import Here
from api.web.reports.telling import (
    Column,
    Kind,
    Line,
    Part,
    amount,
    asked_as,
    named,
)
from api.web.sql import way_down

MINUTES = len("YYYY-MM-DDTHH:MM")
FILES = ("csv", "parquet")
WRAPPED_CHARACTERS = 40  # of a text: longer ones are not kept on one line
TO_THE_RIGHT = frozenset({Kind.NUMBER, Kind.TERM, Kind.AMOUNT, Kind.PERCENT, Kind.ENTRY})
OF_ENTRIES = "SELECT e.entry_index"  # as a way down begins that lists statements and no chips


def table(part: Part, here: Here, place: int, *, has_files: bool) -> str:
    """A section: heading, how much is shown, the table, files of all rows."""
    title = f'<h2 id="part-{place}">{escape(part.caption)}</h2>'
    if not part.lines:
        return f"<section>{title}<p>None.</p></section>"
    shown = f"{part.count:,} {'row' if part.count == 1 else 'rows'}"
    if part.count > len(part.lines):
        shown = f"The first {len(part.lines):,} of {part.count:,} rows"
    files = ""
    if has_files:
        name = None if part.name == here.name else part.name
        links = (f'<a href="{escape(here.data(form, name))}">{form}</a>' for form in FILES)
        what = "All rows" if part.kept is None else f"The first {part.kept:,}, for the rest was cut off,"
        files = f" {what} as a file: {' '.join(links)}."
    has_ways = any(line.drill or line.is_group for line in part.lines)
    heads = "".join(_heading(column) for column in part.columns)
    heads += '<th scope="col">look closer</th>' if has_ways else ""
    body = "".join(_row(part, line, here, has_ways=has_ways) for line in part.lines)
    return (
        f'<section>{title}<p class="shown">{shown}.{files}</p>'
        f'<div class="scroll" role="region" aria-labelledby="part-{place}" tabindex="0"><table>'
        f"<caption>{escape(part.caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>\n{body}</tbody></table></div></section>"
    )


def _heading(column: Column) -> str:
    right = ' class="number"' if column.kind in TO_THE_RIGHT else ""
    return f'<th scope="col"{right}>{escape(column.heading)}</th>'


def _row(part: Part, line: Line, here: Here, *, has_ways: bool) -> str:
    first, *others = part.columns
    cells = f'<th scope="row">{_written(first, line.row.get(first.key), here)}</th>'
    for column in others:
        value = line.row.get(column.key)
        how = ' class="number"' if column.kind in TO_THE_RIGHT else ""
        if isinstance(value, str) and len(value) > WRAPPED_CHARACTERS:
            how = ' class="long"'
        cells += f"<td{how}>{_written(column, value, here, line.row.get('grouped'))}</td>"
    return f"<tr>{cells}{_ways(line, here) if has_ways else ''}</tr>\n"


def _ways(line: Line, here: Here) -> str:
    """Down from a line; what of is said for those who hear the links one by one."""
    group = line.row.get("grouped")
    of = f'<span class="heard"> of {escape(named(group))}</span>'
    ways = []
    if line.is_group:
        ways.append(f'<a class="way" href="{escape(here.page(group=asked_as(group)))}">only this{of}</a>')
    if line.drill is not None:
        what = "entries" if line.drill.text.startswith(OF_ENTRIES) else "chips"
        ways.append(f'<a class="way" href="{escape(here.sql(line.drill))}">{what}{of}</a>')
    return f"<td>{' '.join(ways)}</td>"


def _written(column: Column, value: Any, here: Here, group: Any = None) -> str:
    if column.key == "grouped":
        return escape(named(value))
    if value is None:
        return ""
    match column.kind:
        case Kind.TERM if value:
            # To the account alone with this term, whose chips its line then leads to: a short address.
            way = here.page(term=column.key, group=asked_as(group))
            return f'<a href="{escape(way)}">{value:,}</a>'
        case Kind.NUMBER | Kind.TERM:
            return f"{value:,}"
        case Kind.AMOUNT:
            return escape(amount(value / column.per))
        case Kind.PERCENT:
            return f"{value:.2%}"
        case Kind.DAY:
            return escape(str(value)[:MINUTES].replace("T", " "))
        case Kind.FLAG:
            return "yes" if value else "no"
        case Kind.CHIP:
            return f'<a href="{escape(way_down("chip", value, here.size) or "")}">{escape(value)}</a>'
        case Kind.ENTRY:
            return f'<a href="{escape(way_down("entry_index", value, here.size) or "")}">{value:,}</a>'
    return escape(column.words.get(value, str(value)))
