"""SQL over HTTP: pages with sessions, addresses that stay, long queries, progress, and an end on request."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from analytics.catalogue import saved, views
from analytics.question import QUERY_BYTES_MAX
from tests.console.slow import SLOW, children, until
from tests.http.scene import play
from tests.http.trading import make_folder, serving

HTML = {"Accept": "text/html,application/xhtml+xml"}
CHIPS = "SELECT COUNT(*) AS chips FROM chip"


@pytest.fixture(scope="module")
def post(tmp_path_factory):
    """A running server on which the story was played."""
    with serving(make_folder(tmp_path_factory.mktemp("console") / "ledger")) as post:
        play(post)
        post.ledger.publisher.flush()
        assert post.ledger.analysis.take_snapshot(seconds=300)
        yield post


@pytest.fixture
def browser(post):
    """A browser without scripts that the analyst let in."""
    with httpx.Client(base_url=post.http.base_url, headers=HTML, trust_env=False, timeout=120) as client:
        enter(client, link(post, "quant"))
        yield client


def link(post, party):
    answer = post.http.post("/sessions", headers={"Authorization": f"Bearer {post.token(party)}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["path"]


def enter(client, path, **headers):
    page = client.get(path)
    assert page.status_code == 200 and "set-cookie" not in page.headers
    code = re.search(r'name="code" value="([^"]+)"', page.text)[1]
    return client.post("/session", data={"code": code}, headers={"Sec-Fetch-Site": "same-origin", **headers})


def bearing(post, party="quant"):
    return {"Authorization": f"Bearer {post.token(party)}"}


def test_a_browser_is_let_in_once_by_a_link_and_reads_only(post):
    path = link(post, "quant")
    with httpx.Client(base_url=post.http.base_url, headers=HTML, trust_env=False, timeout=120) as client:
        outside = client.get("/sql")
        assert outside.status_code == 401 and "chipledger open" in outside.text
        assert outside.headers["content-type"].startswith("text/html")
        begun = enter(client, path)
        assert begun.status_code == 303 and begun.headers["location"] == "/reports"
        cookie = begun.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Max-Age=3600" in cookie
        assert client.get("/sql").status_code == 200
        assert "quant" in client.get("/session").text
        assert client.post("/sql", json={"q": CHIPS}).status_code == 401, "the cookie is for looking"
        assert client.post("/session", data={"code": path.rpartition("/")[2]}).status_code == 401, "used"
        assert client.post("/session", data={"end": "1"}).headers["set-cookie"].startswith("chipledger=;")
        assert client.get("/sql").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_other_site_can_make_a_browser_read_as_somebody(post, headers):
    with httpx.Client(base_url=post.http.base_url, headers=HTML, trust_env=False, timeout=120) as client:
        refused = enter(client, link(post, "quant"), **headers)
        assert refused.status_code == 401 and "set-cookie" not in refused.headers


@pytest.mark.parametrize("cookie", ["", "x", "a" * 3_000, "AAAA", "=;="])
def test_a_made_up_cookie_opens_nothing(post, cookie):
    answer = post.http.get("/sql", headers={"Cookie": f"chipledger={cookie}"})
    assert answer.status_code == 401
    token = post.token("quant")
    assert post.http.get("/sql", headers={"Cookie": f"chipledger={token}"}).status_code == 401, "no session"


def test_links_and_cookies_end_and_are_not_for_each_other(post):
    from_link = link(post, "quant").rpartition("/")[2]
    assert post.http.get("/session", headers={"Cookie": f"chipledger={from_link}"}).status_code == 401
    with httpx.Client(base_url=post.http.base_url, headers=HTML, trust_env=False, timeout=120) as client:
        enter(client, link(post, "outsider"))
        assert client.get("/session").status_code == 200
        assert client.get("/sql").status_code == 404, "who sees no snapshots"


def test_the_page_answers_and_its_address_stays(post, browser):
    size = post.ledger.analysis.snapshots.latest().size
    page = browser.get("/sql", params={"q": "SELECT chip, '<b>&' AS text FROM chip ORDER BY 1"})
    assert page.status_code == 200 and "5 rows" in page.text and "&lt;b&gt;&amp;" in page.text
    assert "<b>" not in page.text
    forever = unescape(re.search(r'href="([^"]+)" rel="bookmark"', page.text)[1])
    assert forever.startswith(f"/at/{size}/sql?q=SELECT")
    assert browser.get(forever).text.count("maker:S") == page.text.count("maker:S") == 5
    for form in ("json", "csv", "arrow", "parquet"):
        (address,) = [unescape(a) for a in re.findall(r'href="([^"]+)"', page.text) if a.endswith(form)]
        file = browser.get(address)
        assert file.status_code == 200 and file.headers["x-chipledger-truncated"] == "false", form
        assert form == "json" or f"chipledger-{size}.{form}" in file.headers["content-disposition"]
    sent_on = browser.get("/sql", params={"q": CHIPS, "at": size})
    assert sent_on.status_code == 303 and sent_on.headers["location"].startswith(f"/at/{size}/sql?q=")
    assert browser.get("/sql", params={"q": CHIPS, "at": ""}).status_code == 200
    assert browser.get("/at/1/sql", params={"q": CHIPS}).status_code == 404


def test_a_mistake_is_marked_on_the_page_and_told_to_programs(post, browser):
    query = "SELECT chip,\n  custodain FROM chip"
    page = browser.get("/sql", params={"q": query})
    assert page.status_code == 422 and "<mark>custodain</mark>" in page.text
    told = post.ask("quant", f"/sql?q={query.replace(chr(10), '%0A')}").json()
    assert (told["line"], told["column"], told["word"]) == (2, 3, "custodain")
    assert "custodian" in told["near"] and "did you mean" in told["detail"] and told["console"] == "failed"


def test_what_was_cut_says_so_in_body_header_and_page(post, browser):
    many = "SELECT range AS n FROM range(200000)"
    told = post.ask("quant", f"/sql?q={many}")
    assert told.json()["truncated"] is True and told.headers["x-chipledger-truncated"] == "true"
    page = browser.get("/sql", params={"q": many})
    assert "was cut" in page.text and page.headers["x-chipledger-truncated"] == "true"
    assert "first 500" in page.text
    assert "was cut" not in browser.get("/sql", params={"q": CHIPS}).text, "the control"


def test_the_page_of_views_tells_every_column_and_saved_questions_are_linked(browser):
    page = browser.get("/schema").text
    for view in views():
        assert f'id="{view.name}"' in page
        assert all(f"<code>{column.name}</code>" in page for column in view.columns)
    links = [unescape(a) for a in re.findall(r'href="([^"]+)"', browser.get("/sql").text)]
    asked = {parse_qs(urlsplit(a).query)["q"][0] for a in links if "?q=" in a}
    assert asked == {query.text for query in saved()}
    assert "script" not in page


def test_a_query_longer_than_an_address_is_a_body(post):
    long = CHIPS + " -- " + "x" * 60_000
    answer = post.http.post("/sql", json={"q": long}, headers=bearing(post))
    assert answer.status_code == 200 and answer.json()["rows"] == [{"chips": 5}]
    size = answer.json()["size"]
    csv = post.http.post(f"/at/{size}/sql", json={"q": CHIPS, "format": "csv"}, headers=bearing(post))
    assert csv.status_code == 200 and csv.text.endswith("5\r\n")
    over = post.http.post("/sql", json={"q": "x" * (QUERY_BYTES_MAX + 1)}, headers=bearing(post))
    assert over.status_code == 413 and str(QUERY_BYTES_MAX) in over.json()["detail"]
    for wrong in ({}, {"q": ""}, {"q": 1}, {"q": CHIPS, "surprise": "1"}, {"q": CHIPS, "format": "xlsx"}):
        assert post.http.post("/sql", json=wrong, headers=bearing(post)).status_code in (400, 422), wrong
    assert post.http.post("/sql", json={"q": CHIPS}).status_code == 401
    assert post.http.post("/sql", json={"q": CHIPS}, headers=bearing(post, "outsider")).status_code == 404


def test_a_long_question_says_how_far_it_is_and_is_ended_by_its_asker_alone(post):
    with ThreadPoolExecutor(1) as aside:
        headers = {**bearing(post), "X-Request-Id": "mine"}
        asked = aside.submit(post.http.get, "/sql", params={"q": SLOW}, headers=headers, timeout=120)

        def running():
            return post.ask("quant", "/sql/questions").json()["items"]

        assert until(lambda: any(each["percent"] >= 0 for each in running())), "progress is told"
        (mine,) = running()
        assert mine["question"] == "mine" and 0 <= mine["percent"] <= 100 and mine["seconds"] > 0
        assert mine["query"] == SLOW
        assert post.ask("watch", "/sql/questions").json()["items"] == [], "nobody else's affair"
        assert post.http.delete("/sql/questions/mine", headers=bearing(post, "watch")).status_code == 404
        assert children() and not asked.done()
        assert post.http.delete("/sql/questions/mine", headers=bearing(post)).json() == {"ended": "mine"}
        told = asked.result(timeout=120)
        assert told.status_code == 422 and told.json()["console"] == "cancelled"
        assert until(lambda: not children()), "its process is gone"
    assert post.ask("quant", "/sql/questions").json()["items"] == []


def test_a_question_whose_asker_leaves_is_ended(post):
    url = httpx.URL(post.http.base_url)
    query = SLOW.replace(" ", "%20").replace("+", "%2B")
    head = (
        f"GET /sql?q={query} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: {bearing(post)['Authorization']}"
    )
    with socket.create_connection((url.host, url.port)) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        assert until(children), "the control: it runs while the asker waits"
    assert until(lambda: not children()), "its process is gone"
    assert post.ask("quant", f"/sql?q={CHIPS}").json()["rows"] == [{"chips": 5}]
