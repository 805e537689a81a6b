"""What one report counts as seen or missing no other counts otherwise: worlds written out by hand."""

import pytest

from analytics.warehouse import SUMS
from ledger.book.tables import CHIPS, SAMPLED
from ledger.book.times import format_seconds
from tests.analytics.summed_anew import summed_anew
from tests.analytics.trade import DAY_S, H100_GFLOPS, Trade
from tests.analytics.wide_reports import snapshot_of, told, with_text

EVIDENCE = "cd" * 32


def begun(*chips_to):
    """acme's 60 chips; `chips_to` are (who, from, to) of those that were sent there and unpacked."""
    trade = Trade()
    trade.list_model("h100", H100_GFLOPS)
    parties = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}
    parties |= {"watch": ("verifier", "AT"), "quill": ("analyst", "IS")}
    for party, (role, country) in parties.items():
        trade.enrol(party, role, country)
    trade.list_beacon()
    trade.chips = trade.make("acme", range(60))
    for party, start, end in chips_to:
        hand_over(trade, "acme", trade.chips[start:end], party)
    return trade


def hand_over(trade, sender, chips, to, due=10):
    """Sent, and unpacked by the other."""
    country = {"oslo": "NO", "lima": "PE"}[to]
    shipment = trade.send(sender, f"s{trade.size}", chips, to, country=country, due=due)
    trade.receive(to, shipment, [(chip, "received") for chip in chips])


def bounds_of(snapshot, grouping="custodian", **given):
    """Bounds by group."""
    rows = told(snapshot, "capacity", grouping=grouping, **given)["beside"]["bounds"]
    return {row["grouped"]: row for row in rows}


def draw_two(trade, number=1, prover="oslo"):
    """Two chips of the prover's, drawn by an inspection."""
    trade.commit("watch", number, [prover])
    trade.draw("watch", number)
    return sorted(row.item for row in trade.rows(SAMPLED) if row.inspection == f"watch/i{number}")


def find(trade, told_of, number=1, site="oslo/hall"):
    """What the inspection found, by chip."""
    when = format_seconds(trade.now)
    lines = [
        {"chip": chip, "result": result, "found_at": when, "evidence_sha256": EVIDENCE}
        for chip, result in sorted(told_of.items())
    ]
    return trade.say("watch", "inspection.found", {"inspection": f"watch/i{number}", "site": site}, lines)


@pytest.fixture(scope="module")
def accused(tmp_path_factory):
    """oslo has 18 chips: of two an inspection says that they were not there, one was not at its own count.

    Then one of the first two goes to lima, which unpacks it, and the other in a carton that nobody opens.
    """
    folder = tmp_path_factory.mktemp("accused")
    trade = begun(("oslo", 0, 18))
    trade.now += DAY_S
    trade.gone = draw_two(trade)
    find(trade, dict.fromkeys(trade.gone, "not_found"))
    trade.missed = next(chip for chip in trade.chips[:18] if chip not in trade.gone)
    trade.now += DAY_S
    trade.count("oslo", "c1", [chip for chip in trade.chips[:18] if chip != trade.missed])
    before = snapshot_of(trade, folder)
    trade.opened, trade.sealed = trade.gone
    hand_over(trade, "oslo", [trade.opened], "lima")
    trade.receive("lima", trade.send("oslo", "sealed", [trade.sealed], "lima", country="PE", due=9))
    trade.now += DAY_S
    trade.count("lima", "c2", trade.gone)
    return trade, before, snapshot_of(trade, folder)


def test_what_is_accused_or_was_missed_is_not_among_what_was_seen(accused):
    trade, before, _ = accused
    rows = {row["chip"]: row["evidence"] for row in told(before, "unaccounted")["rows"]}
    assert rows == {**dict.fromkeys(trade.gone, "I"), trade.missed: "K"}
    oslo = bounds_of(before)["oslo"]
    assert (oslo["low_chips"], oslo["book_chips"], oslo["high_chips"]) == (18 - 3, 18, 18)
    assert oslo["low_h100e"] == 15 and oslo["low_fp16_parameters"] == 15 * 40 * 10**9


def test_what_is_late_was_not_seen_though_it_was_when_it_came(tmp_path):
    trade = begun(("oslo", 0, 6))
    trade.send("oslo", "late", trade.chips[:4], "lima", country="PE", due=1)
    trade.now += 2 * DAY_S
    trade.claim("quill", "lima", 1, 2)
    snapshot = snapshot_of(trade, tmp_path)
    assert [row["evidence"] for row in told(snapshot, "unaccounted")["rows"]] == ["O"] * 4
    oslo = bounds_of(snapshot)["oslo"]
    assert (oslo["low_chips"], oslo["book_chips"]) == (2, 6)


def test_an_accusation_stays_with_who_answered_then_and_is_answered_for_both_figures_or_neither(accused):
    trade, _, after = accused
    rows = {row["chip"]: row for row in told(after, "unaccounted")["rows"]}
    assert rows.keys() == {trade.sealed, trade.missed}, "lima unpacked the other"
    row = rows[trade.sealed]
    assert (row["evidence"], row["liable"], row["custodian"], row["site"]) == (
        "I",
        "oslo",
        "lima",
        "lima/hall",
    )
    found = bounds_of(after)
    assert (found["lima"]["low_chips"], found["lima"]["book_chips"]) == (1, 2), (
        "its own count answers nothing"
    )
    assert (found["oslo"]["low_chips"], found["oslo"]["book_chips"]) == (15, 16)


def test_whoever_gets_a_chip_is_not_charged_for_where_it_was_seen_before(tmp_path):
    trade = begun(("oslo", 0, 3))
    trade.sight("watch", trade.chips[:1], "acme/hall")
    trade.receive("lima", trade.send("oslo", "sealed", trade.chips[:1], "lima", country="PE", due=9))
    snapshot = snapshot_of(trade, tmp_path)
    (row,) = told(snapshot, "unaccounted")["rows"]
    assert (row["evidence"], row["liable"], row["custodian"]) == ("S", "oslo", "lima")
    assert told(snapshot, "unaccounted", grouping="custodian")["totals"][0]["grouped"] == "lima"


def test_what_nobody_has_is_under_its_last_holder_and_owner(tmp_path):
    trade = begun(("oslo", 0, 6))
    trade.retire("oslo", "lost", trade.chips[:2])
    trade.retire("oslo", "destroyed", trade.chips[2:3])
    snapshot = snapshot_of(trade, tmp_path)
    for grouping, group in (("custodian", "oslo"), ("owner", "oslo"), ("country", "NO")):
        (total,) = told(snapshot, "unaccounted", grouping=grouping)["totals"]
        assert (total["grouped"], total["chips"]) == (group, 3)
        assert bounds_of(snapshot, grouping)[group]["unaccounted_chips"] == 3
    rows = told(snapshot, "unaccounted")["rows"]
    assert {row["custodian"] for row in rows} == {None}, "the book has them with nobody"


SABOTAGE = {
    "that who has it now answers for nothing older": ("evidence", "c.changed > n.since_index", "1 = 0"),
    "that what is accused was not seen": ("bounds", "AND NOT y.is_accused", "AND 1 = 1"),
    "who saw it": ("bounds", "y.inspected_at >= ", "y.confirmed_at >= "),
    "which chips evidence is about": ("chip_tally", "ON e.number = c.number", "ON e.number = c.number + 1"),
}


@pytest.mark.parametrize("spoiled", SABOTAGE)
def test_a_report_without_one_of_its_conditions_is_another(accused, spoiled, tmp_path):
    """The control; some are of what is summed up before anybody asks."""
    _, _, after = accused
    spoilt, *change = SABOTAGE[spoiled]
    name = "unaccounted" if spoilt == "evidence" else "bounds"
    values = {"grouping": "custodian" if name == "bounds" else "liable", "basis": "registered"}
    values |= {"as_of_s": 1_900_000_000, "confirmed_since": "2020-01-01"}
    sound = with_text(after, name, values)
    if spoilt in SUMS:
        assert with_text(summed_anew(after, tmp_path, spoilt, *change), name, values) != sound
    else:
        assert with_text(after, name, values, *change) != sound


@pytest.mark.parametrize("grouping", ["custodian", "owner", "country", "site", "model"])
@pytest.mark.parametrize("window", [1, 400])
def test_the_reports_add_up_group_by_group(wide, grouping, window):
    """Whatever is on the book was seen, is unverified or unaccounted for; what left it is in `high`."""
    world, snapshot = wide
    report = told(snapshot, "unaccounted", grouping=grouping, window_days=window)
    status = {row.chip: row.status for row in world.rows(CHIPS)}
    there, left, unverified = {}, {}, {}
    for row in report["rows"]:
        of = there if status[row["chip"]] in {"held", "in_transit"} else left
        of[row["grouped"]] = of.get(row["grouped"], 0) + 1
    for row in report["beside"]["unverified"]:
        unverified[row["grouped"]] = unverified.get(row["grouped"], 0) + row["chips"]
    bounds = bounds_of(snapshot, grouping, window_days=window)
    for group, row in bounds.items():
        assert row["unaccounted_chips"] == left.pop(group, 0), group
        rest = row["book_chips"] - row["low_chips"]
        assert rest == there.pop(group, 0) + unverified.pop(group, 0), group
    assert left == there == unverified == {}
    assert sum(row["unaccounted_chips"] for row in bounds.values()) > 3


def test_of_what_was_seen_it_is_told_who_saw_it(tmp_path):
    """Ten unpacked by who has them, of these one confirmed by an inspection and two sighted by the watch."""
    trade = begun(("oslo", 0, 10))
    trade.now += 10 * DAY_S
    one, other = draw_two(trade)
    find(trade, {one: "confirmed"})
    rest = [chip for chip in trade.chips[:10] if chip not in (one, other)]
    trade.sight("watch", rest[:2], "oslo/hall")
    trade.correct("watch", trade.sight("watch", rest[4:6], "oslo/hall"))
    oslo = bounds_of(snapshot_of(trade, tmp_path))["oslo"]
    assert (oslo["low_chips"], oslo["low_inspected_chips"], oslo["low_received_chips"]) == (10, 3, 7)
    oslo = bounds_of(snapshot_of(trade, tmp_path / "again"), window_days=5)["oslo"]
    assert (oslo["low_chips"], oslo["low_inspected_chips"], oslo["low_received_chips"]) == (3, 3, 0)
