"""A report of hundreds of rows is read on one screen."""

import re

import pytest

from analytics.report import REPORTS
from api.cli.commands.analysis import VIEWS
from api.cli.screen.report_tables import ROWS_SHOWN_MAX, TABLES, show_report
from tests.cli.stage import chipledger
from tests.docs.papers import ROOT

SCREEN = 100  # columns


def report(rows, grouping, beside=None):
    totals = {}
    for row in rows:
        one = totals.setdefault(
            row["grouped"], {"grouped": row["grouped"], "rows": 0, "chips": 0, "h100e": 0.0}
        )
        one["chips"] += row.get("chips", 1)
        one["h100e"] += row["h100e"] or 0
    head = {"snapshot": "9-00.duckdb", "as_of": "2026-11-21T10:43:48.671000Z", "grouping": grouping}
    return {**head, "totals": [*totals.values()], "rows": rows, "beside": beside or {}}


def capacity_row(custodian, standing, chips):
    rates = dict.fromkeys(("fp32_gflops", "tf32_gflops", "fp16_gflops", "int8_gflops", "fp4_gflops"))
    rates |= {"fp64_gflops": 66_900 * chips, "bf16_gflops": 989_400 * chips, "fp8_gflops": 1_978_900 * chips}
    rest = {"tpp": 15_831 * chips, "memory_gb": 80 * chips, "h100e": float(chips)}
    return {
        "grouped": custodian,
        "standing": standing,
        "chips": chips,
        "chips_without_h100e": 0,
        **rates,
        **rest,
    }


def unaccounted_row(number, liable="acme-semi", evidence="O"):
    where = {"custodian": liable, "owner": liable, "country": "TW", "site": "acme-semi/fab-18"}
    what = {"model": "registry/h100-sxm5-80", "evidence": evidence, "also": None, "liable": liable}
    since = {"since_index": 9, "since": "2026-11-21T10:43:33.827000Z", "h100e": 1.0, "entry_index": 9}
    ship = {"status": "in_transit", "shipment": "acme-semi/PO-4711"}
    return {"grouped": liable, "chip": f"{liable}:1654223{number:06}", **what, **where, **ship, **since}


def overdue_row(number, days):
    said = {"shipment": f"acme-semi/PO-{number}", "liable": "acme-semi", "sender": "acme-semi"}
    said |= {"receiver": "north-dc", "country": "NO", "due_by": "2026-12-05T00:00:00Z", "days_late": days}
    counts = {"chips": 1_200, "sent": 4_096, "received": 2_896, "h100e": 1_200.0}
    when = {"dispatched": "2026-11-21T10:43:33.827000Z", "dispatched_index": 9, "entry_index": 10}
    return {"grouped": "acme-semi", **said, **counts, **when}


def shown(capsys, *words, **options):
    show_report(*words, **{"all_columns": False, **options})
    said = capsys.readouterr()
    return said.out, said.err


def rows_of(text, title):
    """The cells, row by row, of the table under a title."""
    block = text[text.index(title) :].split("└")[0]
    return [
        [cell.strip() for cell in line.strip("│").split("│")] for line in block.split("\n") if line[:1] == "│"
    ]


def no_word_is_folded(text):
    """A folded cell leaves a line of its table whose first cell is empty."""
    return not re.search(r"^│ +│", text, re.MULTILINE)


def test_capacity_is_told_by_actor_and_format_in_one_table(capsys):
    rows = [
        capacity_row("meta-platforms", "placed", 49_000),
        capacity_row("meta-platforms", "in_transit", 152),
    ]
    rows += [capacity_row("eth-domain", "placed", 2)]
    text, said = shown(capsys, "capacity", report(rows, "custodian"))
    assert rows_of(text, "dense PFLOP/s by format") == [
        ["meta-platforms", "49,152", "49,152", "3,288", "48,631", "97,267", "778,125,312", "3,932"],
        ["eth-domain", "2", "2.00", "0.13", "1.98", "3.96", "31,662", "0.16"],
    ]
    assert "custodian" in text and "fp4" not in text, "a format that nobody has is no column"
    assert rows_of(text, "where they stand")[0] == ["meta-platforms", "49,000", "152"]
    assert max(map(len, text.splitlines())) <= SCREEN and no_word_is_folded(text)
    assert "as of 2026-11-21T10:43:48Z" in said


def test_unaccounted_is_counted_by_liable_and_evidence_with_a_few_chips(capsys):
    rows = [unaccounted_row(number) for number in range(400)]
    rows += [unaccounted_row(number, "north-dc", "R") for number in range(2)]
    surplus = {"discrepancy": "9.0", "kind": "unknown_chip", "chip": "acme-semi:9", "seen": None}
    surplus |= {
        "observer": "north-dc",
        "site": "north-dc/hall-1",
        "shipment": None,
        "opened": "2026-11-21T10:43:33Z",
    }
    text, said = shown(capsys, "unaccounted", report(rows, "liable", {"surplus": [surplus]}))
    assert rows_of(text, "by liable and evidence") == [
        ["acme-semi", "overdue", "400", "400.0"],
        ["north-dc", "received short", "2", "2.00"],
    ]
    few = rows_of(text, "some of these chips")
    assert len(few) == 8 and few[0][1:] == ["acme-semi", "overdue", "acme-semi/PO-4711", "2026-11-21"]
    assert [chip[1] for chip in few[:4]] == ["acme-semi", "north-dc", "acme-semi", "north-dc"], "some of each"
    assert "and 394 more: --format csv" in said
    assert rows_of(text, "surplus")[0][1] == "unknown chip"
    assert max(map(len, text.splitlines())) <= SCREEN and no_word_is_folded(text)


def test_overdue_lists_the_latest_first_and_not_all(capsys):
    rows = [overdue_row(number, number) for number in range(40)]
    text, said = shown(capsys, "overdue", report(rows, "liable"))
    assert rows_of(text, "overdue by liable")[-1] == ["acme-semi", "40", "48,000", "48,000"]
    late = rows_of(text, "longest overdue first")
    assert len(late) == ROWS_SHOWN_MAX and late[0][4:] == ["39", "1,200 of 4,096", "1,200"]
    assert "and 25 more: --format csv" in said
    assert max(map(len, text.splitlines())) <= SCREEN and no_word_is_folded(text)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_report_says_so(capsys, name):
    text, _ = shown(capsys, name, report([], REPORTS[name].groupings[0]))
    assert f"{name}: no" in text


def test_all_columns_are_those_that_say_something(capsys):
    rows = [unaccounted_row(1)]
    text, _ = shown(capsys, "unaccounted", report(rows, "liable"), all_columns=True)
    head = next(line for line in text.split("\n") if line.startswith("┃"))
    assert "also" not in head
    assert "fp64" in shown(
        capsys,
        "capacity",
        report([capacity_row("a", "placed", 1)], "custodian"),
        all_columns=True,
    )[0].replace("\n", "")


def test_a_report_that_was_cut_says_so(capsys):
    told = {**report([overdue_row(1, 1)], "liable"), "truncated": True}
    assert "was cut" in shown(capsys, "overdue", told)[1]
    assert "was cut" not in shown(capsys, "overdue", {**told, "truncated": False})[1]


def test_a_report_begins_with_what_it_is_of_and_ends_with_how_to_read_it(capsys):
    told = {
        **report([capacity_row("a", "placed", 1)], "custodian"),
        **{"size": 862, "root": "1a2b3c4d5e6f" + "0" * 52},
        "parameters": {"basis": "registered", "window_days": 180, "utilisation_percent": 10, "on": None},
        "notes": ["low: seen by somebody independent within window_days", "days are for 16-bit rates"],
    }
    text, _ = shown(capsys, "capacity", told)
    lines = " ".join(text.split())
    assert lines.startswith(
        "capacity: size 862, root 1a2b3c4d5e6f…, as of 2026-11-21T10:43:48Z, by custodian; basis=registered, "
        "window_days=180, utilisation_percent=10 "
    )
    assert lines.endswith(
        " - low: seen by somebody independent within window_days - days are for 16-bit rates"
    )
    alone, _ = shown(capsys, "capacity", {**told, "group": "a", "parameters": {}})
    assert "by custodian, only a; no parameters" in " ".join(alone.split())


def changed_row(number, kind="chips.placed"):
    row = {"grouped": kind, "chip": f"acme:{number}", "changed": "status site", "kind": kind, "h100e": 1.0}
    return {**row, "old_custodian": "a", "new_custodian": "b", "new_status": "held", "entry_index": number}


def test_of_rows_that_were_cut_nothing_is_summed_up(capsys):
    """As in a walk: 100,000 rows of one kind came, and of the other kinds none."""
    rows = [changed_row(number) for number in range(20)]
    totals = [
        {"grouped": kind, "rows": chips, "chips": chips, "h100e": float(chips)}
        for kind, chips in (("chips.placed", 106_192), ("shipment.arrived", 136))
    ]
    told = {**report(rows, "kind"), "totals": totals, "row_count": 106_328, "truncated": True}
    text, said = shown(capsys, "changes", told)
    assert rows_of(text, "changes by kind, all rows") == [
        ["chips.placed", "106,192", "106,192", "106,192"],
        ["shipment.arrived", "136", "136", "136.0"],
    ]
    said = " ".join(said.split())
    assert "of 106,328 rows the first 20 came, and no file has more" in said and "--group NAME" in said
    assert len(rows_of(text, "some of these chips")) == 8
    whole, said = shown(capsys, "changes", {**told, "row_count": 20, "truncated": False})
    assert rows_of(whole, "changes by kind") == [["chips.placed", "20", "20.00"]] and "cut" not in said
    late = {**report([overdue_row(n, n) for n in range(4)], "liable"), "row_count": 9, "truncated": True}
    assert "overdue by liable, all rows" in shown(capsys, "overdue", late)[0]
    gone = {**report([unaccounted_row(n) for n in range(4)], "liable"), "row_count": 9, "truncated": True}
    assert "and evidence" not in shown(capsys, "unaccounted", gone)[0]


def test_what_was_left_out_is_named_with_the_option_that_gives_it(capsys):
    surplus = {"kind": "unknown_chip", "chip": "a:9", "seen": None, "observer": "n", "site": None,
               "shipment": None, "opened": None}  # fmt: skip
    told = report([unaccounted_row(1)], "liable", {"surplus": [surplus] * 10})
    assert "and 2 more: --format csv --part surplus" in shown(capsys, "unaccounted", told)[1]
    many = report([capacity_row(f"party-{n}", "placed", n + 1) for n in range(30)], "custodian")
    assert "and 6 more: --format json" in shown(capsys, "capacity", many)[1], "of the bars: csv has no totals"


def test_what_was_not_there_before_has_changed_wholly(capsys):
    born = {**changed_row(1, "chips.registered"), "changed": "born status custodian owner site"}
    text, _ = shown(capsys, "changes", report([born, changed_row(2)], "kind"))
    assert [row[1] for row in rows_of(text, "some of these chips")] == ["born", "status site"]


def test_the_commands_know_the_reports_and_views_there_are():
    assert TABLES.keys() == REPORTS.keys()
    assert set(VIEWS) == {path.stem for path in (ROOT / "analytics" / "views").glob("*.sql")}
    told = " ".join(chipledger("sql", "--help").stdout.replace("│", " ").split())
    assert ", ".join(VIEWS) in told


def test_an_unknown_report_is_named_before_anybody_is_asked():
    wrong = chipledger("report", "nonsense", "--url", "http://127.0.0.1:9")
    assert wrong.exit_code == 2 and "one of unaccounted, capacity, overdue" in wrong.stderr
