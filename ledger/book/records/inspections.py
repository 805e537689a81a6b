"""Inspections as the log hears of them: `inspection.committed`, `inspection.drawn`."""

from typing import Any

from ledger.book.records.form import Body, Form, Line, Part, Use


class Stratum(Part, frozen=True, rename={"chip_class": "class"}):
    """A predicate over the frame; the first that matches takes the chip, the last takes the rest."""

    name: str
    site: str | None = None
    model: str | None = None
    chip_class: str | None = None  # written `class`, a word Python keeps for itself


class Stage(Part, frozen=True):
    """One draw: its round, the hash of its secret, a size for each stratum, its stopping rule."""

    round: int
    secret_sha256: str
    sizes: list[int]
    notice_by: str
    found_by: str
    accept: int
    reject: int


class InspectionCommitted(Body, frozen=True):
    """A verifier binds itself before anybody can know the draw."""

    inspection: str
    series: str
    number: int
    provers: list[str]
    direction: str
    strata: list[Stratum]
    planner: str
    parameters: dict[str, Any]
    beta_ppm: int
    beacon: str
    stages: list[Stage]


class PulseText(Part, frozen=True):
    """A beacon's output for one round, hex; randomness is derived from it, never taken."""

    round: int
    signature: str
    previous_signature: str | None = None


class FrameClaim(Part, frozen=True):
    """How many chips could have been drawn, and the hex root over them."""

    count: int
    root: str


class Timely(Part, frozen=True):
    """Proof that witnesses had seen the commitment before the round."""

    checkpoint: str
    proof: list[str]


class InspectionDrawn(Body, frozen=True):
    """The draw, which anybody can redo; the manifest names the selected chips, if there are any."""

    inspection: str
    beacon: str
    round: int
    pulse: PulseText
    secret: str
    frame: FrameClaim
    timely: Timely | None = None


FORMS = (
    Form("inspection.committed", InspectionCommitted),
    Form("inspection.drawn", InspectionDrawn, Line, Use.OPTIONAL),
)
