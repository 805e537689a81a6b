"""What does a browser see on its way to reading as a party?

A button behind a link, and who one is. Every value is escaped where it enters a page.
"""

from html import escape

from api.web.pages import page_of


def enter_page(origin: str, code: str) -> str:
    """The page behind the link: nothing has happened yet."""
    content = (
        "<h1>Read as a party</h1>\n<p>Whoever made this link lets this browser read what that party may "
        "read, for an hour. It cannot sign or send anything. The link is good once.</p>\n"
        '<form method="post" action="/session">'
        f'<input type="hidden" name="code" value="{escape(code)}">'
        '<p><button type="submit">Begin</button></p></form>'
    )
    return page_of("Read as a party", origin, content)


def who_page(origin: str, party: str) -> str:
    """Whom the browser reads as, with the way out."""
    content = (
        f"<h1>Reading as <code>{escape(party)}</code></h1>\n"
        '<form method="post" action="/session"><input type="hidden" name="end" value="1">'
        '<p><button type="submit">Stop</button></p></form>\n'
        '<p>It ends by itself within an hour. From here: <a href="/reports">reports</a>, '
        '<a href="/sql">questions in SQL</a>, <a href="/schema">the views</a>.</p>'
    )
    return page_of("Session", origin, content)


def stranger_page(origin: str) -> str:
    """What somebody without a session is told where one is needed."""
    content = (
        '<h1>Who is asking?</h1>\n<p role="alert">This page is for those who may read snapshots: analysts, '
        "verifiers and the registrar. A browser has no key, so it is let in by one who has:</p>\n"
        '<pre tabindex="0">chipledger open --party PARTY --key KEY.pem</pre>\n'
        "<p>prints a link that is good once, for two minutes. Programs send a bearer token instead.</p>"
    )
    return page_of("Who is asking?", origin, content)
