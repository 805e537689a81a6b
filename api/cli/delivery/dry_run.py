"""Would these statements be admitted, and if not, why?

Reads each as the door does and, where a ledger's address is told, has it judge each against the book as it
is. Nothing is written anywhere.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from api.cli.delivery.courier import Delivery, read_parcels, reason_of
from api.cli.paperwork.doubts import doubts, serial_fault
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import progress, warn
from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from ledger.book.statement import Statement
from signing.canonical import Unreadable

DOUBTS_SAID_MAX = 100  # about the serials of one statement


def dry_run(files: Sequence[Path], url: str | None) -> list[dict[str, Any]]:
    """A verdict for each statement of the files, what cannot be read first; doubts are said on the way."""
    found: list[dict[str, Any]] = []
    delivery = Delivery()
    parcels = [parcel for file in files for parcel in read_parcels(file, delivery)]
    found += [_verdict(one.file, one.line, one.statement, one.reason, one.detail) for one in delivery.refused]
    with ExitStack() as stack:
        client = None if url is None else stack.enter_context(LedgerClient(url))
        bar = stack.enter_context(progress("checking", len(parcels)))
        for parcel in parcels:
            fault = _look(parcel.raw)
            opened = None
            if fault is None and client is not None:
                fault, opened = _ask(client, parcel.raw)
            reason, detail = fault or ("", "")
            verdict = _verdict(parcel.file, parcel.line, parcel.envelope.id(), reason, detail)
            found.append(verdict if opened is None else verdict | {"discrepancies": opened})
            bar.advance()
    return found


def _look(raw: bytes) -> tuple[str, str] | None:
    """What is wrong with a bundle before any book is asked; doubts are said on the way."""
    try:
        statement = read_statement(read_bundle(raw))
    except Unreadable as fault:
        return reason_of(fault), str(fault)
    _doubt(statement)
    rejection = statement.fault
    return None if rejection is None else (rejection.reason.value, rejection.detail)


def _doubt(statement: Statement) -> None:
    serials = [line.chip.partition(":")[2] for line in statement.lines]
    for doubt in [why for serial in serials if (why := serial_fault(serial))][:DOUBTS_SAID_MAX]:
        warn(doubt)
    for doubt in doubts(serials):
        warn(doubt)


def _ask(client: LedgerClient, raw: bytes) -> tuple[tuple[str, str] | None, int | None]:
    """Why the ledger would refuse, or how many discrepancies admission would open."""
    status, answer = client.post_bundle(raw, dry_run=True)
    if "would" in answer:
        return None, (answer.get("discrepancies") or {}).get("count", 0)
    return (str(answer.get("reason", status)), str(answer.get("detail", ""))), None


def _verdict(file: Path, line: int, statement: str, reason: str, detail: str) -> dict[str, Any]:
    verdict = {
        "file": str(file),
        "line": line,
        "statement": statement,
        "would": "refused" if reason else "admitted",
    }
    return verdict | ({"reason": reason, "detail": detail} if reason else {})
