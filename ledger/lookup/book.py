"""What does the book say to this viewer, as of a size of the log?

Chips, parties, shipments and discrepancies. What the viewer may not see and what is not there come out of
the same reads as None, or are missing from a list alike. `at` is a size the log has reached; nothing
written later shows. Knows no HTTP, and takes names only as the contract spells them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ledger.book.identifiers import is_chip, is_named, is_party
from ledger.book.registry import Needs, Registry, RowKey, key_of
from ledger.book.rows import Chip, Row, Shipment, Status
from ledger.book.tables import CHIPS, DISCREPANCIES, IDENTITIES, KEYS, PARTIES, SHIPMENTS, Table
from ledger.lookup.answers import (
    Object,
    Page,
    Window,
    chip_object,
    discrepancy_object,
    event_object,
    page,
    party_object,
    shipment_object,
)
from ledger.storage.store import Store
from ledger.viewer import (
    Viewer,
    sees_chip,
    sees_discrepancy,
    sees_party,
    sees_shipment,
    viewer_of,
)

R = TypeVar("R", bound=Row)

PREDECESSORS_MAX = 1_000  # parties one party speaks for
KEYS_SHOWN_MAX = 1_000  # of a party
PRESENT = 2**62  # a size no log reaches: the book as it stands


class Book:
    """Reads of the book for a viewer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def viewer(self, party: str, key_id: str, size: int, now_s: int) -> Viewer | None:
        """Who asks with this key, at this size and time; None where the key does not stand for the party.

        A key narrowed to kinds or sites was given to say a few things, not to read everything.
        """
        registry = Registry()
        self._store.load(Needs().rows(KEYS, (key_id,)).rows(PARTIES, (party,)), registry)
        key, row = registry.get(KEYS, key_id), registry.get(PARTIES, party)
        if key is None or row is None or key.party != party or key.kinds is not None or key.sites is not None:
            return None
        if size < key.from_index or (key.to_index is not None and size >= key.to_index):
            return None
        if key.until is not None and now_s > key.until:
            return None
        return viewer_of(row, self._predecessors(party))

    def _predecessors(self, party: str) -> set[str]:
        """All whom this party succeeded, through any number of steps."""
        found: set[str] = set()
        waiting = [party]
        while waiting and len(found) < PREDECESSORS_MAX:
            where = {"succeeded_by": waiting.pop()}
            for row in self._store.find(PARTIES, where, PRESENT, None, PREDECESSORS_MAX):
                if row.party not in found:
                    found.add(row.party)
                    waiting.append(row.party)
        return found

    def chip(self, viewer: Viewer, chip: str, at: int) -> Object | None:
        """A chip at a size."""
        versions = self._versions(viewer, chip, at)
        return chip_object(versions[-1]) if versions else None

    def chips(self, viewer: Viewer, chips: Sequence[str], at: int) -> dict[str, Object]:
        """Of these chips, those the viewer sees, by id."""
        found = {chip: self.chip(viewer, chip, at) for chip in chips}
        return {chip: told for chip, told in found.items() if told is not None}

    def _versions(self, viewer: Viewer, chip: str, at: int) -> list[Chip]:
        """A chip's versions up to a size, none where the viewer does not see the chip."""
        versions = self._store.history(CHIPS, chip) if is_chip(chip) else []
        seen = sees_chip(viewer, versions)
        return [row for row in versions if row.changed < at] if seen else []

    def search(
        self, viewer: Viewer, at: int, *, serial: str | None, uuid: str | None, ik: str | None
    ) -> list[Object]:
        """The chips the viewer sees that bear this serial, whoever made them, or this unique identity."""
        chips: set[str] = set()
        if serial is not None:
            ids = (f"{party.party}:{serial}" for party in self._store.rows(PARTIES))
            known = Registry()
            self._store.load(Needs().rows(CHIPS, [chip for chip in ids if is_chip(chip)]), known)
            chips.update(known.of(CHIPS))
        for kind, value in (("uuid", uuid), ("ik", ik)):
            if value is not None:
                known = Registry()
                self._store.load(Needs().rows(IDENTITIES, (f"{kind}:{value}",)), known)
                chips.update(row.chip for row in known.of(IDENTITIES).values() if row.chip is not None)
        return list(self.chips(viewer, sorted(chips), at).values())

    def history(self, viewer: Viewer, chip: str, window: Window) -> Page | None:
        """What happened to a chip up to a size, oldest first, after an entry; each with the entry's words."""
        versions = self._versions(viewer, chip, window.at)
        if not versions:
            return None
        after = -1 if window.after is None else int(window.after)
        shipments = self._receivers(row.shipment for row in versions)
        told: list[Object] = []
        before: Chip | None = None
        for row in versions:
            if row.changed > after and len(told) <= window.limit:
                (entry,) = self._store.entries(row.changed, row.changed + 1)
                told.append(event_object(row, entry, _counterparty(before, row, entry.party, shipments)))
            before = row
        return page(told, [str(event["entry_index"]) for event in told], window.limit)

    def _receivers(self, names: Iterable[str | None]) -> Mapping[str, Shipment]:
        known = Registry()
        self._store.load(Needs().rows(SHIPMENTS, names), known)
        return known.of(SHIPMENTS)

    def party(self, viewer: Viewer, party: str, at: int) -> Object | None:
        """A party at a size, with its keys."""
        row = self._one(PARTIES, party, at) if is_party(party) else None
        keys = self._store.find(KEYS, {"party": party}, at, None, KEYS_SHOWN_MAX)
        return party_object(row, keys) if row is not None and sees_party(viewer, party) else None

    def holdings(self, viewer: Viewer, party: str, window: Window) -> Page | None:
        """The chips in a party's custody, by id."""
        row = self._one(PARTIES, party, window.at) if is_party(party) else None
        if row is None or not sees_party(viewer, party):
            return None
        # Only chips held or in transit have a custodian.
        chips = self._find(CHIPS, {"custodian": party}, window)
        return page([chip_object(chip) for chip in chips], [chip.chip for chip in chips], window.limit)

    def shipment(self, viewer: Viewer, shipment: str, at: int) -> Object | None:
        """A shipment at a size."""
        row = self._one(SHIPMENTS, shipment, at) if is_named(shipment) else None
        if row is None or not sees_shipment(viewer, row):
            return None
        return self._told_shipment(row)

    def shipments(self, viewer: Viewer, to: str | None, state: str | None, window: Window) -> Page:
        """Shipments the viewer sees, by id; `to` a party, or in a state, where given."""
        wanted = {"state": state} if state is not None else {}
        if to is not None:
            wanted["receiver"] = to
        rows = self._seen_by(viewer, SHIPMENTS, wanted, ("sender", "receiver"), window)
        told = [self._told_shipment(row) for row in rows[: window.limit]]
        told += [{}] * (len(rows) - len(told))
        return page(told, [row.shipment for row in rows], window.limit)

    def _told_shipment(self, row: Shipment) -> Object:
        (dispatch,) = self._store.entries(row.born, row.born + 1)
        return shipment_object(row, dispatch.statement)

    def discrepancy(self, viewer: Viewer, discrepancy: str, at: int) -> Object | None:
        """A discrepancy at a size."""
        row = self._one(DISCREPANCIES, discrepancy, at)
        return discrepancy_object(row) if row is not None and sees_discrepancy(viewer, row) else None

    def discrepancies(self, viewer: Viewer, state: str | None, window: Window) -> Page:
        """Discrepancies the viewer sees, by id."""
        wanted = {"state": state} if state is not None else {}
        rows = self._seen_by(viewer, DISCREPANCIES, wanted, ("observer", "counterparty"), window)
        told = [discrepancy_object(row) for row in rows]
        return page(told, [row.discrepancy for row in rows], window.limit)

    def _seen_by(
        self, viewer: Viewer, table: Table[R], wanted: Mapping[str, Any], named: Sequence[str], window: Window
    ) -> list[R]:
        """Rows by key with the wanted fields, for all but those who see all only where a field names them."""
        asked: list[Mapping[str, Any]] = []
        if viewer.sees_all:
            asked.append(wanted)
        else:
            for party in sorted(viewer.speaks_for):
                asked += [{**wanted, field: party} for field in named if wanted.get(field, party) == party]
        found: dict[RowKey, R] = {}
        for where in asked:
            found.update((key_of(table, row), row) for row in self._find(table, where, window))
        return [found[key] for key in sorted(found)][: window.limit + 1]

    def _find(self, table: Table[R], where: Mapping[str, Any], window: Window) -> list[R]:
        """The rows of a window, and one more where there are more."""
        return self._store.find(table, where, window.at, window.after, window.limit + 1)

    def _one(self, table: Table[R], key: str, at: int) -> R | None:
        name = table.row.__struct_fields__[0]
        rows = self._store.find(table, {name: key}, at, None, 1)
        return rows[0] if rows else None


def _counterparty(
    before: Chip | None, row: Chip, party: str, shipments: Mapping[str, Shipment]
) -> str | None:
    """Who else an entry about a chip concerned: the receiver, who had the chip, or has it now."""
    if row.status == Status.IN_TRANSIT and row.shipment is not None:
        return shipments[row.shipment].receiver
    others = [None if before is None else before.custodian, row.custodian]
    return next((other for other in others if other is not None and other != party), None)
