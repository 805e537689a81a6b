"""Every page for people in a real browser: dark, light, on a phone, by keys, on paper, and to a checker."""

import pytest

from tests.pages.checker import violations
from tests.pages.reading import faults, read
from tests.pages.scene import (
    EARLIER,
    HTML,
    PHONE,
    REPORTS,
    WITHOUT_SCRIPTS,
    asked,
    complaints,
    link,
    opened,
    planned,
    went_outside,
)

WIDE = "SELECT *, 'a text ' || repeat('that is long ', 30) AS long FROM chip_span ORDER BY ALL LIMIT 20"
PAGES = {
    "start": ("/", 200),
    "reports": ("/reports", 200),
    "SQL": ("/sql", 200),
    "answer": (asked(WIDE), 200),
    "mistake": (asked("SELECT chip,\n  custodain\nFROM chip"), 422),
    "nothing": (asked("SELECT chip FROM chip WHERE 1 = 2"), 200),
    "no snapshot": (asked("SELECT 1", EARLIER + 1), 404),
    "under way": ("/sql/questions", 200),
    "views": ("/schema", 200),
    "planner": ("/plan", 200),
    "plans": (planned(missing="100,50"), 200),
    "no plan": (planned(missing="20000"), 200),
    "activity": ("/plan?planner=activity", 200),
    "routes": ("/docs", 200),
    "session": ("/session", 200),
    "absent": ("/nowhere", 404),
}
TELLING = ("start", "answer", "mistake", "plans")
ALL_CONTEXTS = pytest.mark.parametrize(
    "context", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"]
)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_without_eyes_scripts_or_styles(client, name):
    path, status = PAGES[name]
    answer = client.get(path)
    assert answer.status_code == status and answer.headers["content-type"].startswith("text/html")
    assert faults(read(answer.text)) == []


@ALL_CONTEXTS
def test_a_checker_of_accessibility_finds_nothing_and_the_policy_holds(post, context):
    with opened(post, **context) as watched:
        # Colours and widths are one sheet's: what is true of a page in the dark, or narrow, is of its like.
        for name in TELLING if context else PAGES:
            path, status = PAGES[name]
            assert watched.page.goto(path).status == status, name
            assert violations(watched.page) == [], name
        watched.page.goto(link(post))
        assert violations(watched.page) == [], "the button that begins a session"
        watched.page.context.clear_cookies()
        assert watched.page.goto("/sql").status == 401
        assert violations(watched.page) == [], "a stranger"
        assert complaints(watched) == [] and went_outside(watched, post) == []
        if context:
            return
        picture = "<img src=https://elsewhere.example/x>"
        watched.page.evaluate(f"document.querySelector('main').innerHTML += '{picture}'")
        assert any("Content Security Policy" in each for each in complaints(watched)), "it notices"
        assert {"image-alt"} <= {rule for rule, _ in violations(watched.page)}, "so does the checker"


def test_on_a_phone_no_page_is_wider_than_the_screen(post):
    with opened(post, **PHONE) as watched:
        for name, (path, _) in PAGES.items():
            watched.page.goto(path)
            assert watched.page.evaluate(SIDEWAYS) <= 0, name
        watched.page.goto(PAGES["answer"][0])
        region = watched.page.locator(".scroll")
        assert region.evaluate("each => each.scrollWidth > 2 * each.clientWidth"), (
            "the table scrolls by itself"
        )
        watched.page.evaluate("document.querySelector('.scroll').style.overflowX = 'visible'")
        assert watched.page.evaluate(SIDEWAYS) > 0, "it notices"


def test_every_page_says_where_one_is_and_leads_to_the_others(post):
    here = {
        "reports": "Reports",
        "answer": "Ask in SQL",
        "views": "Views",
        "plans": "Plan",
        "routes": "Routes",
    }
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        for name, way in here.items():
            watched.page.goto(PAGES[name][0])
            current = watched.page.locator("header [aria-current=page]")
            assert current.all_inner_texts() == [way], name
            ways = watched.page.locator("header a").all_inner_texts()
            assert ways[1:] == ["Reports", "Ask in SQL", "Views", "Plan", "Routes", "Checkpoint"]
        watched.page.goto(f"/reports/{REPORTS[0]}")
        assert watched.page.locator("[aria-current=page]").all_inner_texts() == [
            "Reports",
            "Unaccounted chips",
        ]
        watched.page.goto("/")
        for door in watched.page.locator(".doors a").all():
            assert watched.page.request.get(door.get_attribute("href"), headers=HTML).status == 200


def test_by_keys_alone_a_question_is_asked_and_its_answer_read(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        page = watched.page
        page.goto("/sql")
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the content"
        assert page.locator(".skip").bounding_box()["y"] >= 0, "it is seen once it is reached"
        page.keyboard.press("Enter")
        reached = []
        while page.locator("#q:focus").count() == 0:
            page.keyboard.press("Tab")
            reached.append(page.locator(":focus").inner_text())
            assert len(reached) < 5, "the form comes first"
        page.keyboard.type(WIDE)
        for _ in range(3):  # the page of those under way, the size, the button
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="rows").wait_for()
        assert page.url.endswith("#answer")
        while page.locator(".scroll:focus").count() == 0:
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    with opened(post) as watched:
        page = watched.page
        page.goto(PAGES["answer"][0])
        page.locator(".scroll").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('.scroll').scrollLeft > 0")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid", "one sees where one is"


@pytest.mark.parametrize(
    ("name", "kept", "gone"),
    [
        ("answer", (".provenance", "#answer", "tbody tr >> nth=0"), ("header", "form", ".saved")),
        ("views", ("h1", "#chip tbody tr >> nth=0", "#chip pre"), ("header", "nav.tabs")),
        ("plans", (".sentence >> nth=0", ".plan table >> nth=0", ".plan img >> nth=0", "form"), ("header",)),
        ("start", ("pre", "tbody tr >> nth=0"), ("header",)),
    ],
)
def test_on_paper_there_is_what_was_asked_and_no_control(post, name, kept, gone):
    with opened(post) as watched:
        page = watched.page
        page.goto(PAGES[name][0])
        assert page.locator("header").is_visible(), "the control"
        page.emulate_media(media="print")
        assert [each for each in gone if page.locator(each).first.is_visible()] == []
        assert [each for each in kept if not page.locator(each).first.is_visible()] == []
        assert page.pdf()[:5] == b"%PDF-"
