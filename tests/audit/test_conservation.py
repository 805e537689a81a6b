"""The accounts balance, name their terms, and agree with counting by hand."""

from collections import Counter
from itertools import pairwise

import pytest
from msgspec.structs import replace

from ledger.audit.auditor import audit
from ledger.audit.conservation import Accounts, Axis
from ledger.audit.report import Check
from ledger.book.fold import Fold
from ledger.book.registry import Changes
from ledger.book.rows import Chip
from ledger.book.tables import CHIPS
from tests.audit.build import LOG_KEY, AtOnce, traded


def row(chip, custodian, site, model="m/h100", status="held", **more):
    """A chip's row as far as an account looks at it; `changed` 0: just made."""
    said = {"custodian": custodian, "owner": custodian, "liable": custodian, "site": site, "model": model}
    nothing = dict.fromkeys(("system", "slot", "shipment", "lots", "identity", "last_liable"))
    said |= {"status": status, "born": 0, "changed": 0}
    return Chip(**{"chip": chip, "number": 0, "cls": "B", **nothing, **said, **more})


HELD = row("a:1", "oslo", "o/h")
AGAIN = row("a:1", "oslo", "o/h", changed=2)
MISSING = row("a:1", None, None, status="missing", liable="oslo", changed=1)
CHARGED = row("a:1", None, None, status="missing", liable="acme", changed=1)
REPLACED = row("a:1", None, None, status="replaced", liable=None, last_liable="oslo", changed=1)
UNMADE = row("a:1", None, None, born=-1, changed=1)


def entered(accounts, kind, *rows):
    return accounts.enter(kind, Changes().put(CHIPS, *rows))


def terms(balances, axis, name):
    (balance,) = [each for each in balances if (each.axis, each.name) == (axis, name)]
    assert balance.residual == 0
    return balance.opening, dict(balance.gained), balance.closing, dict(balance.lost)


def test_the_accounts_of_a_story_are_those_counted_by_hand():
    log = traded()
    report = audit(log.published(), log_key=LOG_KEY, workers=AtOnce())
    assert report.clean
    balances = report.balances
    assert terms(balances, Axis.PARTY, "acme") == (
        0,
        {"registered": 6, "received": 1},
        3,
        {"handed_over": 3, "replaced": 1},
    )
    assert terms(balances, Axis.PARTY, "oslo") == (0, {"received": 2}, 1, {"handed_over": 1})
    assert terms(balances, Axis.PARTY, "lima") == (0, {"received": 1}, 1, {})
    assert terms(balances, Axis.SITE, "lima/hall") == (0, {"moved_in": 2}, 1, {"moved_out": 1})
    assert terms(balances, Axis.SITE, "oslo/hall") == (0, {"moved_in": 3}, 1, {"moved_out": 2})
    assert terms(balances, Axis.MODEL, "registrar/h100") == (0, {"registered": 6}, 5, {"replaced": 1})


def test_between_any_two_sizes_one_closing_is_the_next_opening():
    log = traded()
    report = audit(log.published(), log_key=LOG_KEY, workers=AtOnce(), balances_at=(9, 12, 15))
    assert report.clean
    spans = sorted({(each.from_size, each.to_size) for each in report.balances})
    assert spans == [(0, 9), (9, 12), (12, 15), (15, 19)]
    for before, after in pairwise(spans):
        closing = {(b.axis, b.name): b.closing for b in report.balances if (b.from_size, b.to_size) == before}
        opening = {(b.axis, b.name): b.opening for b in report.balances if (b.from_size, b.to_size) == after}
        assert +Counter(closing) == +Counter(opening)


@pytest.mark.parametrize(
    ("kind", "before", "after", "party", "term"),
    [
        ("chips.declared", None, HELD, "oslo", "declared"),
        ("chips.declared", MISSING, AGAIN, "oslo", "recovered"),
        ("chips.declared", UNMADE, HELD, "oslo", "declared"),
        ("chips.registered", UNMADE, HELD, "oslo", "registered"),
        ("discrepancy.answered", MISSING, AGAIN, "oslo", "conceded_in"),
        ("discrepancy.resolved", MISSING, AGAIN, "oslo", "conceded_in"),
        ("discrepancy.answered", HELD, MISSING, "oslo", "missing"),
        ("discrepancy.resolved", HELD, CHARGED, "oslo", "conceded_out"),
        ("chips.registered", HELD, REPLACED, "oslo", "replaced"),
        ("shipment.arrived", HELD, row("a:1", "lima", "l/h", changed=1), "oslo", "handed_over"),
        ("shipment.arrived", HELD, row("a:1", "lima", "l/h", changed=1), "lima", "received"),
        ("chips.retired", HELD, row("a:1", None, None, status="destroyed"), "oslo", "destroyed"),
        ("chips.retired", HELD, MISSING, "oslo", "missing"),
        ("discrepancy.answered", HELD, row("a:1", "lima", "l/h"), "oslo", "conceded_out"),
        ("discrepancy.answered", HELD, row("a:1", "lima", "l/h"), "lima", "conceded_in"),
        ("discrepancy.resolved", None, row("a:2", "lima", "l/h"), "lima", "split_in"),
        ("statement.corrected", HELD, UNMADE, "oslo", "corrected_out"),
        ("statement.corrected", HELD, MISSING, "oslo", "corrected_out"),
        ("statement.corrected", MISSING, AGAIN, "oslo", "corrected_in"),
    ],
)
def test_each_term_stands_on_the_account_it_belongs_to(kind, before, after, party, term):
    accounts = Accounts()
    if before is not None:
        assert entered(accounts, "chips.registered", row("a:1", "oslo", "o/h")) is None
        if before.custodian is None:
            correcting = "statement.corrected" if before is UNMADE else "chips.retired"
            assert entered(accounts, correcting, before) is None
        accounts.strike([before], 1)
    assert entered(accounts, kind, after) is None
    balances = accounts.strike([after], 2)
    (mine,) = [each for each in balances if (each.axis, each.name) == (Axis.PARTY, party)]
    assert dict((*mine.gained, *mine.lost)) == {term: 1}
    assert all(balance.residual == 0 for balance in balances)


def test_another_model_is_reclassified():
    accounts = Accounts()
    entered(accounts, "chips.declared", row("a:1", "oslo", "o/h", model=None))
    accounts.strike([row("a:1", "oslo", "o/h", model=None)], 1)
    known = row("a:1", "oslo", "o/h", model="m/h100")
    assert entered(accounts, "chips.registered", known) is None
    (balance,) = [each for each in accounts.strike([known], 2) if each.axis is Axis.MODEL]
    assert balance.gained == (("reclassified_in", 1),)
    assert balance.residual == 0


def test_a_kind_that_moves_chips_under_no_term_is_said():
    accounts = Accounts()
    entered(accounts, "chips.registered", row("a:1", "oslo", "o/h"))
    assert entered(accounts, "chips.placed", row("a:1", "oslo", "o/attic")) is None
    assert "chips.placed" in entered(accounts, "chips.placed", row("a:1", "lima", "o/attic"))
    assert "site.declared" in entered(accounts, "site.declared", row("a:9", "lima", "l/h"))


class TakesByPlacing(Fold):
    """A book with a defect: placing chips brings another one along."""

    def admit(self, entry):
        verdict = super().admit(entry)
        if entry.index == 11:
            chips = self.registry.of(CHIPS)
            stolen = replace(chips["acme:S005"], custodian="lima")
            self.registry.apply(verdict.put(CHIPS, stolen))
        return verdict


def test_an_entry_that_moves_chips_under_no_term_is_named():
    report = audit(traded().published(), log_key=LOG_KEY, workers=AtOnce(), fold=TakesByPlacing())
    named = {finding.index for finding in report.findings if finding.check is Check.CONSERVATION}
    assert 11 in named


@pytest.mark.parametrize(
    "book",
    [[], [row("a:1", "oslo", "o/h")] * 2, [row("a:1", "lima", "o/h")], [row("a:1", "oslo", "o/attic")]],
    ids=["lost", "doubled", "handed on", "moved"],
)
def test_a_book_that_differs_from_what_was_said_leaves_a_residual(book):
    accounts = Accounts()
    entered(accounts, "chips.registered", row("a:1", "oslo", "o/h"))
    assert any(balance.residual for balance in accounts.strike(book, 1))
