"""Reports in a real browser: without scripts, on a phone, by keys, on paper, and as a checker sees them."""

import pytest

from tests.browser import follow
from tests.pages.checker import violations
from tests.pages.scene import EARLIER, PHONE, REPORTS, WITHOUT_SCRIPTS, opened, went_outside

FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']"


def test_each_report_opens_without_scripts_errors_or_anybody_else(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        for path in ("/reports", *(f"/reports/{name}" for name in REPORTS)):
            assert watched.page.goto(path).status == 200
            assert watched.page.locator("h1").count() == 1, path
        assert watched.errors == [] and went_outside(watched, post) == []


def test_a_filter_and_the_way_down_work_without_scripts(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        page = watched.page
        page.goto("/reports")
        follow(page.get_by_role("link", name="Unaccounted chips"))
        page.get_by_label("Grouped by").select_option("model")
        page.get_by_label("Window days").fill("30")
        follow(page.get_by_role("button", name="Show"))
        assert "grouping=model" in page.url and "window_days=30" in page.url and "date" not in page.url
        assert "grouped by model" in page.locator(".provenance").inner_text()
        page.get_by_label("As of").select_option(str(EARLIER))
        follow(page.get_by_role("button", name="Show"))
        assert f"at={EARLIER}" in page.url and "grouping=model" in page.url
        assert f"size {EARLIER}," in page.locator(".provenance").inner_text()
        follow(page.get_by_role("link", name="only this of registrar/h100").first)
        assert "The tables show only registrar/h100" in page.locator(".alone").inner_text()
        chip = page.locator("tbody th a").first
        name = chip.inner_text()
        follow(chip)
        assert f"/at/{EARLIER}/sql" in page.url and page.get_by_role("cell", name=name).count() >= 1
        follow(page.locator("tbody td a").last)
        assert page.get_by_role("heading", name="1 row", exact=True).count() == 1, "one entry"
        assert watched.errors == [] and went_outside(watched, post) == []


def test_who_was_not_let_in_is_told_how(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        watched.page.goto("/session")
        follow(watched.page.get_by_role("button", name="Stop"))
        assert watched.page.goto("/reports/capacity").status == 401
        assert "chipledger open" in watched.page.locator("main").inner_text()


@pytest.mark.parametrize("name", REPORTS)
def test_on_a_phone_nothing_but_tables_and_pictures_is_wider_than_the_screen(post, name):
    with opened(post, **PHONE) as watched:
        watched.page.goto(f"/reports/{name}")
        wide = watched.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["viewport"]["width"]
        assert watched.errors == []


def test_keys_reach_everything_in_the_order_of_the_page(post):
    with opened(post) as watched:
        page = watched.page
        page.goto("/reports/overdue")
        page.evaluate(
            f"document.querySelectorAll({FOCUSABLE!r}).forEach((each, place) => each.dataset.place = place)"
        )
        many = page.locator(FOCUSABLE).count()
        reached = []
        for _ in range(4 * many):  # a day has several stops of its own
            page.keyboard.press("Tab")
            place = page.evaluate("document.activeElement.dataset.place")
            if place is not None and (not reached or reached[-1] != int(place)):
                reached.append(int(place))
            if reached and reached[-1] == many - 1:
                break
        assert reached == list(range(many)) and many > 20
        page.locator("summary").focus()
        page.keyboard.press("Enter")
        assert not page.get_by_label("Grouped by").is_visible(), "the form can be folded by keys"


def test_on_paper_there_is_what_was_asked_and_no_control(post):
    with opened(post) as watched:
        page = watched.page
        page.goto("/reports/unaccounted")
        assert page.get_by_role("button", name="Show").is_visible(), "the control"
        page.emulate_media(media="print")
        for gone in (page.get_by_role("button", name="Show"), page.locator("header"), page.locator(".tabs")):
            assert not gone.is_visible()
        for kept in (".sentence", ".provenance", "figure", "table >> nth=0", "caption >> nth=0"):
            assert page.locator(kept).first.is_visible(), kept
        assert page.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_a_checker_of_accessibility_finds_nothing(post, context):
    with opened(post, **context) as watched:
        # Colours and widths are one sheet's: what is true of a page in the dark, or narrow, is of all.
        names = REPORTS[:2] if context else REPORTS
        for path in ("/reports", *(f"/reports/{name}" for name in names)):
            watched.page.goto(path)
            assert violations(watched.page) == [], path
        watched.page.evaluate("document.querySelector('label').remove()")
        watched.page.evaluate("document.querySelector('.sentence').style.color = '#aaa'")
        assert "select-name" in {rule for rule, _ in violations(watched.page)}, "it notices"
