"""What inspectors bring back is compared, signed by two, sent once; nothing is sent unless all is right."""

import json
from hashlib import sha256

import pytest

from ledger.book.times import format_seconds
from tests.cli.stage import chipledger
from tests.field.hall import (
    ANNEX,
    CHIPS,
    LABELLED,
    LOST,
    MOVED,
    SENT,
    TRANSIT,
    VISIT,
    filled,
    hall_rows,
    record,
    results,
    rows_of,
    speaking,
    write_rows,
)
from tests.world_http import WATCH


def test_a_sheet_filled_in_reaches_the_log_and_nothing_else_does(world, sheets):
    rows = hall_rows(world, sheets, LOST)
    file = write_rows(sheets / "back.csv", rows.values())
    size = world.door.size()
    shown = record(world, file, "--dry-run")
    assert (shown["findings"], shown["blank"], shown["sent"], world.door.size()) == (17, 1, False, size)
    assert not list(sheets.glob("*.found.*"))
    told = record(world, file)
    assert (told["admitted"], told["known"], world.door.size()) == (1, 0, size + 1)
    assert told["sites"] == shown["sites"] and told["sites"][0]["signed_by"] == ["Ada Rossi", "Bo Lind"]
    known = results(world)
    assert {known[chip] for chip in rows.keys() - {LOST}} == {"confirmed"} and known[LOST] is None
    (lines,) = [one["lines"] for one in told["sites"]]
    assert {*lines[0]} == {"chip", "result", "found_at"}  # what was read as it should be tells nothing more


def test_the_evidence_can_be_shown_later(world, sheets):
    file = write_rows(sheets / "back.csv", hall_rows(world, sheets).values())
    (site,) = record(world, file)["sites"]
    (evidence,) = sheets.glob("*.evidence.json")
    assert sha256(evidence.read_bytes()).hexdigest() == site["evidence_sha256"]
    kept = json.loads(evidence.read_bytes())
    assert kept["sheet_sha256"] == sha256(file.read_bytes()).hexdigest()
    assert kept["signed_by"] == ["Ada Rossi", "Bo Lind"] and len(kept["lines"]) == 18
    lines = world.door.ask(WATCH, f"/manifests/{site['statement']}").text.splitlines()
    assert {json.loads(line)["evidence_sha256"] for line in lines} == {site["evidence_sha256"]}
    assert not any(b"Rossi" in line.encode() for line in lines)  # the log learns no names


def test_the_same_file_twice_changes_nothing_and_says_so(world, sheets, tmp_path):
    file = write_rows(sheets / "back.csv", hall_rows(world, sheets).values())
    record(world, file)
    size = world.door.size()
    words = ["inspect", "record", "visit", file, *speaking(world)]
    again = chipledger(*words)
    assert again.exit_code == 0 and "nothing changes" in again.stderr and world.door.size() == size
    # Another machine, which knows nothing of it, makes the same bytes: the log knows them.
    other = tmp_path / "other"
    elsewhere = chipledger(*words, "--out", other)
    assert elsewhere.exit_code == 0 and "changed nothing" in elsewhere.stderr and world.door.size() == size
    assert record(world, file, "--out", other)["new"] == 0


def test_of_a_fuller_sheet_only_the_news_is_sent(world, sheets):
    rows = hall_rows(world, sheets)
    first = {
        chip: row if n < 7 else {**row, "result": "", "seen_serial": "", "found_at": ""}
        for n, (chip, row) in enumerate(rows.items())
    }
    assert record(world, write_rows(sheets / "day1.csv", first.values()))["new"] == 7
    told = record(world, write_rows(sheets / "day2.csv", rows.values()))
    assert (told["findings"], told["new"], told["admitted"]) == (18, 11, 1)
    assert sum(result == "confirmed" for result in results(world).values()) == 18


def test_a_second_visit_adds_and_the_worse_counts(world, sheets):
    rows = hall_rows(world, sheets)
    record(world, write_rows(sheets / "day1.csv", rows.values()))
    worse = {**rows[CHIPS[2]], "result": "tampered", "seen_serial": "", "note": "seal broken"}
    record(world, write_rows(sheets / "day2.csv", [worse]))
    assert results(world)[CHIPS[2]] == "tampered"


def test_another_serial_is_a_mismatch_with_what_was_seen(world, sheets):
    rows = hall_rows(world, sheets)
    rows[CHIPS[2]] |= {"seen_serial": "ZZ-999"}
    told = record(world, write_rows(sheets / "back.csv", rows.values()))
    (line,) = [line for line in told["sites"][0]["lines"] if line["result"] == "mismatch"]
    assert (line["chip"], line["seen"]) == (CHIPS[2], {"label": "ZZ-999"})
    assert "'ZZ-999' was read" in told["remarks"][0]["said"]
    assert results(world)[CHIPS[2]] == "mismatch"


@pytest.mark.parametrize(
    "reading", ["000003", " 000003 ", "acme:000003", "ACME:000003", "０００００３", "0000 03"]
)
def test_spellings_of_the_right_serial_are_right(drawn, carried, reading):
    rows = hall_rows(drawn, carried)
    rows[CHIPS[2]] |= {"seen_serial": reading}
    told = record(drawn, write_rows(carried / "back.csv", rows.values()), "--dry-run")
    assert told["remarks"] == []


def test_the_label_in_the_book_is_as_good_as_the_serial(drawn, carried):
    rows = hall_rows(drawn, carried)
    rows[LABELLED] |= {"seen_serial": "lbl-2"}
    assert record(drawn, write_rows(carried / "back.csv", rows.values()), "--dry-run")["remarks"] == []


def test_zeros_that_a_spreadsheet_took_are_asked_about_and_accuse_nobody(drawn, carried):
    rows = hall_rows(drawn, carried)
    rows[CHIPS[2]] |= {"seen_serial": "3"}
    said = record(drawn, write_rows(carried / "back.csv", rows.values()), code=1)
    assert "zeros in front" in said and "nothing was sent" in said
    rows[CHIPS[2]] |= {"result": "mismatch"}
    assert record(drawn, write_rows(carried / "back.csv", rows.values()), "--dry-run")["findings"] == 18


def test_what_moved_is_found_where_it_is_and_what_travels_where_it_arrives(world, sheets):
    annex = [filled(world, row) for row in rows_of(sheets / ANNEX)]
    assert record(world, write_rows(sheets / "annex-back.csv", annex))["sites"][0]["site"] == "oslo/annex"
    assert world.arrives("lima", "oslo/s3", SENT).admitted
    travelling = [filled(world, row) for row in rows_of(sheets / TRANSIT)]
    assert "where was it seen" in record(world, write_rows(sheets / "t.csv", travelling), code=1)
    travelling[0]["site"] = "lima/hall"
    assert record(world, write_rows(sheets / "t.csv", travelling))["admitted"] == 1
    assert (results(world)[MOVED], results(world)[SENT]) == ("confirmed", "confirmed")


def test_what_is_on_no_list_is_told_apart(world, sheets):
    rows = hall_rows(world, sheets)
    extra = {"inspection": VISIT, "site": "oslo/hall", "result": "unlisted", "seen_serial": "acme:GHOST-1"}
    extra["found_at"] = format_seconds(world.now // 1000)
    record(world, write_rows(sheets / "back.csv", [*rows.values(), extra]))
    assert world.told(WATCH, f"/inspections/{VISIT}")["state"] == "drawn"
    known = {**extra, "seen_serial": "acme:SPARE"}
    assert "is on the book" in record(world, write_rows(sheets / "b.csv", [*rows.values(), known]), code=1)


def test_one_bad_row_keeps_all_sites_back(drawn, carried):
    size = drawn.door.size()
    rows = [*hall_rows(drawn, carried).values(), *(filled(drawn, row) for row in rows_of(carried / ANNEX))]
    rows[4]["result"] = "confirmd"
    assert "'confirmd' is none" in record(drawn, write_rows(carried / "all.csv", rows), code=1)
    rows[4]["result"] = "confirmed"
    rows[-1]["site"] = "oslo/nowhere"
    said = record(drawn, write_rows(carried / "all.csv", rows), code=1)
    assert "unknown_reference" in said and "nothing was sent" in said and drawn.door.size() == size
    assert not list(carried.glob("*.found.*"))


def test_photographs_are_hashed_and_must_be_there(world, sheets, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.jpg").write_bytes(b"label")
    (pictures / "b.jpg").write_bytes(b"place")
    rows = hall_rows(world, sheets)
    rows[CHIPS[2]] |= {"photos": "a.jpg|b.jpg"}
    file = write_rows(sheets / "back.csv", rows.values())
    assert "say --photos" in record(world, file, code=1)
    record(world, file, "--photos", pictures)
    (evidence,) = sheets.glob("*.evidence.json")
    (line,) = [line for line in json.loads(evidence.read_bytes())["lines"] if line["photos"]]
    assert [one["sha256"] for one in line["photos"]] == [
        sha256(text).hexdigest() for text in (b"label", b"place")
    ]


def test_a_photograph_that_is_missing_or_another_is_an_error(drawn, carried, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.jpg").write_bytes(b"label")
    rows = hall_rows(drawn, carried)
    for cells, why in (
        ({"photos": "gone.jpg"}, "there is no 'gone.jpg'"),
        ({"photos": "a.jpg", "photo_sha256": "ab" * 32}, "another file than the one"),
        ({"photos": "../pictures/a.jpg"}, "is a path"),
        ({"photos": "a.jpg", "photo_sha256": "ab"}, "no 64 hexadecimal digits"),
        ({"photos": "a.jpg|b.jpg", "photo_sha256": "ab" * 32}, "1 hashes of 2 photos"),
    ):
        changed = {**rows, CHIPS[2]: rows[CHIPS[2]] | cells}
        file = write_rows(carried / "back.csv", changed.values())
        assert why in record(drawn, file, "--photos", pictures, code=1)
    # A phone calls all of them image.jpg: the hash finds the file whatever it is called now.
    named = {"photos": "image.jpg", "photo_sha256": sha256(b"label").hexdigest()}
    file = write_rows(carried / "back.csv", {**rows, CHIPS[2]: rows[CHIPS[2]] | named}.values())
    assert record(drawn, file, "--photos", pictures, "--dry-run")["findings"] == 18
