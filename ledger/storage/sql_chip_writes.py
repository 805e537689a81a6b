"""How do the chips of a batch reach the database?

Their versions packed, a row or a few an entry; and a number a chip, that of its present version, put where
the number stood that judge saw; and a mark for what a chip can be found by that no other table tells. What
the writer knows of chips is brought up to what it writes.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, text, update

from ledger.book.rows import Chip
from ledger.storage.layout import Access, Phrase, Phrasebook
from ledger.storage.marks import marks_of
from ledger.storage.packs import FIRST, bound_of, named_since, packed
from ledger.storage.recent import Known
from ledger.storage.sql_chips import CHIP, PACK, ChipRows
from ledger.storage.store import Doubt

Send = Callable[[Phrase, list[tuple[Any, ...]], str], None]

POINT = (
    update(CHIP)
    .where(CHIP.c.number == bindparam("of_number"), CHIP.c.version == bindparam("of_version"))
    .values(version=bindparam("to_version"))
)
POINTED = ("to_version", "of_number", "of_version")
# A chip may take up again what it bore before.
MARK_CHIP = text("INSERT INTO chip_mark (mark, number) VALUES (:mark, :number) ON CONFLICT DO NOTHING")
HAND_OVER = POINT.values(custodian=bindparam("to_custodian"))

_changed, _number, _name = attrgetter("changed"), attrgetter("number"), attrgetter("chip")
_required = attrgetter("chip", "number", "cls", "status", "born", "changed")


def write_chips(
    access: Access, inserts: Sequence[Chip], updates: Sequence[Chip], versions: Sequence[Chip], send: Send
) -> None:
    """New chips, chips that were there before, and every version of both, in order of their entries.

    `send` a statement with its rows, to be counted. `Doubt` where a value is missing, a chip is not there
    under its number, or a chip's last version is not what it is said to be now.
    """
    if None in chain.from_iterable(map(_required, versions)):
        raise Doubt("chip: a value is missing")
    known = _known(access, updates)
    last = {row.number: known[row.chip].version for row in updates}
    named = {row.number: known[row.chip].named for row in updates}
    latest = {row.number: known[row.chip].row for row in updates}
    packs: list[tuple[int, bytes]] = []
    marks: set[tuple[int, int]] = set()
    for index, written in groupby(versions, _changed):
        rows = sorted(written, key=_number)
        numbers = list(map(_number, rows))
        if len(set(numbers)) != len(rows):
            raise Doubt(f"chip_version: entry {index} wrote a chip twice")
        first = bound_of(index)
        named.update(
            (row.number, named_since(named.get(row.number, ""), row.custodian, row.owner, row.liable))
            for row in rows
        )
        befores = [last.get(number, FIRST) for number in numbers]
        packs += packed(index, rows, befores, [named[number] for number in numbers])
        for row in rows:
            marks.update((mark, row.number) for mark in marks_of(row, latest.get(row.number)))
        last.update(zip(numbers, range(first, first + len(rows)), strict=True))
        latest.update(zip(numbers, rows, strict=True))
    now = [*inserts, *updates]
    if list(map(latest.get, map(_number, now))) != now:
        raise Doubt("chip: a row that is not its last version")
    phrases = access.phrases
    born = [(row.number, row.chip, row.custodian, last[row.number]) for row in inserts]
    send(phrases.insert(CHIP, ("number", "chip", "custodian", "version")), born, "chip inserted")
    _point(phrases, updates, known, last, send)
    send(phrases.insert(PACK, ("version", "rows")), packs, "chip_version inserted")
    if marks:
        mark = phrases.made("mark", lambda: MARK_CHIP)
        assert mark.order == ("mark", "number")
        access.connection.exec_driver_sql(mark.text, sorted(marks))
    if access.recent is not None:
        access.recent.keep({row.chip: Known(row, last[row.number], named[row.number]) for row in now})


def _known(access: Access, rows: Sequence[Chip]) -> Mapping[str, Known]:
    """Chips about to be updated, as they are; `Doubt` where one is not there."""
    known = ChipRows(access).known(set(map(_name, rows)))
    for row in rows:
        held = known.get(row.chip)
        if held is None or held.row.number != row.number:
            raise Doubt("chip updated: a row is missing under that number")
    return known


def _point(
    phrases: Phrasebook,
    rows: Sequence[Chip],
    known: Mapping[str, Known],
    last: Mapping[int, int],
    send: Send,
) -> None:
    """Put the numbers of the present versions where those stood that judge saw."""
    stayed, moved = [], []
    for row in rows:
        (was, version, _), number, custodian = known[row.chip], row.number, row.custodian
        if was.custodian == custodian:
            stayed.append((last[number], number, version))
        else:
            moved.append((custodian, last[number], number, version))
    point, hand_over = phrases.made("point", lambda: POINT), phrases.made("hand over", lambda: HAND_OVER)
    assert hand_over.order == ("to_custodian", *point.order) == ("to_custodian", *POINTED)
    send(point, stayed, "chip updated")
    send(hand_over, moved, "chip updated")
