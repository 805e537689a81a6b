"""What came out of a fab, and what became of it that is no chip? The law of `lot.produced` and `lot.used`.

Counts only: a fab's word and its customer's, which the chips that name a lot are held against in a report.
A use beyond what the lot gave is recorded like any other.
"""

from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_party
from ledger.book.records.fabrication import BANKED, LOST, OTHER_PRODUCT, LotProduced, LotUsed
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Lot
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_counts,
    check_name,
    check_own_id,
    check_word,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import LOTS, PARTIES
from signing.canonical import INTEGER_MAX

OUTCOMES = (LOST, BANKED, OTHER_PRODUCT)


def check_production(statement: Statement) -> Rejection | None:
    """What needs only the statement: an id of the fab's own, and no more good units than units."""
    body = statement.body
    assert isinstance(body, LotProduced)
    return earliest(
        check_own_id(statement, "lot", body.lot),
        check_name("body.product", body.product),
        check_counts(wafers=body.wafers, gross_units=body.gross_units, good_units=body.good_units),
        None if body.good_units <= body.gross_units else bad_field("body.good_units are over gross_units"),
        None if is_party(body.for_party) else bad_field("body.for_party is no party id"),
    )


def needs_production(statement: Statement) -> Needs:
    """Whether the id is free; for whom it was made."""
    body = statement.body
    assert isinstance(body, LotProduced)
    return Needs().rows(LOTS, (body.lot,)).rows(PARTIES, (body.for_party,))


def judge_production(registry: Registry, entry: Entry) -> Verdict:
    """A new lot, none of it used."""
    body: LotProduced = entry.body
    if registry.get(LOTS, body.lot) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.lot: {body.lot} is produced already")
    if registry.get(PARTIES, body.for_party) is None:
        return unknown("body.for_party", body.for_party)
    lot = Lot(
        body.lot,
        entry.party,
        body.product,
        body.for_party,
        body.wafers,
        body.gross_units,
        body.good_units,
        0,
        0,
        0,
        entry.index,
        entry.index,
    )
    return Changes().put(LOTS, lot)


def check_use(statement: Statement) -> Rejection | None:
    """What needs only the statement: a known word, one die or more."""
    body = statement.body
    assert isinstance(body, LotUsed)
    return earliest(
        None if is_named(body.lot) else bad_field("body.lot is no <party>/<name>"),
        check_word("body.outcome", body.outcome, OUTCOMES),
        None if body.count >= 1 else bad_field("body.count is 1 or more"),
    )


def needs_use(statement: Statement) -> Needs:
    """The lot."""
    body = statement.body
    assert isinstance(body, LotUsed)
    return Needs().rows(LOTS, (body.lot,))


def early_use(registry: Registry, entry: Entry) -> Rejection | None:
    """A sum that no statement could say. A lot of others is `unknown_reference`, whatever its sums."""
    body: LotUsed = entry.body
    lot = _lot_of_speaker(registry, entry)
    if lot is None or getattr(lot, body.outcome) + body.count <= INTEGER_MAX:
        return None
    return bad_field(f"body.count: with what was said before, over {INTEGER_MAX}")


def _lot_of_speaker(registry: Registry, entry: Entry) -> Lot | None:
    """The lot, where the speaker acts for its fab or for whom it was made."""
    lot = registry.get(LOTS, entry.body.lot)
    if lot is None or acts_for(registry, entry.party).isdisjoint((lot.fab, lot.for_party)):
        return None
    return lot


def judge_use(registry: Registry, entry: Entry) -> Verdict:
    """So many dies more that are no chips and will be none."""
    body: LotUsed = entry.body
    fault = early_use(registry, entry)
    if fault is not None:
        return fault
    lot = _lot_of_speaker(registry, entry)
    if lot is None:
        return unknown("body.lot", body.lot)
    used = {body.outcome: getattr(lot, body.outcome) + body.count}
    return Changes().put(LOTS, replace(lot, **used, changed=entry.index))


RULES = (
    Rule("lot.produced", needs_production, judge_production, check_production, roles=frozenset({"fab"})),
    Rule("lot.used", needs_use, judge_use, check_use, early=early_use),
)
