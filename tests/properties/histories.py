"""Whole histories: which move comes next, with whose key, and how long after the one before.

`history(seed, length)` is one. Half the steps come in breaths: several statements at one time, so that a
door may take them as one batch. Only kinds the law offers are spoken.
"""

from dataclasses import replace
from itertools import groupby
from random import Random

from ledger.book import law
from tests.properties import moves_people as people
from tests.properties import moves_trade as trade
from tests.properties.moves_trade import rarely
from tests.properties.script import Author
from tests.properties.slow_law import SlowLaw
from tests.world_speech import signer_of

WEIGHTS = {
    "chips.registered": (trade.registers, 8),
    "chips.declared": (trade.declares, 8),
    "chips.placed": (trade.places, 6),
    "chips.retired": (trade.retires, 6),
    "shipment.dispatched": (trade.dispatches, 14),
    "shipment.arrived": (trade.arrives, 16),
    "shipment.cancelled": (trade.cancels, 4),
    "title.offered": (trade.offers, 6),
    "title.accepted": (trade.accepts, 5),
    "title.withdrawn": (trade.withdraws, 2),
    "stocktake.declared": (trade.counts, 9),
    "chips.sighted": (trade.sights, 7),
    "party.enrolled": (people.enrols, 1),
    "party.changed": (people.changes_party, 3),
    "key.added": (people.adds_key, 4),
    "key.revoked": (people.revokes_key, 2),
    "log.changed": (people.changes_log, 1),
    "affiliation.noted": (people.notes_affiliation, 1),
    "claim.noted": (people.notes_claim, 1),
    "book.sealed": (people.seals, 1),
    "model.listed": (people.lists_model, 1),
    "site.declared": (people.declares_site, 2),
    "lot.produced": (people.makes_lot, 3),
    "lot.used": (people.uses_lot, 2),
    "discrepancy.answered": (people.answers, 12),
    "discrepancy.resolved": (people.resolves, 6),
    "statement.corrected": (people.corrects, 8),
}
SIGNERS = 6  # `oslo`, `oslo#1` to `oslo#6`
DAY_S = 86_400


def history(seed, length, twin=SlowLaw, rekeys=True):
    """So many steps after everybody has settled. `rekeys`: the log may change its key, too."""
    random = Random(seed)
    author = Author(random, twin).settles(key_delay_s=random.choice([0, 60, 604_800]))
    offered = {kind: pair for kind, pair in WEIGHTS.items() if kind in law.RULES}
    kinds, weights = [*offered], [weight for _, weight in offered.values()]
    pauses = random.choice([[0, 0, 1, 1, 7], [0] * 12 + [1, 1, 7]])  # short breaths or long ones
    goal = len(author.steps) + length
    while len(author.steps) < goal:
        author.waits(random.choice(pauses) * (DAY_S if rarely(random, 12) else 1))
        if rarely(random, 60):
            author.waits(8 * DAY_S)
        if rarely(random, 60):
            author.repeats(random.choice(author.steps[1:]))
            continue
        (kind,) = random.choices(kinds, weights)
        make = people.lifts if rarely(random, 25) else offered[kind][0]
        move = make(random, author.book)
        if move is not None and move.kind == "log.changed" and not rekeys:
            move.body.pop("log_key", None)
        if move is not None and move.party not in ("mute", "nobody"):
            author.says(_dressed(random, author.book, move))
    return author


def _dressed(random, book, move):
    """With somebody's key, now and then a reference, another log, other times."""
    names = [move.party, *(f"{move.party}#{n}" for n in range(1, SIGNERS + 1))]
    keys = [name for name in names if signer_of(name).public_key.hex in book.keys]
    if rarely(random, 4) and keys:
        move = replace(move, by=random.choice(keys))
    if signer_of(move.party).public_key.hex not in book.keys and keys:
        move = replace(move, by=keys[0])
    if rarely(random, 80):
        move = replace(move, by=random.choice(["oslo", "acme", "stranger", "registrar"]))
    if rarely(random, 15):
        move = replace(move, reference=random.choice(["PO-1", "PO-2", "PO-3"]))
    if rarely(random, 150):
        move = replace(move, log="ledger.example/other")
    if rarely(random, 100):
        move = replace(move, occurred_in_s=random.choice([-DAY_S, 600, 601]))
    if rarely(random, 100):
        move = replace(move, expires_in_s=random.choice([-1, 400 * DAY_S, 401 * DAY_S]))
    return move


def breaths(steps):
    """Steps said at one time, together; entry 0 alone."""
    yield steps[:1]
    for _, group in groupby(steps[1:], key=lambda step: step.now_ms):
        yield list(group)
