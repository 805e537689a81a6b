"""A way down whose text is too long for an address is asked for by its name, and says the same."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from analytics.report import REPORTS, run_report
from analytics.reporting.drills import ADDRESS_CHARACTERS_MAX, NAMES, Way, read_way
from api.web.sql import address
from tests.pages.reading import read

ADDRESSES_CHARACTERS_MAX = 1_000  # of what a page leads to by name
LONG = ("balance", "undeclared")


def ways(post):
    """The ways down of both reports with long ones: (report, way)."""
    for name in LONG:
        report = run_report(post.snapshot, name)
        for part, table in ((name, report.rows), *report.beside.items()):
            found = (report.drill(part, row) for row in table.to_pylist())
            yield from ((name, way) for way in found if way is not None and way.is_named)


def test_a_name_and_values_say_the_same_as_the_text(post, client):
    seen = set()
    for _, way in ways(post):
        assert len(way.text) > ADDRESS_CHARACTERS_MAX and read_way(way.name, way.said()) == way
        short = address(way, post.size)
        assert len(short) < ADDRESSES_CHARACTERS_MAX
        if way.name not in seen:
            rows = post.ask("quant", short).json()["rows"]
            assert rows and rows == post.ask("quant", address(way.text, post.size)).json()["rows"]
            shown = client.get(short)
            assert shown.status_code == 200
            (text,) = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", shown.text)
            assert unescape(text) == way.text
            lasting = unescape(re.search(r'href="([^"]+)" rel="bookmark"', shown.text)[1])
            assert lasting == short, "for ever as it is"
            sent_on = client.get("/sql", params={"drill": way.name, "said": way.said(), "at": post.size})
            assert sent_on.headers["location"] == short
        seen.add(way.name)
    assert seen == set(LONG)


@pytest.mark.parametrize("name", ["unaccounted", "undeclared", "balance", "capacity"])
def test_pages_lead_nowhere_by_a_long_address(client, name):
    found = [each.get("href") for each in read(client.get(f"/reports/{name}").text).every("a")]
    assert len(found) > 10 and max(map(len, found)) <= 2 * ADDRESS_CHARACTERS_MAX
    if name in LONG:
        assert any("/sql?drill=" in each for each in found)


@pytest.mark.parametrize(
    "params",
    [
        {"drill": "unverified"},
        {"said": "{}"},
        {"drill": "nothing", "said": "{}"},
        {"drill": "../reports/claims", "said": '{"grouping":"party"}'},
        {"drill": "overdue", "said": '{"grouping":"liable","liable":"x"}'},
        {"drill": "overdue", "said": '{"grouping":"liable","liable":"x","shipment":"y","more":"z"}'},
        {"drill": "overdue", "said": '{"grouping":"liable","liable":1,"shipment":"y"}'},
        {"drill": "overdue", "said": '{"grouping":"made up","liable":"x","shipment":"y"}'},
        {"drill": "overdue", "said": '["liable"]'},
        {"drill": "overdue", "said": "{"},
        {"drill": "overdue", "said": '{"grouping":"liable","liable":"x","shipment":"y"}', "q": "SELECT 1"},
        {"drill": "overdue", "said": "x" * (ADDRESS_CHARACTERS_MAX + 1)},
    ],
)
def test_what_is_no_way_down_is_refused(post, params):
    for path in ("/sql", f"/at/{post.size}/sql"):
        answer = post.ask("quant", f"{path}?{urlencode(params)}")
        assert answer.status_code == 422 and answer.json()["reason"] == "bad_field", params


def test_the_control_is_a_way_down_and_its_values_are_never_more_than_values(post):
    """A quote in a value ends no text."""
    said = {"grouping": "liable", "liable": "x' OR 'a' = 'a", "shipment": "y' OR 'a' = 'a"}
    way = Way("overdue", said)
    assert "x'' OR ''a'' = ''a" in way.text and way.name in NAMES
    asked = urlencode({"drill": way.name, "said": way.said()})
    assert post.ask("quant", f"/sql?{asked}").json()["rows"] == []
    assert set(REPORTS["overdue"].groupings) >= {"liable"}
