"""Questions in SQL in a real browser, with scripts and without: asked, mistaken, cut, ended, kept."""

import csv
import io
import json
import re

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest

from analytics.catalogue import saved, views
from tests.browser import follow
from tests.console.slow import SLOW, children, until
from tests.pages.scene import EARLIER, WITHOUT_SCRIPTS, asked, complaints, opened, went_outside

HOLDERS = (
    "SELECT custodian, COUNT(*) AS chips, COUNT(*) * 1000000 AS millions FROM chip GROUP BY 1 ORDER BY 1"
)
MISTAKEN = "SELECT chip,\n  custodain FROM chip"
MANY = "SELECT range AS n FROM range(200000)"
LINKS_TRIED = 2  # each is a process
WATCHER = """() => {
  const told = document.getElementById("told");
  const watch = setInterval(() => {
    if (!told.textContent.includes("%")) return;
    clearInterval(watch);
    window.ended = [document.getElementById("waiting").hidden, told.textContent];
    document.getElementById("stop").click();
  }, 50);
}"""
"""Presses the button that ends a question once the page has told how far it is."""

BOTH = pytest.mark.parametrize("context", [WITHOUT_SCRIPTS, {}], ids=["without scripts", "with scripts"])


def ask(page, query):
    page.get_by_label("Query").fill(query)
    follow(page.get_by_role("button", name="Ask"))


def cells(page):
    return [row.locator("td").all_inner_texts() for row in page.locator("table tbody tr").all()]


@BOTH
def test_a_question_is_typed_answered_and_kept_at_its_size(post, client, context):
    with opened(post, **context) as watched:
        page = watched.page
        follow(page.get_by_role("link", name="Ask in SQL", exact=True))
        ask(page, HOLDERS)
        rows = cells(page)
        told = client.get(asked(HOLDERS), headers={"Accept": "application/json"}).json()
        assert page.get_by_role("heading", name=f"{len(rows)} rows", exact=True).count() == 1
        written = [[r["custodian"] or "null", f"{r['chips']:,}", f"{r['millions']:,}"] for r in told["rows"]]
        assert rows == written and any("," in row[2] for row in rows)
        lined = "els => els.map(e => getComputedStyle(e).textAlign)" if not context else None
        if lined:
            assert page.locator("td:nth-child(2), th:nth-child(3)").evaluate_all(lined) == ["right"] * (
                len(rows) + 1
            )
        assert f"As of the newest, size {post.size}" in page.locator(".provenance").inner_text()
        page.get_by_label("As of").select_option(str(EARLIER))
        follow(page.get_by_role("button", name="Ask"))
        earlier = cells(page)
        assert f"/at/{EARLIER}/sql" in page.url and earlier != rows
        assert f"As of size {EARLIER}," in page.locator(".provenance").inner_text()
        assert page.get_by_label("As of").input_value() == str(EARLIER), "and stays there"
        follow(page.get_by_role("link", name="This answer, for ever"))
        assert f"/at/{EARLIER}/sql" in page.url and cells(page) == earlier
        assert page.get_by_label("Query").input_value() == HOLDERS
        assert complaints(watched) == [] and went_outside(watched, post) == []


@BOTH
def test_an_answer_is_taken_home_in_every_format(post, context):
    with opened(post, **context) as watched:
        page = watched.page
        page.goto(asked(HOLDERS))
        rows = len(cells(page))
        found = {}
        for form in ("csv", "arrow", "parquet"):
            with page.expect_download() as waiting:
                page.locator(".shown").get_by_role("link", name=form).click()
            assert waiting.value.suggested_filename == f"chipledger-{post.size}.{form}"
            found[form] = waiting.value.path().read_bytes()
        assert len(list(csv.reader(io.StringIO(found["csv"].decode("utf-8-sig"))))) == rows + 1
        tables = [
            pa.ipc.open_stream(found["arrow"]).read_all(),
            pa.parquet.read_table(io.BytesIO(found["parquet"])),
        ]
        assert [table.num_rows for table in tables] == [rows, rows]
        with page.expect_navigation() as moved:
            page.locator(".shown").get_by_role("link", name="json").click()
        assert len(json.loads(moved.value.body())["rows"]) == rows
        assert complaints(watched) == []


@BOTH
def test_a_mistake_is_told_with_its_place_and_can_be_mended(post, context):
    with opened(post, **context) as watched:
        page = watched.page
        page.goto("/sql")
        ask(page, MISTAKEN)
        alert = page.get_by_role("alert").inner_text()
        assert alert.startswith("line 2, column 3") and "did you mean custodian" in alert
        assert page.locator("mark").inner_text() == "custodain"
        assert page.locator("pre").inner_text() == "line 2:   custodain FROM chip"
        assert page.get_by_label("Query").input_value() == MISTAKEN, "what was typed is still there"
        ask(page, MISTAKEN.replace("custodain", "custodian"))
        assert page.get_by_role("alert").count() == 0 and len(cells(page)) > 100
        ask(page, "DROP TABLE chip")
        assert "answered" in page.get_by_role("alert").inner_text() and page.locator("table").count() == 0
        assert complaints(watched) == []


def test_what_was_cut_and_what_is_not_shown_is_said(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        page = watched.page
        page.goto(asked(MANY))
        assert "there are more than its 100,000 rows" in page.get_by_role("alert").inner_text()
        assert page.get_by_text("The first 500 of 100,000 rows are shown").count() == 1
        assert page.locator("tbody tr").count() == 500
        page.goto(asked(HOLDERS))
        assert page.get_by_role("alert").count() == 0, "the control"


def test_a_size_without_a_snapshot_names_its_neighbours_and_asks_them_the_same(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        page = watched.page
        assert page.goto(asked(HOLDERS, EARLIER + 1)).status == 404
        nearest = page.get_by_role("alert").get_by_role("link")
        assert nearest.count() == 2 and page.get_by_label("Query").input_value() == HOLDERS
        follow(nearest.first)
        assert page.url.endswith(asked(HOLDERS, EARLIER)) and len(cells(page)) > 1


@BOTH
def test_saved_questions_and_examples_are_there_to_be_chosen(post, context):
    with opened(post, **context) as watched:
        page = watched.page
        page.goto("/sql")
        links = page.locator(".saved a")
        assert links.all_inner_texts() == [query.question for query in saved()]
        for query in saved()[:LINKS_TRIED]:
            follow(page.locator(".saved").get_by_role("link", name=query.question))
            assert page.get_by_label("Query").input_value() == query.text
            assert page.get_by_role("heading", name=re.compile("^[0-9,]+ rows?$")).count() == 1
        page.goto("/schema")
        every = [view for view in views() if view.example is not None]
        assert page.get_by_role("link", name="Ask it").count() == len(every) >= 10
        for view in every[:LINKS_TRIED]:
            page.goto("/schema")
            follow(page.get_by_role("link", name=f"Ask it of {view.name}", exact=True))
            assert page.get_by_label("Query").input_value() == view.example.text
            assert page.get_by_role("heading", name=re.compile("^[0-9,]+ rows?$")).count() == 1
        assert complaints(watched) == []


def test_the_page_of_views_tells_every_column_with_its_meaning(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        page = watched.page
        page.goto("/schema")
        told = 0
        for view in views():
            section = page.locator(f"section#{view.name}")
            assert view.meaning in section.inner_text()
            rows = section.locator("tbody tr")
            assert rows.locator("th").all_inner_texts() == [column.name for column in view.columns]
            assert rows.locator("td:nth-child(2)").all_inner_texts() == [
                column.meaning for column in view.columns
            ]
            told += rows.count()
        assert told > 150
        follow(page.get_by_role("link", name="stocktake", exact=True))
        assert page.url.endswith("/schema#stocktake")


def test_a_long_question_tells_how_far_it_is_and_is_stopped_by_a_button(post):
    with opened(post) as watched:
        page = watched.page
        page.goto("/sql")
        assert not page.locator("#waiting").is_visible()
        page.get_by_label("Query").fill(SLOW)
        # The driver waits for the page that is to come: what is on this one meanwhile is watched from within.
        page.evaluate(WATCHER)
        page.keyboard.press("Control+Enter")
        page.wait_for_function("window.ended")
        hidden, told = page.evaluate("window.ended")
        assert hidden is False and re.fullmatch("[0-9]+ s, [0-9]+ %", told)
        assert not page.locator("#waiting").is_visible() and page.get_by_label("Query").input_value() == SLOW
        assert until(lambda: not children()), "its process is gone"
        ask(page, HOLDERS)
        assert len(cells(page)) > 1, "and another is answered"
        assert complaints(watched) == [] and went_outside(watched, post) == []


def test_without_scripts_a_second_page_tells_how_far_it_is_and_closing_the_first_ends_it(post):
    with opened(post, **WITHOUT_SCRIPTS) as watched:
        page = watched.page
        page.goto("/sql")
        assert not page.locator("#waiting").is_visible(), "what only a script can do is not shown"
        page.get_by_label("Query").fill(SLOW)
        page.get_by_role("button", name="Ask").click(no_wait_after=True)
        other = page.context.new_page()
        assert until(children)
        other.goto("/sql/questions")

        def is_told():
            follow(other.get_by_role("link", name="Look again"))
            return other.locator("tbody td", has_text="%").count() == 1

        def is_over():
            follow(other.get_by_role("link", name="Look again"))
            return "None just now." in other.locator("main").inner_text()

        assert until(is_told) and SLOW in other.locator("tbody th").inner_text()
        page.close()
        assert until(lambda: not children()), "its process is gone"
        assert until(is_over)
