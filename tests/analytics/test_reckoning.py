"""What a balance may reckon with is bounded; a series beyond that says so, and the others are tested."""

from analytics.reporting.balances import (
    REPORT_VALUES_MAX,
    SERIES_VALUES_MAX,
    TOO_MANY,
    TOO_NOISY,
    Budget,
    Stated,
    muf_rows,
    srd_rows,
    values_of,
)


def test_a_series_of_errors_beyond_reckoning_says_so_and_the_others_are_tested():
    """`counts` of 900,000 chips at 2.3 %: the statistics refuse them by name, and the report goes on."""
    many = {"grouped": "a", "party": "a", "site": None, "book": 900_000, "found": 899_990, "written_off": 4}
    few = {**many, "party": "b", "book": 90, "found": 88, "written_off": 0}
    rows = [{**many, "entry_index": 1}, {**many, "entry_index": 2}, {**few, "entry_index": 3}]
    counts, trends = muf_rows(rows, Stated.of(23_000, 0, 50_000))
    assert [row["muf"] for row in counts] == [14, 0, 2]
    assert [row["cumulated_muf"] for row in counts] == [14, 14, 2]
    assert [row["muf_p"] is None for row in counts] == [True, True, False]
    assert trends[0]["told"].startswith("not tested: miss and double must let a count expect at most 20000")
    assert trends[0]["p"] is None and trends[0]["is_alarm"] is None and trends[0]["cumulated"] == 14
    assert trends[1]["told"] is None and trends[1]["p"] > 0
    exact, _ = muf_rows(rows, Stated.of(0, 0, 50_000))
    assert all(row["muf_p"] is not None for row in exact), "the control: exact counts are tested"


def test_what_a_report_may_reckon_is_bounded_and_the_worst_series_goes_first():
    def receipts(sender, missing, count=100):
        row = {"grouped": sender, "sender": sender, "receiver": "r", "shipped": 900, "received": 900}
        first = {**row, "shipment": f"{sender}/0", "received": 900 - missing}
        return [first, *({**row, "shipment": f"{sender}/{n}"} for n in range(1, count))]

    stated = Stated.of(1_000, 0, 50_000)
    one = values_of([900] * 100, stated.error)
    assert one <= SERIES_VALUES_MAX and 10 * one < REPORT_VALUES_MAX
    budget = Budget(2 * one)
    _, trends = srd_rows([*receipts("a", 0), *receipts("b", 5), *receipts("c", 9)], stated, budget)
    assert [row["told"] for row in trends] == [TOO_MANY, None, None] and budget.left == 0
    assert trends[2]["is_alarm"] and trends[2]["cumulated"] == 9
    loose = Stated.of(400_000, 0, 50_000)
    assert values_of([900] * 1_000, loose.error) > SERIES_VALUES_MAX
    told_of, trends = srd_rows(receipts("a", 3, count=1_000), loose)
    assert trends[0]["told"] == TOO_NOISY and told_of[0]["srd"] == 3 and told_of[-1]["cumulated_srd"] == 3
