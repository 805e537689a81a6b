"""Where does each thing of a ledger lie on disk?

One folder a ledger. Promises names only: what stands in the files, and whether they are there, is for
those who read and write them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class LedgerFolder:
    """The folder of one ledger. `public` may be shown to everybody, `private` to verifiers alone."""

    OTHER_LOG_KEYS: ClassVar[str] = "log.*.key"  # files beside `log_key` with keys that sign, or will

    path: Path

    @property
    def database(self) -> Path:
        """The record and its book, where they are kept in SQLite."""
        return self.path / "ledger.db"

    @property
    def floor(self) -> Path:
        """The highest head known durable; may be a link to another volume."""
        return self.path / "floor"

    @property
    def log_key(self) -> Path:
        """The key that signs checkpoints."""
        return self.path / "log.key"

    @property
    def next_log_key(self) -> Path:
        """Where a key lies that `log.changed` is to name."""
        return self.path / "log.next.key"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes."""
        return self.path / "lock"

    @property
    def public(self) -> Path:
        """`checkpoint`, `checkpoints/<size>`, `tile/<level>/<number>`."""
        return self.path / "public"

    @property
    def private(self) -> Path:
        """`tile/entries/<number>`, `manifests/`, `attestations/`."""
        return self.path / "private"

    @property
    def warehouse(self) -> Path:
        """What analytics derives from the log."""
        return self.path / "warehouse"
