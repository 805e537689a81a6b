"""What do the rows say about what was drawn, held against the book?

Each row becomes a line of `inspection.found`. A serial that was read is compared with the chip's: another one
is a `mismatch`, and what was read goes along. Nothing is confirmed without a reading, or an answer of the
chip itself. Promises: whatever cannot be said without guessing is a fault of its row. What the book knows is
asked of `Book`, which the caller brings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from api.cli.field.masking import plain_reading
from api.cli.field.returns import Returned
from api.cli.field.visits import EMPTY, Trip, Visit
from api.cli.paperwork.sheets import RowFault
from ledger.book.identifiers import SERIAL, is_chip
from ledger.book.rules.tallies import CONFIRMED, MISMATCH, NOT_FOUND, UNLISTED
from ledger.device.evidence import Examined
from signing.canonical import Unreadable


class Book(Protocol):
    """What is asked of the ledger."""

    def chips_of_serial(self, serial: str) -> Sequence[str]:
        """Every chip with this serial, whoever made it."""

    def knows(self, chip: str) -> bool:
        """Whether the book has the chip."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a chip answered on site: the file, its bytes, and who answered, the nonce already compared."""

    name: str
    octets: bytes
    sha256: str
    found: Examined


@dataclass(frozen=True, slots=True)
class Finding:
    """A line to be said, the row it comes from, and what the office should know of how it came about."""

    row: Returned
    line: Mapping[str, Any]
    answer: Answer | None = None
    said: str = ""


def findings_of(
    trip: Trip, rows: Sequence[Returned], answers: Mapping[int, Answer], book: Book
) -> tuple[list[Finding], list[RowFault]]:
    """The lines, by row, and every row that cannot be one. `answers` are by row number."""
    visits = {visit.reference: visit for visit in trip.visits}
    on_floors = any(visit.is_position for visit in trip.visits)
    found, faults = [], []
    for row in rows:
        try:
            if on_floors and not row.reference:
                raise Unreadable("reference", "positions were drawn: say at which one this was found")
            found.append(_finding(visits, row, answers.get(row.number), book))
        except Unreadable as fault:
            faults.append(RowFault(row.number, f"{fault.field}: {fault.detail}"))
    return found, faults


def _finding(visits: Mapping[str, Visit], row: Returned, answer: Answer | None, book: Book) -> Finding:
    if not row.reference:
        return _off_list(row, book)
    visit = visits.get(row.reference)
    if visit is None:
        raise Unreadable("reference", f"{row.reference[:40]!r} was not drawn in this inspection")
    if row.result not in (*visit.words, UNLISTED):
        raise Unreadable("result", f"{row.result} is not said of what was drawn here")
    if visit.is_position:
        return _at_position(visit, row, book)
    if row.result == UNLISTED:
        raise Unreadable("result", "a drawn chip is on the book: unlisted is for what is not")
    return _of_chip(visit, row, answer)


def _line(row: Returned, **more: Any) -> dict[str, Any]:
    return {"result": row.result, "found_at": row.found_at, **more}


# -- drawn chips


def _of_chip(visit: Visit, row: Returned, answer: Answer | None) -> Finding:
    seen: dict[str, str] = {}
    differs = ""
    if row.seen:
        differs = _other_serial(visit, row)
    if answer is not None:
        seen = {"ik_sha256": answer.found.ik_sha256, "attestation_sha256": answer.sha256}
        if visit.ik_sha256 not in (None, answer.found.ik_sha256):
            differs = differs or f"{answer.name} was answered by another chip than the book has"
    proved = answer is not None and visit.ik_sha256 == answer.found.ik_sha256
    if row.result == CONFIRMED and not row.seen and not proved:
        raise Unreadable("seen_serial", "what was read? Nothing is confirmed without a serial or an answer")
    if row.result == NOT_FOUND and (row.seen or answer is not None):
        raise Unreadable("result", "not_found, and yet something was read there: is it mismatch?")
    result = MISMATCH if differs and row.result == CONFIRMED else row.result
    if result == MISMATCH and not row.seen and answer is None:
        raise Unreadable("seen_serial", "which other serial was read?")
    if result == MISMATCH and row.seen:
        seen["label"] = plain_reading(row.seen)
    said = f"{differs}: told as {MISMATCH}" if result != row.result else ""
    line = _line(row, chip=visit.item) | {"result": result} | ({"seen": seen} if seen else {})
    return Finding(row, line, answer, said)


def _other_serial(visit: Visit, row: Returned) -> str:
    """Why the reading is not this chip's, empty where it is."""
    reading = plain_reading(row.seen)
    known = {plain_reading(one) for one in visit.accepts}
    if reading in known:
        return ""
    bare = reading.lstrip("0")
    if row.result == CONFIRMED and bare and bare in {one.rpartition(":")[2].lstrip("0") for one in known}:
        raise Unreadable(
            "seen_serial",
            f"{row.seen!r} is the chip's but for zeros in front, which spreadsheets take away: "
            "write it as it stands on the chip, or say mismatch",
        )
    return f"{row.seen!r} was read, which is not this chip's"


# -- positions, and what was on no list


def _at_position(visit: Visit, row: Returned, book: Book) -> Finding:
    if row.site != visit.site:
        raise Unreadable("site", f"this position is at {visit.site}")
    if row.result == EMPTY:
        if row.seen:
            raise Unreadable("result", "empty, and yet something was read there")
        return Finding(row, _line(row, position=visit.item) | {"result": CONFIRMED})
    if row.result == CONFIRMED and not row.seen:
        raise Unreadable("seen_serial", f"what stands there? Say {EMPTY} for nothing")
    if not row.seen:
        return Finding(row, _line(row, position=visit.item))
    chip = _chip_read(row.seen, book)
    unknown = row.result == CONFIRMED and not book.knows(chip)
    said = f"{chip} is not on the book: told as {UNLISTED}" if unknown else ""
    line = _line(row, position=visit.item, chip=chip)
    return Finding(row, line | ({"result": UNLISTED} if unknown else {}), None, said)


def _off_list(row: Returned, book: Book) -> Finding:
    chip = plain_reading(row.seen)
    maker, _, serial = chip.partition(":")
    chip = f"{maker.lower()}:{serial}"
    if not is_chip(chip):
        raise Unreadable("seen_serial", f"{row.seen!r} is no <maker>:<serial>, which {UNLISTED} needs")
    if book.knows(chip):
        raise Unreadable("result", f"{chip} is on the book and was not drawn: {UNLISTED} is for what is not")
    return Finding(row, _line(row, chip=chip))


def _chip_read(reading: str, book: Book) -> str:
    """The chip that a reading means; the maker may be left out where one chip alone bears the serial."""
    maker, colon, serial = plain_reading(reading).rpartition(":")
    if SERIAL.fullmatch(serial) is None:
        raise Unreadable("seen_serial", f"{reading!r} is no serial")
    if colon:
        chip = f"{maker.lower()}:{serial}"
        if not is_chip(chip):
            raise Unreadable("seen_serial", f"{reading!r} is no <maker>:<serial>")
        return chip
    bearers = book.chips_of_serial(serial)
    if len(bearers) == 1:
        return bearers[0]
    whose = "nobody's on the book" if not bearers else f"of {', '.join(sorted(bearers)[:3])}"
    raise Unreadable("seen_serial", f"{serial} is {whose}: write <maker>:<serial>")
