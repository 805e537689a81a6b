"""Reports as pages: they say what the JSON says, lead to chips and entries, and name what is wrong."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from analytics.report import REPORTS as KNOWN
from analytics.report import run_report
from api.web.reports.page import QUESTIONS, TELLERS, Visit, report_page
from tests.http.trading import enrolment, make_folder, serving
from tests.pages.reading import faults, read
from tests.pages.scene import EARLIER, HTML, REPORTS, let_in

LINKS_TRIED = 2  # of each table: each is a process
COUNTING = ("chips", "chips not received", "seen by others")  # headings of what a way down lists
WITHOUT_CHIPS = ("unaccounted", "overdue", "balance", "fabrication", "claims", "changes", "losses")


def page_at(client, path, status=200, **params):
    answer = client.get(path, params=params, follow_redirects=True)
    assert answer.status_code == status, answer.text[:2_000]
    assert answer.headers["content-type"].startswith("text/html")
    return read(answer.text)


def told(post, name, **params):
    answer = post.ask("quant", f"/reports/{name}", params={"at": post.size, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def links(page, word):
    return [each.get("href") for each in page.every("a") if each.text.startswith(word)]


def query_of(link):
    return {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}


def test_every_report_has_a_page_a_question_and_a_teller():
    assert set(KNOWN) == set(QUESTIONS) == set(TELLERS) == set(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_is_readable_without_eyes_scripts_or_styles(client, name):
    page = page_at(client, f"/reports/{name}")
    assert faults(page) == []
    assert len(list(page.every("table"))) >= 1 and len(list(page.every("select"))) >= 2
    if name != "changes":
        assert page.classed("picture"), "there is something to draw"


SPOILED = {
    '<label for="grouping">': ('<label for="group">', "no label for grouping"),
    '<th scope="col">': ("<th>", "a heading without scope or words"),
    '<html lang="en">': ("<html>", "no language"),
    "<h1>Unaccounted chips</h1>": ("<h3>Unaccounted chips</h3>", "not one first heading"),
    "<figure>": ('<figure style="color:red">', "a style or a script on <figure>"),
    ' role="img"': ("", "a picture without name"),
    "<caption>Each chip, with why</caption>": ("", "a table without caption"),
    'id="part-1"': ('id="part-2"', "an id twice"),
    'action="/reports': ('action="https://elsewhere.example', None),
}


@pytest.mark.parametrize("before", SPOILED)
def test_the_reader_notices_what_is_spoiled(client, before):
    text = client.get("/reports/unaccounted").text
    after, fault = SPOILED[before]
    assert faults(read(text)) == [], "the control"
    assert before in text
    found = faults(read(text.replace(before, after)))
    assert found and (fault is None or fault in found)


def test_the_index_tells_each_question_and_the_newest_snapshot(post, client):
    page = page_at(client, "/reports")
    assert faults(page) == []
    linked = {each.get("href") for each in page.every("a")}
    assert {f"/reports/{name}" for name in REPORTS} <= linked
    assert all(question in page.text for _, question in QUESTIONS.values())
    assert f"The newest snapshot: size {post.size}, until 2026-" in page.text


def test_programs_are_answered_as_before_and_browsers_may_ask_as_they_do(post, client):
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        answer = post.ask("quant", "/reports/overdue")
        assert answer.headers["content-type"] == "application/json", headers
    assert client.get("/reports/overdue?format=json").json() == answer.json()
    assert client.get("/reports/overdue?format=csv").headers["content-type"].startswith("text/csv")
    asked = post.ask("quant", "/reports/overdue?format=html")
    assert asked.headers["content-type"].startswith("text/html")
    assert post.ask("quant", "/reports/overdue?surprise=1").status_code == 422


def test_who_is_not_let_in_is_told_how_and_others_see_nothing(post):
    for path in ("/reports", "/reports/capacity"):
        with httpx.Client(base_url=post.http.base_url, headers=HTML, trust_env=False, timeout=60) as stranger:
            answer = stranger.get(path)
            assert answer.status_code == 401 and "chipledger open" in answer.text
            assert faults(read(answer.text)) == []
        with let_in(post, "outsider") as outsider:
            assert outsider.get(path).status_code == 404
    with let_in(post) as analyst:
        assert analyst.get("/reports/nothing").status_code == 404


def test_the_page_says_what_the_rows_say(post, client):
    page, report = page_at(client, "/reports/unaccounted"), told(post, "unaccounted")
    chips = sum(total["chips"] for total in report["totals"])
    sentence = page.classed("sentence")[0].text
    assert sentence.startswith(f"{chips} chips (") and "the most under fab-east: 15." in sentence
    linked = {each.text for each in page.every("a")}
    assert {row["chip"] for row in report["rows"]} <= linked
    assert {row["chip"] for row in report["beside"]["surplus"] if row["chip"]} <= linked
    provenance = page.classed("provenance")[0].text
    for each in (report["snapshot"], report["root"], f"size {post.size}", "window_days 180"):
        assert each in provenance
    assert all(note in page.text for note in report["notes"])


def test_capacity_shows_low_book_and_high_of_every_group(post, client):
    page, report = page_at(client, "/reports/capacity"), told(post, "capacity")
    bounds = {row["grouped"]: row for row in report["beside"]["bounds"]}
    (table,) = [each for each in page.every("table") if each.one("caption").text.startswith("Low, book")]
    found = {}
    for row in list(table.one("tbody").every("tr")):
        cells = [cell.text for cell in row.every("th", "td")]
        found[cells[0]] = (cells[1], cells[3], cells[5])
    assert len(found) == len(bounds) >= 5
    for group, row in bounds.items():
        assert found[group] == tuple(f"{row[f'{bound}_chips']:,}" for bound in ("low", "book", "high"))


@pytest.mark.parametrize("name", REPORTS)
def test_lines_lead_to_the_chips_and_entries_they_count(post, client, name):
    page = page_at(client, f"/reports/{name}")
    asked = 0
    for table in page.every("table"):
        heads = [head.text for head in table.one("thead").every("th")]
        place = next((heads.index(each) for each in COUNTING if each in heads), None)
        for row in list(table.one("tbody").every("tr"))[:LINKS_TRIED]:
            cells = [cell.text for cell in row.every("th", "td")]
            (way,) = links(row, "chips of") or [None]
            if way is None or place is None:
                continue
            assert way.startswith((f"/at/{post.size}/sql?q=", f"/at/{post.size}/sql?drill="))
            rows = client.get(way, params=None, headers={"Accept": "application/json"}).json()["rows"]
            assert f"{len(rows):,}" == cells[place], (name, cells)
            asked += 1
    assert asked > 0 or name in WITHOUT_CHIPS


def test_from_a_chip_to_its_entries_to_one_entry(post, client):
    page = page_at(client, "/reports/unaccounted")
    chip = told(post, "unaccounted")["rows"][0]
    (way,) = [each.get("href") for each in page.every("a") if each.text == chip["chip"]]
    history = read(client.get(way).text)
    assert chip["chip"] in query_of(way)["q"]
    steps = [
        each.get("href")
        for each in history.every("a")
        if "FROM entry WHERE" in query_of(each.get("href")).get("q", "")
    ]
    assert len(steps) >= 1 and all(step.startswith(f"/at/{post.size}/sql") for step in steps)
    entry = client.get(steps[-1], headers={"Accept": "application/json"}).json()["rows"]
    assert len(entry) == 1 and entry[0]["statement"]


def test_filters_change_what_is_asked_and_only_that(post, client):
    for grouping in KNOWN["unaccounted"].groupings[-3:]:
        page = page_at(client, "/reports/unaccounted", grouping=grouping)
        groups = {
            total["grouped"] or "(nobody)" for total in told(post, "unaccounted", grouping=grouping)["totals"]
        }
        offered = next(each for each in page.every("select") if each.get("name") == "group")
        assert {each.text for each in offered.every("option")} == {"all", *groups}
        assert f"grouped by {grouping}" in page.text
        chosen = [each.text for each in page.every("option") if "selected" in each.attributes]
        assert grouping.replace("_", " ") in chosen
    alone = page_at(client, "/reports/unaccounted", group="doha")
    rows = [row for row in told(post, "unaccounted")["rows"] if row["grouped"] == "doha"]
    (table,) = [each for each in alone.every("table") if each.one("caption").text.startswith("Each chip")]
    shown = {each.text for each in table.every("a") if ":" in each.text}
    assert rows and shown == {row["chip"] for row in rows}
    assert "The tables show only doha" in alone.text
    assert "37 chips" in alone.text, "the sentence stays of all"
    none = page_at(client, "/reports/unaccounted", group="<b>&")
    assert "No row has <b>&" in none.text and not list(none.every("b"))


def test_what_is_left_empty_is_taken_out_of_the_address(post, client):
    sent = client.get("/reports/unaccounted?at=&date=&as_of=&grouping=site&group=")
    assert sent.status_code == 303 and sent.headers["location"] == "/reports/unaccounted?grouping=site"
    both = client.get(f"/reports/unaccounted?at={post.size}&date=2026-11-21")
    assert both.status_code == 303 and both.headers["location"] == "/reports/unaccounted?date=2026-11-21"
    assert client.get("/reports/unaccounted?grouping=site").status_code == 200, "the control"


def test_as_of_goes_over_the_published_snapshots_and_stays(post, client):
    page = page_at(client, "/reports/capacity")
    select = next(each for each in page.every("select") if each.get("name") == "at")
    assert [each.get("value") for each in select.every("option")] == ["", str(post.size), str(EARLIER)]
    earlier = page_at(client, "/reports/capacity", at=EARLIER)
    assert f"size {EARLIER}," in earlier.classed("provenance")[0].text
    lasting = [each.get("href") for each in page.every("a") if each.get("rel") == "bookmark"]
    assert query_of(lasting[0])["at"] == str(post.size)
    assert page_at(client, lasting[0]).one("h1").text == "Capacity"
    absent = page_at(client, "/reports/capacity", status=404, at=EARLIER + 1)
    assert faults(absent) == []
    nearest = [each.get("href") for each in absent.every("a") if "at=" in (each.get("href") or "")]
    assert [query_of(each)["at"] for each in nearest] == [str(EARLIER), str(post.size)]
    early = page_at(client, "/reports/capacity", status=422, date="2026-01-01").text
    assert "2026-01-01 is before the log's first entry" in early


def test_changes_are_since_the_snapshot_before_unless_another_size_is_said(post, client):
    assert f"between size {EARLIER} and size {post.size}" in page_at(client, "/reports/changes").text
    assert f"between size 5 and size {post.size}" in page_at(client, "/reports/changes", from_size=5).text
    differing = sum(each["chips"] for each in told(post, "changes", from_size=EARLIER)["totals"])
    assert f"{differing} chips differ" in page_at(client, "/reports/changes").text


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"grouping": "mood"}, "grouped by"),
        ({"window_days": "0"}, "window_days is a whole number from 1"),
        ({"basis": "guessed"}, "basis is one of"),
        ({"surprise": "1"}, "surprise is nothing this report may be asked"),
        ({"at": "01"}, "at is a size"),
        ({"date": "yesterday"}, "date is a day"),
        ({"as_of": "2026-13-01T00:00:00Z"}, "as_of: no such time"),
        ({"as_of": "tomorrow"}, "as_of: a time is written"),
        ({"group": "x" * 300}, "at most 200 characters"),
        ({"basis": ["registered", "suspected"]}, "given twice"),
        ({"<script>": "1"}, "<script> is nothing"),
    ],
)
def test_what_cannot_be_answered_says_why_above_its_form(client, asked, why):
    page = page_at(client, "/reports/unaccounted", status=422, **asked)
    assert faults(page) == []
    (alert,) = [each for each in page.every("p") if each.get("role") == "alert"]
    assert why in alert.text and list(page.every("form"))


def test_what_was_cut_says_so(post):
    visit = Visit("ledger.example", "quant", "unaccounted", {}, [post.snapshot])
    cut = report_page(visit, run_report(post.snapshot, "unaccounted", rows_max=5))
    assert "This answer was cut" in cut and faults(read(cut)) == []
    assert "37 chips" in cut, "totals are of all"
    assert "of 37 rows the tables, and the files, have the first 5" in cut and "The first 5 of 37 rows" in cut
    assert "The first 5, for the rest was cut off, as a file" in cut
    assert "This answer was cut" not in report_page(visit, run_report(post.snapshot, "unaccounted")), (
        "control"
    )


def test_a_group_behind_the_cut_is_shown_and_what_has_no_groups_is_left_out(post, client):
    whole = told(post, "unaccounted")
    group = whole["rows"][-1]["grouped"]
    visit = Visit("ledger.example", "quant", "unaccounted", {"group": group}, [post.snapshot])
    cut = run_report(post.snapshot, "unaccounted", rows_max=5)
    assert group not in cut.rows.column("grouped").to_pylist(), "it is behind the cut"
    alone = run_report(post.snapshot, "unaccounted", rows_max=5, group=group)
    page = read(report_page(visit, cut, alone))
    assert faults(page) == [] and "37 chips" in page.classed("sentence")[0].text
    chips = {row["chip"] for row in whole["rows"] if row["grouped"] == group}
    assert chips & {each.text for each in page.every("a")}, "as many as are not cut"
    page = page_at(client, "/reports/unaccounted", group=group)
    linked = {each.text for each in page.every("a")}
    assert chips <= linked and not {row["chip"] for row in whole["rows"]} - chips & linked
    assert "Rows of no group are left out: surplus" in page.classed("alone")[0].text
    (link, *_) = links(page, "csv")
    assert query_of(link)["group"] == group
    assert client.get(link).content.count(b"\r\n") == 1 + len(chips)


def test_files_of_every_part_are_linked_and_there(client):
    for name in REPORTS:
        page = page_at(client, f"/reports/{name}")
        files = links(page, "csv")
        assert files and len(set(files)) == len(files), name
        for link in files:
            answer = client.get(link)
            assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv"), link


def test_an_empty_book_is_told_as_such(tmp_path):
    with serving(make_folder(tmp_path / "ledger")) as post:
        assert post.send(enrolment("quant", "analyst")).status_code == 201
        with let_in(post) as client:
            assert "There is no snapshot yet" in page_at(client, "/reports").text
            page_at(client, "/reports/unaccounted", status=404)
            assert post.ledger.analysis.take_snapshot(seconds=300)
            for name in REPORTS:
                page = page_at(client, f"/reports/{name}")
                assert faults(page) == [] and not page.classed("picture"), name
            assert "No chip is unaccounted for." in page_at(client, "/reports/unaccounted").text
