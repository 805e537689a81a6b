"""Which tables hold what is sacred, and what goes with it?

Entries, manifests, attestations and checkpoints cannot be made again. The log row, tiles and the
journal of refusals stand beside them. Rows, nothing else.
"""

from typing import Annotated

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from ledger.storage.tables.columns import Octets, Stored, Whole, Word, numbered, ordered


class SchemaRow(Stored, table=True):
    """Which layout the database has; one row."""

    __tablename__ = "schema"
    __table_args__ = numbered("version")
    version: Whole


class LogRow(Stored, table=True):
    """The head of the log and who may write; one row."""

    __tablename__ = "log"
    __table_args__ = numbered("log")
    log: Whole  # always LOG_NUMBER
    size: Whole
    root: Octets
    epoch: Whole


class EntryRow(Stored, table=True):
    """A sacred entry, field for field a `StoredEntry`."""

    __tablename__ = "entry"
    __table_args__ = numbered("index", UniqueConstraint("statement"))
    index: Whole
    statement: Word
    raw: Octets
    leaf_hash: Octets
    admitted_at: Whole
    kind: Word
    party: Word
    key_id: Word
    occurred_at: Whole
    lines: Whole
    opened: Word


class ManifestRow(Stored, table=True):
    """An entry's manifest: its lines with a line break between any two."""

    __tablename__ = "manifest"
    __table_args__ = numbered("index")
    index: Whole
    lines: Octets


class AttestationRow(Stored, table=True):
    """Evidence under the hex SHA-256 of itself."""

    __tablename__ = "attestation"
    __table_args__ = ordered("sha256")
    sha256: Word
    evidence: Octets


class CheckpointRow(Stored, table=True):
    """The one note signed for a size."""

    __tablename__ = "checkpoint"
    __table_args__ = numbered("size")
    size: Whole
    note: Word


class TileRow(Stored, table=True):
    """A hash tile, as wide as it has grown."""

    __tablename__ = "tile"
    __table_args__ = ordered("level", "number")
    level: Whole
    number: Whole
    hashes: Octets


class RefusalRow(Stored, table=True):
    """A signed refusal, field for field a `StoredRefusal`; `came` numbers them, `day` is one of UTC."""

    __tablename__ = "refusal"
    __table_args__ = (
        UniqueConstraint("refusal"),
        Index(None, "party", "reason", "day"),
        Index(None, "at_size", "came"),
    )
    came: Annotated[int | None, Field(primary_key=True)] = None
    refusal: Word
    statement: Word
    party: Word
    reason: Word
    detail: Word
    chips: Word
    refused_at: Whole
    at_size: Whole
    note: Word
    bundle: Octets
    day: Whole
