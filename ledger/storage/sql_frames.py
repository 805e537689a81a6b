"""How is a frame of millions read from a database?

By marks: whatever a party ever had, or answered for while it was missing, bears one that leads to it. So a
frame costs what its own provers ever had, however many chips others have. Versions are followed and decoded
some at a time; what is kept of each is a few bytes in a column.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from ledger.book.frame import Frame
from ledger.book.frame_columns import FrameMaker
from ledger.book.framing import belongs
from ledger.book.registry import HELD_PART, FrameKey
from ledger.storage.layout import ROWS_FETCHED, Access
from ledger.storage.marks import mark_of_holder, mark_of_liable
from ledger.storage.packs import bound_of
from ledger.storage.sql_chips import CHIP, MARK, ChipRows


def chips_frame(access: Access, key: FrameKey) -> Frame:
    """Which chips could be drawn; no more than `ROWS_FETCHED` of them are decoded at once."""
    held = key.part == HELD_PART
    mark = mark_of_holder if held else mark_of_liable
    phrase = access.phrases.made(f"maybe in a frame: {key.part}", partial(_maybe, access, held=held))
    keys = access.database.key_parameters([(mark(party), party) for party in key.provers], 2)
    found = access.passing(phrase, {**keys, "bound": bound_of(key.at_index)})
    chips, maker = ChipRows(access), FrameMaker()
    # A chip may bear the marks of several provers, but at one time only one of them has it.
    for prover, versions in _some_of_each(found):
        provers = frozenset((prover,))
        for chip in chips.standing(versions, key.at_index):
            if belongs(chip, provers, key.part):
                maker.add(chip.chip, chip.site, chip.model, chip.cls)
    return maker.done()


def _maybe(access: Access, *, held: bool) -> Select[Any]:
    """Party and present version of each chip that bears its mark, but those it certainly had not then."""
    keys = access.database.key_set((int, str))
    mark, party = keys.columns
    now = CHIP.c.custodian == party if held else CHIP.c.custodian.is_(None)
    marked = keys.source.join(MARK, MARK.c.mark == mark).join(CHIP, CHIP.c.number == MARK.c.number)
    # Of the past the present custodian says something only where nothing came since.
    maybe = or_(now, CHIP.c.version >= bindparam("bound"))
    return select(party, CHIP.c.version).select_from(marked).where(maybe)


def _some_of_each(rows: Iterable[tuple[str, int]]) -> Iterator[tuple[str, list[int]]]:
    """Versions by party, at most `ROWS_FETCHED` of one party at a time."""
    for party, found in groupby(rows, itemgetter(0)):
        versions = map(itemgetter(1), found)
        while some := list(islice(versions, ROWS_FETCHED)):
            yield party, some
