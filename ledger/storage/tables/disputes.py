"""Which tables hold what is disputed and what is inspected?

Field for field the rows of `ledger.book.rows`: one table of what is, and one of every version where
history is kept. All of it can be folded again. Rows, nothing else.
"""

from sqlalchemy import Index

from ledger.storage.tables.columns import MaybeWhole, MaybeWord, Stored, Whole, Word, kept, ordered


class DiscrepancyFields(Stored):
    """Of table `discrepancy`, now and before."""

    discrepancy: Word
    kind: Word
    observer: Word
    counterparty: MaybeWord
    chips: Whole
    lines_open: Whole
    shipment: MaybeWord
    site: MaybeWord
    state: Word
    outcome: MaybeWord
    closed: MaybeWhole
    born: Whole
    changed: Whole


class DiscrepancyRow(DiscrepancyFields, table=True):
    """`Discrepancy`, as it is; found by both its sides, too."""

    __tablename__ = "discrepancy"
    __table_args__ = (
        Index(None, "observer", "discrepancy"),
        Index(None, "counterparty", "discrepancy"),
        *ordered("discrepancy"),
    )


class DiscrepancyVersion(DiscrepancyFields, table=True):
    """`Discrepancy`, as it was after each entry that wrote it."""

    __tablename__ = "discrepancy_version"
    __table_args__ = kept("discrepancy")


class DiscrepancyChipFields(Stored):
    """Of table `discrepancy_chip`, now and before."""

    discrepancy: Word
    chip: Word
    seen: Word
    has: Whole
    closed: MaybeWhole
    changed: Whole


class DiscrepancyChipRow(DiscrepancyChipFields, table=True):
    """`DiscrepancyChip`, as it is; found by its chip, too."""

    __tablename__ = "discrepancy_chip"
    __table_args__ = (Index(None, "chip"), *ordered("discrepancy", "chip", "seen"))


class DiscrepancyChipVersion(DiscrepancyChipFields, table=True):
    """`DiscrepancyChip`, as it was after each entry that wrote it."""

    __tablename__ = "discrepancy_chip_version"
    __table_args__ = kept("discrepancy", "chip", "seen")


class AbsenceRow(Stored, table=True):
    """`Absence`."""

    __tablename__ = "absence"
    __table_args__ = ordered("chip", "discrepancy")
    chip: Word
    discrepancy: Word
    seen: Word
    closed: MaybeWhole
    changed: Whole


class InspectionFields(Stored):
    """Of table `inspection`, now and before."""

    inspection: Word
    series: Word
    number: Whole
    verifier: Word
    statement: Word
    leaf: Word
    provers: Word
    direction: Word
    beacon: Word
    commitment: Word
    quorum: Whole
    timely_lead_s: Whole
    witnesses: Word
    stages_drawn: Whole
    seeds: Word
    drawn_at: Word
    frame_count: MaybeWhole
    frame_root: MaybeWord
    strata_counts: MaybeWord
    known_missing: MaybeWhole
    timely: MaybeWord
    withheld: Whole
    state: Word
    verdict: MaybeWord
    counts: MaybeWord
    upper_bound: MaybeWhole
    off_book: MaybeWhole
    draws: MaybeWhole
    born: Whole
    changed: Whole


class InspectionRow(InspectionFields, table=True):
    """`Inspection`, as it is."""

    __tablename__ = "inspection"
    __table_args__ = ordered("inspection")


class InspectionVersion(InspectionFields, table=True):
    """`Inspection`, as it was after each entry that wrote it."""

    __tablename__ = "inspection_version"
    __table_args__ = kept("inspection")


class SampledChipFields(Stored):
    """Of table `sampled_chip`, now and before."""

    inspection: Word
    item: Word
    stages: Word
    stratum: Word
    result: MaybeWord
    shown: Word
    found_at: MaybeWhole
    evidence_sha256: MaybeWord
    changed: Whole


class SampledChipRow(SampledChipFields, table=True):
    """`SampledChip`, as it is."""

    __tablename__ = "sampled_chip"
    __table_args__ = ordered("inspection", "item")


class SampledChipVersion(SampledChipFields, table=True):
    """`SampledChip`, as it was after each entry that wrote it."""

    __tablename__ = "sampled_chip_version"
    __table_args__ = kept("inspection", "item")


class SeriesRow(Stored, table=True):
    """`Series`."""

    __tablename__ = "series"
    __table_args__ = ordered("series")
    series: Word
    number: Whole
    inspection: Word
    born: Whole
    changed: Whole
