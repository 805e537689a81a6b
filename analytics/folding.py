"""What follows from a batch of entries that no row of the book says by itself?

To whom an entry speaks, of which chips it speaks without moving them, which of those it confirms, what a
count came to, and who stands above whom. Each is a text in `folds/`, run in the transaction that takes the
batch in, on what is there of it and of what came before: so the same log gives the same rows, however it was
cut into batches.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from analytics.ancestry import Above, Families, Rank
from analytics.feed import NUMBER, TEXT, TRUTH, columns_of, typed
from analytics.observations import JUDGED, Observed, may_speak_of_others, parts_of
from analytics.warehouse import Warehouse
from ledger.book.rows import Affiliation, Party, Row
from ledger.book.tables import AFFILIATIONS, PARTIES, STOCKTAKES, Table
from ledger.storage.store import StoredEntry

R = TypeVar("R", bound=Row)

FOLDER = Path(__file__).parent / "folds"
FOLDS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sql"))}
ORDER = ("counterparty", "known", "mention", "confirmation", "stocktake")  # each may build on those before

ABOVE_INSERT = "INSERT INTO record.ancestor_version BY NAME SELECT * FROM incoming"
ABOVE_COLUMNS = (
    *typed(TEXT, "party", "ancestor", "basis"),
    ("depth", NUMBER),
    ("is_ultimate", TRUTH),
    ("changed", NUMBER),
)
MOVED = "SELECT changed, COUNT(*) FROM record.chip_version WHERE changed >= ? GROUP BY changed"
SPOKEN = """
    SELECT
        (SELECT COUNT(*) FROM record.discrepancy_chip_version WHERE changed >= $start)
        + (SELECT COUNT(*) FROM record.transfer_version WHERE changed >= $start)
        + (SELECT COUNT(*) FROM record.correction_version WHERE born >= $start)
"""
PARENTS = """
    SELECT party, parent FROM record.party_version AS v
    WHERE v.changed < $start AND NOT EXISTS (
        SELECT 1 FROM record.party_version AS w
        WHERE w.party = v.party AND w.changed > v.changed AND w.changed < $start
    )
    ORDER BY born, party
"""
SUSPECTED = "SELECT parties FROM record.affiliation_version WHERE changed < $start"


class Manifests(Protocol):
    """What is read of a `Store` here."""

    def manifest(self, index: int) -> tuple[bytes, ...]:
        """The lines of the entry at an index, empty where it has none."""

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop, by index."""


def fold_kin(source: Manifests, warehouse: Warehouse, start: int, after: int) -> None:
    """Who stands above whom from each of these entries on."""
    news: list[Party | Affiliation] = [
        *source.versions(PARTIES, start, after),
        *source.versions(AFFILIATIONS, start, after),
    ]
    if not news:
        return
    parents = dict(warehouse.ask(PARENTS, {"start": start}))
    families = Families(parents, (row[0].split() for row in warehouse.ask(SUSPECTED, {"start": start})))
    told: list[tuple[str, str, str, int | None, bool | None, int]] = []
    for row in sorted(news, key=lambda row: row.changed):
        changes = (
            families.place(row.party, row.parent)
            if isinstance(row, Party)
            else families.suspect(row.parties.split())
        )
        told += (_above_row(above, rank, row.changed) for above, rank in sorted(changes.items()))
    warehouse.append(ABOVE_INSERT, columns_of(ABOVE_COLUMNS, told))


def _above_row(
    above: Above, rank: Rank | None, changed: int
) -> tuple[str, str, str, int | None, bool | None, int]:
    return (*above, *(rank or (None, None)), changed)


def fold_batch(source: Manifests, warehouse: Warehouse, start: int, entries: list[StoredEntry]) -> None:
    """What the entries from `start` on say, once they, their versions and `fold_kin` are there."""
    moved = dict(warehouse.ask(MOVED, [start]))
    observed, after = Observed(), start + len(entries)
    for entry in entries:
        if may_speak_of_others(entry, moved.get(entry.index, 0)):
            observed.hear(entry, source.manifest(entry.index))
    for row in source.versions(STOCKTAKES, start, after):
        if row.state == JUDGED and row.born >= 0:
            observed.count(row, (source.manifest(index) for index in parts_of(row)))
    is_spoken = observed.said or observed.judged or warehouse.ask(SPOKEN, {"start": start}) != [(0,)]
    # Where nothing is said of the past, none of it has to be looked at.
    settled = warehouse.standing().settled if is_spoken else after
    warehouse.fold([FOLDS[name] for name in ORDER], observed.tables(), {"start": start, "settled": settled})
