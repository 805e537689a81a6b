"""How do the chips of a batch reach the database?

Their versions packed, a row or a few an entry; and a number a chip, that of its present version, put where
the number stood that judge saw. What the writer knows of chips is brought up to what it writes.
"""

from collections.abc import Callable, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from ledger.book.rows import Chip
from ledger.storage.layout import Access, Phrase
from ledger.storage.packs import FIRST, bound_of, packed
from ledger.storage.sql_chips import CHIP, PACK
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
    before = _present(access, updates)
    last = {row.number: before[row.chip][1] for row in updates}
    latest: dict[int, Chip] = {}
    packs: list[tuple[int, bytes]] = []
    for index, written in groupby(versions, _changed):
        rows = sorted(written, key=_number)
        numbers = [row.number for row in rows]
        first = bound_of(index)
        packs += packed(index, rows, [last.get(number, FIRST) for number in numbers])
        last.update(zip(numbers, range(first, first + len(rows)), strict=True))
        latest.update(zip(numbers, rows, strict=True))
        if len(set(numbers)) != len(rows):
            raise Doubt(f"chip_version: an entry wrote a chip twice, {index}")
    now = (*inserts, *updates)
    if any(latest.get(row.number) != row for row in now):
        raise Doubt("chip: a row that is not its last version")
    phrases = access.phrases
    born = [(row.number, row.chip, row.custodian, last[row.number]) for row in inserts]
    send(phrases.insert(CHIP, ("number", "chip", "custodian", "version")), born, "chip inserted")
    stayed, moved = [], []
    for row in updates:
        was, version = before[row.chip]
        if was == row.custodian:
            stayed.append((last[row.number], row.number, version))
        else:
            moved.append((row.custodian, last[row.number], row.number, version))
    point, hand_over = phrases.made("point", lambda: POINT), phrases.made("hand over", lambda: HAND_OVER)
    assert hand_over.order == ("to_custodian", *point.order) == ("to_custodian", *POINTED)
    send(point, stayed, "chip updated")
    send(hand_over, moved, "chip updated")
    send(phrases.insert(PACK, ("version", "rows")), packs, "chip_version inserted")
    if access.recent is not None:
        pointed = [last[row.number] for row in now]
        access.recent.keep(dict(zip(map(_name, now), zip(now, pointed, strict=True), strict=True)))


def _present(access: Access, rows: Sequence[Chip]) -> dict[str, tuple[str | None, int]]:
    """Of chips about to be updated the custodian and the version; `Doubt` where one is not there."""
    chips = list(map(_name, rows))
    known = {} if access.recent is None else access.recent.known(chips)
    present = {chip: (row.custodian, version) for chip, (row, version) in known.items()}
    numbers = {chip: row.number for chip, (row, _) in known.items()}
    if len(present) < len(set(chips)):
        phrase = access.phrases.made("chips present", lambda: _present_of_keys(access))
        missing = set(chips) - present.keys()
        for chip, number, custodian, version in access.phrased(
            phrase, access.database.key_parameters(missing, 1)
        ):
            present[chip], numbers[chip] = (custodian, version), number
    if any(numbers.get(row.chip) != row.number for row in rows):
        raise Doubt("chip updated: a row is missing under that number")
    return present


def _present_of_keys(access: Access) -> Select[Any]:
    keys = access.database.key_set((str,))
    found = keys.source.join(CHIP, CHIP.c.chip == keys.columns[0])
    return select(CHIP.c.chip, CHIP.c.number, CHIP.c.custodian, CHIP.c.version).select_from(found)
