"""Whose key is this, of all keys the log ever enrolled?

Kept in memory by the sequencer, because a signature is checked before anything is looked up. That a key is
here says nothing about whether it is valid where an entry lands: that is the law's question.
"""

from collections.abc import Iterable

from ledger.book.rows import Key


class KeyRing:
    """Key id to public key and to the party it belongs to for ever. It only grows; reading needs no lock."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}
        self.speakers: dict[str, str] = {}

    def learn(self, keys: Iterable[Key]) -> None:
        """Take in keys the log enrolled."""
        for key in keys:
            self.speakers[key.key_id] = key.party
            self.keys[key.key_id] = bytes.fromhex(key.public_key)
