"""The whole law of the book a second time, plainly: what is said, in; why not, or what follows, out.

`SlowLaw.hear` takes a statement as a plain object (`Said`) and its time of admission. Every fault a
statement has is collected; the one that stands first in the contract's list is given.
"""

from dataclasses import dataclass

from tests.properties import (
    slow_chips,
    slow_corrections,
    slow_disputes,
    slow_people,
    slow_seen,
    slow_things,
    slow_trade,
)
from tests.properties.slow_book import Book, seen_text

REASONS = [
    "unknown_key",
    "wrong_log",
    "expired",
    "bad_time",
    "bad_field",
    "manifest_mismatch",
    "suspended",
    "wrong_role",
    "reference_reused",
    "id_taken",
    "unknown_reference",
    "chip_exists",
    "identity_taken",
    "not_held",
    "not_owned",
    "in_transit",
    "ended",
    "offered_already",
    "shipment_closed",
    "needs_shipment",
    "built_upon",
]
OBSERVATIONS = {
    "affiliation.noted", "chips.declared", "shipment.arrived", "stocktake.declared", "chips.sighted",
    "claim.noted", "book.sealed",
}  # fmt: skip
HEARD_WHILE_SUSPENDED = OBSERVATIONS | {"discrepancy.answered"}
ROLES = {
    "log.changed": {"registrar"},
    "model.listed": {"registrar"},
    "party.enrolled": {"registrar"},
    "party.changed": {"registrar"},
    "book.sealed": {"registrar"},
    "affiliation.noted": {"verifier"},
    "lot.produced": {"fab"},
    "chips.registered": {"maker"},
    "chips.declared": {"holder", "maker"},
    "shipment.arrived": {"holder", "maker"},
    "stocktake.declared": {"holder", "maker"},
    "claim.noted": {"analyst", "verifier"},
    "discrepancy.resolved": {"verifier", "registrar"},
}
DAY_S = 86_400


FAMILIES = (slow_people, slow_things, slow_chips, slow_trade, slow_seen, slow_disputes, slow_corrections)


@dataclass(frozen=True)
class Said:
    """A statement as its reader sees it. `key` is the signer's public key, `lines` in their order."""

    id: str
    party: str
    kind: str
    body: dict
    lines: tuple[dict, ...] | None
    key: str
    occurred_s: int
    expires_s: int
    reference: str | None = None
    log_is_ours: bool = True


@dataclass(frozen=True)
class Answer:
    """What the speaker is told: a reason, or the place in the log and (kind, counterparty, chips)."""

    reason: str | None
    index: int | None = None
    opened: tuple = ()
    known: bool = False


class SlowLaw:
    """Judges against a book of its own."""

    def __init__(self):
        self.book = Book()
        self.rules = {}
        for family in FAMILIES:
            self.rules |= family.RULES

    def opens(self, said, now_ms):
        """Entry 0, taken as it is."""
        book = self.book
        book.now_ms = now_ms
        slow_people.open_log(book, said)
        self._keep(said, [], [])
        return Answer(None, 0)

    def hear(self, said, now_ms):
        """The answer; the book is changed where it may stand."""
        book = self.book
        book.now_ms = now_ms
        if said.key not in book.keys:
            return Answer("unknown_key")
        if said.id in book.statements:
            first = book.statements[said.id]
            return Answer(None, first["index"], first["opened"], known=True)
        if self._key_is_wrong(said):
            return Answer("unknown_key")
        faults_of, apply = self.rules[said.kind]
        faults = [*self._faults(said), *faults_of(book, said)]
        if faults:
            return Answer(min(faults, key=REASONS.index))
        book.journal, book.mentions = {}, set()
        told, names = apply(book, said) or ([], [])
        return self._keep(said, told, names)

    def _keep(self, said, told, names):
        book = self.book
        kept = {"kind": said.kind, "party": said.party, "index": book.index, "opened": tuple(told)}
        kept |= {"names": names, "journal": book.journal, "mentions": book.mentions, "corrected": False}
        book.statements[said.id] = kept
        if said.reference is not None:
            book.references.add((said.party, said.reference))
        book.index += 1
        return Answer(None, kept["index"], kept["opened"])

    def _key_is_wrong(self, said):
        book = self.book
        key, now_s = book.keys[said.key], book.now_ms // 1000
        return (
            key["party"] != said.party
            or book.index < key["from"]
            or (key["to"] is not None and book.index >= key["to"])
            or (key["not_before"] is not None and now_s < key["not_before"])
            or (key["until"] is not None and now_s >= key["until"])
            or (key["until"] is not None and said.kind == "key.added")
            or (key["kinds"] is not None and said.kind not in key["kinds"])
            or (key["sites"] is not None and said.body.get("site") not in key["sites"])
        )

    def _faults(self, said):
        book = self.book
        now_s = book.now_ms // 1000
        if not said.log_is_ours:
            yield "wrong_log"
        if book.now_ms > said.expires_s * 1000:
            yield "expired"
        if said.expires_s > now_s + 400 * DAY_S or said.occurred_s > now_s + 600:
            yield "bad_time"
        keys = [(line["chip"], seen_text(line.get("seen"))) for line in said.lines or ()]
        if len(set(keys)) < len(keys):
            yield "manifest_mismatch"
        for line in said.lines or ():
            named = [(line.get("identity") or {}), (line.get("seen") or {})]
            if any("attestation_sha256" in each for each in named):
                yield "manifest_mismatch"  # no evidence travels here
        if book.parties[said.party]["suspended"] and said.kind not in HEARD_WHILE_SUSPENDED:
            yield "suspended"
        if said.kind in ROLES and not ROLES[said.kind] & book.roles(said.party):
            yield "wrong_role"
        if (said.party, said.reference) in book.references:
            yield "reference_reused"
