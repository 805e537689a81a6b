"""How is the record read, by somebody who may see some of it?

`chips` tells of chips, `book` of parties, shipments and discrepancies, `record` of entries and proofs,
`inspections` of inspections, `replays` makes files of them; `Lookup` is all of them together. Nothing here
writes.
"""

from collections.abc import Callable

from ledger.lookup.book import Book
from ledger.lookup.chips import Chips
from ledger.lookup.inspections import Inspections
from ledger.lookup.record import Record
from ledger.replay.making import Replays
from ledger.storage.store import Store


class Lookup:
    """All reads. `size` gives the size readers may see, which never lies beyond the floor.

    `published` gives the size of the newest checkpoint that is published, a moment behind.
    """

    def __init__(self, store: Store, size: Callable[[], int], published: Callable[[], int]) -> None:
        self.size = size
        self.book = Book(store)
        self.chips = Chips(store)
        self.record = Record(store, size, published)
        self.inspections = Inspections(store)
        self.replays = Replays(store, size)
