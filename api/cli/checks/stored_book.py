"""Part of `audit`: what does the operator's database say of its book, and whom has it refused?

Tells which book it holds, of which size of the log, and the signed refusals of its journal with what was
refused, as many as an auditor can be expected to judge again. Checks nothing of it.
"""

import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import Protocol

from api.cli.processes.handover import Request, carry_out
from ledger.book.fold import book_digest
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from ledger.storage.store import StoredRefusal

REFUSALS_PER_LOOK = 256
REFUSALS_MAX = 100_000
REFUSALS_BYTES_MAX = 64 * 1024 * 1024  # of notes and bundles


class Journal(Protocol):
    """Where refusals are kept, as `ledger.storage.store.Store` has it."""

    def refusals(self, after: int, limit: int) -> list[StoredRefusal]:
        """Kept refusals by the size they were given at; passes over `after` of them."""


def tell(request: Request) -> None:
    """Print `{"size", "digest", "refusals", "more"}`; size is null where the book moved while it was read.

    A refusal is `[note, bundle in base64]`; more says that further ones are kept.
    """
    store = SqlStore(Sqlite(Path(request["database"])))
    try:
        before = store.head()
        digest = book_digest(store.rows)
        after = store.head()
        refusals, more = read_refusals(store, REFUSALS_MAX, REFUSALS_BYTES_MAX)
    finally:
        store.close()
    still = (before.size, before.root) == (after.size, after.root)
    book = {"size": before.size, "digest": digest} if still else {"size": None}
    sys.stdout.write(json.dumps({**book, "refusals": refusals, "more": more}) + "\n")


def read_refusals(journal: Journal, count_max: int, bytes_max: int) -> tuple[list[tuple[str, str]], bool]:
    """The refusals by size, up to the limits of notes and bundles, and whether there are more."""
    told: list[tuple[str, str]] = []
    room = bytes_max
    while kept := journal.refusals(len(told), REFUSALS_PER_LOOK):
        for one in kept:
            room -= len(one.note) + len(one.bundle)
            if room < 0 or len(told) == count_max:
                return told, True
            told.append((one.note, b64encode(one.bundle).decode()))
    return told, False


if __name__ == "__main__":
    carry_out(tell)
