"""Which tables hold where chips come from and who offers them to whom?

Field for field the rows of `ledger.book.rows`: one table of what is, and one of every version where
history is kept. All of it can be folded again. Rows, nothing else.
"""

from ledger.storage.tables.columns import MaybeWord, Stored, Whole, Word, kept, ordered


class LotFields(Stored):
    """Of table `lot`, now and before."""

    lot: Word
    fab: Word
    product: Word
    for_party: Word
    wafers: Whole
    gross_units: Whole
    good_units: Whole
    lost: Whole
    banked: Whole
    other_product: Whole
    born: Whole
    changed: Whole


class LotRow(LotFields, table=True):
    """`Lot`, as it is."""

    __tablename__ = "lot"
    __table_args__ = ordered("lot")


class LotVersion(LotFields, table=True):
    """`Lot`, as it was after each entry that wrote it."""

    __tablename__ = "lot_version"
    __table_args__ = kept("lot")


class TransferFields(Stored):
    """Of table `transfer`, now and before."""

    transfer: Word
    owner: Word
    offeree: Word
    chips: Whole
    state: Word
    born: Whole
    changed: Whole


class TransferRow(TransferFields, table=True):
    """`Transfer`, as it is."""

    __tablename__ = "transfer"
    __table_args__ = ordered("transfer")


class TransferVersion(TransferFields, table=True):
    """`Transfer`, as it was after each entry that wrote it."""

    __tablename__ = "transfer_version"
    __table_args__ = kept("transfer")


class TransferLineRow(Stored, table=True):
    """`TransferLine`."""

    __tablename__ = "transfer_line"
    __table_args__ = ordered("transfer", "chip")
    transfer: Word
    chip: Word
    changed: Whole


class OfferedChipRow(Stored, table=True):
    """`OfferedChip`."""

    __tablename__ = "offered_chip"
    __table_args__ = ordered("chip")
    chip: Word
    transfer: MaybeWord
    changed: Whole
