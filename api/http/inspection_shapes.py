"""What shape has each answer about inspections?

As `shapes`: they describe, msgspec writes.
"""

from pydantic import BaseModel

from api.http.shapes import Hex64, Shape


class SampleItem(Shape):
    """A drawn chip, or position; `rank` within its stratum and stage, from 1; `result` as found so far."""

    inspection: str
    chip: str | None = None
    position: str | None = None
    stratum: str
    ticket: Hex64
    rank: int
    stage: int
    result: str | None


class Beside(Shape):
    """What inspectors came upon and nobody drew."""

    inspection: str
    chip: str | None = None
    position: str | None = None
    result: str | None


class Sample(Shape):
    """What was drawn, all of it or, for one of several provers, its own; `beside` for those who see all."""

    items: list[SampleItem]
    next: str | None
    beside: list[Beside]


class InspectionShort(BaseModel):
    """An inspection as far as it has come, in a list."""

    inspection: str
    series: str
    number: int
    verifier: str
    statement: Hex64
    provers: list[str]
    planner: str
    direction: str
    at_index: int
    n_frame: int | None
    n_sample: int
    beta_ppm: int
    beacon: str
    round: int
    stages_drawn: int
    timely: str | None
    withheld: bool
    state: str
    verdict: str | None
    counts: dict[str, int] | None
    upper_bound: int | None
    known_missing: int | None
    off_book: int | None
    draw: dict[str, int] | None


class StratumProgress(Shape):
    """Of one stratum: how many could be drawn, were drawn, were visited; results by how many have them."""

    name: str
    frame: int
    drawn: int
    visited: int
    counts: dict[str, int]


class Progress(Shape):
    """What was drawn and visited; `upper_bound` counts what was not visited as missing; `verdict` is what
    the findings so far give, null while a further stage is due."""

    drawn: int
    visited: int
    counts: dict[str, int]
    strata: list[StratumProgress]
    upper_bound: int | None
    verdict: str | None
    off_book: int


class Due(BaseModel):
    """What is due next: `draw`, `visits` or `closing`; `open`: how many are to be drawn or visited."""

    what: str
    stage: int
    by: str | None
    open: int


class Inspection(InspectionShort):
    """An inspection as far as it has come; `labels` are words its verdict must not be repeated without."""

    labels: list[str]
    progress: Progress | None
    due: Due | None
