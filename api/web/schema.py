"""What does a browser see of the views: their columns, units, and an example of each?

Made from the files the views are made from; says nothing of what is in them. Every value is escaped.
"""

from html import escape

from analytics.catalogue import View, views
from api.web.pages import page_of, scrolled
from api.web.sql import address


def schema_page(origin: str) -> str:
    """The page."""
    every = views()
    index = " ".join(f'<a href="#{escape(view.name)}">{escape(view.name)}</a>' for view in every)
    content = (
        '<h1>The views</h1>\n<p class="asked">What a snapshot has for <a href="/sql">questions in SQL</a>. '
        "Columns are only ever added. Spans begin with <code>from_index</code> and end before "
        f"<code>to_index</code>, which is null while they are current.</p>\n"
        f'<nav class="tabs" aria-label="Views">{index}</nav>\n' + "\n".join(map(_view, every))
    )
    return page_of("The views", origin, content, "/schema")


def _view(view: View) -> str:
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(column.name)}</code></th>'
        f'<td class="long">{escape(column.meaning)}</td>'
        f"<td>{escape(column.unit)}</td></tr>\n"
        for column in view.columns
    )
    example = ""
    if view.example is not None:
        example = (
            f"<p>For example: {escape(view.example.question)} "
            f'<a href="{escape(address(view.example.text))}">Ask it<span class="heard"> of '
            f'{escape(view.name)}</span></a></p>\n<pre tabindex="0">{escape(view.example.text)}</pre>'
        )
    name = escape(view.name)
    table = (
        f'<table class="columns"><caption>Columns of {name}</caption><thead><tr><th scope="col">column</th>'
        '<th scope="col">meaning</th><th scope="col">unit or form</th></tr>'
        f"</thead><tbody>\n{rows}</tbody></table>"
    )
    return (
        f'<section id="{name}"><h2 id="view-{name}"><code>{name}</code></h2>\n'
        f"<p>{escape(view.meaning)}</p>\n{scrolled(table, f'view-{name}')}\n{example}</section>"
    )
