"""Which tables hold the chips, where they stand and how they travel?

Field for field the rows of `ledger.book.rows`: one table of what is, and one of every version where
history is kept; but of chips, which are many and move most, the versions are kept packed, and of the
present ones no more than where they are. All of it can be folded again. Rows, nothing else.
"""

from sqlalchemy import Index, UniqueConstraint

from ledger.storage.tables.columns import MaybeWord, Octets, Stored, Whole, Word, kept, numbered, ordered


class ChipRow(Stored, table=True):
    """Where the present version of a `Chip` is, and by what a chip is looked for."""

    __tablename__ = "chip"
    __table_args__ = numbered("number", UniqueConstraint("chip"))
    number: Whole
    chip: Word
    custodian: MaybeWord
    version: Whole


class ChipVersions(Stored, table=True):
    """Versions of `Chip`, a pack of them, under the number of the first (`ledger.storage.packs`)."""

    __tablename__ = "chip_version"
    __table_args__ = numbered("version")
    version: Whole
    rows: Octets


class ChipMark(Stored, table=True):
    """What a chip can be found by beside its unique identities (`ledger.storage.marks`)."""

    __tablename__ = "chip_mark"
    __table_args__ = ordered("mark", "number")
    mark: Whole
    number: Whole


class IdentityRow(Stored, table=True):
    """`IdentityRow`."""

    __tablename__ = "identity"
    __table_args__ = ordered("identity")
    identity: Word
    chip: MaybeWord
    changed: Whole


class SlotRow(Stored, table=True):
    """`SlotRow`."""

    __tablename__ = "slot"
    __table_args__ = ordered("site", "system", "slot")
    site: Word
    system: Word
    slot: Word
    chip: MaybeWord
    changed: Whole


class ShipmentFields(Stored):
    """Of table `shipment`, now and before."""

    shipment: Word
    sender: Word
    receiver: Word
    country: Word
    due_by: Whole
    title: Word
    licence: MaybeWord
    end_user: MaybeWord
    sent: Whole
    received: Whole
    refused: Whole
    cancelled: Whole
    lost: Whole
    unexpected: Whole
    state: Word
    born: Whole
    changed: Whole


class ShipmentRow(ShipmentFields, table=True):
    """`Shipment`, as it is; found by both its ends, too."""

    __tablename__ = "shipment"
    __table_args__ = (
        Index(None, "sender", "shipment"),
        Index(None, "receiver", "shipment"),
        *ordered("shipment"),
    )


class ShipmentVersion(ShipmentFields, table=True):
    """`Shipment`, as it was after each entry that wrote it."""

    __tablename__ = "shipment_version"
    __table_args__ = kept("shipment")


class ShipmentLineRow(Stored, table=True):
    """`ShipmentLine`."""

    __tablename__ = "shipment_line"
    __table_args__ = ordered("shipment", "chip")
    shipment: Word
    chip: Word
    state: Word
    changed: Whole
