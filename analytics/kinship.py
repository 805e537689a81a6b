"""Who stands above whom, from each of these entries on?

What a batch says of parents and of suspected affiliations becomes rows of ancestors, in the transaction that
takes the batch in: the one fold that SQL without recursion cannot do.
"""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from analytics.ancestry import Above, Families, Rank
from analytics.feed import NUMBER, TEXT, TRUTH, columns_of, typed
from analytics.warehouse import Warehouse
from ledger.book.rows import Affiliation, Party, Row
from ledger.book.tables import AFFILIATIONS, PARTIES, Table

R = TypeVar("R", bound=Row)

ABOVE_TABLE = "ancestor_version"
ABOVE_COLUMNS = (
    *typed(TEXT, "party", "ancestor", "basis"),
    ("depth", NUMBER),
    ("is_ultimate", TRUTH),
    ("changed", NUMBER),
)
PARENTS = """
    SELECT party, parent FROM record.party_version AS v
    WHERE v.changed < $start AND NOT EXISTS (
        SELECT 1 FROM record.party_version AS w
        WHERE w.party = v.party AND w.changed > v.changed AND w.changed < $start
    )
    ORDER BY born, party
"""
SUSPECTED = "SELECT parties FROM record.affiliation_version WHERE changed < $start"


class Versions(Protocol):
    """What is read of a `Store` here."""

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop, by index."""


def fold_kin(source: Versions, warehouse: Warehouse, start: int, after: int) -> None:
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
    warehouse.append(ABOVE_TABLE, columns_of(ABOVE_COLUMNS, told))


def _above_row(
    above: Above, rank: Rank | None, changed: int
) -> tuple[str, str, str, int | None, bool | None, int]:
    return (*above, *(rank or (None, None)), changed)
