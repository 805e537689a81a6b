"""A returned sheet is read strictly: whatever is wrong with it is named by its row, and nothing breaks."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.field.form import COLUMNS, bare_cell, blank_rows, plain_cell, written
from api.cli.field.returns import COLUMNS_NEEDED, RETURN_BYTES_MAX, read_returns
from api.cli.field.visits import RETURN_WORDS, Sheet, Visit
from signing.canonical import TooLarge, Unreadable
from tests.yardstick import in_time

VISIT = "watch/visit"
GOOD = {
    "inspection": VISIT,
    "site": "oslo/hall",
    "k": "1",
    "n": "2",
    "reference": "0123456789ab",
    "result": "confirmed",
    "seen_serial": "000123",
    "found_at": "2026-11-21T10:00:00Z",
    "signed_by_1": "Ada Rossi",
    "signed_by_2": "Bo Lind",
}
HUGE_ROWS = 1_000_000
SECONDS_MAX = 5


def text_of(*rows, columns=COLUMNS, between=","):
    """Rows as a spreadsheet would save them, no cell guarded."""

    def cell(text):
        return f'"{text}"' if between in text or "\n" in text else text

    lines = [
        between.join(columns),
        *(between.join(cell(row.get(name, "")) for name in columns) for row in rows),
    ]
    return "\r\n".join(lines) + "\r\n"


def read(tmp_path, text, name="back.csv", **more):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_returns(path, VISIT, **more)


def faults(tmp_path, *rows, **more):
    """(row, what is wrong) of each fault."""
    return read(tmp_path, text_of(*rows), **more)[1]


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_spreadsheets_save_is_read(tmp_path, between, mark):
    returns, wrong = read(tmp_path, mark + text_of(GOOD, between=between))
    assert wrong == [] and returns.signed == {"oslo/hall": ("Ada Rossi", "Bo Lind")}
    (row,) = returns.rows
    assert (row.number, row.reference, row.seen) == (2, "0123456789ab", "000123")


def test_the_words_beside_the_boxes_are_results_too(tmp_path):
    typed = {"result": "not there", "seen_serial": "", "k": "2", "reference": "ba9876543210"}
    returns, wrong = read(tmp_path, text_of(GOOD | {"result": "it is this chip"}, GOOD | typed))
    assert wrong == [] and [row.result for row in returns.rows] == ["confirmed", "not_found"]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"result": "confimred"}, "'confimred' is none"),
        ({"result": "Confirmed"}, "is none"),
        ({"result": ""}, "there is none, and the row says something"),
        ({"reference": ""}, "only unlisted needs none"),
        ({"site": ""}, "where was it seen"),
        ({"site": "the big hall"}, "is no <party>/<name>"),
        ({"found_at": ""}, "there is no time"),
        ({"found_at": "21.11.2026"}, "found_at"),
        ({"found_at": "2026-11-31T10:00:00Z"}, "time"),
        ({"inspection": "watch/other"}, "of 'watch/other'"),
        ({"seen_serial": "=cmd|' /C calc'!A0"}, "a formula"),
        ({"note": '=HYPERLINK("http://x")'}, "a formula"),
        ({"note": "@SUM(1)"}, "a formula"),
        ({"signed_by_1": "+1"}, "a formula"),
        ({"seen_serial": '="000123"'}, "a formula"),
        ({"seen_serial": "A" * 81}, "over 80 characters"),
        ({"note": "x" * 3000}, "over 2,000 characters"),
        ({"note": "bell\x07"}, "control characters"),
        ({"signed_by_2": ""}, "two names are needed"),
        ({"signed_by_2": "ada rossi"}, "cannot sign twice"),
        ({"photos": "|".join(f"{n}.jpg" for n in range(21))}, "over 20"),
    ],
    ids=str,
)
def test_each_wrong_cell_is_named_by_its_row(tmp_path, cells, why):
    assert faults(tmp_path, GOOD) == []
    fine = GOOD | {"reference": "ffffffffffff", "signed_by_1": "", "signed_by_2": ""}
    wrong = faults(tmp_path, fine, GOOD | cells) if "result" in cells else faults(tmp_path, GOOD | cells)
    assert any(why in one.detail for one in wrong), wrong
    assert {one.number for one in wrong} <= {2, 3} and wrong


def test_doubled_rows_name_the_first(tmp_path):
    (wrong,) = faults(tmp_path, GOOD, GOOD | {"result": "not_found"})
    assert wrong == (3, "reference: row 2 is about the same line")


def test_two_pairs_of_names_for_one_site_are_no_sign_off(tmp_path):
    other = GOOD | {"reference": "ffffffffffff", "signed_by_2": "Cy Moe"}
    (wrong,) = faults(tmp_path, GOOD, other)
    assert wrong.number == 3 and "other names" in wrong.detail
    silent = {**other, "signed_by_1": "", "signed_by_2": ""}
    assert faults(tmp_path, GOOD, silent) == []
    assert "nobody has signed" in faults(tmp_path, silent)[0].detail


def test_a_time_may_be_told_for_all_rows_that_have_none(tmp_path):
    returns, wrong = read(tmp_path, text_of(GOOD | {"found_at": ""}), found_at="2026-11-22T00:00:00Z")
    assert wrong == [] and returns.rows[0].found_at == "2026-11-22T00:00:00Z"


def test_a_row_that_says_nothing_was_not_visited(tmp_path):
    blank = {"inspection": VISIT, "site": "oslo/hall", "reference": "ffffffffffff", "k": "2", "n": "2"}
    returns, wrong = read(tmp_path, text_of(GOOD, blank))
    assert (len(returns.rows), returns.blank, wrong) == (1, 1, [])


def test_columns_that_are_strange_or_missing_are_told(tmp_path):
    text = text_of(
        GOOD | {"serial": "1"}, columns=[name for name in COLUMNS if name != "result"] + ["serial"]
    )
    details = [one.detail for one in read(tmp_path, text)[1]]
    assert any("'serial' is none" in one for one in details) and any(
        "'result' is missing" in one for one in details
    )


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\r\n\r\n",
        text_of(GOOD).encode("utf-16"),
        text_of(GOOD | {"note": "Größe"}).encode("cp1252"),
        text_of(GOOD).encode() + b"\0",
        b"\xff" * 100,
        b'"' + text_of(GOOD).encode(),
    ],
    ids=["empty", "mark", "lines", "utf-16", "cp1252", "NUL", "noise", "quote"],
)
def test_what_is_no_text_is_told_and_breaks_nothing(tmp_path, octets):
    try:
        _, wrong = read(tmp_path, octets)
    except Unreadable:
        return
    assert wrong


@pytest.mark.parametrize("name", ["back.xlsx", "back.json", "back.parquet", "back"])
def test_other_files_are_refused_by_name(tmp_path, name):
    with pytest.raises(Unreadable, match="no CSV"):
        read(tmp_path, text_of(GOOD), name=name)


def test_a_million_lines_are_refused_at_once(tmp_path):
    row = text_of(GOOD).splitlines()[1]
    full = ("\r\n".join([",".join(COLUMNS)] + [row] * HUGE_ROWS)).encode()
    short = ",".join(("reference", "site", "result", "seen_serial", "found_at", "signed_by_1", "signed_by_2"))

    def refused():
        for octets in (full, (short + "\n" + "a,b/c,confirmed,\n" * HUGE_ROWS).encode()):
            with pytest.raises(TooLarge):
                read(tmp_path, octets)

    in_time(refused, SECONDS_MAX)


def test_the_longest_sheet_that_is_read_is_read_in_time(tmp_path):
    rows = [GOOD | {"reference": f"{n:012x}"} for n in range(50_000)]
    text = text_of(*rows)
    assert len(text) < RETURN_BYTES_MAX
    returns, wrong = read(tmp_path, text)
    assert wrong == [] and len(returns.rows) == 50_000


@given(st.text(max_size=40))
def test_a_guarded_cell_comes_back_and_is_no_formula(text):
    safe = plain_cell(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    if not text.startswith("'"):
        assert bare_cell(safe) == text


def test_an_empty_sheet_comes_back_as_nothing_visited(tmp_path):
    told = {"is_position": False, "stage": 1, "stratum": "all", "ticket": "00" * 32, "result": None}
    visits = tuple(
        Visit(item=f"a:{n}", rank=n, reference=f"{n:012x}", site="oslo/hall", **told) for n in range(1, 4)
    )
    sheet = Sheet(VISIT, "oslo/hall", 1, 1, "2026-12-05T00:00:00Z", visits)
    returns, wrong = read(tmp_path, written(blank_rows(sheet)))
    assert (returns.rows, returns.blank, wrong) == ((), 3, [])


def test_the_page_of_formats_has_each_column_in_its_order():
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    table = page.partition("## Findings from the field")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert tuple(re.findall(r"`(\w+)`", " ".join(rows))) == COLUMNS
    words = next(line for line in table.splitlines() if line.startswith("| `result`")).split("|")[2]
    assert set(re.findall(r"`(\w+)`", words)) == RETURN_WORDS
    needed = [line for line in table.splitlines() if line.startswith("| `") and line.endswith("| yes |")]
    assert tuple(re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in needed))) == tuple(
        name for name in COLUMNS if name in COLUMNS_NEEDED
    )
