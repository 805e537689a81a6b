"""How does the log answer for what it refuses?

A statement with a good signature that is refused is refused over the log's own signature: which statement,
why, when, and in the book of which size, so that anybody with the bundle can judge it again. The journal
keeps them for their author, bounded, so that a flood of one kind cannot push out another.
"""

from collections import Counter
from threading import Lock
from typing import Any

from ledger.batch.declined import Declined
from ledger.book.rejection import CHIPS_NAMED_MAX, Reason
from ledger.book.times import format_seconds
from ledger.log.proofs import HashSource, root_at
from ledger.outcome import Refused
from ledger.sequencer import Sequencer
from ledger.storage.store import (
    DAY_MILLISECONDS,
    REFUSALS_PER_PARTY_REASON_DAY_MAX,
    Store,
    StoredRefusal,
)
from signing.canonical import encode
from signing.envelope import REFUSAL_TYPE, Envelope, seal

BUNDLE_KEPT_BYTES_MAX = 1024 * 1024  # larger ones are their author's to keep

TITLES: dict[Reason, str] = {
    Reason.MALFORMED: "The request cannot be read",
    Reason.TOO_LARGE: "The request exceeds a limit",
    Reason.UNSIGNED: "The statement is not signed",
    Reason.UNKNOWN_KEY: "The key is not one of this party's here",
    Reason.BAD_SIGNATURE: "The signature is bad",
    Reason.TOO_FAST: "Too many requests",
    Reason.UNAVAILABLE: "The log takes no statements now",
}
TITLE_OF_OTHERS = "The statement is refused"


class RefusalDesk:
    """Signs refusals and keeps them. Any thread may come."""

    def __init__(self, store: Store, sequencer: Sequencer) -> None:
        self._store = store
        self._sequencer = sequencer
        self._hashes = HashSource(store.tile)
        self._lock = Lock()
        self._day = 0
        self._shares: Counter[tuple[str, str]] = Counter()

    def sign(self, declined: Declined, bundle: bytes) -> Refused:
        """The refusal with its note, of what came as `bundle`."""
        assert declined.statement is not None
        sequencer, reason = self._sequencer, declined.rejection.reason
        # Never opened, or not with this key; or it may contradict what was signed of it before.
        if not sequencer.origin or not sequencer.vouched:
            return Refused(declined.rejection, declined.statement)
        said = {
            "log": sequencer.origin,
            "statement": declined.statement,
            "reason": reason.value,
            "refused_at": format_seconds(_replayable_seconds(reason, declined.judged_at)),
            "at": {
                "size": declined.at_size,
                "root": root_at(declined.at_size, self._hashes).hex(),
            },
        }
        note = seal(sequencer.signer(declined.at_size), REFUSAL_TYPE, encode(said))
        if reason is Reason.UNAVAILABLE:  # nothing was found against it: there is nothing to read later
            return Refused(declined.rejection, declined.statement, note=note)
        refusal = note.id()
        self._keep(declined, refusal, note, sequencer.speakers.get(declined.key_id, ""), bundle)
        return Refused(declined.rejection, declined.statement, refusal, note)

    def _keep(self, declined: Declined, refusal: str, note: Envelope, party: str, bundle: bytes) -> None:
        """Keep it under the party whose key signed, whoever the statement says is speaking."""
        rejection = declined.rejection
        if not self._has_share(party, rejection.reason, declined.judged_at // DAY_MILLISECONDS):
            return
        self._store.refuse(
            StoredRefusal(
                refusal,
                declined.statement or "",
                party,
                rejection.reason.value,
                rejection.detail,
                encode(list(rejection.chips)).decode(),
                declined.judged_at,
                declined.at_size,
                encode(note.as_object()).decode(),
                bundle if len(bundle) <= BUNDLE_KEPT_BYTES_MAX else b"",
            )
        )

    def _has_share(self, party: str, reason: Reason, day: int) -> bool:
        """Whether there may be room, without asking the store: a flood must not cost a commit each."""
        with self._lock:
            if day != self._day:
                self._day = day
                self._shares.clear()
            self._shares[party, reason.value] += 1
            return self._shares[party, reason.value] <= REFUSALS_PER_PARTY_REASON_DAY_MAX


def _replayable_seconds(reason: Reason, judged_at: int) -> int:
    """Whole seconds at which judging again gives the same: what is past by a moment is past at its end."""
    return -(-judged_at // 1000) if reason is Reason.EXPIRED else judged_at // 1000


def problem_object(refused: Refused) -> dict[str, Any]:
    """The members of the contract's `application/problem+json`."""
    rejection = refused.rejection
    problem: dict[str, Any] = {
        "type": f"urn:chipledger:refusal:{rejection.reason.value}",
        "title": TITLES.get(rejection.reason, TITLE_OF_OTHERS),
        "status": rejection.status,
        "reason": rejection.reason.value,
        "detail": rejection.detail,
    }
    if rejection.chips:
        problem["chips"] = list(rejection.chips[:CHIPS_NAMED_MAX])
        problem["count"] = len(rejection.chips)
    if refused.statement is not None:
        problem["statement"] = refused.statement
    if refused.refusal is not None:
        problem["refusal"] = refused.refusal
    if refused.note is not None:
        problem["refusal_note"] = refused.note.as_object()
    return problem
