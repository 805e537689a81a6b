"""What does an inspector have to look at, and on which sheet does it stand?

The values of the field: a visit (one drawn chip, or one drawn position), a sheet (the visits of one team at
one site, in walking order), and the words a result is told in. Promises: a visit knows the whole id of its
chip, and nothing that is printed is made from it but the mask and the reference. Knows no file and no ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.book.rules.tallies import (
    CONFIRMED,
    INCONCLUSIVE,
    MISMATCH,
    NOT_FOUND,
    REFUSED,
    TAMPERED,
    UNLISTED,
)

EMPTY = "empty"
"""A drawn position where nothing stands: told to the log as confirmed, with no chip."""

TRANSIT = "in-transit"
NOWHERE = "no-site"
NONCE_DIGITS_SHOWN = 16

CHIP_WORDS: Mapping[str, str] = {
    CONFIRMED: "it is this chip",
    NOT_FOUND: "not there",
    REFUSED: "access refused",
    MISMATCH: "another serial",
    TAMPERED: "tampered with",
    INCONCLUSIVE: "cannot tell",
}
POSITION_WORDS: Mapping[str, str] = {
    CONFIRMED: "a chip stands here",
    EMPTY: "nothing stands here",
    REFUSED: "access refused",
    TAMPERED: "tampered with",
    INCONCLUSIVE: "cannot tell",
}
RETURN_WORDS = frozenset({*CHIP_WORDS, *POSITION_WORDS, UNLISTED})
RESULT_OF_WORDS: Mapping[str, str] = {
    word: result for words in (CHIP_WORDS, POSITION_WORDS) for result, word in words.items()
}
"""What stands beside a box on paper: whoever types a ticked sheet in may write just that."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One drawn chip or position, where the book has it now, and what was found so far.

    `ticket` is hex: the number it was drawn by, which for a chip that can attest is the nonce it must answer.
    `accepts` are the spellings that a reading may have: serial, whole id, label in the book. `site` is None
    for what is on its way (`shipment`) or at no site; `remark` says what changed since the frame.
    """

    item: str
    is_position: bool
    stage: int
    stratum: str
    rank: int
    ticket: str
    reference: str
    result: str | None
    site: str | None
    system: str | None = None
    slot: str | None = None
    custodian: str | None = None
    shipment: str | None = None
    remark: str = ""
    ik_sha256: str | None = None
    accepts: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """Stage, stratum and rank: which draw it comes from."""
        return f"{self.stage}.{self.stratum}.{self.rank}"

    @property
    def place(self) -> str:
        """Where within the site, as far as the book says; for a position its number."""
        if self.is_position:
            return f"position {self.item.rpartition('#')[2]}"
        return " / ".join(filter(None, (self.system, self.slot)))

    @property
    def group(self) -> str:
        """The site of its sheet, or the word for the sheet of what is at none."""
        return self.site or (TRANSIT if self.shipment else NOWHERE)

    @property
    def words(self) -> Mapping[str, str]:
        """The results it may have, each in plain words."""
        return POSITION_WORDS if self.is_position else CHIP_WORDS


@dataclass(frozen=True, slots=True)
class Trip:
    """An inspection as the ledger tells it (`GET /inspections/{id}`), and all its visits."""

    inspection: Mapping[str, Any]
    visits: tuple[Visit, ...]

    @property
    def name(self) -> str:
        """<verifier>/<name>."""
        return str(self.inspection["inspection"])

    @property
    def found_by(self) -> str:
        """Until when a visit counts: the latest stage's."""
        stages = self.inspection["stages"]
        return str(stages[max(self.inspection["stages_drawn"], 1) - 1]["found_by"])


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one team visits at one site, in walking order; line k of n is `visits[k - 1]`."""

    inspection: str
    group: str
    team: int
    teams: int
    found_by: str
    visits: tuple[Visit, ...]
    title: str = ""  # the site's name and address in words, where somebody told them

    @property
    def stem(self) -> str:
        """What its files are called."""
        bare = self.inspection.partition("/")[2]
        return f"{bare}.{self.group.replace('/', '-')}.team-{self.team}-of-{self.teams}"

    @property
    def is_floor(self) -> bool:
        """Whether positions are visited, not chips."""
        return bool(self.visits) and self.visits[0].is_position
