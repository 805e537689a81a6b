"""Which pages does a browser find?

The first page shows what everybody may know: size, checkpoint, and of the newest entries place, time and
leaf hash, never what was admitted. The page of routes is written from the OpenAPI document, so
it works offline and cannot say anything else. Every value is escaped where it enters a page.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

HERE = Path(__file__).parent
FRAME = Template((HERE / "frame.html").read_text("utf-8"))
STYLE = (HERE / "style.css").read_text("utf-8")
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<path d="M5 0v16M11 0v16M0 5h16M0 11h16" stroke="#1f5fbf"/>
<rect x="3" y="3" width="10" height="10" rx="1" fill="#1f5fbf"/>
<rect x="6" y="6" width="4" height="4" fill="#fff"/>
</svg>
"""
METHODS = ("get", "post")
WAYS = (
    ("/reports", "Reports"),
    ("/sql", "Ask in SQL"),
    ("/schema", "Views"),
    ("/plan", "Plan"),
    ("/docs", "Routes"),
    ("/checkpoint", "Checkpoint"),
)
"""What every page leads to."""

DOORS = (
    ("/reports", "Reports", "What is missing, how much compute there is, whether it adds up. "
     "For analysts, verifiers and the registrar."),
    ("/sql", "Ask in SQL", "Any other question on the same snapshots, with an address that stays."),
    ("/schema", "Views", "What there is to ask: every table and column, its unit, and an example."),
    ("/plan", "Plan", "How many chips must be visited so that a theft is not missed? For everybody."),
    ("/docs", "Routes", "The same for programs, with the shape of every answer."),
    ("/checkpoint", "Checkpoint", "The signed head of the log, to keep: whoever has two can compare them."),
)  # fmt: skip


def page_of(title: str, origin: str, content: str, here: str = "", script: str = "") -> str:
    """A page of this server around content that is HTML already.

    `here` is the one of `WAYS` it belongs to, `script` the address of what may help on it.
    """
    ways = " ".join(f'<a href="{way}"{_current(way, here)}>{escape(name)}</a>' for way, name in WAYS)
    scripts = f'<script src="{script}" defer></script>\n' if script else ""
    return FRAME.substitute(
        title=escape(title if title == origin else f"{title} · {origin}"),
        origin=escape(origin), content=content, ways=ways, scripts=scripts,
    )  # fmt: skip


def _current(way: str, here: str) -> str:
    return ' aria-current="page"' if way == here else ""


def scrolled(table: str, heading: str) -> str:
    """A table that may be wider than the page: reached by keys, named by the heading with this id."""
    return f'<div class="scroll" role="region" aria-labelledby="{heading}" tabindex="0">{table}</div>'


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td><code>{escape(str(cell))}</code></td>" for cell in row) + "</tr>\n"
        for row in rows
    )
    return (
        f'<table><caption class="heard">{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}</tbody></table>"
    )


def first_page(origin: str, size: int, checkpoint: str, newest: Sequence[Mapping[str, Any]]) -> str:
    """What this is, where it leads, and size, checkpoint and newest entries as far as they are public."""
    doors = "".join(
        f'<li><a href="{way}">{escape(name)}</a><p>{escape(told)}</p></li>\n' for way, name, told in DOORS
    )
    rows = "".join(
        f'<tr><td class="number">{entry["entry_index"]:,}</td>'
        f"<td>{escape(_moment(entry['admitted_at']))}</td>"
        f"<td><code>{escape(entry['leaf_hash'])}</code></td></tr>\n"
        for entry in newest
    )
    table = (
        f"<table><caption>The last {len(newest):,} entries, the newest first</caption><thead><tr>"
        '<th scope="col" class="number">entry</th><th scope="col">admitted, UTC</th>'
        f'<th scope="col">leaf hash</th></tr></thead><tbody>\n{rows}</tbody></table>'
    )
    content = (
        f"<h1>{escape(origin)}</h1>\n"
        '<p class="asked">A signed record of chips for artificial intelligence: where each was made, who '
        "holds it, and what could not be found.</p>\n"
        f'<p class="sentence">The log has <strong>{size:,}</strong> entries. What they say is for those they '
        "concern; that nobody can change, remove or insert one is for everybody to check: the checkpoint "
        f'commits to all of them.</p>\n<ul class="doors">\n{doors}</ul>\n'
        f'<h2 id="checkpoint">Checkpoint</h2>\n<pre tabindex="0">{escape(checkpoint)}</pre>\n'
        f'<h2 id="newest">Newest entries</h2>\n{scrolled(table, "newest")}\n'
    )
    return page_of(origin, origin, content)


def absent_page(origin: str) -> str:
    """What a browser is told where there is nothing, or nothing for whoever asks: one answer for both."""
    content = (
        '<h1>Nothing here</h1>\n<p role="alert">There is no such page, or it is not yours to see. Reports '
        "and questions in SQL are for analysts, verifiers and the registrar.</p>\n"
        '<p><a href="/session">Whom this browser reads as</a></p>'
    )
    return page_of("Nothing here", origin, content)


def _moment(text: str) -> str:
    """A time as people read it, to the second."""
    return text[: len("YYYY-MM-DDTHH:MM:SS")].replace("T", " ")


def routes_page(origin: str, document: Mapping[str, Any]) -> str:
    """Every route of the OpenAPI document, by subject, with parameters, answers and examples."""
    subjects: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                told = _operation(method, path, operation)
                subjects.setdefault((operation.get("tags") or ["other"])[0], []).append(told)
    parts = [
        f"<h1>{escape(document['info']['title'])}</h1>",
        _paragraphs(document["info"].get("description", "")),
    ]
    parts += [f"<h2>{escape(subject)}</h2>\n" + "\n".join(told) for subject, told in subjects.items()]
    parts.append("<h2>shapes</h2>")
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        parts.append(_shape(name, schema))
    parts.append('<p>The same for programs: <a href="/openapi.json">openapi.json</a></p>')
    return page_of("Routes", origin, "\n".join(parts), "/docs")


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<div class="route"><h3><span class="path">{method.upper()} <code>{escape(path)}</code></span></h3>'
    ]
    called = f"{method.upper()} {path}"
    parts.append(_paragraphs(operation.get("description") or operation.get("summary", "")))
    parameters = operation.get("parameters", ())
    if parameters:
        rows = [
            (p["name"], p["in"], _kind(p.get("schema", {})), p.get("description", "")) for p in parameters
        ]
        parts.append(_table(f"parameters of {called}", ("parameter", "in", "type", "meaning"), rows))
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        example = content.get("example")
        shown = (
            f'<pre tabindex="0">{escape(json.dumps(example, indent=1, ensure_ascii=False))}</pre>'
            if example
            else ""
        )
        parts.append(f"<p>body <code>{escape(media_type)}</code></p>{shown}")
    answers = [
        (status, _shapes(answer.get("content", {})), answer.get("description", ""))
        for status, answer in sorted(operation["responses"].items())
    ]
    parts.append(_table(f"answers of {called}", ("status", "shape", "when"), answers))
    return "\n".join(parts) + "</div>"


def _shapes(content: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{media_type} {_kind(told.get('schema', {}))}".strip() for media_type, told in content.items()
    )


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("type", ""))


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    rows = [
        (member, _kind(told), told.get("description", ""))
        for member, told in schema.get("properties", {}).items()
    ]
    return f"<h3>{escape(name)}</h3>{_paragraphs(schema.get('description', ''))}" + _table(
        f"members of {name}", ("member", "type", "meaning"), rows
    )
