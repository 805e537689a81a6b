"""What goes wrong while statements come in, each fault with the control that must turn its test red."""

from collections import Counter
from threading import Barrier, Thread

import pytest

from ledger.batch.poison import STORE_FAILED_MAX, Poisoned
from ledger.batch.sitting import Sitting
from ledger.book import law
from ledger.book.registry import Changes, Registry
from ledger.book.rejection import Reason
from ledger.book.statement import Entry
from ledger.outcome import Admitted
from ledger.sequencer import Sequencer
from ledger.storage.memory import MemoryStore, MemoryTransaction
from ledger.storage.store import Doubt
from tests.sequencer import trade

DAY_MS = 86_400_000


@pytest.fixture(params=trade.STORES)
def store(request, tmp_path):
    return trade.STORES[request.param](tmp_path)


def reasons(outcomes):
    return [None if isinstance(outcome, Admitted) else outcome.rejection.reason for outcome in outcomes]


# 6. Replay on another log, and after expiry.


def test_what_was_said_to_another_log_or_too_long_ago_is_refused(store):
    desk = trade.Desk(store).open()
    elsewhere = trade.site("maker", "a", make=trade.statement, log="elsewhere.example/chips")
    expired = trade.site("maker", "b", make=trade.statement, expires_at=trade.TODAY - 1)
    raws = [statement.bundle.raw() for statement in (elsewhere, expired)]
    assert reasons(desk.sends(*raws, trade.site("maker", "c"))) == [Reason.WRONG_LOG, Reason.EXPIRED, None]
    # The control: nothing but those two checks keeps them out.
    for statement in (elsewhere, expired):
        registry = Registry()
        store.load(law.needs(statement), registry)
        assert isinstance(law.RULES[statement.kind].judge(registry, Entry(99, trade.NOW, statement)), Changes)
    desk.close()


# 7. Sixteen dispatches of one chip at once.


class ForgetfulSitting(Sitting):
    """Judges without the overlay of the batch so far."""

    def _collect(self, table, rows):
        held = dict(self.registry.of(table))
        super()._collect(table, rows)
        self.registry.of(table).clear()
        self.registry.of(table).update(held)


class Forgetful(Sequencer):
    """Sits so."""

    sitting = ForgetfulSitting


def sixteen_at_once(desk):
    chip = trade.chips(0, 1)
    desk.all_in(trade.registered(chip))
    raws = [trade.dispatched(f"s{number}", chip, to=("oslo", "lima")[number % 2]) for number in range(16)]
    gate, outcomes = Barrier(16), []

    def send(raw):
        gate.wait()
        outcomes.extend(desk.sends(raw))

    threads = [Thread(target=send, args=(raw,)) for raw in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = Counter(reasons(outcomes))
    other = trade.chips(1, 1)
    desk.all_in(trade.registered(other))
    together = Counter(reasons(desk.sends(*(trade.dispatched(f"t{number}", other) for number in range(16)))))
    return alone, together


def test_of_sixteen_dispatches_of_one_chip_one_wins(store):
    desk = trade.Desk(store).open()
    one = {None: 1, Reason.IN_TRANSIT: 15}
    assert sixteen_at_once(desk) == (one, one)
    desk.close()


def test_without_the_overlay_more_than_one_would_win():
    desk = trade.Desk(MemoryStore(), sequencer=Forgetful).open()
    _, together = sixteen_at_once(desk)
    assert together[None] == 16
    desk.close()


# 8. A poisonous statement among fifty.


class PoisonedSitting(Sitting):
    """The law stumbles over statements whose reference says so."""

    def hear(self, entry):
        self.considering = entry.statement
        if (entry.statement.text.reference or "").startswith("poison"):
            raise ZeroDivisionError("a bug in a rule")
        return super().hear(entry)


class PoisonedLaw(Sequencer):
    """Sits so."""

    sitting = PoisonedSitting


class AbortsTheBatch(PoisonedLaw):
    """Gives up where it ought to put aside."""

    def _commit(self, statements):
        try:
            return super()._commit(statements)
        except Poisoned as poison:
            raise RuntimeError("the whole batch") from poison


class PoisonedTransaction(MemoryTransaction):
    """The store's counts are off for such statements, and it cannot say for which."""

    def check(self, batch, refold):
        if any(entry.party == "poison" for entry in batch.entries):
            raise Doubt("a count is off")
        super().check(batch, refold)


class PoisonedStore(MemoryStore):
    """Writes so."""

    transaction = PoisonedTransaction


def fifty(poisons=(17,)):
    return [
        trade.site("maker", f"s{number}", **({"reference": f"poison{number}"} if number in poisons else {}))
        for number in range(50)
    ]


def test_one_poisonous_statement_of_fifty_is_put_aside_and_the_others_are_admitted(store):
    desk = trade.Desk(store, sequencer=PoisonedLaw).open()
    size = desk.store.head().size
    outcomes = desk.sends(*fifty())
    assert Counter(reasons(outcomes)) == {None: 49, Reason.UNAVAILABLE: 1}
    assert reasons(outcomes)[17] is Reason.UNAVAILABLE
    assert [each.index for each in outcomes if isinstance(each, Admitted)] == list(range(size, size + 49))
    assert desk.sequencer.stopped is None and reasons(desk.sends(trade.site("maker", "after"))) == [None]
    desk.close()


@pytest.mark.parametrize("poisons", [(0,), (49,), (3, 4, 5, 6), tuple(range(0, 50, 2)), tuple(range(50))])
def test_however_many_are_poisonous_exactly_they_are_put_aside(poisons):
    desk = trade.Desk(MemoryStore(), sequencer=PoisonedLaw).open()
    found = reasons(desk.sends(*fifty(poisons)))
    assert [place for place, reason in enumerate(found) if reason] == list(poisons)
    assert desk.sequencer.stopped is None
    desk.close()


def test_the_control_a_sequencer_that_aborts_the_batch_admits_none(store):
    desk = trade.Desk(store, sequencer=AbortsTheBatch).open()
    assert Counter(reasons(desk.sends(*fifty()))) == {Reason.UNAVAILABLE: 50}
    desk.close()


def test_a_statement_only_the_store_stumbles_over_is_found_by_halves():
    desk = trade.Desk(PoisonedStore()).open(trade.enrolled("poison", ["holder"]))
    raws = [trade.site("maker", f"s{number}") for number in range(20)]
    raws[13] = trade.site("poison")
    found = reasons(desk.sends(*raws))
    assert [place for place, reason in enumerate(found) if reason] == [13]
    assert desk.sequencer.stopped is None
    desk.close()


# The store or the clock fails: 503 to callers, and a start brings all back.


class FullDisk(MemoryTransaction):
    """Fails to write while told to."""

    full = False

    def check(self, batch, refold):
        if FullDisk.full:
            raise OSError(28, "No space left on device")
        super().check(batch, refold)


class FillingStore(MemoryStore):
    """Writes so."""

    transaction = FullDisk


def test_a_full_disk_stops_the_sequencer_and_a_start_brings_it_back():
    desk = trade.Desk(FillingStore()).open()
    raws = [trade.site("maker", f"s{number}") for number in range(3 * STORE_FAILED_MAX)]
    size = desk.store.head().size
    FullDisk.full = True
    assert set(reasons(desk.sends(*raws))) == {Reason.UNAVAILABLE}
    FullDisk.full = False
    assert set(reasons(desk.sends(*raws))) == {Reason.UNAVAILABLE}, "nothing goes on unasked"
    assert "No space left" in desk.sequencer.stopped or "Poisoned" in desk.sequencer.stopped
    desk.sequencer.start()
    assert set(reasons(desk.sends(*raws))) == {None}
    assert desk.store.head().size == size + len(raws)
    desk.close()


class DoubtfulStore(MemoryStore):
    """A commit that may have happened: it did, and nobody was told."""

    doubtful = False

    def _commit(self, batch, refold):
        super()._commit(batch, refold)
        if DoubtfulStore.doubtful:
            DoubtfulStore.doubtful = False
            raise Doubt("COMMIT failed; it may have happened all the same")


def test_a_commit_in_doubt_is_never_answered_and_is_found_known_after_a_start():
    desk = trade.Desk(DoubtfulStore()).open()
    raws = [trade.site("maker", "a"), trade.site("maker", "b")]
    before = desk.sequencer.head()
    DoubtfulStore.doubtful = True
    assert set(reasons(desk.sends(*raws))) == {Reason.UNAVAILABLE}
    assert desk.sequencer.head() == before, "readers see nothing that was not signed"
    assert desk.store.head().size == before.size + 2
    desk.sequencer.start()
    assert desk.sequencer.head().size == before.size + 2
    assert [outcome.known for outcome in desk.all_in(*raws)] == [True, True]
    desk.close()


def test_another_writer_fences_this_one(store):
    desk = trade.Desk(store).open()
    store.claim()
    assert reasons(desk.sends(trade.site("maker", "a"))) == [Reason.UNAVAILABLE]
    assert desk.sequencer.stopped.startswith("Fenced")
    desk.sequencer.start()
    assert reasons(desk.sends(trade.site("maker", "a"))) == [None]
    desk.close()


def test_times_of_admission_never_decrease_and_a_clock_far_behind_stops_the_sequencer(store):
    desk = trade.Desk(store).open()
    desk.clock.now += 10_000
    (first,) = desk.all_in(trade.site("maker", "a"))
    desk.clock.now -= 2_000
    (second,) = desk.all_in(trade.site("maker", "b"))
    assert second.admitted_at == first.admitted_at == trade.NOW + 10_000
    desk.clock.now -= 1
    assert reasons(desk.sends(trade.site("maker", "c"))) == [Reason.UNAVAILABLE]
    desk.clock.now += DAY_MS // 2
    assert reasons(desk.sends(trade.site("maker", "c"))) == [Reason.UNAVAILABLE], "until it is started again"
    desk.sequencer.start()
    assert reasons(desk.sends(trade.site("maker", "c"))) == [None]
    desk.close()


def test_before_it_is_started_it_turns_everybody_away(store):
    desk = trade.Desk(store)
    assert reasons(desk.sequencer.sequence([trade.site("maker", make=trade.statement)]).result(0)) == [
        Reason.UNAVAILABLE
    ]
    desk.close()


def test_whoever_waits_when_it_stops_is_served_and_whoever_comes_later_is_turned_away(store):
    desk = trade.Desk(store).open()
    waiting = [
        desk.sequencer.sequence([trade.site("maker", f"s{n}", make=trade.statement)]) for n in range(20)
    ]
    desk.sequencer.stop()
    assert [reasons(future.result(0)) for future in waiting] == [[None]] * 20
    assert reasons(desk.sends(trade.site("maker", "late"))) == [Reason.UNAVAILABLE]
    desk.close()
