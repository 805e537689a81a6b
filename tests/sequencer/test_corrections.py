"""What is taken back was never there, in whichever batch, and whoever folds the log finds the same book."""

import pytest

from ledger.batch.sitting import Sitting
from ledger.book.encoding import Bundle, read_entry
from ledger.book.fold import Fold
from ledger.book.law import read_statement
from ledger.book.rejection import Reason
from ledger.book.rows import UNMADE
from ledger.book.statement import Entry
from ledger.book.tables import CHIPS, SITES, SLOTS
from ledger.outcome import Would
from ledger.refold import refold
from ledger.sequencer import Sequencer
from ledger.storage.memory import MemoryStore
from tests.sequencer import trade
from tests.sequencer.test_refold import everything

NAMES = trade.chips(0, 3)


@pytest.fixture(params=trade.STORES)
def desk(request, tmp_path):
    """A log at work, `commits` of which are counted."""
    steps = []
    desk = trade.Desk(trade.STORES[request.param](tmp_path), steps=steps.append).open()
    desk.steps = steps
    yield desk
    desk.close()


def corrected(first, party="maker", **more):
    """The party takes back the statement with this id."""
    return trade.raw("statement.corrected", party, {"corrects": first, "reason": "a slip"}, **more)


def id_of(make, *args, **kwargs):
    """The id of a statement that one of the verbs of `trade` makes."""
    return make(*args, make=trade.statement, **kwargs).statement_id


def reasons(outcomes):
    return [getattr(getattr(outcome, "rejection", None), "reason", None) for outcome in outcomes]


def folded(store):
    """The digest of the log as an auditor folds it."""
    fold = Fold()
    for stored in store.entries(0, 10_000):
        admitted_at, envelope = read_entry(stored.raw)
        lines = store.manifest(stored.index) if stored.lines else None
        statement = read_statement(Bundle(envelope, lines, None))
        verdict = fold.admit(Entry(stored.index, admitted_at, statement))
        assert hasattr(verdict, "rows"), verdict
    return fold.digest()


def made_unmade_and_made_again(desk):
    """Seven statements at once: each correction corrects one of the same knock; the commits they took."""
    first, place = id_of(trade.registered, NAMES), id_of(trade.placed, "maker", {NAMES[0]: "a"})
    before = desk.steps.count("committed")
    outcomes = desk.sends(
        trade.registered(NAMES),
        corrected(first),
        trade.registered(NAMES, at=trade.TODAY - 1),
        trade.placed("maker", {NAMES[0]: "a"}),
        corrected(place),
        trade.placed("maker", {NAMES[1]: "a"}),
        trade.site("oslo", "late"),
    )
    return outcomes, desk.steps.count("committed") - before


def test_a_correction_waits_for_what_it_corrects_and_the_book_is_as_if_it_had_not_been_said(desk):
    outcomes, commits = made_unmade_and_made_again(desk)
    assert reasons(outcomes) == [None] * 7 and commits == 3
    indices = [each.index for each in outcomes]
    assert indices == list(range(indices[0], indices[0] + 7)) and not any(each.known for each in outcomes)
    chips = {row.chip: row for row in desk.store.rows(CHIPS)}
    assert [chips[name].born for name in NAMES] == [indices[2]] * 3
    assert [chips[name].slot for name in NAMES] == [None, "a", None]
    past = desk.store.history(CHIPS, NAMES[0])
    assert [row.born for row in past[:3]] == [indices[0], UNMADE, indices[2]]
    assert len({row.number for row in past}) == 1
    assert desk.store.find(CHIPS, {}, indices[1] + 1, None, 9) == []
    assert [row.chip for row in desk.store.rows(SLOTS)] == [NAMES[1]]
    assert folded(desk.store) == everything(desk.store)[0]


def test_the_book_folded_again_is_the_same_byte_for_byte(desk):
    made_unmade_and_made_again(desk)
    site = id_of(trade.site, "oslo", "late")
    desk.all_in(corrected(site, "oslo"), trade.site("oslo", "late", country="SE"))
    desk.sequencer.stop()
    before = everything(desk.store)
    refold(desk.store)
    assert everything(desk.store) == before and folded(desk.store) == before[0]
    assert [row.country for row in desk.store.rows(SITES) if row.site == "oslo/late"] == ["SE"]
    desk.sequencer.start()
    again = desk.sends(corrected(site, "oslo"))[0]
    assert again.known  # what was said is told again, whatever became of it


def test_taken_back_twice_in_one_knock_it_is_taken_back_once(desk):
    first = id_of(trade.registered, NAMES)
    outcomes = desk.sends(trade.registered(NAMES), corrected(first), corrected(first, at=trade.TODAY - 1))
    assert reasons(outcomes) == [None, None, Reason.BUILT_UPON]
    assert folded(desk.store) == everything(desk.store)[0]


def test_a_dry_run_knows_what_was_said(desk):
    first = id_of(trade.registered, NAMES)
    asked = corrected(first)
    assert desk.admission.dry_run(asked).rejection.reason is Reason.UNKNOWN_REFERENCE
    size = desk.all_in(trade.registered(NAMES))[0].index + 1
    would = desk.admission.dry_run(asked)
    assert isinstance(would, Would) and would.index_at_least == size
    assert len(list(desk.store.rows(CHIPS))) == 3
    assert desk.all_in(asked)[0].index == size
    assert desk.admission.dry_run(corrected(first, at=trade.TODAY - 1)).rejection.reason is Reason.BUILT_UPON


class Impatient(Sitting):
    """Hears whatever comes, at once."""

    def must_wait(self, statement):  # noqa: ARG002
        return False


class ImpatientSequencer(Sequencer):
    """Sits so."""

    sitting = Impatient


def test_the_control_an_impatient_sequencer_does_not_know_what_was_said_a_moment_ago():
    desk = trade.Desk(MemoryStore(), sequencer=ImpatientSequencer).open()
    outcomes = desk.sends(trade.registered(NAMES), corrected(id_of(trade.registered, NAMES)))
    assert reasons(outcomes) == [None, Reason.UNKNOWN_REFERENCE]
    desk.close()


class Stumbling(Sitting):
    """The law stumbles in one round of what a statement needs; `late`: once others were heard."""

    round = ""
    late = False

    def _follow(self, statement):
        self._stumble("follow", statement)
        return super()._follow(statement)

    def _reach(self, statement):
        self._stumble("reach", statement)
        return super()._reach(statement)

    def _stumble(self, where, statement):
        if where == self.round and self._moved >= self.late and statement.text.reference == "poison":
            raise ZeroDivisionError("a bug in a rule")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("where", ["follow", "reach"])
def test_a_statement_that_is_poison_in_any_round_is_put_aside_alone(where, late):
    sitting = type("Stumbler", (Stumbling,), {"round": where, "late": late})
    desk = trade.Desk(MemoryStore(), sequencer=type("Sits", (Sequencer,), {"sitting": sitting})).open()
    raws = [trade.site("maker", f"s{number}") for number in range(9)]
    raws[4] = trade.site("maker", "s4", reference="poison")
    told = reasons(desk.sends(*raws))
    # Alone in a batch nobody was heard before it: then nothing is asked a second time.
    assert [place for place, reason in enumerate(told) if reason] == ([] if late else [4])
    assert desk.sequencer.stopped is None
    desk.close()
