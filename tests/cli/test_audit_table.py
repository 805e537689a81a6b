"""One fault is a few rows for people, the first bad entry first, and all it does is told to programs."""

import json
import shutil

import pytest

from api.cli.screen.audit_table import ROWS_MAX, folded
from ledger.audit.report import FINDINGS_PER_CHECK_MAX, AuditFinding, Check
from ledger.log.tiles import unpack_entries
from tests.cli.stage import chipledger


def root(size, name="checkpoints"):
    detail = f"{name}: the first {size} entries have another root than the one signed"
    return AuditFinding(Check.ROOTS, None, detail, size)


def test_all_roots_are_one_row_of_distinct_sizes():
    bad = AuditFinding(Check.SIGNATURES, 60, "bad signature")
    rows = folded([bad, *map(root, range(154, 179)), root(178, "checkpoint")])
    assert rows == [
        ("signatures", 60, "bad signature"),
        ("roots", None, "25 signed sizes from 154 on have another root"),
    ]
    assert folded([root(9), root(9)]) == [("roots", None, "the signed size 9 has another root")]


def test_what_the_report_left_out_is_not_counted_as_absent():
    rows = folded([root(size) for size in range(FINDINGS_PER_CHECK_MAX)])
    assert rows[0].wrong.startswith(f"at least {FINDINGS_PER_CHECK_MAX} ")


def test_many_findings_of_one_check_are_its_first_and_a_count():
    found = [AuditFinding(Check.ORDER, index, "early") for index in range(5, 12)]
    assert folded(found) == [("order", 5, "early (and 6 more findings of this check)")]
    assert len(folded(found[:2])) == 2


def test_there_are_never_more_than_ten_rows_and_the_first_entries_come_first():
    found = [AuditFinding(check, index, "wrong") for index in (3, 4) for check in Check]
    rows = folded(found)
    assert len(rows) == ROWS_MAX and {row.entry for row in rows} == {3}


@pytest.fixture(scope="module")
def flipped(world, tmp_path_factory):
    copy = tmp_path_factory.mktemp("flipped") / "copy"
    world[0].level()
    for part in ("public", "private"):
        shutil.copytree(world[0].folder / part, copy / part)
    size = (copy / "public" / "checkpoint").read_text().split("\n")[1]
    bundle = copy / "private" / "tile" / "entries" / "000.p" / size
    raw = bytearray(bundle.read_bytes())
    entries = unpack_entries(bytes(raw))
    raw[sum(2 + len(entry) for entry in entries[:3]) + 2 + len(entries[3]) // 2] ^= 1
    bundle.write_bytes(bytes(raw))
    return copy


def test_a_flipped_byte_is_a_few_rows_for_people_and_everything_for_programs(flipped):
    shown = chipledger("audit", flipped).stdout
    full = json.loads(chipledger("audit", flipped, "--json").stdout)
    roots = [one for one in full["findings"] if one["check"] == "roots"]
    assert len(roots) > 3 and len(full["findings"]) == full["findings_count"]
    panel = shown[shown.index("╭") :].splitlines()
    assert "first bad entry: 3" in panel[1]
    rows = [line for line in shown.splitlines() if line.startswith("│ roots")]
    assert len(rows) == 1 and "signed sizes from" in rows[0]
    assert "--json" in shown or "--json" in chipledger("audit", flipped).stderr
