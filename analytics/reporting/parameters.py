"""What may a report be asked, in which words, and what is taken where nothing is said?

Each parameter has a name with its unit, bounds and a default; it is read from text or from a number, and one
that is not as it must be is a `ReportRefused`. Knows no report and no snapshot.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

WHOLE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
SIZE_MAX = 2**53 - 1
PPM = 1_000_000
DAYS_MAX = 36_500

Value = int | str | None


@dataclass(frozen=True, slots=True)
class ReportRefused:
    """`reason`: `no_such_report`, `bad_grouping`, `bad_parameter` or `too_large`; `detail` is for people."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that may be said. `words` where it is one of several, `low` and `high` where it is a number.

    `default` None: it is taken from the snapshot, or, where `required`, must be said.
    """

    name: str
    told: str
    default: Value = None
    low: int = 0
    high: int = SIZE_MAX
    words: tuple[str, ...] = ()
    is_day: bool = False
    required: bool = False

    def read(self, given: Any) -> Value | ReportRefused:
        """The value, or why it is none."""
        if self.is_day:
            return self._day(given)
        if self.words:
            return given if given in self.words else self._refused(f"one of {', '.join(self.words)}")
        if isinstance(given, str) and WHOLE.fullmatch(given) is not None:
            given = int(given)
        if not isinstance(given, int) or isinstance(given, bool) or not self.low <= given <= self.high:
            return self._refused(f"a whole number from {self.low} to {self.high}, in digits")
        return given

    def _day(self, given: Any) -> Value | ReportRefused:
        if isinstance(given, date):
            return given.isoformat()
        try:
            return (
                date.fromisoformat(given).isoformat() if len(given) == len("YYYY-MM-DD") else self._bad_day()
            )
        except (ValueError, TypeError):
            return self._bad_day()

    def _bad_day(self) -> ReportRefused:
        return self._refused("a day, written YYYY-MM-DD")

    def _refused(self, wanted: str) -> ReportRefused:
        return ReportRefused("bad_parameter", f"{self.name} is {wanted}")


BASIS = Parameter(
    "basis",
    "ultimate parents by registered parents alone, or by suspected affiliation too",
    "registered",
    words=("registered", "suspected"),
)
WINDOW = Parameter(
    "window_days", "a chip is confirmed that somebody independent saw within so many days", 180, 1, DAYS_MAX
)
CLAIMED = Parameter(
    "claim_days", "claims of what was so more days ago raise no upper bound", 366, 1, DAYS_MAX
)
UTILISATION = Parameter(
    "utilisation_percent", "share of the dense rate that a run attains, in percent", 40, 1, 100
)
FROM_SIZE = Parameter("from_size", "size of the log at which the span begins", 0)
FROM_SIZE_SAID = Parameter("from_size", "size of the log to compare with", required=True)
TO_SIZE = Parameter("to_size", "size of the log at which the span ends; without it, the snapshot's")
TERMS = (
    "opening", "registered", "declared", "received", "conceded_in", "recovered", "corrected_in", "split_in",
    "reclassified_in", "moved_in", "closing", "handed_over", "conceded_out", "destroyed", "missing",
    "replaced", "corrected_out", "reclassified_out", "moved_out",
)  # fmt: skip
MOVES = "moves"
TERM = Parameter(
    "term",
    "which term of an account its chips are listed of; moves: all that came onto it or left it in the span",
    MOVES,
    words=(MOVES, *TERMS),
)
MISS = Parameter(
    "miss_ppm", "chance that a count overlooks a chip, in millionths; 0: a count is exact", 0, 0, PPM // 2
)
DOUBLE = Parameter("double_ppm", "chance that a count counts a chip twice, in millionths", 0, 0, PPM // 2)
ALPHA = Parameter("alpha_ppm", "level of the tests: false alarms in a million", 50_000, 1, PPM // 2)
MORTALITY = Parameter(
    "mortality_ppm",
    "chips that die in a million chip-years, as whoever asks states it: the ledger knows none",
    low=0,
    high=PPM,
    required=True,
)
LOSSES = Parameter(
    "losses",
    "which losses count: those its holder reported, of them one sort, or those it conceded too",
    "reported",
    words=("reported", "destroyed", "missing", "all"),
)
EXPOSURE = Parameter(
    "window_days", "losses and chip-years of the last so many days; by default all", DAYS_MAX, 1, DAYS_MAX
)
SEEN = Parameter(
    "window_days", "what was heard of within so many days is on the second list", 180, 1, DAYS_MAX
)
SEEN_BY = Parameter(
    "seen_by",
    "the second list: sightings, positions drawn by inspections of a floor, or both",
    "all",
    words=("all", "sightings", "floor"),
)
ODDS = Parameter(
    "odds_percent",
    "what being on one list does to the odds of being on the other, in hundredths; 100: nothing",
    200,
    1,
    100_000,
)
ON = Parameter("on", "the day whose rules count; without it, the day of as_of", is_day=True)


def read_all(known: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Value] | ReportRefused:
    """Every parameter of a report by name; what is unknown, missing or misspelt is refused."""
    others = sorted(given.keys() - {each.name for each in known})
    if others:
        names = ", ".join(each.name for each in known) or "none"
        return ReportRefused(
            "bad_parameter", f"{others[0][:80]} is no parameter of this report; it has: {names}"
        )
    values: dict[str, Value] = {}
    for each in known:
        said = given.get(each.name)
        if said is None and each.required:
            return ReportRefused("bad_parameter", f"{each.name} must be said: {each.told}")
        value = each.default if said is None else each.read(said)
        if isinstance(value, ReportRefused):
            return value
        values[each.name] = value
    return values
