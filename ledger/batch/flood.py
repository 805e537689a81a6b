"""Has this party opened as many discrepancies today as one may?

An observation is never refused for disagreeing with the book, and what it says of chips that others answer
for opens discrepancies, which they then have to answer. Those freeze nothing, but a party that means harm
could fill the book with them. So the operator sets how many chips of others one party may dispute in a day of
UTC, by admission. The law knows nothing of it: what was admitted stands, and an audit does not ask. The count
is taken from the book at every start, so that starting again gives nobody more.

What a party says against itself harms nobody, but an empty count of a great stock is a few words that fill
the book with as many absences as there are chips: of these there is a limit too, and a wide one.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable

from ledger.book.encoding import MANIFEST_LINES_MAX
from ledger.book.registry import Changes
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import Discrepancy
from ledger.book.tables import DISCREPANCIES
from ledger.storage.store import DAY_MILLISECONDS, Batch, Store

Refuse = Callable[[Changes], Rejection | None]

CHIPS_PER_PARTY_DAY = 10_000
OWN_CHIPS_PER_PARTY_DAY = MANIFEST_LINES_MAX  # at least; said against oneself

Who = tuple[str, bool]  # a party, and whether it is the other side too


class Flood:
    """Counts by party, of one day. `most` chips a party and day, 0 without limit. Written by one thread.

    A party that is below the limit may pass it with one statement, so that a statement larger than the limit
    can be admitted at all; but none disputes more than a whole manifest beyond it, except against itself.
    """

    def __init__(self, most: int = CHIPS_PER_PARTY_DAY) -> None:
        self._most = most
        self._counted: tuple[int, Counter[Who]] = (-1, Counter())  # day, chips by party: replaced as one

    def begin(self, store: Store, size: int, now: int) -> None:
        """Count what was opened today, `now` in Unix milliseconds, in the first `size` entries of a log."""
        disputed: Counter[Who] = Counter()
        if self._most:
            midnight = now // DAY_MILLISECONDS * DAY_MILLISECONDS
            first = bisect_left(range(size), midnight, key=lambda index: _admitted_at(store, index))
            self._count(disputed, store.versions(DISCREPANCIES, first, size))
        self._counted = now // DAY_MILLISECONDS, disputed

    def sitting(self, now: int, also: Refuse) -> Refuse:
        """What a sitting at this time asks before it takes an entry in: something else, and then this."""
        before, here = self._on(now), Counter[Who]()

        def refuse(changes: Changes) -> Rejection | None:
            return also(changes) or self._refuse(before, here, changes)

        return refuse

    def learn(self, batch: Batch, now: int) -> None:
        """Take what was committed at this time."""
        disputed = Counter(self._on(now))
        self._count(disputed, batch.versions.get(DISCREPANCIES, ()))  # type: ignore[arg-type]
        self._counted = now // DAY_MILLISECONDS, disputed

    def _on(self, now: int) -> "Counter[Who]":
        """What was counted of the day of this moment."""
        day, disputed = self._counted
        return disputed if day == now // DAY_MILLISECONDS else Counter()

    def _refuse(self, before: "Counter[Who]", here: "Counter[Who]", changes: Changes) -> Rejection | None:
        new: Counter[Who] = Counter()
        self._count(new, changes.rows.get(DISCREPANCIES, ()))  # type: ignore[arg-type]
        if not self._most or not new:
            return None
        for (party, is_own), chips in new.items():
            today = before[party, is_own] + here[party, is_own]
            most = max(self._most, OWN_CHIPS_PER_PARTY_DAY) if is_own else self._most
            if today >= most or (today + chips > most + MANIFEST_LINES_MAX and not is_own):
                whose = "its own" if is_own else "others"
                told = f"{today} chips of {whose} disputed today, and {chips} more here; a day has {most}"
                return Rejection(Reason.TOO_FAST, told)
        here.update(new)
        return None

    def _count(self, into: "Counter[Who]", rows: Iterable[Discrepancy]) -> None:
        """Chips of discrepancies that these rows open, by who observed, those against themselves apart."""
        for row in rows:
            if row.born == row.changed:
                into[row.observer, row.counterparty == row.observer] += row.chips


def seconds_to_next_day(now: int) -> int:
    """Whole seconds until the day after that of `now`, Unix milliseconds, begins."""
    return (DAY_MILLISECONDS - now % DAY_MILLISECONDS + 999) // 1000


def _admitted_at(store: Store, index: int) -> int:
    (entry,) = store.entries(index, index + 1)
    return entry.admitted_at
