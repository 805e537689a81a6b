"""Which tables hold what somebody counted, suspects, estimates or sealed, and what was built on?

Field for field the rows of `ledger.book.rows`: one table of what is, and one of every version where
history is kept. All of it can be folded again. Rows, nothing else.
"""

from ledger.storage.tables.columns import MaybeWhole, MaybeWord, Stored, Whole, Word, kept, ordered


class StocktakeFields(Stored):
    """Of table `stocktake`, now and before."""

    stocktake: Word
    party: Word
    site: MaybeWord
    scope: Word
    parts: Whole
    parts_in: Word
    state: Word
    began: Whole
    counted: Whole
    expected: Whole
    absent: Whole
    born: Whole
    changed: Whole


class StocktakeRow(StocktakeFields, table=True):
    """`Stocktake`, as it is."""

    __tablename__ = "stocktake"
    __table_args__ = ordered("stocktake")


class StocktakeVersion(StocktakeFields, table=True):
    """`Stocktake`, as it was after each entry that wrote it."""

    __tablename__ = "stocktake_version"
    __table_args__ = kept("stocktake")


class StocktakeLineRow(Stored, table=True):
    """`StocktakeLine`."""

    __tablename__ = "stocktake_line"
    __table_args__ = ordered("stocktake", "part", "chip", "seen")
    stocktake: Word
    part: Whole
    chip: Word
    seen: Word
    changed: Whole


class AffiliationFields(Stored):
    """Of table `affiliation`, now and before."""

    statement: Word
    verifier: Word
    parties: Word
    evidence_sha256: Word
    born: Whole
    changed: Whole


class AffiliationRow(AffiliationFields, table=True):
    """`Affiliation`, as it is."""

    __tablename__ = "affiliation"
    __table_args__ = ordered("statement")


class AffiliationVersion(AffiliationFields, table=True):
    """`Affiliation`, as it was after each entry that wrote it."""

    __tablename__ = "affiliation_version"
    __table_args__ = kept("statement")


class ClaimFields(Stored):
    """Of table `claim`, now and before."""

    statement: Word
    analyst: Word
    subject: Word
    model: MaybeWord
    family: MaybeWord
    unit: Word
    measure: Word
    from_time: MaybeWhole
    as_of: Whole
    status: Word
    low: Whole
    high: Whole
    source_sha256: Word
    born: Whole
    changed: Whole


class ClaimRow(ClaimFields, table=True):
    """`Claim`, as it is."""

    __tablename__ = "claim"
    __table_args__ = ordered("statement")


class ClaimVersion(ClaimFields, table=True):
    """`Claim`, as it was after each entry that wrote it."""

    __tablename__ = "claim_version"
    __table_args__ = kept("statement")


class SealFields(Stored):
    """Of table `seal`, now and before."""

    statement: Word
    at_size: Whole
    count: Whole
    root: Word
    born: Whole
    changed: Whole


class SealRow(SealFields, table=True):
    """`Seal`, as it is."""

    __tablename__ = "seal"
    __table_args__ = ordered("statement")


class SealVersion(SealFields, table=True):
    """`Seal`, as it was after each entry that wrote it."""

    __tablename__ = "seal_version"
    __table_args__ = kept("statement")


class CorrectionFields(Stored):
    """Of table `correction`, now and before."""

    corrects: Word
    statement: Word
    party: Word
    reason: Word
    born: Whole
    changed: Whole


class CorrectionRow(CorrectionFields, table=True):
    """`Correction`, as it is."""

    __tablename__ = "correction"
    __table_args__ = ordered("corrects")


class CorrectionVersion(CorrectionFields, table=True):
    """`Correction`, as it was after each entry that wrote it."""

    __tablename__ = "correction_version"
    __table_args__ = kept("corrects")


class MentionRow(Stored, table=True):
    """`Mention`."""

    __tablename__ = "mention"
    __table_args__ = ordered("thing")
    thing: Word
    statements: Whole
    changed: Whole
