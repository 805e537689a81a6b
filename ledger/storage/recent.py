"""Which chips does the writer know without asking the database?

Those it read or wrote lately, as they are. It may rely on them because it is the only writer: the log row
it compares in every transaction has not moved by another hand. Whoever rolls back, claims, or is told
that the row did move must `forget`; what was written then may not be so.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.book.rows import Chip

CHIPS_KNOWN_MAX = 300_000  # some 400 bytes each


class Known(NamedTuple):
    """A chip's present row, the number of that version, and the parties any version named, in one text."""

    row: Chip
    version: int
    named: str


class RecentChips:
    """Chips by id. Two generations: when the younger has half of what may be kept, the older is let go."""

    def __init__(self, most: int = CHIPS_KNOWN_MAX) -> None:
        self._most = most
        self._young: dict[str, Known] = {}
        self._old: dict[str, Known] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def keep(self, chips: Mapping[str, Known]) -> None:
        """Chips as they are from now on. More than may be kept are not kept at all."""
        if len(self._young) + len(chips) > self._most // 2:
            self._old, self._young = self._young, {}
        if len(chips) <= self._most // 2:
            self._young.update(chips)
            return
        for chip in chips:  # better none than one that is no longer so
            self._old.pop(chip, None)

    def known(self, chips: Iterable[str]) -> dict[str, Known]:
        """Of these chips, those that are known; to ask for one is to use it."""
        young, old = self._young, self._old
        found: dict[str, Known] = {}
        again: dict[str, Known] = {}
        for chip in chips:
            if (known := young.get(chip)) is not None:
                found[chip] = known
            elif (known := old.get(chip)) is not None:
                again[chip] = known
        if again:
            self.keep(again)
            found |= again
        return found

    def forget(self) -> None:
        """Know nothing."""
        self._young, self._old = {}, {}
