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


def page_of(title: str, origin: str, content: str) -> str:
    """A page of this server around content that is HTML already."""
    return FRAME.substitute(title=escape(title), origin=escape(origin), content=content)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td><code>{escape(str(cell))}</code></td>" for cell in row) + "</tr>\n"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def first_page(origin: str, size: int, checkpoint: str, newest: Sequence[Mapping[str, Any]]) -> str:
    """Size, checkpoint, and the newest entries as far as they are public."""
    columns = ("entry_index", "admitted_at", "leaf_hash")
    rows = [[entry[column] for column in columns] for entry in newest]
    content = (
        f"<h1>{escape(origin)}</h1>\n"
        f"<p>The log has <strong>{size:,}</strong> entries. What they say is for those they "
        "concern; that nobody can change, remove or insert one is for everybody to check: the checkpoint "
        "commits to all of them.</p>\n"
        f"<h2>Checkpoint</h2>\n<pre>{escape(checkpoint)}</pre>\n"
        f"<h2>Newest entries</h2>\n{_table(('entry', 'admitted', 'leaf hash'), rows)}\n"
    )
    return page_of(origin, origin, content)


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
    return page_of("Routes", origin, "\n".join(parts))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<div class="route"><h3><span class="path">{method.upper()} <code>{escape(path)}</code></span></h3>'
    ]
    parts.append(_paragraphs(operation.get("description") or operation.get("summary", "")))
    parameters = operation.get("parameters", ())
    if parameters:
        rows = [
            (p["name"], p["in"], _kind(p.get("schema", {})), p.get("description", "")) for p in parameters
        ]
        parts.append(_table(("parameter", "in", "type", "meaning"), rows))
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        example = content.get("example")
        shown = f"<pre>{escape(json.dumps(example, indent=1, ensure_ascii=False))}</pre>" if example else ""
        parts.append(f"<p>body <code>{escape(media_type)}</code></p>{shown}")
    answers = [
        (status, _shapes(answer.get("content", {})), answer.get("description", ""))
        for status, answer in sorted(operation["responses"].items())
    ]
    parts.append(_table(("status", "shape", "when"), answers))
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
        ("member", "type", "meaning"), rows
    )
