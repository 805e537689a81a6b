"""What was answered when this statement was admitted, so that it can be answered again?

Sending a statement again gives the receipt it had: whatever has expired or been revoked since, and
however its envelope was signed this time. Reads the log; judges nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from ledger.book.encoding import read_entry
from ledger.book.registry import Opened
from ledger.outcome import Admitted
from ledger.storage.store import Store, StoredEntry
from signing.envelope import Envelope

GAP_ENTRIES_MAX = 32  # entries nobody asked for that are read to save another query
RUN_ENTRIES_MAX = 1_000  # read at once


class _OpenedText(msgspec.Struct, frozen=True, omit_defaults=True):
    discrepancy: str
    kind: str
    chips: int
    counterparty: str | None = None


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(list[_OpenedText])


def opened_text(opened: Sequence[Opened]) -> str:
    """Discrepancies as an entry keeps them; "" for none."""
    if not opened:
        return ""
    texts = [_OpenedText(each.discrepancy, each.kind, each.chips, each.counterparty) for each in opened]
    return _encoder.encode(texts).decode()


def read_opened(text: str) -> tuple[Opened, ...]:
    """The discrepancies an entry keeps."""
    if not text:
        return ()
    return tuple(
        Opened(each.discrepancy, each.kind, each.counterparty, each.chips) for each in _decoder.decode(text)
    )


def recall(store: Store, wanted: Sequence[tuple[int, Envelope]]) -> list[Admitted]:
    """For each index, and the envelope its statement came in this time, what was answered the first time."""
    found: dict[int, StoredEntry] = {}
    for start, stop in _runs(sorted({index for index, _ in wanted})):
        found.update((entry.index, entry) for entry in store.entries(start, stop))
    return [_admitted(found[index], envelope) for index, envelope in wanted]


def admitted_of(entry: StoredEntry) -> Admitted:
    """An entry as the outcome it was."""
    return Admitted(
        entry.index,
        entry.statement,
        entry.leaf_hash,
        entry.admitted_at,
        read_opened(entry.opened),
        known=True,
    )


def _admitted(entry: StoredEntry, sent: Envelope) -> Admitted:
    stored = read_entry(entry.raw)[1]
    outcome = admitted_of(entry)
    if stored == sent:
        return outcome
    return Admitted(
        outcome.index,
        outcome.statement,
        outcome.leaf_hash,
        outcome.admitted_at,
        outcome.opened,
        known=True,
        envelope=stored,
    )


def _runs(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ranges that hold all the indices, few rather than tight."""
    if not indices:
        return
    start = indices[0]
    for index, after in _pairs(indices):
        if after is None or after - index > GAP_ENTRIES_MAX or after - start >= RUN_ENTRIES_MAX:
            yield start, index + 1
            start = index if after is None else after


def _pairs(indices: Sequence[int]) -> Iterable[tuple[int, int | None]]:
    yield from pairwise(indices)
    yield indices[-1], None
