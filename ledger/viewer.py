"""Who may see what?

Pure functions over rows and statements: a party sees what it signed, shipments and titles addressed to it,
discrepancies naming it, what is said about it, and chips it holds, held, owns or owned; verifiers and the
registrar see everything; nobody else sees an inspection before it is drawn. Analysts read snapshots, and
of the book only what their party may. Knows no store, token or HTTP; that something cannot be seen and
that it does not exist are told alike by whoever asks here.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from ledger.book.rows import Discrepancy, Inspection, Lot, Party, Shipment, Transfer

SEE_ALL = frozenset({"verifier", "registrar"})
SEE_SNAPSHOTS = frozenset({"analyst", "verifier", "registrar"})

# Kinds whose body names in this member a party other than the speaker that may read them.
ADDRESSED_BY: dict[str, str] = {
    "shipment.dispatched": "to",
    "title.offered": "to",
    "lot.produced": "for_party",
    # What the registrar says about a party is that party's to know: it has days to object to a key.
    "party.enrolled": "party",
    "party.changed": "party",
    "key.added": "party",
    "key.revoked": "party",
}
OF_A_SHIPMENT = "shipment.cancelled"
OF_A_TRANSFER = frozenset({"title.accepted", "title.withdrawn"})
OF_A_LOT = "lot.used"
OF_A_STATEMENT = "statement.corrected"
OF_AN_INSPECTION = frozenset({"inspection.committed", "inspection.drawn", "inspection.closed"})
OF_A_DISCREPANCY = frozenset({"discrepancy.answered", "discrepancy.resolved"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """A party that asks, with the roles it may use and all it speaks for (itself, its predecessors)."""

    party: str
    roles: frozenset[str]
    speaks_for: frozenset[str]

    @property
    def sees_all(self) -> bool:
        """A verifier or the registrar."""
        return not self.roles.isdisjoint(SEE_ALL)

    @property
    def sees_snapshots(self) -> bool:
        """An analyst, a verifier or the registrar."""
        return not self.roles.isdisjoint(SEE_SNAPSHOTS)


def viewer_of(party: Party) -> Viewer:
    """The viewer a party is. A suspended one keeps its own, and loses what its roles gave it."""
    roles = frozenset() if party.suspended else frozenset(party.roles.split())
    return Viewer(party.party, roles, frozenset((party.party, *party.predecessors.split())))


def sees_party(viewer: Viewer, party: str) -> bool:
    """The row of a party, its keys and holdings."""
    return viewer.sees_all or party in viewer.speaks_for


def sees_chip(viewer: Viewer, named: Set[str]) -> bool:
    """A chip, given everybody whom any version of it names as custodian, owner or liable."""
    return viewer.sees_all or not viewer.speaks_for.isdisjoint(named)


def sees_shipment(viewer: Viewer, shipment: Shipment) -> bool:
    """A shipment: its sender's and its receiver's."""
    return viewer.sees_all or not viewer.speaks_for.isdisjoint((shipment.sender, shipment.receiver))


def sees_transfer(viewer: Viewer, transfer: Transfer) -> bool:
    """An offer of title: its owner's and its offeree's."""
    return viewer.sees_all or not viewer.speaks_for.isdisjoint((transfer.owner, transfer.offeree))


def sees_lot(viewer: Viewer, lot: Lot) -> bool:
    """A lot: its fab's, and whom it was made for."""
    return viewer.sees_all or not viewer.speaks_for.isdisjoint((lot.fab, lot.for_party))


def sees_discrepancy(viewer: Viewer, discrepancy: Discrepancy) -> bool:
    """A discrepancy: the observer's and the counterparty's."""
    named = discrepancy.observer in viewer.speaks_for or discrepancy.counterparty in viewer.speaks_for
    return viewer.sees_all or named


def sees_inspection(viewer: Viewer, inspection: Inspection) -> bool:
    """An inspection: its provers see it once a stage is drawn, nobody but those who see all before."""
    drawn = inspection.stages_drawn > 0
    return viewer.sees_all or (drawn and not viewer.speaks_for.isdisjoint(inspection.provers.split()))


def sees_whole_sample(viewer: Viewer, inspection: Inspection) -> bool:
    """All that an inspection drew: one of several provers sees of it what is its own."""
    return viewer.sees_all or viewer.speaks_for.issuperset(inspection.provers.split())


@dataclass(frozen=True, slots=True)
class Concerned:
    """The row a statement is about, where its kind is about one: only that says who else may read it."""

    shipment: Shipment | None = None
    inspection: Inspection | None = None
    discrepancy: Discrepancy | None = None
    transfer: Transfer | None = None
    lot: Lot | None = None
    corrected: "Said | None" = None


@dataclass(frozen=True, slots=True)
class Said:
    """A statement that is in the log, and what it is about."""

    kind: str
    party: str
    body: Mapping[str, Any]
    concerned: Concerned


def sees_statement(viewer: Viewer, said: Said) -> bool:
    """A statement with its manifest: the speaker's, and that of those it is addressed to or names."""
    kind, concerned = said.kind, said.concerned
    if viewer.sees_all or said.party in viewer.speaks_for:
        return True
    if kind in ADDRESSED_BY:
        addressee = said.body.get(ADDRESSED_BY[kind])
        return isinstance(addressee, str) and addressee in viewer.speaks_for
    if kind == OF_A_SHIPMENT:
        return concerned.shipment is not None and sees_shipment(viewer, concerned.shipment)
    if kind in OF_A_TRANSFER:
        return concerned.transfer is not None and sees_transfer(viewer, concerned.transfer)
    if kind == OF_A_LOT:
        return concerned.lot is not None and sees_lot(viewer, concerned.lot)
    if kind in OF_AN_INSPECTION:
        return concerned.inspection is not None and sees_inspection(viewer, concerned.inspection)
    if kind in OF_A_DISCREPANCY:
        return concerned.discrepancy is not None and sees_discrepancy(viewer, concerned.discrepancy)
    # What is taken back is known to those who knew what was said.
    taken_back = concerned.corrected if kind == OF_A_STATEMENT else None
    return taken_back is not None and sees_statement(viewer, taken_back)


OF_A_DRAW = "inspection.drawn"


def sees_manifest(viewer: Viewer, said: Said) -> bool:
    """The lines of a statement: with a draw those who see the whole sample, else whoever sees it."""
    if not sees_statement(viewer, said):
        return False
    inspection = said.concerned.inspection
    if said.kind != OF_A_DRAW or viewer.sees_all or said.party in viewer.speaks_for:
        return True
    return inspection is not None and sees_whole_sample(viewer, inspection)


ABOUT_OTHERS = OF_A_TRANSFER.union(
    OF_AN_INSPECTION, OF_A_DISCREPANCY, ADDRESSED_BY, (OF_A_SHIPMENT, OF_A_LOT, OF_A_STATEMENT)
)


def may_concern(viewer: Viewer, kind: str, party: str) -> bool:
    """False where the kind and the speaker alone settle that the viewer does not see it."""
    return viewer.sees_all or party in viewer.speaks_for or kind in ABOUT_OTHERS


def sees_refusal(viewer: Viewer, party: str) -> bool:
    """A refusal: its author's."""
    return viewer.sees_all or party in viewer.speaks_for
