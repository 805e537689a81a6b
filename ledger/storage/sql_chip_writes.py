"""How do the chips of a batch reach the database?

Their versions packed, a row or a few an entry; and a number a chip, that of its present version, put where
the number stood that judge saw. What the writer knows of chips is brought up to what it writes.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, update

from ledger.book.rows import Chip
from ledger.storage.layout import Access, Phrase, Phrasebook
from ledger.storage.packs import FIRST, bound_of, packed
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
    last = {row.number: known[row.chip][1] for row in updates}
    latest: dict[int, Chip] = {}
    packs: list[tuple[int, bytes]] = []
    for index, written in groupby(versions, _changed):
        rows = sorted(written, key=_number)
        numbers = list(map(_number, rows))
        if len(set(numbers)) != len(rows):
            raise Doubt(f"chip_version: entry {index} wrote a chip twice")
        first = bound_of(index)
        packs += packed(index, rows, [last.get(number, FIRST) for number in numbers])
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
    if access.recent is not None:
        pointed = map(last.__getitem__, map(_number, now))
        access.recent.keep(dict(zip(map(_name, now), zip(now, pointed, strict=True), strict=True)))


def _known(access: Access, rows: Sequence[Chip]) -> Mapping[str, Known]:
    """Chips about to be updated, as they are; `Doubt` where one is not there."""
    known = ChipRows(access).known(set(map(_name, rows)))
    for row in rows:
        held = known.get(row.chip)
        if held is None or held[0].number != row.number:
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
        (was, version), number, custodian = known[row.chip], row.number, row.custodian
        if was.custodian == custodian:
            stayed.append((last[number], number, version))
        else:
            moved.append((custodian, last[number], number, version))
    point, hand_over = phrases.made("point", lambda: POINT), phrases.made("hand over", lambda: HAND_OVER)
    assert hand_over.order == ("to_custodian", *point.order) == ("to_custodian", *POINTED)
    send(point, stayed, "chip updated")
    send(hand_over, moved, "chip updated")
