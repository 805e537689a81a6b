"""What shape have the answers of the planner?

As `shapes`: they describe, msgspec writes. The contract's members come first; the others are more.
"""

from typing import Literal

from pydantic import Field

from api.http.shapes import Shape

Count = int | str  # text beyond 2^53 - 1
Number = str


class CurvePoint(Shape):
    """One point of the curve: visits, their cost, the chance of detection."""

    n: int
    cost: Number
    detection: Number


class StratumPlan(Shape):
    """A stratum's visits, and what a cheat would take from it."""

    name: str
    site: str | None
    chips: int
    n: int
    cost: Number
    evasion: int | None


class SiteVisits(Shape):
    """Visits to a site."""

    site: str | None
    n: int


class EvasionTold(Shape):
    """What a cheat would do: the best split over the strata in their order; no split is missed more often
    than `at_most`."""

    split: list[int]
    miss: Number
    at_most: Number


class StagesTold(Shape):
    """Sizes of each stage, the chance that each is drawn where nothing is missing, and visits then."""

    sizes: list[int]
    reached_honestly: list[Number]
    visits_expected_honestly: Number


class ApartTold(Shape):
    """What a pooled prover would need by itself, null where no sample is enough."""

    prover: str
    n: int | None


class Plan(Shape):
    """How many chips to visit; probabilities as decimal text of 12 digits."""

    status: Literal["ok", "infeasible", "run_impossible"]
    n: int | None = Field(examples=[294])
    miss: str | None = Field(examples=["0.049828123456"])
    miss_one_less: str | None
    cost: Number | None = None
    sentence: str
    notes: list[str] = Field(description="what else there is to say, a sentence each")
    miss_digits: Number = Field(description="the miss with 17 digits that count")
    frame: int
    missing: int | None = Field(description="what is not missed: as asked, or the fewest that are caught")
    within_risk: bool
    strata: list[StratumPlan] | None = None
    sites: list[SiteVisits] | None = None
    evasion: EvasionTold | None = None
    stages: StagesTold | None = None
    apart: list[ApartTold] | None = None
    within_budget: bool | None = None
    budget_catches: int | None = None
    curve: list[CurvePoint] | None = None


class WorstLength(Shape):
    """What suffices for every length the run may have."""

    shortest_days: Number
    per_period: Count
    per_year: Count
    exceeds_frame: bool


class ActivityPlan(Shape):
    """How many chips to look at; counts are null where the run is impossible."""

    status: Literal["ok", "run_impossible"]
    per_period: Count | None = Field(examples=[20])
    per_year: Count | None = Field(examples=[243], description="rounded up once, as the paper does")
    per_year_of_whole_periods: Count | None = Field(examples=[244])
    exceeds_frame: bool | None
    sentence: str
    notes: list[str]
    chips_needed: Number
    worst: WorstLength | None
    per_period_exact: Number | None = Field(None, description="before rounding up, 12 digits that count")
    per_year_exact: Number | None = None
    detect: Number | None = Field(None, description="what `per_period` whole chips achieve")
    cost: Number | None = None
    curve: list[CurvePoint] | None = None
