"""A flood of discrepancies is bounded per party and day, whatever is restarted; it freezes nobody's chips."""

import pytest

from ledger.batch.flood import Flood, seconds_to_next_day
from ledger.book.encoding import MANIFEST_LINES_MAX
from ledger.book.registry import Changes
from ledger.book.rejection import Reason
from ledger.book.rows import Discrepancy
from ledger.book.tables import CHIPS, DISCREPANCIES
from ledger.storage.store import Batch
from tests.sequencer import trade
from tests.sequencer.trade import NOW, STORES, TODAY, Desk

MOST = 20
DAY_MS = 86_400_000


def sighted(names, place, by="lima"):
    """Chips that are the maker's, said to be at somebody else's."""
    body = {"place": f"somewhere {place}", "site": f"{by}/hall"}
    return trade.raw("chips.sighted", by, body, [{"chip": name} for name in names])


def offered(name, chips):
    """The maker sells."""
    return trade.raw("title.offered", "maker", {"transfer": name, "to": "oslo"}, [{"chip": c} for c in chips])


@pytest.fixture(params=STORES)
def desk(request, tmp_path):
    """A log that lets twenty chips be disputed a day; eight are the maker's."""
    made = Desk(STORES[request.param](tmp_path), flood=Flood(MOST)).open()
    made.all_in(trade.registered(trade.chips(0)))
    yield made
    made.close()


def reasons(outcomes):
    """Why, or None for what was admitted."""
    return [None if hasattr(one, "index") else one.rejection.reason for one in outcomes]


def flooded(desk):
    """Three sightings of eight chips bring lima beyond twenty."""
    desk.all_in(*(sighted(trade.chips(0), n) for n in range(3)))


def test_a_flood_is_stopped_for_the_day_and_told_so(desk):
    outcomes = desk.sends(*(sighted(trade.chips(0), n) for n in range(6)))
    assert reasons(outcomes) == [None] * 3 + [Reason.TOO_FAST] * 3
    assert "24 chips" in outcomes[3].rejection.detail and f"a day has {MOST}" in outcomes[3].rejection.detail
    assert outcomes[3].rejection.status == 429 and outcomes[3].note is not None
    assert desk.admission.dry_run(sighted(trade.chips(0), 9)).rejection.reason is Reason.TOO_FAST
    assert len(list(desk.store.rows(DISCREPANCIES))) == 3


def test_others_and_what_disputes_nothing_go_on(desk):
    flooded(desk)
    desk.all_in(sighted(trade.chips(0), 0, by="oslo"))
    # What lima says that contradicts nobody, and what it says of itself, is heard as ever.
    body = {"place": "in passing"}
    desk.all_in(trade.raw("chips.sighted", "lima", body, [{"chip": trade.chips(0)[0]}]))
    desk.all_in(trade.site("lima", "annex"))


def test_the_chips_of_a_victim_can_be_sent_received_sold_and_placed(desk):
    names = trade.chips(0)
    flooded(desk)
    desk.all_in(trade.placed("maker", {names[7]: "1"}))
    desk.all_in(trade.dispatched("s1", names[:4]), trade.arrived("maker/s1", names[:4]))
    desk.all_in(offered("maker/t1", names[:2]))
    desk.all_in(trade.raw("title.accepted", "oslo", {"transfer": "maker/t1"}))
    rows = {row.chip: row for row in desk.store.rows(CHIPS)}
    assert [rows[name].custodian for name in names] == ["oslo"] * 4 + ["maker"] * 4
    assert [rows[name].owner for name in names] == ["oslo"] * 2 + ["maker"] * 6


def test_the_next_day_begins_anew(desk):
    flooded(desk)
    desk.clock.now += seconds_to_next_day(NOW) * 1000 - 1
    late = TODAY + 10 * 86_400
    one = trade.raw("chips.sighted", "lima", {"place": "x", "site": "lima/hall"},
                    [{"chip": trade.chips(0)[0]}], expires_at=late)  # fmt: skip
    assert reasons(desk.sends(one)) == [Reason.TOO_FAST]
    desk.clock.now += 1
    assert reasons(desk.sends(one)) == [None]


@pytest.mark.parametrize("forgets", [False, True])
def test_starting_again_gives_nobody_more_unless_the_book_is_not_asked(desk, forgets):
    flooded(desk)
    desk.sequencer.stop()
    again = Desk(
        desk.store, floor=desk.floor, clock=desk.clock, flood=(Forgetful if forgets else Flood)(MOST)
    )
    again.sequencer.start()
    assert reasons(again.sends(sighted(trade.chips(0), 7))) == [None if forgets else Reason.TOO_FAST]
    again.sequencer.stop()
    again.admission.close()


class Forgetful(Flood):
    """Does not ask the book at a start."""

    def begin(self, store, _, now):
        super().begin(store, 0, now)


@pytest.mark.parametrize("most", [0, 10**9])
def test_without_a_limit_the_same_flood_is_admitted(tmp_path, most):
    desk = Desk(STORES["memory"](tmp_path), flood=Flood(most)).open()
    desk.all_in(trade.registered(trade.chips(0)), *(sighted(trade.chips(0), n) for n in range(6)))
    desk.close()


def opened(chips, observer="lima", counterparty="maker", changed=5):
    """A discrepancy as an entry opens it."""
    return Discrepancy(
        "5.0", "extra", observer, counterparty, chips, chips, None, None, "open", None, None, 5, changed
    )


def changes(*rows):
    """What an entry writes."""
    return Changes({DISCREPANCIES: list(rows)})


def test_one_statement_may_pass_the_limit_and_none_by_more_than_a_manifest():
    flood = Flood(MOST)
    for chips, passes in (
        (MOST + 1, True),
        (MOST + MANIFEST_LINES_MAX, True),
        (MOST + MANIFEST_LINES_MAX + 1, False),
    ):
        refuse = flood.sitting(NOW, lambda _: None)
        assert (refuse(changes(opened(chips))) is None) is passes
        assert (refuse(changes(opened(1))) is None) is not passes  # within one sitting it is counted, too


def test_what_one_says_of_ones_own_and_what_is_only_changed_does_not_count():
    flood = Flood(MOST)
    refuse = flood.sitting(NOW, lambda _: None)
    for row in (opened(MOST, counterparty="lima"), opened(MOST, changed=6)):
        assert refuse(changes(row)) is None
    assert refuse(changes(opened(MOST, counterparty=None))) is None
    assert refuse(changes(opened(1))).reason is Reason.TOO_FAST


def test_of_ones_own_there_is_a_wide_limit_which_one_count_may_pass_by_any_number():
    refuse = Flood(MOST).sitting(NOW, lambda _: None)
    own = MANIFEST_LINES_MAX - 1
    assert refuse(changes(opened(own, counterparty="lima"))) is None
    assert refuse(changes(opened(10**7, counterparty="lima"))) is None
    told = refuse(changes(opened(1, counterparty="lima")))
    assert told.reason is Reason.TOO_FAST and "of its own" in told.detail
    assert refuse(changes(opened(1))) is None  # others' are another number
    assert Flood(0).sitting(NOW, lambda _: None)(changes(opened(10**9, counterparty="lima"))) is None


def test_what_was_rolled_back_does_not_count_and_what_was_committed_does():
    flood = Flood(MOST)
    assert flood.sitting(NOW, lambda _: None)(changes(opened(MOST))) is None
    assert flood.sitting(NOW, lambda _: None)(changes(opened(MOST))) is None
    flood.learn(Batch(versions={DISCREPANCIES: [opened(MOST)]}), NOW)
    assert flood.sitting(NOW, lambda _: None)(changes(opened(1))) is not None
    assert flood.sitting(NOW + DAY_MS, lambda _: None)(changes(opened(1))) is None


def test_another_reason_not_to_go_on_comes_first():
    flood = Flood(MOST)
    flood.learn(Batch(versions={DISCREPANCIES: [opened(MOST)]}), NOW)
    assert flood.sitting(NOW, lambda _: "other")(changes(opened(1))) == "other"


def test_the_wait_ends_with_the_day():
    assert seconds_to_next_day(0) == 86_400 and seconds_to_next_day(DAY_MS - 1) == 1
    assert seconds_to_next_day(DAY_MS) == 86_400
