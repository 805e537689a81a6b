"""Would the law itself, which needs no book to see it, find fault with this bundle?

Asks the reader the door asks, and translates what it says about manifest lines into the rows of the file
they come from. Knows nothing of what the ledger holds: that is the dry run's question.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from api.cli.paperwork.sheets import RowFault
from ledger.book.encoding import Bundle
from ledger.book.law import RULES, read_statement
from ledger.book.statement import Statement
from signing.canonical import Unreadable

MANIFEST_LINE = re.compile(r"manifest line ([0-9]+)")
FIRST_LINE = "manifest line 1"


def proofread(bundle: Bundle, numbers: Sequence[int]) -> list[RowFault]:
    """Every bad row, or the fault of the whole (number 0). `numbers` are the rows of the lines as sorted."""
    try:
        statement = read_statement(bundle)
    except Unreadable as fault:
        return [RowFault(0, in_rows(str(fault), numbers))]
    if statement.fault is None:
        return []
    rows = _bad_rows(statement, numbers)
    return rows or [
        RowFault(0, f"{statement.fault.reason.value}: {in_rows(statement.fault.detail, numbers)}")
    ]


def in_rows(text: str, numbers: Sequence[int]) -> str:
    """The text, with rows of the file where it says lines of the manifest."""

    def row(found: re.Match[str]) -> str:
        place = int(found[1])
        return f"row {numbers[place - 1]}" if 1 <= place <= len(numbers) else found[0]

    return MANIFEST_LINE.sub(row, text)


def _bad_rows(statement: Statement, numbers: Sequence[int]) -> list[RowFault]:
    """Each line judged alone: the rule stops at the first bad one, a person wants them all."""
    check = RULES[statement.kind].check
    found = []
    for number, line in zip(numbers, statement.lines, strict=False):
        fault = check(replace(statement, lines=(line,)))
        if fault is not None and fault.detail.startswith(FIRST_LINE):
            found.append(RowFault(number, fault.detail.removeprefix(FIRST_LINE).lstrip(": ")))
    return sorted(found)
