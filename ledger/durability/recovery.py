"""May this log grow, or has it lost or changed something that was acknowledged?

Asked once at every start, before a single statement is taken. Whoever holds a receipt or a cosignature holds
the log to it: the log as found must begin with the floor and with every head a witness saw. It must be
under the key it says, and no clock may lie behind its last entry. There is no switch to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.batch.log_keys import LogKeys
from ledger.book.times import format_milliseconds
from ledger.durability.floor import Floor, KeyMissing, ReadOnly
from ledger.log.merkle import RightEdge, edge_from
from ledger.log.proofs import HashSource, root_at
from ledger.storage.store import Head, Store
from signing.canonical import Unreadable

CLOCK_BACK_MILLISECONDS_MAX = 2_000

WHAT_TO_DO = (
    "Put back the missing entries byte for byte from a mirror, or open a new log whose log.opened names "
    "this one and its last head."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The last head of this log somebody outside saw, such as a witness."""

    by: str
    size: int
    root: bytes


def check_floor(head: Head, floor: Floor, source: HashSource) -> None:
    """`KeyMissing` unless the log begins with its floor."""
    try:
        found = floor.read()
    except Unreadable as fault:
        raise ReadOnly(f"The floor cannot be read ({fault}). Put back the newest one you have.") from fault
    if found is None:
        # Only a log killed while it was being opened has an entry and no floor yet.
        if head.size > 1:
            raise ReadOnly(
                f"The log has {head.size} entries and no floor, so nobody can say whether it has lost any. "
                "Put the floor file back, or the whole newest backup."
            )
        return
    _check_seen(head, Seen("the floor", found.size, found.root), source)


def check_folded(head: Head, store: Store) -> None:
    """`ReadOnly` where the book ends before the log does."""
    if store.entries(head.size, head.size + 1):
        raise ReadOnly(
            f"The book ends at entry {head.size}, the log goes on: a rebuilding of the book was interrupted. "
            "Run it again."
        )


def check_seen(head: Head, seen: Sequence[Seen], source: HashSource) -> None:
    """`ReadOnly` unless the log begins with every head that was seen."""
    for each in seen:
        _check_seen(head, each, source)


def _check_seen(head: Head, seen: Seen, source: HashSource) -> None:
    if head.size < seen.size:
        raise ReadOnly(
            f"The log has {head.size} entries, but {seen.by} says {seen.size}: "
            f"{seen.size - head.size} acknowledged entries are missing. {WHAT_TO_DO}"
        )
    if seen.size and root_at(seen.size, source) != seen.root:
        raise ReadOnly(
            f"The first {seen.size} entries are not those {seen.by} knows: the roots differ. {WHAT_TO_DO}"
        )


def checked_edge(head: Head, store: Store) -> RightEdge:
    """The right edge to grow from; `ReadOnly` where tiles and log row disagree."""
    try:
        edge = edge_from(head.size, store.tile)
    except Unreadable as fault:
        raise ReadOnly(f"The tree cannot be read ({fault}). {WHAT_TO_DO}") from fault
    if edge.root() != head.root:
        raise ReadOnly(f"The tree of {head.size} entries has another root than the log row. {WHAT_TO_DO}")
    return edge


def check_keys(keys: LogKeys) -> None:
    """`ReadOnly` unless the operator holds every key this log signs with."""
    missing = keys.missing()
    if missing:
        raise KeyMissing(
            f"This is not the key that signs {keys.origin}, or not every one: give the log "
            f"{' and '.join(missing)}, as log.key or beside it as log.next.key."
        )


def last_admitted_at(head: Head, store: Store, now: int) -> int:
    """When the last entry was admitted, Unix milliseconds; `ReadOnly` where the clock lies behind that."""
    if head.size == 0:
        return now
    (last,) = store.entries(head.size - 1, head.size)
    if now < last.admitted_at - CLOCK_BACK_MILLISECONDS_MAX:
        raise ReadOnly(
            f"The clock says {format_milliseconds(now)}, but the last entry was admitted at "
            f"{format_milliseconds(last.admitted_at)}: set the clock right."
        )
    return last.admitted_at
