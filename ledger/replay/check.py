"""Does a replay file hold, and what does each step of it mean?

`replay` goes through the file in the order in which trust is built, and ends with the first thing that does
not hold. No number in the file is believed that can be computed from it. Asks nobody: the log's key and the
beacon's come from the caller, who should have them from their own publishers. Memory is bounded by the
header; the frame is read in one pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ledger.replay.drawing import Redrawn, check_draws
from ledger.replay.entries import Known, check_entries
from ledger.replay.flaws import Broken, Flaw, Step, Told
from ledger.replay.form import HEADER_BYTES_MAX, Header, read_header
from ledger.replay.story import check_story
from signing.canonical import Unreadable
from signing.note import VerifierKey


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and the first thing that does not hold, None where all does."""

    inspection: str | None
    log: str | None
    steps: tuple[Step, ...]
    broken: Broken | None


def replay(file: BinaryIO, log_key: VerifierKey | None = None, beacon_key: str | None = None) -> Report:
    """The report on a file opened for reading bytes; `beacon_key` in lower-case hex."""
    try:
        header = read_header(file.readline(HEADER_BYTES_MAX + 1))
    except Unreadable as fault:
        return Report(None, None, (), Broken("file", Flaw.UNREADABLE, str(fault)))
    steps: list[Step] = []
    broken: Broken | None = None
    for told in _all_steps(header, file, log_key, beacon_key):
        if isinstance(told, Broken):
            broken = told
            break  # what follows a check stands on what it found
        steps.append(told)
    return Report(header.inspection, header.log, tuple(steps), broken)


def _all_steps(
    header: Header, file: BinaryIO, log_key: VerifierKey | None, beacon_key: str | None
) -> Iterator[Told]:
    known, redrawn = Known(), Redrawn()
    yield from check_entries(header, known, log_key)
    yield from check_draws(header, file, known, redrawn, beacon_key)
    yield from check_story(known, redrawn)
