"""The planner as anybody meets it over HTTP: golden figures, pictures, the page, and hostile questions."""

import re
from html.parser import HTMLParser
from time import monotonic
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from api.http import plan_shapes
from tests.http.test_reads import told
from tests.planning.questions import RUN, STRATA, activity_cases, presence_cases

PLAN = "/inspections/plan"
GOOD = {"planner": "presence", "frame": "10000", "missing": "100", "beta_ppm": "50000"}
HOSTILE_SECONDS_MAX = 60  # generous: the machine may be busy; without limits these take minutes
SVG_NAMES = {"svg", "g", "rect", "path", "circle", "text", "title", "desc"}


def test_a_golden_plan_in_each_family_comes_out_of_the_route(post):
    asked = 0
    for family in ("attribute", "imperfect"):
        for query, expect in list(presence_cases(family))[::10]:
            if query["frame"] > 10**8:
                continue
            answer = told(post.http.get(PLAN, params={"planner": "presence", **query}))
            assert answer["n"] == expect.get("n"), query
            asked += 1
    for query, expect, _ in list(activity_cases())[::10]:
        answer = told(post.http.get(PLAN, params={"planner": "activity", **query}))
        assert answer["per_year"] == expect.get("s_year_ceil"), query
        asked += 1
    assert asked > 40


def test_both_planners_answers_have_the_shape_the_document_gives(post):
    more = {"evade": "1", "curve": "1", "budget": "400"}
    shape = plan_shapes.Plan.model_validate(told(post.http.get(PLAN, params={**GOOD, **more})), strict=True)
    assert shape.within_budget and len(shape.curve) == 25
    run = told(post.http.get(PLAN, params={"planner": "activity", **RUN, "curve": "1"}))
    assert plan_shapes.ActivityPlan.model_validate(run, strict=True).per_year == 243


@pytest.mark.parametrize("plot", ["detection", "cost"])
def test_the_picture_is_plain_and_says_what_it_shows(post, plot):
    answer = post.http.get(PLAN, params={**GOOD, "format": "svg", "plot": plot})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    tree = ElementTree.fromstring(answer.content)
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names <= SVG_NAMES and {"path", "circle", "title", "desc"} <= names
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not [name for name in attributes if "href" in name or name == "style" or name.startswith("on")]
    assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    texts = [element.text for element in tree.iter() if element.tag.endswith("}text")]
    axes = {"detection": "visits", "cost": "risk that is left, per cent"}
    assert axes[plot] in texts and len([text for text in texts if text and text[0].isdigit()]) > 8
    assert "294" in tree[1].text
    again = post.http.get(PLAN, params={**GOOD, "format": "svg", "plot": plot})
    assert again.content == answer.content


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"format": "png"}, "format"),
        ({"plot": "pie"}, "plot"),
        ({"curve": "2"}, "curve"),
        ({"planner": "x"}, "planner"),
        ({"missing": "10001"}, "missing"),
        ({"strata": "["}, "strata"),
        ({"visits": "3"}, "visits"),
        ({"sizes": "1,1"}, "sizes"),
        ({"stages": "0:2"}, "stages"),
        ({"chips": "9"}, "chips"),
        ({"budget": "1/0"}, "budget"),
        ({"surprise": "1"}, "surprise"),
    ],
)
def test_what_is_wrong_is_422_and_named(post, more, named):
    assert post.http.get(PLAN, params=GOOD).status_code == 200
    answer = post.http.get(PLAN, params={**GOOD, **more})
    assert (answer.status_code, answer.json()["reason"]) == (422, "bad_field")
    assert answer.json()["detail"].startswith(f"{named}:")


def test_a_parameter_given_twice_is_422(post):
    answer = post.http.get(f"{PLAN}?planner=presence&frame=1&frame=1&missing=1&beta_ppm=1")
    assert answer.status_code == 422 and answer.json()["detail"] == "frame: given twice"


LARGE = STRATA.replace("6000", "90000000")
HOSTILE = [
    {"frame": "100000000", "missing": "50000000", "beta_ppm": "1", "accept": "1000", "test_miss_ppm": "9999"},
    {"frame": "100000000", "missing": "10000000", "beta_ppm": "0", "accept": "50", "test_miss_ppm": "600000"},
    {"frame": "100000000", "visits": "50000000", "beta_ppm": "0", "test_miss_ppm": "1"},
    {"frame": "10000000", "missing": "5000000", "beta_ppm": "500000", "accept": "1000", "test_miss_ppm": "1",
     "sizes": "1000000"},
    {"strata": LARGE, "missing": "9999999", "beta_ppm": "5", "test_miss_ppm": "1"},
    {"strata": LARGE, "visits": "50000000", "beta_ppm": "1", "test_miss_ppm": "999"},
    {"strata": STRATA, "visits": "400", "beta_ppm": "500000", "accept": "3"},
    {"frame": "10000", "missing": "1000", "beta_ppm": "1000000", "stages": "0:50,10:50,49:50"},
    {"frame": "100000000", "missing": "50000000", "beta_ppm": "999999", "curve": "1", "accept": "1000"},
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_question_keeps_the_server_long(post, query):
    started = monotonic()
    answer = post.http.get(PLAN, params={"planner": "presence", **query}, timeout=300)
    assert answer.status_code in (200, 422), answer.text
    assert monotonic() - started < HOSTILE_SECONDS_MAX


class Page(HTMLParser):
    """What stands in a page: elements with attributes, labels, and all text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.raw = [], "", text
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def page_of(post, **query):
    answer = post.http.get("/plan", params=query)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    return Page(answer.text)


@pytest.mark.parametrize("planner", ["presence", "activity"])
def test_every_input_of_the_page_has_a_label_and_stands_in_the_address(post, planner):
    page = page_of(post, planner=planner)
    inputs = [each for each in page.all("input") + page.all("textarea") if each.get("type") != "hidden"]
    labels = {each["for"] for each in page.all("label")}
    assert len(inputs) >= 8 and {each["id"] for each in inputs} == labels
    assert page.all("form") == [{"method": "get", "action": "/plan"}]
    assert not page.all("script") and not [a for _, a in page.elements if "style" in a or "onclick" in a]


def test_the_page_shows_plans_side_by_side_with_pictures_that_are_there(post):
    page = page_of(post, frame="10000", missing="100,50", beta_ppm="50000, 10000", evade="1", accept="")
    plans = [each for each in page.all("section") if each.get("class") == "plan"]
    assert len(plans) == 4 and "Visit 294 of 10,000 chips" in page.text
    pictures = page.all("img")
    assert len(pictures) == 8
    for picture in pictures:
        assert picture["src"].startswith("/inspections/plan?") and picture["alt"]
        assert post.http.get(picture["src"]).headers["content-type"] == "image/svg+xml"
    links = [each["href"] for each in page.all("a") if each["href"].startswith(PLAN)]
    sizes = [told(post.http.get(link))["n"] for link in links]
    assert sizes == [294, 448, 581, 878]
    assert parse_qs(urlsplit(links[0]).query)["missing"] == ["100"]


def test_the_page_plans_both_directions_and_judges_sizes(post):
    page = page_of(post, frame="10000", missing="100", beta_ppm="50000", direction="floor_to_book")
    assert "Visit 294 of 10,000 positions" in page.text
    page = page_of(post, missing="100", beta_ppm="50000", strata="a:6000\nb:4000", sizes="177,117")
    assert "177/117" in page.text


def test_the_page_tells_visits_per_site(post):
    page = page_of(post, missing="100", beta_ppm="50000", strata="a@x:6000\nb@x:3000\nc:900\n\nd:100:0:2.5")
    assert "visits per site" in page.text and "176/89/27/3" in page.text
    assert re.search(r"x\s*265", page.text)
    named = {text for text in re.findall(r'<th scope="row">([^<]*)</th>', page.raw)}
    assert named == {"x"} and '<td></td><td class="number">30</td>' in page.raw
    without = page_of(post, missing="100", beta_ppm="50000", strata="a:6000\nb:4000")
    assert "visits per site" not in without.text


def test_the_page_names_the_parameter_where_nothing_would_be_rejected(post):
    page = page_of(post, frame="10000", missing="0", beta_ppm="50000")
    assert "missing is 0, so there is nothing to find" in page.text
    answer = told(post.http.get(PLAN, params={**GOOD, "accept": "100"}))
    assert answer["status"] == "infeasible" and "accept is 100, and missing is 100" in answer["sentence"]


@pytest.mark.parametrize(
    "query",
    [
        {"missing": "100", "beta_ppm": "50000", "strata": "<script>alert(1)</script>"},
        {"frame": '"><img src=x>', "missing": "1", "beta_ppm": "1"},
        {"frame": "10", "missing": "1,2,3,4,5,6,7", "beta_ppm": "1"},
        {"frame": "10", "missing": "11", "beta_ppm": "1"},
    ],
)
def test_the_page_says_what_is_wrong_and_escapes_it(post, query):
    page = page_of(post, **query)
    assert [attrs for _, attrs in page.elements if attrs.get("role") == "alert"]
    assert not page.all("script") and not page.all("img")


def test_the_page_takes_no_input_it_does_not_know(post):
    assert post.http.get("/plan?surprise=1").status_code == 422
    assert post.http.get("/plan?planner=x").status_code == 422
    assert post.http.get("/plan?frame=1&frame=1").status_code == 422
