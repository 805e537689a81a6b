"""What does the book say to this viewer, as of a size of the log?

Parties, shipments and discrepancies. What the viewer may not see and what is not there come out of
the same reads as None, or are missing from a list alike. `at` is a size the log has reached; nothing
written later shows. Knows no HTTP, and takes names only as the contract spells them.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from ledger.book.identifiers import is_named, is_party
from ledger.book.registry import Needs, Registry, RowKey, key_of
from ledger.book.rows import Row, Shipment
from ledger.book.tables import AFFILIATIONS, DISCREPANCIES, DISCREPANCY_CHIPS, KEYS, PARTIES, SHIPMENTS, Table
from ledger.inspection.claims import pools
from ledger.lookup.answers import (
    Object,
    Page,
    Window,
    chip_object,
    discrepancy_object,
    line_object,
    page,
    party_object,
    shipment_object,
)
from ledger.storage.store import Store
from ledger.viewer import (
    Viewer,
    sees_discrepancy,
    sees_party,
    sees_shipment,
    viewer_of,
)

R = TypeVar("R", bound=Row)

KEYS_SHOWN_MAX = 1_000  # of a party
PARTIES_TIED_MAX = 100_000  # parties, and affiliations noted, that chains are sought among


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
        if now_s < (key.not_before or 0) or (key.until is not None and now_s >= key.until):
            return None
        return viewer_of(row)

    def party(self, viewer: Viewer, party: str, at: int) -> Object | None:
        """A party at a size, with its keys, and for those who see all with whom it belongs."""
        row = self._one(PARTIES, party, at) if is_party(party) else None
        keys = self._store.find(KEYS, {"party": party}, at, None, KEYS_SHOWN_MAX)
        if row is None or not sees_party(viewer, party):
            return None
        told = party_object(row, keys)
        return {**told, "affiliates": self._affiliates(party, at)} if viewer.sees_all else told

    def _affiliates(self, party: str, at: int) -> list[str]:
        """Who is tied to a party by any chain of parents, successors, and what verifiers noted."""
        parties = self._store.find(PARTIES, {}, at, None, PARTIES_TIED_MAX)
        noted = self._store.find(AFFILIATIONS, {}, at, None, PARTIES_TIED_MAX)
        ties = [(row.party, other) for row in parties for other in (row.parent, row.succeeded_by) if other]
        groups = [*ties, *(tuple(row.parties.split()) for row in noted)]
        tied = pools([row.party for row in parties], groups)
        return [other for pool in tied if party in pool for other in pool if other != party]

    def holdings(self, viewer: Viewer, party: str, window: Window) -> Page | None:
        """The chips in a party's custody, in the order of their birth."""
        row = self._one(PARTIES, party, window.at) if is_party(party) else None
        if row is None or not sees_party(viewer, party):
            return None
        # Only chips held or in transit have a custodian.
        after = -1 if window.after is None else int(window.after)
        chips = self._store.held(party, window.at, after, window.limit + 1)
        return page([chip_object(chip) for chip in chips], [str(chip.number) for chip in chips], window.limit)

    def shipment(self, viewer: Viewer, shipment: str, at: int) -> Object | None:
        """A shipment at a size."""
        row = self._one(SHIPMENTS, shipment, at) if is_named(shipment) else None
        seen = [row] if row is not None and sees_shipment(viewer, row) else []
        told = self._told_shipments(seen)
        return told[0] if told else None

    def shipments(
        self, viewer: Viewer, to: Collection[str] | None, state: str | None, window: Window
    ) -> Page:
        """Shipments the viewer sees, by id; to one of some parties, or in a state, where given."""
        wanted = {"state": state} if state is not None else {}
        wants = [wanted] if to is None else [{**wanted, "receiver": party} for party in sorted(to)]
        rows = self._seen_by(viewer, SHIPMENTS, wants, ("sender", "receiver"), window)
        return page(self._told_shipments(rows), [row.shipment for row in rows], window.limit)

    def _told_shipments(self, rows: Sequence[Shipment]) -> list[Object]:
        dispatches = self._store.entries_at([row.born for row in rows])
        return [shipment_object(row, dispatches[row.born].statement) for row in rows]

    def discrepancy(self, viewer: Viewer, discrepancy: str, window: Window) -> Object | None:
        """A discrepancy at a size, with a page of its lines."""
        row = self._one(DISCREPANCIES, discrepancy, window.at)
        # A cursor counts lines: what was seen, by which they are told apart, may be too long for one.
        passed = 0 if window.after is None else int(window.after)
        where, most = {"discrepancy": discrepancy}, passed + window.limit + 1
        lines = self._store.find(DISCREPANCY_CHIPS, where, window.at, None, most)[passed:]
        if row is None or not sees_discrepancy(viewer, row):
            return None
        cursors = [str(passed + number) for number in range(1, len(lines) + 1)]
        told = page([line_object(line) for line in lines], cursors, window.limit)
        return {**discrepancy_object(row), "lines": {"items": told.items, "next": told.next}}

    def discrepancies(
        self,
        viewer: Viewer,
        window: Window,
        *,
        state: str | None = None,
        kind: str | None = None,
        party: str | None = None,
    ) -> Page:
        """Discrepancies the viewer sees, by id; in a state, of a kind, with a party, where given."""
        given = {"state": state, "kind": kind}
        wanted = {name: value for name, value in given.items() if value is not None}
        sides = ("observer", "counterparty")
        wants = [wanted] if party is None else [{**wanted, side: party} for side in sides]
        rows = self._seen_by(viewer, DISCREPANCIES, wants, sides, window)
        told = [discrepancy_object(row) for row in rows]
        return page(told, [row.discrepancy for row in rows], window.limit)

    def _seen_by(
        self,
        viewer: Viewer,
        table: Table[R],
        wants: Sequence[Mapping[str, Any]],
        named: Sequence[str],
        window: Window,
    ) -> list[R]:
        """Rows by key with the fields of one of the wants, for all but those who see all only where a field
        names them."""
        asked = list(wants)
        if not viewer.sees_all:
            asked = [
                {**wanted, field: party}
                for wanted in wants
                for party in sorted(viewer.speaks_for)
                for field in named
                if wanted.get(field, party) == party
            ]
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
