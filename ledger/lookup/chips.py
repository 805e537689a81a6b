"""What does the book say about chips to this viewer, as of a size of the log?

One chip, a thousand at once, those that bear a serial, a label or a key, and what happened to one. Who was
ever concerned with a chip is asked first, in as many statements whether it is there or not, so that what the
viewer may not see and what is not there cost alike. `at` is a size the log has reached. Knows no HTTP.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.book.identifiers import is_chip
from ledger.book.registry import Needs, Registry
from ledger.book.rows import Chip, Shipment, Status
from ledger.book.tables import CHIPS, DISCREPANCIES, DISCREPANCY_CHIPS, PARTIES, SHIPMENTS
from ledger.lookup.answers import Object, Page, Window, chip_object, event_object, page
from ledger.storage.marks import borne
from ledger.storage.store import Store
from ledger.viewer import Viewer, sees_chip, sees_discrepancy

# Of chips that bear one label those looked at for somebody who does not see all. More would tell, by the time
# that takes, how many there are of what may not be seen.
BEARERS_LOOKED_MAX = 1_000
OPEN_LINES_MAX = 1_000  # of discrepancies about one chip
DISCREPANCIES_NAMED_MAX = 20
NOBODY = ""  # the id of nothing: asked for where there is nothing to ask for, so that it costs the same


@dataclass(frozen=True, slots=True)
class Borne:
    """What a chip is looked for by; all that is given must fit."""

    serial: str | None = None
    ik: str | None = None
    uuid: str | None = None
    label: str | None = None

    @property
    def identities(self) -> list[str]:
        """`<kind>:<value>` of each that is not the serial, the one that finds fewest first."""
        named = (("ik", self.ik), ("uuid", self.uuid), ("label", self.label))
        return [f"{kind}:{value}" for kind, value in named if value is not None]

    def fits(self, chip: Chip) -> bool:
        """Whether this version of a chip bears all of it."""
        serial = self.serial is None or chip.chip.partition(":")[2] == self.serial
        return serial and set(borne(chip)).issuperset(self.identities)


class Chips:
    """Reads of chips for a viewer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def chip(self, viewer: Viewer, chip: str, at: int) -> Object | None:
        """A chip at a size, with the discrepancies about it that were open then."""
        told = self.chips(viewer, (chip,), at).get(chip)
        disputes = self._disputes(viewer, chip, at)
        return None if told is None else {**told, "discrepancies": disputes}

    def _disputes(self, viewer: Viewer, chip: str, at: int) -> Object:
        """How many discrepancies that the viewer sees had an open line about a chip, and the first."""
        where = {"chip": chip, "closed": None}
        lines = self._store.find(DISCREPANCY_CHIPS, where, at, None, OPEN_LINES_MAX)
        known = Registry()
        names = {NOBODY, *(line.discrepancy for line in lines)}
        self._store.load(Needs().rows(DISCREPANCIES, names), known)
        open_then = [
            name
            for name, row in known.of(DISCREPANCIES).items()
            if (row.closed is None or row.closed >= at) and sees_discrepancy(viewer, row)
        ]
        return {"count": len(open_then), "first": sorted(open_then)[:DISCREPANCIES_NAMED_MAX]}

    def chips(self, viewer: Viewer, chips: Sequence[str], at: int) -> dict[str, Object]:
        """Of these chips, those the viewer sees, by id."""
        return {chip: chip_object(row) for chip, row in self._rows(viewer, chips, at).items()}

    def _rows(self, viewer: Viewer, chips: Iterable[str], at: int) -> dict[str, Chip]:
        """Of these chips those the viewer sees, as they were at a size, if they were there."""
        known = self._store.standings([chip for chip in chips if is_chip(chip)])
        seen = {chip: each.row for chip, each in known.items() if sees_chip(viewer, each.named)}
        past = [chip for chip, row in seen.items() if row.changed >= at]
        then = self._store.chips_as_of(past, at) if past else {}
        rows = {chip: then.get(chip) if row.changed >= at else row for chip, row in seen.items()}
        return {chip: row for chip, row in rows.items() if row is not None and row.born >= 0}

    def search(self, viewer: Viewer, wanted: Borne, window: Window) -> Page:
        """The chips the viewer sees that bore all that is wanted at a size, in the order of their birth.

        Who sees all may get fewer than asked for, and more with the next page. Others are told of the first
        so many bearers alone.
        """
        after = -1 if window.after is None else int(window.after)
        cursor: str | None = None
        if wanted.serial is not None:
            parties = self._store.rows(PARTIES)
            names = [f"{party.party}:{wanted.serial}" for party in parties]
        else:
            most = window.limit if viewer.sees_all else BEARERS_LOOKED_MAX
            bearers = self._store.bearers(wanted.identities[0], after if viewer.sees_all else -1, most + 1)
            names = [chip for _, chip in bearers[:most]]
            if viewer.sees_all and len(bearers) > most:
                cursor = str(bearers[most - 1][0])
        rows = self._rows(viewer, names, window.at).values()
        found = sorted((row.number, row) for row in rows if wanted.fits(row) and row.number > after)
        told = page(
            [chip_object(row) for _, row in found], [str(number) for number, _ in found], window.limit
        )
        return Page(told.items, told.next or cursor)

    def history(self, viewer: Viewer, chip: str, window: Window) -> Page | None:
        """What happened to a chip up to a size, oldest first, after an entry; each with the entry's words."""
        if not self._is_seen(viewer, chip):
            return None
        versions = [row for row in self._store.history(CHIPS, chip) if row.changed < window.at]
        if not versions:
            return None
        after = -1 if window.after is None else int(window.after)
        first = next((place for place, row in enumerate(versions) if row.changed > after), len(versions))
        some = versions[first : first + window.limit + 1]
        entries = self._store.entries_at([row.changed for row in some])
        shipments = self._shipments(row.shipment for row in some)
        befores = [versions[first - 1] if first else None, *some[:-1]]
        told = []
        for before, row in zip(befores, some, strict=True):
            entry = entries[row.changed]
            told.append(event_object(row, entry, _counterparty(before, row, entry.party, shipments)))
        return page(told, [str(row.changed) for row in some], window.limit)

    def _is_seen(self, viewer: Viewer, chip: str) -> bool:
        known = self._store.standings([chip] if is_chip(chip) else [])
        return chip in known and sees_chip(viewer, known[chip].named)

    def _shipments(self, names: Iterable[str | None]) -> Mapping[str, Shipment]:
        known = Registry()
        self._store.load(Needs().rows(SHIPMENTS, names), known)
        return known.of(SHIPMENTS)


def _counterparty(
    before: Chip | None, row: Chip, party: str, shipments: Mapping[str, Shipment]
) -> str | None:
    """Who else an entry about a chip concerned: the receiver, who had the chip, or has it now."""
    if row.status == Status.IN_TRANSIT and row.shipment is not None:
        return shipments[row.shipment].receiver
    others = [None if before is None else before.custodian, row.custodian]
    return next((other for other in others if other is not None and other != party), None)
