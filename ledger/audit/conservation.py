"""Does every party, site and model account for its chips?

opening + registered + declared + received + conceded in + recovered + corrected in + split in + reclassified
in = closing + handed over + conceded out + destroyed + missing + replaced + corrected out + reclassified
out, and for sites the moves between them: for each account, between any two sizes. The terms are added up
from what each entry changed, against positions that are kept here and nowhere else; opening and closing are
counted in the book. So a chip that a fold loses, doubles or moves without saying so leaves a residual. Who
answers for a chip is no account's: only who has it. Knows no signature and no tree.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.book.registry import Changes
from ledger.book.rows import Chip, Status
from ledger.book.tables import CHIPS


class Axis(StrEnum):
    """What an account is kept for."""

    PARTY = "party"
    SITE = "site"
    MODEL = "model"


MOVED_IN: Final = "moved_in"
MOVED_OUT: Final = "moved_out"
RECLASSIFIED_IN: Final = "reclassified_in"
RECLASSIFIED_OUT: Final = "reclassified_out"
DECLARED: Final = "declared"
RECOVERED: Final = "recovered"
CONCEDED_IN: Final = "conceded_in"
CONCEDED_OUT: Final = "conceded_out"
SPLIT_IN: Final = "split_in"

# By kind: under which term an account gains a chip, and loses one that goes on in the book.
GAINS: Final = {
    "chips.registered": "registered",
    "chips.declared": DECLARED,
    "shipment.arrived": "received",
    "discrepancy.answered": CONCEDED_IN,
    "discrepancy.resolved": CONCEDED_IN,
    "statement.corrected": "corrected_in",
}
LOSSES: Final = {
    "shipment.arrived": "handed_over",
    "discrepancy.answered": CONCEDED_OUT,
    "discrepancy.resolved": CONCEDED_OUT,
    "statement.corrected": "corrected_out",
}
# Of chips that are in the book for the first time under their name, or again after that was unmade.
FIRST_GAINS: Final = {"discrepancy.resolved": SPLIT_IN}
# Of chips that were in the book all along, though nobody had them.
LATER_GAINS: Final = {"chips.declared": RECOVERED}
# By status: under which term an account loses a chip that leaves the holdings altogether.
ENDS: Final = {
    Status.DESTROYED.value: "destroyed",
    Status.MISSING.value: "missing",
    Status.REPLACED.value: "replaced",
}
CORRECTING: Final = "statement.corrected"  # takes back whatever it was, so no status says why

_Position = tuple[str | None, str | None, str | None]  # custodian, site, model
_NOWHERE: Final[_Position] = (None, None, None)
_Account = tuple[Axis, str]


@dataclass(frozen=True, slots=True)
class _Move:
    """What befell some chips alike. is_born: this entry made them; charged: who answers for them, missing."""

    before: _Position
    after: _Position
    status: str
    is_born: bool
    charged: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """One account between two sizes; terms are numbers of chips, by name."""

    axis: Axis
    name: str
    from_size: int
    to_size: int
    opening: int
    gained: tuple[tuple[str, int], ...]
    closing: int
    lost: tuple[tuple[str, int], ...]

    @property
    def residual(self) -> int:
        """Chips unaccounted for: 0, or the book is wrong."""
        gained, lost = (sum(count for _, count in terms) for terms in (self.gained, self.lost))
        return self.opening + gained - self.closing - lost


class Accounts:
    """The accounts of a log read from its beginning."""

    def __init__(self) -> None:
        self._positions: dict[str, _Position] = {}
        self._gained: dict[_Account, Counter[str]] = defaultdict(Counter)
        self._lost: dict[_Account, Counter[str]] = defaultdict(Counter)
        self._opening: Counter[_Account] = Counter()
        self._from_size = 0

    def enter(self, kind: str, changes: Changes) -> str | None:
        """Book what an entry of this kind changed; a sentence where a chip moved under no known term."""
        rows: list[Chip] = changes.rows.get(CHIPS, [])  # type: ignore[assignment]
        if not rows:
            return None
        positions = self._positions
        moves: Counter[tuple[_Position, _Position, str, bool, str | None]] = Counter()
        for row in rows:
            after = _NOWHERE if row.custodian is None else (row.custodian, row.site, row.model)
            before = positions.get(row.chip, _NOWHERE)
            if before != after:
                positions[row.chip] = after
                charged = row.liable if after is _NOWHERE else None
                moves[before, after, row.status, row.born == row.changed, charged] += 1
        faults = [self._book(kind, _Move(*move), count) for move, count in moves.items()]
        return next((fault for fault in faults if fault is not None), None)

    def _book(self, kind: str, move: _Move, count: int) -> str | None:
        """One move of `count` chips; a sentence where there is no term for it."""
        gain, loss = _gain(kind, move), _loss(kind, move)
        came, went = move.before, move.after
        names = ((Axis.PARTY, gain, loss), *_names_within(came, went, gain, loss))
        for (axis, gained, lost), old, new in zip(names, came, went, strict=True):
            if old == new:
                continue
            if (old is not None and lost is None) or (new is not None and gained is None):
                return f"{kind} moves a chip on the account of {axis} {old or new} under no known term"
            if old is not None and lost is not None:
                self._lost[axis, old][lost] += count
            if new is not None and gained is not None:
                self._gained[axis, new][gained] += count
        return None

    def strike(self, chips: Iterable[Chip], size: int) -> list[Balance]:
        """The balances since the last size, given the book's chips as they stand at this one."""
        closing: Counter[_Account] = Counter()
        for chip in chips:
            if chip.custodian is not None:
                closing[Axis.PARTY, chip.custodian] += 1
                if chip.site is not None:
                    closing[Axis.SITE, chip.site] += 1
                if chip.model is not None:
                    closing[Axis.MODEL, chip.model] += 1
        balances = []
        for account in sorted(set(closing) | set(self._opening) | set(self._gained) | set(self._lost)):
            gained, lost = self._gained.get(account, Counter()), self._lost.get(account, Counter())
            balances.append(
                Balance(
                    *account,
                    self._from_size,
                    size,
                    self._opening[account],
                    tuple(sorted(gained.items())),
                    closing[account],
                    tuple(sorted(lost.items())),
                )
            )
        self._opening, self._from_size = closing, size
        self._gained.clear()
        self._lost.clear()
        return balances


def _gain(kind: str, move: _Move) -> str | None:
    special = FIRST_GAINS if move.is_born else LATER_GAINS
    return special.get(kind) or GAINS.get(kind)


def _loss(kind: str, move: _Move) -> str | None:
    if move.after is not _NOWHERE or kind == CORRECTING:
        return LOSSES.get(kind)
    if LOSSES.get(kind) == CONCEDED_OUT and move.charged not in (None, move.before[0]):
        return CONCEDED_OUT  # it is missing, but on another's account than of who was said to have it
    return ENDS.get(move.status)


def _names_within(
    came: _Position, went: _Position, gain: str | None, loss: str | None
) -> tuple[tuple[Axis, str | None, str | None], tuple[Axis, str | None, str | None]]:
    """The terms for site and model: a chip that stays in the book moves, or becomes another model."""
    if came is _NOWHERE or went is _NOWHERE:
        return (Axis.SITE, gain, loss), (Axis.MODEL, gain, loss)
    return (Axis.SITE, MOVED_IN, MOVED_OUT), (Axis.MODEL, RECLASSIFIED_IN, RECLASSIFIED_OUT)
