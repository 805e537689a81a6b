"""The document knows every route, what it takes and what it gives; the page made of it needs no network."""

import re

import pytest
from starlette.routing import Route

from api.http.app import create_app
from ledger.book.rejection import Reason
from tests.http.scene import CHIPS
from tests.http.trading import ORIGIN

NOT_IN_IT = {
    "/",
    "/docs",
    "/plan",
    "/reports",
    "/style.css",
    "/favicon.ico",
    "/openapi.json",
    "/schema",
    "/ask.js",
    "/session",
    "/session/{code}",
}
WRONG = [
    "",
    "x",
    "-1",
    "1.0",
    "+1",
    "1e3",
    " 1",
    "01",
    "9" * 30,
    "%00",
    "%ED%A0%80",
    "\u0661",
    "null",
    "[]",
    "a" * 3_000,
]
FILLED = {"{chip}": CHIPS[0], "{party}": "maker", "{name}": "s1", "{size}": "5", "{statement}": "0" * 64}
FILLED |= {"{sha256}": "0" * 64}
FILLED |= {"{refusal}": "x", "{discrepancy}": "1.0", "{level}": "0", "{path}": "000"}
ANY_TEXT = {
    "serial",
    "uuid",
    "ik",
    "label",
    "party",
    "reference",
    "q",
    "to",
}  # parameters in which a wrong value is only one not found


DEAR = {"q", "grouping"}  # each question to a snapshot costs a process or a scan


@pytest.fixture(scope="module")
def document(post):
    answer = post.http.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def routes_of(app):
    """(method, path) of every route, those of included routers too."""
    waiting, found = list(app.router.routes), set()
    while waiting:
        route = waiting.pop()
        waiting += getattr(getattr(route, "original_router", None), "routes", ())
        if isinstance(route, Route) or hasattr(route, "endpoint"):
            found |= {(method, route.path) for method in route.methods or () if method in ("GET", "POST")}
    return found


def test_every_route_is_in_the_document(post, document):
    documented = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "post")
    }
    split = {("GET", "/tile/{level}/{path}"), ("GET", "/tile/entries/{path}")}
    served = {(m, p) for m, p in routes_of(create_app(post.ledger)) if p not in NOT_IN_IT} - {
        ("GET", "/tile/{path:path}")
    }
    assert served
    assert documented == served | split


def test_every_route_tells_its_answers_and_its_problems(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation.get("description"), (method, path)
            assert {"200"} & operation["responses"].keys(), (method, path)
            assert operation["tags"], (method, path)
            for parameter in operation.get("parameters", ()):
                assert parameter["schema"], (path, parameter["name"])


def test_every_reference_in_the_document_is_there(document):
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', str(document).replace("'", '"')))
    assert names
    assert names <= document["components"]["schemas"].keys()


def test_the_list_of_reasons_is_in_the_document_in_order(document):
    problem = document["components"]["schemas"]["Problem"]["properties"]["reason"]
    assert problem["enum"] == [reason.value for reason in Reason]
    told = re.findall(r"`([a-z_]+)` \d{3}", problem["description"])
    assert told == problem["enum"]


def test_the_pages_load_nothing_from_elsewhere(post):
    for path in ("/", "/docs"):
        page = post.http.get(path)
        assert "script" not in page.text.lower().replace("description", "")
        assert set(re.findall(r'(?:src|href)="([^"]+)"', page.text)) <= {
            "/style.css", "/favicon.ico", "/", "/docs", "/plan", "/reports", "/checkpoint", "/openapi.json",
            "/sql", "/schema", "#main",
        }  # fmt: skip
        assert page.headers["content-security-policy"].startswith("default-src 'self'")
    icon = post.http.get("/favicon.ico")
    assert icon.headers["content-type"] == "image/svg+xml" and icon.text.startswith("<svg ")
    docs = post.http.get("/docs").text
    assert ORIGIN in docs
    assert "POST <code>/statements</code>" in docs
    assert "not_held" in docs


def operations(document):
    """(path, parameter name, other parameters that must be there) of every query parameter of a GET."""
    for path, item in document["paths"].items():
        asked = [p for p in item.get("get", {}).get("parameters", ()) if p["in"] == "query"]
        for parameter in asked:
            others = {p["name"]: p.get("example", "1") for p in asked if p["required"] and p is not parameter}
            yield path, parameter["name"], others


def filled(path):
    """A path with something in each place."""
    for place, text in FILLED.items():
        path = path.replace(place, text)
    assert "{" not in path
    return path


def test_no_value_of_any_parameter_ends_in_a_failure(post, document):
    asked = 0
    for path, name, others in operations(document):
        for wrong in WRONG[:3] if name in DEAR else WRONG:
            query = "&".join([f"{name}={wrong}", *(f"{other}={value}" for other, value in others.items())])
            answer = post.ask("watch", f"{filled(path)}?{query}")
            asked += 1
            assert answer.status_code < 500, (path, query, answer.text)
            if name not in ANY_TEXT and name not in {"after", "uuid", "format", "grouping"}:
                assert answer.status_code in (404, 422), (path, query, answer.text)
    assert asked > 400


def test_a_parameter_nobody_knows_or_given_twice_is_422_everywhere(post, document):
    asked = 0
    for path, item in document["paths"].items():
        if "get" not in item or path in ("/checkpoint", "/tile/{level}/{path}", "/tile/entries/{path}"):
            continue
        answer = post.ask("watch", f"{filled(path)}?surprise=1")
        assert (answer.status_code, answer.json()["reason"]) == (422, "bad_field"), path
        asked += 1
    assert asked > 20
    assert post.ask("watch", f"/chips/{CHIPS[0]}?at=12&at=12").status_code == 422
    assert post.ask("watch", f"/chips/{CHIPS[0]}?at=12").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "planner=activity&chips=1&run_flop=1",
        "planner=other",
        "frame=10&missing=1&beta_ppm=1",
        "planner=presence&frame=10&missing=1",
        "planner=presence&frame=10&missing=11&beta_ppm=1",
        "planner=presence&frame=10&missing=1&beta_ppm=1000001",
        "planner=presence&frame=10&missing=1&beta_ppm=1&cost=3",
        "planner=presence&frame=10&missing=1&beta_ppm=1&beta_ppm=1",
        "planner=presence&frame=999999999999&missing=1&beta_ppm=1",
        "planner=presence&frame=0&missing=0&beta_ppm=1",
    ],
)
def test_a_plan_with_a_wrong_parameter_is_422(post, query):
    answer = post.http.get(f"/inspections/plan?{query}")
    assert (answer.status_code, answer.json()["reason"]) == (422, "bad_field")


@pytest.mark.parametrize(
    "strata",
    [
        '[{"name":"a"},{"name":"a"}]',
        "[]",
        "{}",
        '[{"name":"a","site":"x/y"}]',
        '[{"name":"a b"}]',
        "[",
        "null",
        '[]},{"a":1',
    ],
)
def test_strata_that_are_none_are_refused(post, strata):
    answer = post.ask("watch", "/inspections/frame", params={"provers": "holder", "strata": strata})
    assert answer.status_code in (400, 422), answer.text
