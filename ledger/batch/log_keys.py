"""With which keys does the log sign, and does its operator hold them?

The log itself says which key signs, and `log.changed` that from its entry on it is another: from there the
one before signs beside it. Which of the operator's keys sign is so never chosen, and a head signed again
gets the same bytes. Holds the keys; reads no file.
"""

from collections.abc import Iterable, Sequence

from ledger.book.registry import Changes
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import LogSettings
from ledger.book.tables import LOG
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from signing.note import ED25519, make_vkey, parse_vkey
from signing.signer import Signer

NOT_HELD = Rejection(
    Reason.UNAVAILABLE,
    "body.log_key: the operator of this log does not hold that key; it goes beside log.key as log.next.key, "
    "and the server is started again, before this is sent again",
)


class LogKeys:
    """The operator's keys, the first of which signs before the log has said anything."""

    def __init__(self, signers: Sequence[Signer]) -> None:
        self._first = signers[0]
        self._held = {signer.public_key.octets: signer for signer in signers}
        self._said: tuple[LogSettings, ...] = ()

    @property
    def origin(self) -> str:
        """The name of the log; "" before entry 0."""
        return self._said[-1].origin if self._said else ""

    def begin(self, versions: Iterable[LogSettings]) -> None:
        """Take what the log has said of itself so far, in the order of its entries."""
        self._said = tuple(versions)

    def learn(self, versions: Iterable[LogSettings]) -> None:
        """Take what new entries said."""
        self._said += tuple(versions)

    def missing(self) -> list[str]:
        """The vkeys the log signs with now that are not held."""
        return [key for key in self._named(None) if _octets(key) not in self._held]

    def refuse(self, changes: Changes) -> Rejection | None:
        """The refusal of an entry after which the log could not be signed."""
        for settings in changes.rows.get(LOG, ()):
            if _octets(settings.log_key) not in self._held:  # type: ignore[attr-defined]
                return NOT_HELD
        return None

    def signer_at(self, size: int) -> Signer:
        """Who signs for the log of a size where one signature is asked for: the key it then names."""
        return self._signers(size)[0]

    def sign(self, size: int, root: bytes) -> str:
        """The checkpoint of a head, signed by every key it is to be signed by."""
        checkpoint = Checkpoint(self.origin, size, root)
        signers = self._signers(size)
        note = sign_checkpoint(checkpoint, *signers)
        for signer in signers:
            key = make_vkey(self.origin, ED25519, signer.public_key.octets)
            # A device that signed something else would commit the operator to it.
            assert open_checkpoint(note.encode(), key, self.origin) == checkpoint
        return note

    def _signers(self, size: int) -> list[Signer]:
        return [self._held[_octets(key)] for key in self._named(size)] or [self._first]

    def _named(self, size: int | None) -> list[str]:
        """The vkeys that sign in the log of a size, None for now, the present one first."""
        said = [settings for settings in self._said if size is None or settings.changed < size]
        if not said:
            return []
        former = said[-1].former_log_key
        return [said[-1].log_key, *(() if former is None else (former,))]


def _octets(vkey: str) -> bytes:
    return parse_vkey(vkey).public_key
