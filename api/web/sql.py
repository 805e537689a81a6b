"""What does a browser see of a question in SQL: the form, the answer or the mistake, and its address?

Works without scripts, one of which tells how far a long question is: everything is in the address, which
names the size, so that the same rows stand behind it for ever. Every value is escaped where it enters a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from analytics.catalogue import saved
from analytics.console import SqlAnswer
from analytics.formats import MEDIA_TYPES
from analytics.question import QUERY_BYTES_MAX, Limits, SqlRefused
from analytics.reporting.drills import Way, literal
from analytics.snapshots import Neighbours, Snapshot
from api.web.asof import as_of, snapshot_named
from api.web.pages import page_of, scrolled

WAY, QUESTIONS_WAY, SCRIPT_WAY = "/sql", "/sql/questions", "/ask.js"
SCRIPT = (Path(__file__).parent / "ask.js").read_text("utf-8")
LIMITS = Limits()
ROWS_SHOWN_MAX = 500
CELL_CHARACTERS_MAX = 500
WRAPPED_CHARACTERS = 80  # of a text: longer ones are not kept on one line
ROWS_OF_TEXT = 8
NUMERIC = ("int", "uint", "float", "double", "halffloat", "decimal")
"""How the types of columns of numbers begin."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One visit: who reads, on which snapshot, the query ("" at the first visit) and what came of it.

    `is_fixed`: the address names the size. `snapshots` are all there are. `way`: the query came by its name.
    """

    party: str
    snapshot: Snapshot
    is_fixed: bool
    snapshots: Sequence[Snapshot]
    query: str
    answer: SqlAnswer | SqlRefused | None
    way: Way | None = None


def text_of(query: str | Way) -> str:
    """The SQL of a question."""
    return query.text if isinstance(query, Way) else query


def asked_in(query: str | Way) -> dict[str, str]:
    """A question as the parameters of an address have it: its text, or what a long way down is known by."""
    if not isinstance(query, Way) or not query.is_named:
        return {"q": text_of(query)}
    return {"drill": query.name, "said": query.said(), "text": query.fingerprint}


def address(query: str | Way, size: int | None = None, form: str | None = None) -> str:
    """Where a question is: at a size, for ever the same; without one, on the newest snapshot."""
    asked = asked_in(query) | ({} if form is None else {"format": form})
    path = "/sql" if size is None else f"/at/{size}/sql"
    return f"{path}?{urlencode(asked)}"


def sql_page(origin: str, shown: Shown) -> str:
    """The page."""
    content = "\n".join((_top(shown), _answer(shown), _saved(shown.snapshot.size)))
    return page_of("Ask in SQL", origin, content, WAY, SCRIPT_WAY)


def no_snapshot_page(
    origin: str, party: str, query: str | Way, around: Neighbours, snapshots: Sequence[Snapshot]
) -> str:
    """There is no snapshot to ask: the same question on the nearest, as far as there are any."""
    links = " ".join(
        f'<a href="{escape(address(query, each.size))}">{escape(snapshot_named(each))}</a>'
        for each in (around.below, around.above)
        if each is not None
    )
    told = "There is no snapshot yet."
    if links:
        told = f"No snapshot was published of that size. The same on the nearest: {links}."
    content = f'{_form(party, text_of(query), snapshots, None)}\n<p role="alert" class="unmet">{told}</p>'
    return page_of("Ask in SQL", origin, content, WAY, SCRIPT_WAY)


def refused_page(origin: str, party: str, refused: SqlRefused, snapshots: Sequence[Snapshot]) -> str:
    """A way down that is asked of no snapshot, and why."""
    content = f"{_form(party, '', snapshots, None)}\n{_mistake('', refused)}"
    return page_of("Ask in SQL", origin, content, WAY)


def questions_page(origin: str, party: str, questions: Sequence[Mapping[str, Any]]) -> str:
    """A party's questions that are being answered just now."""
    rows = "".join(
        f'<tr><th scope="row" class="query"><code>{escape(each["query"])}</code></th>'
        f'<td class="number">{each["size"]:,}</td><td class="number">{each["seconds"]:,.0f}</td>'
        f'<td class="number">{_done(each["percent"])}</td></tr>\n'
        for each in questions
    )
    heads = '<th scope="col">question</th>' + "".join(
        f'<th scope="col" class="number">{head}</th>' for head in ("as of size", "seconds", "done")
    )
    table = (
        f"<table><caption>Questions under way</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>\n{rows}</tbody></table>"
    )
    content = (
        f'<h1 id="under-way">Questions under way</h1>\n<p>Of {_reader(party)}. A question ends after '
        f"{LIMITS.wall_seconds:.0f} seconds, or when the page that waits for it is stopped or closed.</p>\n"
        + (scrolled(table, "under-way") if rows else "<p>None just now.</p>")
        + f'\n<p><a href="{QUESTIONS_WAY}">Look again</a></p>'
    )
    return page_of("Questions under way", origin, content, WAY)


def _done(percent: int) -> str:
    return "not known" if percent < 0 else f"{percent} %"


def _reader(party: str) -> str:
    return f'<a href="/session"><code>{escape(party)}</code></a>'


def _top(shown: Shown) -> str:
    stand = "" if shown.is_fixed else " the newest,"
    fixed = str(shown.snapshot.size) if shown.is_fixed else None
    return (
        f"{_form(shown.party, shown.query, shown.snapshots, fixed)}\n"
        f'<p class="provenance">As of{stand} {escape(snapshot_named(shown.snapshot))}: snapshot '
        f"<code>{escape(shown.snapshot.name)}</code>.</p>"
    )


def _form(party: str, query: str, snapshots: Sequence[Snapshot], fixed: str | None) -> str:
    return (
        '<h1>Ask in SQL</h1>\n<p class="asked">One SELECT on <a href="/schema">the views</a> of a snapshot, '
        f"which never changes. An answer comes within {LIMITS.wall_seconds:.0f} seconds and has at most "
        f"{LIMITS.rows_max:,} rows. Reading as {_reader(party)}.</p>\n"
        f'<form method="get" action="{WAY}#answer" class="question"><div class="field wide">'
        f'<label for="q">Query</label><textarea id="q" name="q" rows="{ROWS_OF_TEXT}" '
        f'maxlength="{QUERY_BYTES_MAX}" spellcheck="false" autocapitalize="off" aria-describedby="q-told" '
        f'required>{escape(query)}</textarea><small id="q-told">Stopping the page ends a question. '
        f'<a href="{QUESTIONS_WAY}" target="_blank">Those under way</a> (another tab), and how far they are.'
        f"</small></div>\n{as_of(snapshots, fixed)}\n"
        '<p class="wide"><button type="submit">Ask</button></p></form>\n'
        '<div id="waiting" class="waiting" hidden><span role="status" id="doing">Being answered</span> '
        '<progress id="done" max="100" aria-labelledby="doing"></progress> <span id="told"></span> '
        '<button type="button" id="stop">Stop</button></div>'
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
    told = f'<h2 id="answer">No answer</h2>\n<p role="alert" class="unmet">{escape(refused.detail)}</p>'
    lines = query.split("\n")
    if refused.line is None or refused.column is None or refused.line > len(lines):
        return told
    line, start = lines[refused.line - 1], refused.column - 1
    word = refused.word if refused.word and line[start:].startswith(refused.word) else line[start : start + 1]
    rest = line[start + len(word) :]
    marked = f"{escape(line[:start])}<mark>{escape(word)}</mark>{escape(rest)}"
    return f'{told}\n<pre tabindex="0"><span class="nothing">line {refused.line}: </span>{marked}</pre>'


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
    size = shown.snapshot.size
    asked = shown.way or shown.query
    here = address(asked, size)
    files = " ".join(f'<a href="{escape(address(asked, size, form))}">{form}</a>' for form in MEDIA_TYPES)
    return (
        f'<h2 id="answer">{answer.rows:,} {"row" if answer.rows == 1 else "rows"}</h2>\n{cut}'
        f'<p class="shown"><a href="{escape(here)}" rel="bookmark">This answer, for ever</a>. '
        f"As a file: {files}</p>\n{_table(names, answer.columns, rows[:ROWS_SHOWN_MAX], size)}"
    )


def _table(
    names: Sequence[str], columns: Sequence[tuple[str, str]], rows: Sequence[dict[str, Any]], size: int
) -> str:
    if not rows:
        return "<p>No rows.</p>"
    numeric = [kind.startswith(NUMERIC) for _, kind in columns]
    head = "".join(
        f'<th scope="col"{_right(is_number)} title="{escape(kind)}">{escape(name) or "&nbsp;"}</th>'
        for name, (_, kind), is_number in zip(names, columns, numeric, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            _cell(row[name], way_down(name, row[name], size), is_number)
            for name, is_number in zip(names, numeric, strict=True)
        )
        + "</tr>\n"
        for row in rows
    )
    return scrolled(
        f"<table><caption>Answer</caption><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>",
        "answer",
    )


def _right(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _cell(value: Any, way: str | None, is_number: bool) -> str:
    """Numbers to the right with their thousands apart; one too large for JSON came as a text."""
    if value is None:
        return f'<td{_right(is_number)}><span class="nothing">null</span></td>'
    if is_number:
        whole = int(value) if isinstance(value, str) and value.removeprefix("-").isdecimal() else value
        shown = escape(whole) if isinstance(whole, str) else f"{whole:,}"
        return f'<td class="number">{_linked(shown, way)}</td>'
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    wraps = ' class="long"' if len(text) > WRAPPED_CHARACTERS else ""
    long = "…" * (len(text) > CELL_CHARACTERS_MAX)
    return f"<td{wraps}>{_linked(escape(text[:CELL_CHARACTERS_MAX]) + long, way)}</td>"


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
    return f'<section class="saved"><h2>Saved questions</h2>\n<ul>\n{links}</ul></section>'
