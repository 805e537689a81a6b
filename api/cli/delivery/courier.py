"""How do signed files reach a ledger, every statement once, whatever breaks on the way?

Reads bundles, skips those whose receipts are held and good, posts the rest in order, checks each receipt
before it is written down. May be stopped anywhere and started again: what was admitted and not written down
comes back as known. One request is on its way while the receipts of the one before are checked.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.cli.checks.receipt_check import ReceiptCheck, ReceiptFile
from api.cli.remote.chunking import LINES_PER_REQUEST, chunks
from api.cli.remote.client import LedgerClient
from ledger.book.encoding import Bundle, read_bundle
from ledger.book.rejection import Reason
from signing.canonical import TooLarge, Unreadable, encode, read_object
from signing.envelope import Envelope, Unsigned

SENT_FILE_BYTES_MAX = 4 * 1024 * 1024 * 1024
TRANSIENT = frozenset({Reason.TOO_FAST.value, Reason.UNAVAILABLE.value})
TRANSIENT_PAUSE_S = 1.0
BAD_RECEIPT = "bad_receipt"

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A bundle of a file, at its line (a file of one bundle has line 1)."""

    file: Path
    line: int
    raw: bytes
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that is not in the log, or whose receipt is worthless (`bad_receipt`)."""

    file: Path
    line: int
    statement: str
    reason: str
    detail: str


@dataclass(slots=True)
class Delivery:
    """What became of the statements."""

    admitted: int = 0
    known: int = 0
    held: int = 0  # receipts that were there before
    discrepancies: int = 0
    refused: list[Refused] = field(default_factory=list)


def read_parcels(path: Path, delivery: Delivery) -> list[Parcel]:
    """The bundles of a file; what is none is noted as refused, without asking anybody."""
    if path.stat().st_size > SENT_FILE_BYTES_MAX:
        raise TooLarge(str(path), f"over {SENT_FILE_BYTES_MAX:,} bytes")
    parcels = []
    for number, raw in bundle_texts(path):
        try:
            bundle = read_bundle(raw)
            parcels.append(Parcel(path, number, _on_one_line(raw, bundle), bundle.envelope))
        except Unreadable as fault:
            delivery.refused.append(Refused(path, number, "", reason_of(fault), str(fault)))
    if not parcels and not delivery.refused:
        raise Unreadable(str(path), "the file is empty")
    return parcels


def bundle_texts(path: Path) -> Iterator[tuple[int, bytes]]:
    """Bundles with their line numbers: of `.ndjson` and `.jsonl` a line each, of others the whole file."""
    raw = path.read_bytes()
    if path.suffix not in (".ndjson", ".jsonl"):
        if raw.strip():
            yield 1, raw
        return
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if line.strip():
            yield number, line


def reason_of(fault: Unreadable) -> str:
    """The reason the door gives for what cannot be read."""
    if isinstance(fault, Unsigned):
        return Reason.UNSIGNED.value
    return Reason.TOO_LARGE.value if isinstance(fault, TooLarge) else Reason.MALFORMED.value


def _on_one_line(raw: bytes, bundle: Bundle) -> bytes:
    """The bundle as an NDJSON line: other people's files may be spread over many."""
    if b"\n" not in raw.strip() and b"\r" not in raw.strip():
        return raw.strip()
    lines = (
        None
        if bundle.manifest is None
        else tuple(encode(read_object(one, "line")) for one in bundle.manifest)
    )
    return Bundle(bundle.envelope, lines, bundle.attestations).raw()


class Courier:
    """Delivers parcels of one file after another."""

    def __init__(
        self,
        client: LedgerClient,
        check: ReceiptCheck,
        *,
        wait_s: float,
        lines_per_request: int = LINES_PER_REQUEST,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wait_s`: how long statements are offered again that the server has no room for at the moment."""
        self._client = client
        self._check = check
        self._wait_s = wait_s
        self._lines_per_request = lines_per_request
        self._sleep = sleep
        self._now = now

    def deliver(
        self, parcels: Sequence[Parcel], book: ReceiptFile, delivery: Delivery, advance: Advance
    ) -> None:
        """Send one file's parcels in order, and keep their receipts in `book`."""
        held = book.read()
        waiting = []
        for parcel in parcels:
            receipt = held.get(parcel.envelope.id())
            # A receipt that fails is asked for again: the file may have been damaged.
            if receipt is not None and self._check.fault(parcel.envelope, receipt) is None:
                delivery.held += 1
                advance(1)
            else:
                waiting.append(parcel)
        deadline = self._now() + self._wait_s
        while waiting:
            waiting = self._round(waiting, book, delivery, advance, last=self._now() >= deadline)
            if waiting:
                self._sleep(TRANSIENT_PAUSE_S)

    def _round(
        self,
        parcels: Sequence[Parcel],
        book: ReceiptFile,
        delivery: Delivery,
        advance: Advance,
        *,
        last: bool,
    ) -> list[Parcel]:
        """Offer all parcels once. What is left from the first that found no room on comes back."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="post") as post:
            asked: tuple[list[Parcel], Future[list[dict[str, Any]]]] | None = None
            runs = chunks(parcels, lambda parcel: len(parcel.raw), self._lines_per_request)
            for chunk in [*runs, None]:
                answers = None if asked is None else asked[1].result()
                sent = None if asked is None else asked[0]
                if chunk is not None and (last or not _found_no_room(answers)):
                    asked = chunk, post.submit(self._client.post_lines, [parcel.raw for parcel in chunk])
                if sent is None or answers is None:
                    continue
                done = self._settle(sent, answers, book, delivery, advance, last=last)
                if done < len(sent):
                    return list(parcels[parcels.index(sent[done]) :])
        return []

    def _settle(
        self,
        sent: Sequence[Parcel],
        answers: Sequence[dict[str, Any]],
        book: ReceiptFile,
        delivery: Delivery,
        advance: Advance,
        *,
        last: bool,
    ) -> int:
        """Check and write down the answers; how many parcels are done with."""
        good = []
        done = len(sent)
        for place, (parcel, answer) in enumerate(zip(sent, answers, strict=True)):
            problem = answer.get("problem") or {}
            if answer.get("status") == "refused" and problem.get("reason") in TRANSIENT and not last:
                # Later statements may stand on this one, so all of them wait for it.
                done = place
                break
            receipt = answer.get("receipt")
            if answer.get("status") not in ("admitted", "known") or not isinstance(receipt, dict):
                said = (
                    str(problem.get("reason", "unavailable")),
                    str(problem.get("detail", "no receipt came")),
                )
                delivery.refused.append(Refused(parcel.file, parcel.line, parcel.envelope.id(), *said))
                continue
            fault = self._check.fault(parcel.envelope, receipt)
            if fault is not None:
                refused = Refused(parcel.file, parcel.line, parcel.envelope.id(), BAD_RECEIPT, fault)
                delivery.refused.append(refused)
                continue
            good.append(receipt)
            delivery.admitted += answer["status"] == "admitted"
            delivery.known += answer["status"] == "known"
            delivery.discrepancies += (receipt.get("discrepancies") or {}).get("count", 0)
        book.append(good)
        advance(done)
        return done


def _found_no_room(answers: Sequence[dict[str, Any]] | None) -> bool:
    return any((answer.get("problem") or {}).get("reason") in TRANSIENT for answer in answers or ())
