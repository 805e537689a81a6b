"""What knocks here: a statement, something known, or nothing that may come in?

The steps before the sequencer, in the order of the contract: envelope, key, signature, known, payload. Pure
work on the bytes of one client and on keys in memory, so that any number of threads may do it at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.batch.declined import Declined
from ledger.batch.recall import recall
from ledger.book import law
from ledger.book.encoding import Bundle, read_bundle
from ledger.book.rejection import Reason, Rejection
from ledger.book.statement import Statement
from ledger.entrance.verifiers import Signed
from ledger.outcome import Admitted, Refused
from ledger.sequencer import Sequencer
from ledger.storage.store import Store
from signing.canonical import TooLarge, Unreadable
from signing.envelope import Unsigned


@dataclass(frozen=True, slots=True)
class Stranger:
    """A bundle signed by a key nobody knows yet."""

    bundle: Bundle


Looked = Statement | Admitted | Refused | Stranger


class Door:
    """Looks at what clients send."""

    def __init__(
        self, store: Store, sequencer: Sequencer, verifiers: Callable[[Sequence[Signed]], list[bool]]
    ) -> None:
        self._store = store
        self._sequencer = sequencer
        self._verifiers = verifiers

    def look(self, raw: bytes, *, heavy: bool = False) -> Looked:
        """What one bundle is. `heavy`: hashing its lines costs more than asking whether it is known."""
        return self.look_at_all((raw,), heavy=heavy)[0]

    def look_at_all(self, raws: Sequence[bytes], *, heavy: bool = False) -> list[Looked]:
        """What each bundle is, in order; their signatures are checked together."""
        read = [_read(raw) for raw in raws]
        signed: dict[int, Signed] = {}
        for place, found in enumerate(read):
            if isinstance(found, Bundle):
                envelope = found.envelope
                key = self._sequencer.keys.get(envelope.key_id)
                if key is not None:
                    signed[place] = key, envelope.pae(), envelope.signature
        good = dict(zip(signed, self._verifiers(tuple(signed.values())), strict=True))
        looked: list[Looked] = []
        for place, found in enumerate(read):
            if isinstance(found, Refused):
                looked.append(found)
            elif place in good:
                looked.append(self._enter(found, good=good[place], heavy=heavy))
            else:
                looked.append(Stranger(found))
        return looked

    def look_at(self, bundle: Bundle, *, heavy: bool = False) -> Looked:
        """What a bundle is that could be read."""
        envelope = bundle.envelope
        key = self._sequencer.keys.get(envelope.key_id)
        if key is None:
            return Stranger(bundle)
        (good,) = self._verifiers(((key, envelope.pae(), envelope.signature),))
        return self._enter(bundle, good=good, heavy=heavy)

    def _enter(self, bundle: Bundle, *, good: bool, heavy: bool) -> Looked:
        if not good:
            fault = Rejection(Reason.BAD_SIGNATURE, "sig does not fit payload and key")
            return Refused(fault, bundle.envelope.id())
        if heavy and (known := self._known(bundle)) is not None:
            return known
        try:
            return law.read_statement(bundle)
        except Unreadable as fault:
            # What was admitted could be read: this is it again, with lines that are not its own.
            return self._known(bundle) or self._declined(bundle, rejection_of(fault))

    def _known(self, bundle: Bundle) -> Admitted | None:
        statement = bundle.envelope.id()
        index = self._store.known((statement,)).get(statement)
        # Committed is not yet acknowledged: what lies above the head is the sequencer's to answer.
        if index is None or index >= self._sequencer.head().size:
            return None
        return recall(self._store, [(index, bundle.envelope)])[0]

    def _declined(self, bundle: Bundle, rejection: Rejection) -> Declined:
        return Declined(
            rejection,
            bundle.envelope.id(),
            key_id=bundle.envelope.key_id,
            at_size=self._sequencer.head().size,
            judged_at=self._sequencer.clock(),
        )


def _read(raw: bytes) -> Bundle | Refused:
    try:
        return read_bundle(raw)
    except Unreadable as fault:
        return Refused(rejection_of(fault))


def unknown_key(stranger: Stranger) -> Refused:
    """The refusal for a key nobody knows."""
    envelope = stranger.bundle.envelope
    return Refused(Rejection(Reason.UNKNOWN_KEY, "keyid: no such key was ever enrolled"), envelope.id())


def rejection_of(fault: Unreadable) -> Rejection:
    """Why what cannot be read is refused."""
    match fault:
        case TooLarge():
            reason = Reason.TOO_LARGE
        case Unsigned():
            reason = Reason.UNSIGNED
        case _:
            reason = Reason.MALFORMED
    return Rejection(reason, str(fault))
