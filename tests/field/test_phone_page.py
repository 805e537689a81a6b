"""The phone page in a real browser: offline from a file, filled in, saved, and recorded."""

import re
from hashlib import sha256

import pytest

from api.cli.field.form import COLUMNS
from api.cli.field.masking import reading_hash
from api.cli.field.phone_page import phone_page
from api.cli.field.visits import Sheet, Visit
from ledger.book.times import format_seconds
from tests.browser import browser_path, watched_page
from tests.field.hall import (
    CHIPS,
    LOST,
    NAMES,
    SENT,
    VISIT,
    chip_of,
    packed,
    record,
    results,
    rows_of,
)

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "accept_downloads": True,
    "has_touch": True,
    "locale": "de-DE",
}
SALT = bytes(16)
HALL, TRANSIT = ("visit.oslo-hall.team-1-of-1", "visit.in-transit.team-1-of-1")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@pytest.fixture
def phone():
    """A page in a fresh browser, seen to make no errors and to ask nobody for anything."""
    browser_path()
    with watched_page(**PHONE) as watched:
        watched.page.context.set_offline(True)
        yield watched
        assert watched.errors == []
        assert all(url.startswith(("file:", "blob:", "data:")) for url in watched.requests), watched.requests
        assert watched.requests


def save(page, folder):
    """The CSV that the page gives out."""
    with page.expect_download() as saving:
        page.locator("#save").click()
    path = folder / saving.value.suggested_filename
    saving.value.save_as(path)
    return path


def tell(page, reference, words, **fields):
    """Fill in a line as a person does."""
    line = page.locator(f"#line-{reference}")
    for name, text in fields.items():
        line.locator(f"#{name}-{reference}").fill(text)
    line.get_by_role("button", name=words, exact=True).click()


def clock_of(world):
    """What a clock shows that goes with the story's."""
    return format_seconds(world.now // 1000)


def sign(page):
    page.locator("#name1").fill(NAMES["signed_by_1"])
    page.locator("#name2").fill(NAMES["signed_by_2"])


def test_a_hall_is_visited_by_phone_and_recorded(world, tmp_path, phone):
    folder, page = packed(world, tmp_path), phone.page
    page.clock.set_fixed_time(clock_of(world))
    rows = {chip_of(world, row["reference"]): row["reference"] for row in rows_of(folder / f"{HALL}.csv")}
    photo = tmp_path / "image.jpg"
    photo.write_bytes(b"a label")
    page.goto((folder / f"{HALL}.phone.html").as_uri())
    assert page.locator("#progress").inner_text() == "0 of 18"
    for chip, reference in rows.items():
        if chip in (CHIPS[2], CHIPS[4], LOST):
            continue
        tell(page, reference, "it is this chip", seen=chip.partition(":")[2])
    tell(page, rows[CHIPS[2]], "it is this chip", seen="zz-9", note='=odd, "seal"\u2013 ök')
    tell(page, rows[CHIPS[4]], "not there")
    assert page.locator("#progress").inner_text() == "17 of 18"
    page.locator(f"#photo-{rows[CHIPS[2]]}").set_input_files(photo)
    page.locator(f"#line-{rows[CHIPS[2]]} li").wait_for()
    assert "Two names" in page.locator("#troubles").inner_text()
    sign(page)
    assert page.locator("#troubles").inner_text() == ""
    file = save(page, tmp_path)
    assert file.name == f"{HALL}.csv" and "Hand it to your office" in page.locator("#saved").inner_text()

    back = rows_of(file)
    assert list(back[0]) == list(COLUMNS) and len(back) == 18
    assert {row["found_at"] for row in back} == {clock_of(world), ""}
    told = record(world, file, "--photos", tmp_path)
    assert (told["findings"], told["blank"]) == (17, 1)
    (line,) = [line for line in told["sites"][0]["lines"] if line["chip"] == CHIPS[2]]
    assert (line["result"], line["seen"]) == ("mismatch", {"label": "ZZ-9"})
    evidence = next(tmp_path.glob("*.evidence.json")).read_text()
    assert sha256(b"a label").hexdigest() in evidence and '=odd, \\"seal\\"– ök' in evidence
    known = results(world)
    assert (known[CHIPS[2]], known[CHIPS[4]], known[LOST], known[SENT]) == (
        "mismatch",
        "not_found",
        None,
        None,
    )
    assert list(known.values()).count("confirmed") == 15


def test_what_was_entered_outlives_the_page_and_can_be_forgotten(drawn, tmp_path, phone):
    folder, page = packed(drawn, tmp_path), phone.page
    references = [row["reference"] for row in rows_of(folder / f"{HALL}.csv")]
    address = (folder / f"{HALL}.phone.html").as_uri()
    page.goto(address)
    tell(page, references[0], "tampered with", note="scratched")
    page.locator("#name1").fill("Ada Rossi")
    page.goto("about:blank")
    page.goto(address)
    assert page.locator("#progress").inner_text() == "1 of 18"
    assert page.locator(f"#note-{references[0]}").input_value() == "scratched"
    assert page.locator("#name1").input_value() == "Ada Rossi"
    pressed = page.locator(f"#line-{references[0]} button[aria-pressed=true]")
    assert pressed.inner_text() == "tampered with"
    page.on("dialog", lambda asked: asked.accept())
    page.locator("#forget").click()
    page.wait_for_load_state()
    assert page.locator("#progress").inner_text() == "0 of 18"


def test_a_reading_is_compared_without_the_serial(drawn, tmp_path, phone):
    folder, page = packed(drawn, tmp_path), phone.page
    html = (folder / f"{HALL}.phone.html").read_text()
    assert not [chip for chip in CHIPS if chip in html or f'"{chip[5:]}"' in html]
    row = rows_of(folder / f"{HALL}.csv")[0]
    serial = chip_of(drawn, row["reference"]).partition(":")[2]
    page.goto((folder / f"{HALL}.phone.html").as_uri())
    says = page.locator(f"#line-{row['reference']} .says")
    for reading, said in ((serial, "matches"), (f"ACME:{serial}", "matches"), ("1", "differs"), ("", "")):
        page.locator(f"#seen-{row['reference']}").fill(reading)
        page.wait_for_function(
            "([id, said]) => document.querySelector(`#line-${id} .says`).textContent.startsWith(said)",
            arg=[row["reference"], said],
        )
    assert says.inner_text() == ""


def test_on_the_way_asks_where_and_off_the_list_is_told(world, tmp_path, phone):
    folder, page = packed(world, tmp_path), phone.page
    page.clock.set_fixed_time(clock_of(world))
    (row,) = rows_of(folder / f"{TRANSIT}.csv")
    page.goto((folder / f"{TRANSIT}.phone.html").as_uri())
    tell(page, row["reference"], "it is this chip", seen=SENT.partition(":")[2])
    page.locator("#add").click()
    page.locator("#extra-0").fill("acme:GHOST-1")
    page.locator("#extra-site-0").fill("lima/hall")
    sign(page)
    assert page.locator("#troubles").inner_text() == "Line 1: at which site?"
    page.locator(f"#site-{row['reference']}").fill("lima/hall")
    assert page.locator("#troubles").inner_text() == ""
    file = save(page, tmp_path)
    assert world.arrives("lima", "oslo/s3", SENT).admitted
    told = record(world, file)
    assert {line["chip"]: line["result"] for line in told["sites"][0]["lines"]} == {
        SENT: "confirmed",
        "acme:GHOST-1": "unlisted",
    }


def test_positions_by_phone(world, tmp_path, phone):
    folder, page = packed(world, tmp_path, name="floor"), phone.page
    page.clock.set_fixed_time(clock_of(world))
    rows = rows_of(folder / "floor.oslo-floor.team-1-of-1.csv")
    page.goto((folder / "floor.oslo-floor.team-1-of-1.phone.html").as_uri())
    for row in rows[1:]:
        tell(page, row["reference"], "nothing stands here")
    tell(page, rows[0]["reference"], "a chip stands here", seen="acme:000001")
    sign(page)
    assert record(world, save(page, tmp_path), name="floor")["findings"] == 4


def test_hostile_words_stay_words(tmp_path, phone):
    evil = "</script><script>window.broken = 1</script><img src=x onerror=alert(1)>"
    told = {
        "item": "acme:1",
        "is_position": False,
        "stage": 1,
        "stratum": "all",
        "rank": 1,
        "ticket": "ab" * 32,
    }
    one = Visit(**told, reference="0" * 12, result=None, site="oslo/hall", remark=evil, accepts=("1",))
    sheet = Sheet(VISIT, "oslo/hall", 1, 1, "2026-12-05T00:00:00Z", (one,), title=evil)
    path = tmp_path / "page.html"
    path.write_bytes(phone_page(sheet, SALT))
    phone.page.goto(path.as_uri())
    assert phone.page.evaluate("window.broken") is None
    assert evil in phone.page.locator(".remark").inner_text()


def test_the_page_names_no_address_and_forbids_itself_the_network(drawn, tmp_path):
    html = COMMENT.sub("", (packed(drawn, tmp_path) / f"{HALL}.phone.html").read_text())
    assert "default-src 'none'" in html and "connect-src" not in html
    assert not re.findall(
        r"https?:|//[a-z]+\.|fetch\(|XMLHttpRequest|WebSocket|import\(|innerHTML|eval\(", html
    )


def test_page_and_office_hash_a_reading_alike(phone, tmp_path):
    told = {
        "item": "acme:1",
        "is_position": False,
        "stage": 1,
        "stratum": "all",
        "rank": 1,
        "ticket": "ab" * 32,
    }
    one = Visit(**told, reference="0" * 12, result=None, site="oslo/hall", accepts=("1",))
    path = tmp_path / "page.html"
    path.write_bytes(phone_page(Sheet(VISIT, "oslo/hall", 1, 1, "2026-12-05T00:00:00Z", (one,)), SALT))
    phone.page.goto(path.as_uri())
    readings = ["000123", " a b\tc ", "ACME:x", "００１", "ß", "É", "\u00a01"]
    told = [phone.page.evaluate("text => readingHash(text)", reading) for reading in readings]
    assert told == [reading_hash(SALT, reading) for reading in readings]


def test_the_watch_would_notice_a_page_that_calls_out(tmp_path):
    """The control: an error and a request are seen where there are any."""
    browser_path()
    path = tmp_path / "bad.html"
    path.write_text("<img src='http://127.0.0.1:9/x.png'><script>console.error('oh')</script>")
    with watched_page() as watched:
        watched.page.goto(path.as_uri())
        assert any("127.0.0.1:9" in url for url in watched.requests) and "oh" in watched.errors


@pytest.mark.parametrize("told", ["required", ""])
def test_without_a_browser_a_test_is_skipped_or_fails_as_told(monkeypatch, told):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CHIPLEDGER_BROWSER", told)
    ends = pytest.fail.Exception if told else pytest.skip.Exception
    with pytest.raises(ends, match="no browser is installed"):
        browser_path()
