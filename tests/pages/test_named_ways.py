"""A way down whose text is too long for an address is asked for by its name, and says the same."""

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import duckdb
import pytest

from analytics.follower import Follower
from analytics.older import OTHER_TABLES, has_other_tables
from analytics.report import REPORTS, run_report
from analytics.reporting.drills import ADDRESS_CHARACTERS_MAX, NAMES, Way, read_way
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from api.analysis import SNAPSHOTS_FOLDER
from api.web.sql import address
from tests.analytics.trade import small_world
from tests.http.trading import enrolment, make_folder, serving
from tests.pages.reading import read
from tests.pages.scene import let_in

ADDRESSES_CHARACTERS_MAX = 1_000  # of what a page leads to by name
LONG = ("balance", "undeclared")
GOOD = '{"grouping":"liable","liable":"acme","shipment":"a1/y"}'


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
            assert f"&text={way.fingerprint}" in short
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
    ("params", "field"),
    [
        ({"drill": "unverified"}, "said"),
        ({"said": "{}"}, "drill"),
        ({"text": "0" * 12}, "drill"),
        ({"drill": "nothing", "said": "{}"}, "drill"),
        ({"drill": "../reports/claims", "said": '{"grouping":"party"}'}, "drill"),
        ({"drill": "overdue", "said": '{"grouping":"liable","liable":"acme"}'}, "said.shipment"),
        (
            {"drill": "overdue", "said": '{"grouping":"liable","liable":"acme","shipment":"a1/y","x":"z"}'},
            "said.x",
        ),
        ({"drill": "overdue", "said": '{"grouping":"liable","liable":1,"shipment":"a1/y"}'}, "said.liable"),
        (
            {"drill": "overdue", "said": '{"grouping":"site","liable":"acme","shipment":"a1/y"}'},
            "said.grouping",
        ),
        (
            {"drill": "overdue", "said": '{"grouping":"liable","liable":"acme","shipment":""}'},
            "said.shipment",
        ),
        (
            {"drill": "muf", "said": '{"grouping":"party","entry_index":"%s"}' % ("9" * 400)},
            "said.entry_index",
        ),
        ({"drill": "muf", "said": '{"grouping":"party","entry_index":"7","entry_index":"8"}'}, "said"),
        ({"drill": "overdue", "said": '["liable"]'}, "said"),
        ({"drill": "overdue", "said": "{"}, "said"),
        ({"drill": "overdue", "said": GOOD, "q": "SELECT 1"}, "drill"),
        ({"drill": "overdue", "said": "x" * (ADDRESS_CHARACTERS_MAX + 1)}, "said"),
        ({"drill": "overdue", "said": GOOD, "text": "xyz"}, "text"),
        ({"drill": "overdue", "said": GOOD, "text": ""}, "text"),
    ],
)
def test_what_is_no_way_down_is_refused_by_name(post, params, field):
    for path in ("/sql", f"/at/{post.size}/sql"):
        answer = post.ask("quant", f"{path}?{urlencode(params)}")
        assert answer.status_code == 422 and answer.json()["reason"] == "bad_field", params
        assert answer.json()["detail"].startswith(f"{field}: "), answer.json()["detail"]
        good = post.ask("quant", f"{path}?{urlencode({'drill': 'overdue', 'said': GOOD})}")
        assert good.status_code == 200, "the control"


def test_the_control_is_a_way_down_and_its_values_are_never_more_than_values(post):
    """A quote in a value ends no text."""
    said = {"grouping": "product", "grouped": "x' OR 'a' = 'a"}
    way = Way("fabrication", said)
    assert "x'' OR ''a'' = ''a" in way.text and way.name in NAMES
    asked = urlencode({"drill": way.name, "said": way.said()})
    assert post.ask("quant", f"/sql?{asked}").json()["rows"] == []
    assert set(REPORTS["fabrication"].groupings) >= {"product"}


def test_an_address_whose_text_has_changed_since_is_not_answered_and_says_so(post, client):
    _, way = next(ways(post))
    asked = parse_qs(urlsplit(address(way)).query, strict_parsing=True)
    assert asked["text"] == [way.fingerprint]
    ours = {name: values[0] for name, values in asked.items()}
    other = {**ours, "text": way.fingerprint[::-1]}
    assert other != ours
    for path in ("/sql", f"/at/{post.size}/sql"):
        assert post.ask("quant", path, params=ours).status_code == 200, "the control"
        answer = post.ask("quant", path, params=other)
        told = answer.json()
        assert answer.status_code == 422 and told["console"] == "text_changed"
        assert "has changed since" in told["detail"] and "take the way from the report" in told["detail"]
        page = client.get(path, params=other)
        assert page.status_code == 422 and "take the way from the report" in read(page.text).text
    sent = client.get("/sql", params={**other, "at": post.size})
    assert sent.status_code == 422, "it is not sent on as if it were ours"


@pytest.mark.parametrize("raw", ["%ff%fe", "%C3", "%ED%A0%80", "a%ffb"])
def test_bytes_that_are_no_text_are_refused_by_the_parameter_they_are_in(post, client, raw):
    said = f'{{"grouping":"liable","liable":"{raw}","shipment":"a1/y"}}'.replace('"', "%22")
    for path, field in (
        (f"/sql?drill=overdue&said={said}", "said"),
        (f"/at/{post.size}/sql?q=SELECT+'{raw}'", "q"),
        (f"/reports/unaccounted?group={raw}", "group"),
    ):
        answer = post.ask("quant", path)
        assert answer.status_code == 422 and answer.json()["detail"].startswith(f"{field}: "), path
    page = client.get(f"/reports/unaccounted?group={raw}")
    assert page.status_code == 422 and "group: its value is not UTF-8" in read(page.text).text
    fine = post.ask("quant", "/reports/unaccounted?group=%C3%A9%2B+")
    assert fine.status_code == 200 and fine.json()["group"] == "\u00e9+ ", "the control"


def test_a_way_down_on_a_snapshot_of_other_tables_says_what_a_report_says(tmp_path):
    """So does its text as a question of one's own, which else is answered by the views, or is a mistake."""
    folder = make_folder(tmp_path / "ledger")
    size, way = of_older_tables(folder.warehouse)
    named = {"drill": way.name, "said": way.said(), "text": way.fingerprint}
    with serving(folder) as post:
        assert post.send(enrolment("quant", "analyst")).status_code == 201
        report = post.ask("quant", f"/reports/unaccounted?at={size}")
        assert report.status_code == 422 and OTHER_TABLES in report.json()["detail"]
        answer = post.ask("quant", f"/at/{size}/sql", params=named)
        assert answer.status_code == 422 and answer.json()["console"] == "other_tables"
        assert answer.json()["detail"] == f"drill: {OTHER_TABLES}"
        with let_in(post) as client:
            assert OTHER_TABLES in read(client.get(f"/at/{size}/sql", params=named).text).text
        bare = post.ask("quant", f"/at/{size}/sql", params={"q": way.text})
        assert bare.status_code == 422 and bare.json()["console"] == "other_tables", "its text, copied, too"
        assert bare.json()["detail"] == f"q: record.evidence is no table of this snapshot: {OTHER_TABLES}"
        typo = post.ask("quant", f"/at/{size}/sql", params={"q": "SELECT * FROM record.evidense"})
        assert typo.json()["console"] == "failed" and "evidense" in typo.json()["detail"]
        views = post.ask("quant", f"/at/{size}/sql", params={"q": "SELECT COUNT(*) AS n FROM chip"})
        assert views.status_code == 200


def of_older_tables(warehouse):
    """A snapshot as a program without a table left it: its size, and a way down that reads the table."""
    trade = small_world()
    snapshots = Snapshots(warehouse / SNAPSHOTS_FOLDER)
    made = Warehouse(warehouse / "other")
    Follower(trade.store, made).follow(trade.size, trade.root)
    snapshot = snapshots.publish(made)
    made.close()
    report = run_report(snapshot, "unaccounted")
    rows = report.beside["unverified"].to_pylist()
    way = report.drill("unverified", rows[0] if rows else {"grouped": "oslo", "model": "registrar/h100"})
    assert not has_other_tables(snapshot)
    snapshot.path.chmod(0o644)
    with duckdb.connect(str(snapshot.path)) as connection:
        connection.execute("DROP TABLE record.evidence")
        connection.execute("UPDATE record.standing SET schema_sha256 = 'older'")
    assert has_other_tables(snapshot)
    return snapshot.size, way
