"""Claims raise nothing before their time, nor long after it, and are counted alike in chips and in rates."""

import pytest

from ledger.book.times import format_seconds
from tests.analytics.test_figures_meet import begun, bounds_of, hand_over, snapshot_of
from tests.analytics.trade import DAY_S
from tests.analytics.wide_reports import told

LATER = "2030-12-31T23:59:59Z"


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    """oslo has 10 chips, says somebody, 15; somebody else that it will have 10,000 in 2030."""
    trade = begun(("oslo", 0, 10))
    trade.now += DAY_S
    trade.today = format_seconds(trade.now - 60)
    trade.claim("quill", "oslo", 12, 15, as_of=trade.today)
    trade.claim("quill", "oslo", 5_000, 10_000, as_of=LATER, status="forecast")
    trade.claim(
        "quill", "oslo", 7, 8, as_of=LATER, status="forecast", measure="acquired", **{"from": trade.today}
    )
    return snapshot_of(trade, tmp_path_factory.mktemp("forecast"))


def test_a_claim_of_a_time_to_come_is_compared_with_nothing(forecast):
    rows = {(row["as_of"], row["measure"]): row for row in told(forecast, "claims")["rows"]}
    assert len(rows) == 3
    for (as_of, _), row in rows.items():
        if as_of.startswith("2030"):
            assert (row["ledger"], row["short_low"], row["short_high"]) == (None, None, None)
            assert row["told"] == "not yet comparable: of a time after the snapshot's last entry"
        else:
            assert (row["ledger"], row["short_high"], row["told"]) == (10, 5, None)
    lines = told(forecast, "claims")["beside"]["claim_lines"]
    assert [row["ledger_chips"] for row in lines] == [10, None, None]


def test_it_neither_raises_high_nor_displaces_a_claim_of_today(forecast):
    oslo = bounds_of(forecast)["oslo"]
    assert (oslo["book_chips"], oslo["claim_excess_chips"], oslo["high_chips"]) == (10, 5, 15)
    (gap,) = told(forecast, "unaccounted")["beside"]["gaps"]
    assert (gap["subject"], gap["low"], gap["high"], gap["entries"]) == ("oslo", 2, 5, gap["entries"])


@pytest.fixture(scope="module")
def stale(tmp_path_factory):
    """A claim of 30 when oslo had 10 chips; a hundred days later it has 20 more."""
    trade = begun(("oslo", 0, 10))
    trade.now += DAY_S
    trade.then = format_seconds(trade.now - 60)
    trade.claim("quill", "oslo", 28, 30, as_of=trade.then)
    trade.now += 100 * DAY_S
    hand_over(trade, "acme", trade.chips[10:30], "oslo")
    return trade, snapshot_of(trade, tmp_path_factory.mktemp("stale"))


def test_a_claim_says_of_when_it_is_and_an_old_one_raises_nothing(stale):
    trade, snapshot = stale
    oslo = bounds_of(snapshot)["oslo"]
    assert (oslo["claim_excess_chips"], oslo["high_chips"], oslo["claim_as_of"]) == (20, 50, trade.then)
    oslo = bounds_of(snapshot, claim_days=99)["oslo"]
    assert (oslo["claim_excess_chips"], oslo["high_chips"], oslo["claim_as_of"]) == (0, 30, None)
    assert oslo["claim_excess_h100e"] == 0 and oslo["high_h100e"] == 30
    assert bounds_of(snapshot, claim_days=101)["oslo"]["high_chips"] == 50
    (gap,) = told(snapshot, "unaccounted")["beside"]["gaps"]
    assert (gap["as_of"], gap["measure"], gap["model"], gap["family"]) == (
        trade.then,
        "installed",
        None,
        None,
    )
    head = told(snapshot, "capacity")
    assert head["parameters"]["claim_days"] == 366
    assert any("claim_days" in note for note in head["notes"])


@pytest.mark.parametrize(
    ("claims", "excess", "worth"),
    [
        ([("chips", 40)], 10, 10.0),
        ([("h100e", 200)], 170, 170.0),
        ([("h100e", 200), ("chips", 40)], 170, 170.0),
        ([("h100e", 35), ("chips", 60)], 30, 30.0),
        ([("h100e", 20), ("chips", 30)], 0, 0.0),
    ],
)
def test_high_in_chips_and_in_rates_is_by_the_same_claim(tmp_path, claims, excess, worth):
    """oslo has 30; a chip is at most one H100-equivalent, for nothing else is listed."""
    trade = begun(("oslo", 0, 30))
    trade.now += DAY_S
    now = format_seconds(trade.now - 60)
    for unit, high in claims:
        trade.claim("quill", "oslo", high, high, as_of=now, unit=unit)
    oslo = bounds_of(snapshot_of(trade, tmp_path))["oslo"]
    assert (oslo["claim_excess_chips"], oslo["claim_excess_h100e"]) == (excess, worth)
    assert (oslo["high_chips"], oslo["high_h100e"]) == (30 + excess, 30 + worth)


def test_gaps_about_the_same_are_enveloped_and_those_about_some_of_it_say_so(tmp_path):
    trade = begun(("oslo", 0, 30), ("lima", 30, 40))
    trade.now += DAY_S
    now = format_seconds(trade.now - 60)
    trade.claim("quill", "oslo", 40, 60, as_of=now)
    trade.claim("quill", "Oslo", 50, 90, as_of=now)
    trade.claim("quill", "World", 100, 200, as_of=now)
    trade.claim("quill", "lima", 12, 12, as_of=now, model="registrar/h100")
    trade.claim(
        "quill", "lima", 3, 4, as_of=now, measure="sold", **{"from": format_seconds(trade.now - 9_000)}
    )
    gaps = told(snapshot_of(trade, tmp_path), "unaccounted")["beside"]["gaps"]
    found = {(row["subject"], row["measure"]): row for row in gaps}
    assert len(found) == len(gaps) == 4
    oslo = found["oslo", "installed"]
    assert (oslo["low"], oslo["high"], oslo["claims"], oslo["overlapping"]) == (10, 60, 2, 1)
    assert len(oslo["entries"].split()) == 2 and oslo["as_of"] == now
    world = found["World", "installed"]
    assert (world["low"], world["high"], world["overlapping"]) == (100 - 60, 200 - 60, 3)
    lima = found["lima", "installed"]
    assert (lima["low"], lima["high"], lima["model"], lima["overlapping"]) == (2, 2, "registrar/h100", 2)


def test_rows_about_some_of_the_same_chips_say_so_whatever_their_subject_is_called(tmp_path):
    """Somebody by its id and by its name, and the world it is part of; not two parties, nor two times."""
    trade = begun(("oslo", 0, 30), ("lima", 30, 40))
    trade.now += DAY_S
    now, before = format_seconds(trade.now - 60), format_seconds(trade.now - 3_600)
    for subject in ("oslo", "Oslo", "World", "lima", "Nobody we know"):
        trade.claim("quill", subject, 10, 20, as_of=now)
    trade.claim("quill", "oslo", 10, 20, as_of=before)
    rows = told(snapshot_of(trade, tmp_path), "claims")["rows"]
    found = {(row["grouped"], row["as_of"]): row["overlapping"] for row in rows}
    assert found == {
        ("oslo", now): 2, ("Oslo", now): 2, ("World", now): 4, ("lima", now): 1, ("Nobody we know", now): 1,
        ("oslo", before): 0,
    }  # fmt: skip
