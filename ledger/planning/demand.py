"""What is asked of a planner?

Frozen values that hold every input of a plan, and the limits within which a plan is made for anybody who
asks: they bound the work, so that no question keeps a server busy for long. Knows no text and no answer.
"""

from dataclasses import dataclass
from fractions import Fraction

from ledger.inspection import evasion, stages
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX

PPM = 1_000_000
CHIPS_MAX = FRAME_CHIPS_MAX
STRATA_MAX = evasion.STRATA_MAX
STRATA_WITH_ACCEPT_MAX = 4
"""Of strata in a plan that accepts found chips: its worst split is sought, not computed."""

STRATA_WITH_BUDGET_MAX = 8
"""Of strata where a budget or a number of visits is to be spread: that is planned over and over."""

STRATA_IN_STAGES_MAX = 4
TESTED_MISSING_MAX = 10_000
TESTED_FRAME_MAX = 100_000
"""Chips, missing or in all where it is asked what would be caught, in strata where tests miss some."""

TESTED_SUPPORT_MAX = 100_000
TESTED_VISITS_MAX = 100_000
TESTED_GONE_MAX = 1_000_000
CERTAIN_GONE_MAX = 10_000
"""Chips of one frame under such a test: of sizes to be judged, the fewer of visited and missing; of visits
whose catch is asked, all; missing, and missing where no risk at all is taken."""

STAGED_GONE_MAX = 1_000
"""Missing from one frame that is planned for in stages, under a test that misses."""

ACCEPTED_MISSING_MAX = 1_000
ACCEPTED_FRAME_MAX = 2_000
"""The same for strata where some found chips are acceptable."""

TESTED_ACCEPTED_MISSING_MAX = 500
STAGED_MISSING_MAX = 100
"""Missing from strata where some are acceptable to tests that miss, or in stages: each number of them in each
stratum has chances of its own."""

ACCEPT_MAX = 1_000
ACCEPT_IN_STRATA_MAX = 3
STAGES_MAX = stages.STAGES_MAX
REJECT_MAX = 200
REJECT_HERE_MAX = 10
STAGES_HERE_MAX = 4
REJECT_IN_STRATA_MAX = 5
PROVERS_MAX = 100
NAME_CHARACTERS_MAX = 64
COST_MAX = Fraction(10**15)

BOOK_TO_FLOOR, FLOOR_TO_BOOK = "book_to_floor", "floor_to_book"
DIRECTIONS = (BOOK_TO_FLOOR, FLOOR_TO_BOOK)
WHOLE_FRAME = "all"


@dataclass(frozen=True, slots=True)
class Part:
    """A stratum: `chips`, at a `site` where one is said; a missing one is overlooked at `test_miss`."""

    name: str
    site: str | None
    chips: int
    test_miss: Fraction = Fraction(0)
    cost: Fraction = Fraction(1)

    @property
    def stratum(self) -> evasion.Stratum:
        """As the planners count it."""
        return evasion.Stratum(self.chips, self.test_miss, self.cost)


@dataclass(frozen=True, slots=True)
class Prover:
    """One of several provers whose chips are inspected as one frame."""

    name: str
    chips: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """What it takes to do `run_flop` in `run_days`, by chips that do `chip_flop_per_day` each."""

    run_flop: Fraction
    chip_flop_per_day: Fraction
    run_days: Fraction


@dataclass(frozen=True, slots=True)
class Rule:
    """Of a stage: at most `accept` found so far stops clean, `reject` or more stops with violations."""

    accept: int
    reject: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Are the chips where the book says?

    `missing` chips are not to be missed with more than `beta`; where it is None the question is turned round:
    what would `visits`, `budget` or `sizes` catch? With both `missing` and `sizes` those sizes are judged.
    `parts` are the strata, one that is called `all` where nobody named any; their chips are the frame.
    """

    parts: tuple[Part, ...]
    missing: int | None
    beta: Fraction
    accept: int = 0
    rules: tuple[Rule, ...] = ()
    sizes: tuple[int, ...] | None = None
    visits: int | None = None
    budget: Fraction | None = None
    priced: bool = False
    provers: tuple[Prover, ...] = ()
    quantity: Quantity | None = None
    direction: str = BOOK_TO_FLOOR
    evade: bool = False

    @property
    def frame(self) -> int:
        """All chips, or all positions, that can be drawn."""
        return sum(part.chips for part in self.parts)

    @property
    def strata(self) -> tuple[evasion.Stratum, ...]:
        """As the planners count them."""
        return tuple(part.stratum for part in self.parts)

    @property
    def is_split(self) -> bool:
        """Whether strata were named."""
        return len(self.parts) > 1 or self.parts[0].name != WHOLE_FRAME


@dataclass(frozen=True, slots=True)
class Activity:
    """Was a large run hidden? Eq. 1's eight, and the longest run to be thought of, None for any length."""

    chips: int
    run_flop: Fraction
    chip_flop_per_day: Fraction
    run_days: Fraction
    period_days: Fraction
    snapshots_per_day: Fraction
    beta: Fraction
    longest_days: Fraction | None = None
    visit_cost: Fraction | None = None


Demand = Presence | Activity
