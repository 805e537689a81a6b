"""A page as a tree, and what anybody may demand of it: plainly written, with the parser of the library."""

from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "link", "input", "br", "img", "hr"}
CONTROLS = {"input", "select", "textarea"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}


class Node:
    """An element: its tag, attributes, and what is in it."""

    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.inside = tag, attributes, []

    def get(self, name):
        return self.attributes.get(name)

    def every(self, *tags):
        """All elements within, in the order of the page."""
        for each in self.inside:
            if isinstance(each, Node):
                if not tags or each.tag in tags:
                    yield each
                yield from each.every(*tags)

    def one(self, tag):
        (found,) = self.every(tag)
        return found

    def classed(self, name):
        return [each for each in self.every() if name in (each.get("class") or "").split()]

    @property
    def text(self):
        return " ".join("".join(_texts(self)).split())


def _texts(node):
    for each in node.inside:
        if isinstance(each, Node):
            yield from _texts(each)
        else:
            yield each


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        node = Node(tag, dict(attrs))
        assert len(attrs) == len(node.attributes), f"<{tag}> has an attribute twice"
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].inside.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag):
        last = self.open.pop()
        assert last.tag == tag, f"<{last.tag}> is closed by </{tag}>"

    def handle_data(self, data):
        self.open[-1].inside.append(data)


def read(text):
    """The tree of a page whose elements are all closed in order."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.root


def faults(page):
    """What somebody who cannot see the page, or has no scripts, would stumble over."""
    return [
        *_frame(page),
        *_headings(page),
        *_controls(page),
        *_tables(page),
        *_pictures(page),
        *_plain(page),
    ]


def _frame(page):
    if page.one("html").get("lang") != "en":
        yield "no language"
    if not page.one("title").text:
        yield "no title"
    for tag in ("main", "header"):
        if len(list(page.every(tag))) != 1:
            yield f"not one {tag}"
    names = [each.get("aria-label") for each in page.every("nav")]
    if len(set(names)) != len(names):
        yield "two navigations of one name"
    idents = [each.get("id") for each in page.every() if each.get("id")]
    if len(set(idents)) != len(idents):
        yield "an id twice"
    for each in page.every():
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if not set((each.get(name) or "").split()) <= set(idents):
                yield f"{name}={each.get(name)} names nothing"


def _headings(page):
    levels = [HEADINGS[each.tag] for each in page.every(*HEADINGS)]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield "not one first heading"
    if any(after > before + 1 for before, after in pairwise(levels)):
        yield "a level of headings is left out"


def _controls(page):
    labelled = {each.get("for") for each in page.every("label") if each.text}
    for each in page.every(*CONTROLS):
        if each.get("type") != "hidden" and each.get("id") not in labelled:
            yield f"no label for {each.get('name')}"
    for each in page.every("a", "button"):
        if not each.text:
            yield f"an empty {each.tag}"


def _tables(page):
    for each in page.every("table"):
        captions = list(each.every("caption"))
        if len(captions) != 1 or not captions[0].text:
            yield "a table without caption"
        if any(th.get("scope") not in ("col", "row") or not th.text for th in each.every("th")):
            yield "a heading without scope or words"
        rows = list(each.every("tr"))
        if len({len(list(row.every("th", "td"))) for row in rows}) != 1:
            yield "rows of different lengths"
    for each in page.classed("scroll"):
        if each.get("tabindex") != "0" or not each.get("aria-labelledby"):
            yield "what scrolls cannot be reached by keys"


def _pictures(page):
    for each in page.every("svg"):
        if each.get("aria-hidden") != "true" and not (
            each.get("role") == "img" and each.get("aria-labelledby")
        ):
            yield "a picture without name"


def _plain(page):
    for each in page.every():
        is_file = each.tag == "script" and (each.get("src") or "").startswith("/") and not each.inside
        if each.tag in ("script", "style", "iframe", "object") and not is_file:
            yield f"a {each.tag}"
        if "style" in each.attributes or any(name.startswith("on") for name in each.attributes):
            yield f"a style or a script on <{each.tag}>"
        if (each.get("href") or each.get("src") or each.get("action") or "/")[0] not in "/#":
            yield f"leads outside: {each.attributes}"
