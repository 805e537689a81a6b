"""Positions are told by what stands there; how far a visit is, the log's own findings say."""

import json

from api.cli.field.headway import left_in_words
from ledger.book.times import format_seconds
from tests.cli.stage import chipledger
from tests.field.hall import (
    CHIPS,
    FLOOR,
    HALL,
    LOST,
    MOVED,
    SENT,
    asking,
    chip_of,
    hall_rows,
    packed,
    record,
    results,
    rows_of,
    write_rows,
)


def test_positions_are_told_by_what_stands_there(world, tmp_path):
    folder = packed(world, tmp_path, name="floor")
    rows = rows_of(folder / "floor.oslo-floor.team-1-of-1.csv")
    when = {"found_at": format_seconds(world.now // 1000), "signed_by_1": "A B", "signed_by_2": "C D"}
    said = (("confirmed", "000003"), ("empty", ""), ("confirmed", "acme:GHOST"), ("refused", ""))
    for row, (result, seen) in zip(rows, said, strict=True):
        row.update(when, result=result, seen_serial=seen)
    rows[2]["seen_serial"] = "GHOST"
    assert "nobody's on the book" in record(world, write_rows(tmp_path / "f.csv", rows), name="floor", code=1)
    rows[2]["seen_serial"] = "acme:GHOST"
    stray = {**rows[2], "reference": "", "result": "unlisted"}
    said = record(world, write_rows(tmp_path / "f.csv", [*rows, stray]), name="floor", code=1)
    assert "positions were drawn" in said
    told = record(world, write_rows(tmp_path / "f.csv", rows), name="floor")
    assert "is not on the book" in told["remarks"][0]["said"]
    found = results(world, FLOOR)
    by_place = {f"position {item.partition('#')[2]}": result for item, result in found.items()}
    assert [by_place[row["place"]] for row in rows] == ["confirmed", "confirmed", "unlisted", "refused"]


def test_progress_counts_what_the_log_has(world, sheets):
    rows = hall_rows(world, sheets, LOST)
    rows[CHIPS[2]] |= {"seen_serial": "ZZ"}
    record(world, write_rows(sheets / "back.csv", rows.values()))
    told = chipledger("inspect", "progress", "visit", "--teams", 2, *asking(world), "--json")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    assert (answer["visited"], answer["drawn"]) == (17, 20)
    halls = [one for one in answer["sheets"] if one["site"] == "oslo/hall"]
    assert [one["drawn"] for one in halls] == [9, 9] and sum(one["visited"] for one in halls) == 17
    left = [each["item"] for one in answer["sheets"] for each in one["outstanding"]]
    assert sorted(left) == sorted([LOST, MOVED, SENT])
    assert sum(one["results"].get("mismatch", 0) for one in halls) == 1
    shown = chipledger("inspect", "progress", "visit", *asking(world))
    assert "17 of 18" in shown.stdout and "16 confirmed, 1 mismatch" in shown.stdout
    assert "17 of 20 visited; all before " in shown.stdout
    assert "left" in shown.stdout or "over for" in shown.stdout, (
        "by the machine's clock, whenever this is run"
    )
    outstanding = packed(world, sheets / "again", "--outstanding")
    assert [chip_of(world, row["reference"]) for row in rows_of(outstanding / HALL)] == [LOST]


def test_what_is_left_is_told_in_days_then_hours_then_as_over():
    day = 86_400
    told = [left_in_words(seconds) for seconds in (10 * day, 2 * day, 2 * day - 1, 59, 0, -1, -3 * day)]
    assert told[:3] == ["10 days left", "2 days left", "47 hours left"]
    assert told[3:] == ["0 hours left", "0 hours left", "over", "over for 3 days"]
