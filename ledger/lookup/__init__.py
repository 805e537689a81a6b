"""How is the record read, by somebody who may see some of it?

`book` tells of chips, parties, shipments and discrepancies, `record` of entries and proofs, `inspections` of
inspections; `Lookup` is the three together. Nothing here writes.
"""

from collections.abc import Callable

from ledger.lookup.book import Book
from ledger.lookup.inspections import Inspections
from ledger.lookup.record import Record
from ledger.storage.store import Store


class Lookup:
    """All reads. `size` gives the size readers may see, which never lies beyond the floor."""

    def __init__(self, store: Store, size: Callable[[], int]) -> None:
        self.size = size
        self.book = Book(store)
        self.record = Record(store, size)
        self.inspections = Inspections(store)
