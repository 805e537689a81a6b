"""The sheets lead where the chips are now, show no serial, and have every line on every form."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import segno

from api.cli.field.masking import masked, references
from api.cli.field.printed_labels import print_labels
from api.cli.field.printed_sheet import print_sheet
from api.cli.field.squares import QUIET_MODULES, modules_of, payload_of, runs_of
from api.cli.field.visits import Sheet, Visit
from api.cli.field.walking import natural, parted
from ledger.device.nonces import inspection_nonce
from tests.cli.stage import chipledger
from tests.field.hall import (
    CHIPS,
    FLOOR,
    HELD,
    LOST,
    MOVED,
    SENT,
    VISIT,
    asking,
    chip_of,
    packed,
    rows_of,
)
from tests.world import DICE, draw_seed
from tests.world_http import WATCH

MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)
HALL, ANNEX, TRANSIT = (f"visit.{site}.team-1-of-1" for site in ("oslo-hall", "oslo-annex", "in-transit"))


@pytest.fixture(scope="module")
def folder(drawn, tmp_path_factory):
    """Every file of both inspections."""
    folder = tmp_path_factory.mktemp("sheets")
    packed(drawn, folder)
    return packed(drawn, folder, name="floor")


def sheet(*visits, **more):
    """A sheet made by hand."""
    told = {
        "inspection": VISIT,
        "group": "oslo/hall",
        "team": 1,
        "teams": 1,
        "found_by": "2026-12-05T00:00:00Z",
    }
    return Sheet(**told | more, visits=visits)


def visit(n=1, **more):
    """A visit made by hand."""
    told = {"item": f"acme:SECRET-{n:06}", "is_position": False, "stage": 1, "stratum": "all", "rank": n}
    told |= {"ticket": f"{n:064x}", "reference": f"{n:012x}", "result": None, "site": "oslo/hall"}
    return Visit(**told | {"system": "rack-1", "slot": f"u{n}"} | more)


def texts_of(pdf):
    """Every text an uncompressed PDF shows, in its order."""
    shown = re.findall(rb"\((?:[^()\\]|\\.)*\) Tj", pdf)
    texts: list[str] = []
    for one in shown:
        text = re.sub(rb"\\(.)", rb"\1", one[1:-4]).decode("latin-1")
        if texts and re.fullmatch(r"page \d+ of ", texts[-1]):
            texts[-1] += text  # the number of pages is written by itself, once it is known
        else:
            texts.append(text)
    return texts


def test_each_drawn_chip_stands_on_one_sheet_at_its_present_site(drawn, folder):
    rows = {stem: rows_of(folder / f"{stem}.csv") for stem in (HALL, ANNEX, TRANSIT)}
    where = {chip_of(drawn, row["reference"]): stem for stem in rows for row in rows[stem]}
    assert len(where) == sum(map(len, rows.values())) == HELD
    assert (where.pop(MOVED), where.pop(SENT), set(where.values())) == (ANNEX, TRANSIT, {HALL})
    assert [row["site"] for row in rows[TRANSIT]] == [""]  # where it is seen is for the inspector to say
    for lines in rows.values():
        n = len(lines)
        assert [(row["k"], row["n"]) for row in lines] == [(str(k), str(n)) for k in range(1, n + 1)]


def test_what_changed_since_the_frame_is_said(drawn, folder):
    told = json.loads((folder / "visit.worksheet.json").read_text())
    remarks = {
        chip_of(drawn, line["reference"]): line["remark"] for one in told["sheets"] for line in one["lines"]
    }
    assert remarks[MOVED] == "moved since: was oslo/hall, now oslo/annex"
    assert re.fullmatch(r"on its way: shipment oslo/s3 to lima \(PE\), due by 20\S+Z", remarks[SENT])
    assert remarks[LOST] == "reported missing since"
    assert sum(map(bool, remarks.values())) == 3


def test_the_walk_goes_by_rack_and_slot_numbers_by_value(folder):
    places = [row["place"] for row in rows_of(folder / f"{HALL}.csv")]
    racks = [int(re.match(r"rack-(\d+)", place)[1]) for place in places]
    assert racks == sorted(racks) and set(racks) == {2, 10}
    for rack in (2, 10):
        slots = [int(place.rpartition("u")[2]) for place in places if place.startswith(f"rack-{rack} ")]
        assert slots == sorted(slots) and len(slots) > 5
    assert natural("rack-2") < natural("rack-10") < natural(None)


def test_no_file_holds_a_serial(folder):
    paths = sorted(folder.iterdir())
    assert {path.suffix for path in paths} == {".pdf", ".csv", ".html", ".json"} and len(paths) == 18
    for path in paths:
        held = path.read_bytes()
        assert not [chip for chip in CHIPS if re.search(rf"(?<!\d){chip[5:]}(?!\d)".encode(), held)], path
    assert masked("acme:000123") == "acme:****23" and masked("acme:A1") == "acme:**"
    assert masked(CHIPS[0]) in rows_of(folder / f"{HALL}.csv")[0]["serial_masked"].replace(
        "*" * 4 + "02", "****01"
    )


def test_the_json_file_has_every_nonce_and_knows_chips_by_their_ids(drawn, folder):
    made = drawn.commitments[VISIT]
    seed = draw_seed(made, sha256_of(DICE.pulse(made.round)))
    told = json.loads((folder / "visit.worksheet.json").read_text())
    lines = [line for one in told["sheets"] for line in one["lines"]]
    assert len(lines) == HELD
    for line in lines:
        chip = chip_of(drawn, line["reference"])
        assert line["nonce"] == inspection_nonce(seed, chip).hex()


def sha256_of(octets):
    return sha256(octets).digest()


def test_teams_share_a_site_without_gap_or_overlap(drawn, tmp_path):
    packed(drawn, tmp_path, "--team", "0/3", "--site", "oslo/hall")
    runs = [rows_of(tmp_path / f"visit.oslo-hall.team-{n}-of-3.csv") for n in (1, 2, 3)]
    whole = rows_of(packed(drawn, tmp_path / "one") / f"{HALL}.csv")
    assert [row["reference"] for run in runs for row in run] == [row["reference"] for row in whole]
    assert [len(run) for run in runs] == [6, 6, 6]
    packed(drawn, tmp_path / "second", "--team", "2/3", "--site", "oslo/hall")
    assert rows_of(tmp_path / "second" / "visit.oslo-hall.team-2-of-3.csv") == runs[1]
    assert [len(run) for run in parted(range(7), 3)] == [3, 2, 2]


@pytest.mark.parametrize(
    "words", [["--team", "3/2"], ["--team", "x"], ["--team", "0/0"], ["--site", "oslo/none"]], ids=" ".join
)
def test_wrong_words_are_wrong_usage(drawn, tmp_path, words):
    result = chipledger("inspect", "worksheet", "visit", "--out", tmp_path, *words, *asking(drawn))
    assert result.exit_code == 2 and "error" in result.stderr


def test_a_floor_sheet_tells_nothing_of_what_should_stand_there(drawn, folder):
    rows = rows_of(folder / "floor.oslo-floor.team-1-of-1.csv")
    assert [row["place"] for row in rows] == sorted(row["place"] for row in rows) and len(rows) == 4
    assert {row["serial_masked"] for row in rows} == {""}
    assert {f"position {item.partition('#')[2]}" for item in drawn.sample(FLOOR)} == {
        row["place"] for row in rows
    }


def test_the_printed_sheet_has_each_line_boxes_signatures_and_pages():
    visits = [visit(n) for n in range(1, 14)]
    visits[2] = visit(3, remark="moved since: was oslo/annex, now oslo/hall")
    shown = texts_of(print_sheet(sheet(*visits), MADE, compress=False))
    assert shown.count("of 13") == 13 and [t for t in shown if t.isdigit() and len(t) < 3] == [
        str(n) for n in range(1, 14)
    ]
    for words in (
        "it is this chip",
        "not there",
        "access refused",
        "another serial",
        "tampered with",
        "cannot tell",
    ):
        assert shown.count(words) == 13
    assert shown.count("moved since: was oslo/annex, now oslo/hall") == 1
    assert [f"page {n} of 3" for n in (1, 2, 3)] == [text for text in shown if text.startswith("page")]
    assert "1. name in letters" in shown and "2. name in letters" in shown and shown.count("signature") == 2
    assert shown.count("serial as read:") == 13 and "nonce 0000000000000000..." in shown
    assert not any("SECRET" in text for text in shown)


@pytest.mark.parametrize("count", [1, 5, 6, 7, 12, 13, 60])
def test_every_count_of_lines_ends_with_signatures_on_the_last_page(count):
    shown = texts_of(print_sheet(sheet(*map(visit, range(1, count + 1))), MADE, compress=False))
    pages = [text for text in shown if text.startswith("page")]
    assert pages[-1] == f"page {len(pages)} of {len(pages)}"
    assert shown.index("2. name in letters") > (shown.index(pages[-2]) if len(pages) > 1 else 0)


@pytest.mark.parametrize(
    "title", ["東京ホール", "Зал Север", "قاعة", "😀 hall", "Zażółć\x00\x1b", "(a\\b)", ")("]
)
def test_letters_that_a_font_lacks_are_replaced_for_all_to_see(title):
    made = sheet(visit(), title=title)
    shown = texts_of(print_sheet(made, MADE, compress=False))
    assert any(text.startswith("oslo/hall") for text in shown)
    replaced = sum(text.startswith("oslo/hall") and "?" in text for text in shown)
    assert replaced == any("lacks" in text for text in shown)
    print_labels(made, MADE)


def test_accents_are_taken_off_where_the_letter_is_not_there():
    shown = texts_of(print_sheet(sheet(visit(), title="Łódź Süd Ångström"), MADE, compress=False))
    assert "oslo/hall Lódz Süd Ångström" in shown


def test_the_code_of_a_line_holds_inspection_draw_and_reference():
    made, one = sheet(visit()), visit()
    payload = payload_of(made.inspection, one)
    assert payload == "CHIPLEDGER1 watch/visit 1.all.1 000000000001" and "SECRET" not in payload
    modules = modules_of(payload)
    assert modules == [list(map(bool, row)) for row in segno.make_qr(payload, error="m").matrix]
    dark = {(row, column + n) for row, column, length in runs_of(modules) for n in range(length)}
    assert dark == {(r, c) for r, line in enumerate(modules) for c, module in enumerate(line) if module}
    # What is drawn is those runs, and the same on the sheet and on the label.
    for pdf in (print_sheet(made, MADE, compress=False), print_labels(made, MADE, compress=False)):
        filled = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f", pdf)
        boxes = [tuple(map(float, box)) for box in filled]
        step = abs(boxes[0][3])
        left, top = min(box[0] for box in boxes), max(box[1] for box in boxes)
        drawn = {
            (round((top - box[1]) / step), round((box[0] - left) / step) + n)
            for box in boxes
            for n in range(round(box[2] / step))
        }
        assert drawn == dark and QUIET_MODULES == 4


def test_labels_count_k_of_n_over_pages():
    shown = texts_of(print_labels(sheet(*map(visit, range(1, 27))), MADE, compress=False))
    assert [text for text in shown if text.endswith(" of 26")] == [f"{n} of 26" for n in range(1, 27)]


def test_the_same_sheet_gives_the_same_bytes():
    made = sheet(visit(1), visit(2))
    assert print_sheet(made, MADE) == print_sheet(made, MADE)
    assert print_labels(made, MADE) == print_labels(made, MADE)


def test_references_grow_where_two_would_be_alike():
    items = [f"acme:{n}" for n in range(1000)]
    short = references("ab" * 32, items)
    assert len(set(short.values())) == 1000 and {len(one) for one in short.values()} == {12}
    assert references("cd" * 32, items)["acme:1"] != short["acme:1"]


def test_a_font_that_is_none_is_wrong_usage(drawn, tmp_path):
    bad = tmp_path / "bad.ttf"
    bad.write_bytes(b"no font")
    result = chipledger("inspect", "worksheet", "visit", "--out", tmp_path, "--font", bad, *asking(drawn))
    assert result.exit_code == 2 and "no font" in result.stderr


def test_nothing_is_printed_before_the_draw_or_for_others(drawn, tmp_path):
    late = f"{WATCH}/late"
    assert drawn.commits(WATCH, late, "lima", sizes=(1,), series=f"{WATCH}/s9").admitted
    result = chipledger("inspect", "worksheet", "late", "--out", tmp_path, *asking(drawn))
    assert result.exit_code == 1 and "not drawn yet" in result.stderr and not list(tmp_path.iterdir())
