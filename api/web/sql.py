"""What does a browser see of a question in SQL: the form, the answer or the mistake, and its address?

Works without scripts: everything is in the address, which names the size, so that the same rows stand behind
it for ever. Every value is escaped where it enters a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

import msgspec

from analytics.catalogue import saved
from analytics.console import SqlAnswer
from analytics.formats import MEDIA_TYPES
from analytics.question import QUERY_BYTES_MAX, SqlRefused
from analytics.reporting.drills import literal
from api.web.pages import page_of

ROWS_SHOWN_MAX = 500
CELL_CHARACTERS_MAX = 500
ROWS_OF_TEXT = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """One visit: who reads, on which snapshot, the query ("" at the first visit) and what came of it."""

    party: str
    snapshot: str
    size: int
    query: str
    answer: SqlAnswer | SqlRefused | None


def address(query: str, size: int | None = None, form: str | None = None) -> str:
    """Where a question is: at a size, for ever the same; without one, on the newest snapshot."""
    asked = {"q": query} | ({} if form is None else {"format": form})
    path = "/sql" if size is None else f"/at/{size}/sql"
    return f"{path}?{urlencode(asked)}"


def sql_page(origin: str, shown: Shown) -> str:
    """The page."""
    content = "\n".join((_form(shown), _answer(shown), _saved(shown.size)))
    return page_of("Ask in SQL", origin, content)


def _form(shown: Shown) -> str:
    return (
        '<h1>Ask in SQL</h1>\n<p>One SELECT on <a href="/schema">the views</a> of a snapshot, which never '
        f'changes. Reading as <a href="/session"><code>{escape(shown.party)}</code></a>.</p>\n'
        '<form method="get" action="/sql" class="question"><div class="field wide">'
        f'<label for="q">Query</label><textarea id="q" name="q" rows="{ROWS_OF_TEXT}" '
        f'maxlength="{QUERY_BYTES_MAX}" spellcheck="false" '
        f"required>{escape(shown.query)}</textarea></div>\n"
        '<div class="field"><label for="at">At size</label>'
        f'<input id="at" name="at" inputmode="numeric" pattern="[0-9]*" value="{shown.size}" '
        'aria-describedby="at-told"><small id="at-told">entries of the log; empty: the newest</small>'
        '</div>\n<p><button type="submit">Ask</button></p></form>'
    )


def _answer(shown: Shown) -> str:
    match shown.answer:
        case None:
            return ""
        case SqlRefused():
            return _mistake(shown.query, shown.answer)
        case SqlAnswer():
            return _rows(shown, shown.answer)


def _mistake(query: str, refused: SqlRefused) -> str:
    """The sentence, and the line with the word marked."""
    told = f'<h2>No answer</h2>\n<p role="alert" class="unmet">{escape(refused.detail)}</p>'
    lines = query.split("\n")
    if refused.line is None or refused.column is None or refused.line > len(lines):
        return told
    line, start = lines[refused.line - 1], refused.column - 1
    word = refused.word if refused.word and line[start:].startswith(refused.word) else line[start : start + 1]
    rest = line[start + len(word) :]
    return f"{told}\n<pre>{escape(line[:start])}<mark>{escape(word)}</mark>{escape(rest)}</pre>"


def _rows(shown: Shown, answer: SqlAnswer) -> str:
    rows: list[dict[str, Any]] = msgspec.json.decode(answer.body)
    names = list(rows[0]) if rows else [name for name, _ in answer.columns]
    cut = ""
    if answer.truncated:
        cut += (
            f'<p role="alert" class="unmet">This answer was cut: there are more than its {answer.rows:,} '
            "rows. Ask for less, or for totals.</p>\n"
        )
    if len(rows) > ROWS_SHOWN_MAX:
        cut += f"<p>The first {ROWS_SHOWN_MAX} of {answer.rows:,} rows are shown; the files have all.</p>\n"
    here = address(shown.query, shown.size)
    files = " ".join(
        f'<a href="{escape(address(shown.query, shown.size, form))}">{form}</a>' for form in MEDIA_TYPES
    )
    return (
        f"<h2>{answer.rows:,} {'row' if answer.rows == 1 else 'rows'}</h2>\n{cut}"
        f'<p>Of snapshot <code>{escape(shown.snapshot)}</code>. <a href="{escape(here)}" rel="bookmark">'
        f"This answer, for ever</a>. As a file: {files}</p>\n"
        f"{_table(names, answer.columns, rows[:ROWS_SHOWN_MAX], shown.size)}"
    )


def _table(
    names: Sequence[str], columns: Sequence[tuple[str, str]], rows: Sequence[dict[str, Any]], size: int
) -> str:
    if not rows:
        return "<p>No rows.</p>"
    kinds = [kind for _, kind in columns]
    head = "".join(
        f'<th scope="col" title="{escape(kind)}">{escape(name)}</th>'
        for name, kind in zip(names, kinds, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(_cell(row[name], way_down(name, row[name], size)) for name in names) + "</tr>\n"
        for row in rows
    )
    return (
        f'<table tabindex="0"><caption>answer</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}</tbody></table>"
    )


def _cell(value: Any, way: str | None) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{_linked(f"{value:,}", way)}</td>'
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    long = "…" * (len(text) > CELL_CHARACTERS_MAX)
    return f"<td>{_linked(escape(text[:CELL_CHARACTERS_MAX]) + long, way)}</td>"


def _linked(shown: str, way: str | None) -> str:
    return shown if way is None else f'<a href="{escape(way)}">{shown}</a>'


def way_down(column: str, value: Any, size: int) -> str | None:
    """From a chip to every entry that moved or named it, from an entry to who said it and when."""
    if column == "chip" and isinstance(value, str) and len(value) <= CELL_CHARACTERS_MAX:
        return address(f"SELECT * FROM chip_event WHERE chip = {literal(value)} ORDER BY entry_index", size)
    if column == "entry_index" and isinstance(value, int):
        return address(f"SELECT * FROM entry WHERE entry_index = {value}", size)
    return None


def _saved(size: int) -> str:
    links = "".join(
        f'<li><a href="{escape(address(query.text, size))}">{escape(query.question)}</a></li>\n'
        for query in saved()
    )
    return f"<h2>Saved questions</h2>\n<ul>\n{links}</ul>"
