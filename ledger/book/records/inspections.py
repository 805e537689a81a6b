"""Inspections as the log hears of them: committed, drawn, found, closed."""

from typing import Any

from ledger.book.records.form import (
    Body,
    Form,
    Identity,
    Part,
    PlacedLine,
    Use,
    placed_keys,
    placed_seen_keys,
)


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
    """A source's output for one round; randomness is derived from it, never taken.

    drand: `signature`, with `previous_signature` in its chain, hex. `nist`: the object the beacon publishes
    under `pulse`. `curby`: `{pulse, previous?}`, objects as published. `proof`: of a verifier's own key, hex.
    """

    round: int
    signature: str | None = None
    previous_signature: str | None = None
    nist: dict[str, Any] | None = None
    curby: dict[str, Any] | None = None
    proof: str | None = None


class FrameClaim(Part, frozen=True):
    """How many chips could have been drawn, and the hex root over them."""

    count: int
    root: str


class Timely(Part, frozen=True):
    """Proof that witnesses had seen the commitment before the round."""

    checkpoint: str
    proof: list[str]


class InspectionDrawn(Body, frozen=True):
    """The draw, which anybody can redo; the manifest names what was selected, if anything."""

    inspection: str
    beacon: str
    round: int
    pulse: PulseText
    secret: str
    frame: FrameClaim
    timely: Timely | None = None


class InspectionFound(Body, frozen=True):
    """What inspectors found at one site."""

    inspection: str
    site: str


class FoundLine(PlacedLine, frozen=True, kw_only=True, gc=False):
    """One visit to one drawn chip, or position and what stands there; `found_at` is a time."""

    result: str
    found_at: str
    seen: Identity | None = None
    evidence_sha256: str | None = None


class Counts(Part, frozen=True):
    """How many of the drawn have each result; the last two words may be left out."""

    confirmed: int
    not_found: int
    refused: int
    mismatch: int
    tampered: int
    inconclusive: int
    unlisted: int
    not_visited: int | None = None
    duplicate: int | None = None


class DrawOf(Part, frozen=True):
    """Draw `k` of the `m` that its series has."""

    k: int
    m: int


class InspectionClosed(Body, frozen=True):
    """What the findings come to; every number is recomputed."""

    inspection: str
    verdict: str
    counts: Counts
    known_missing: int
    off_book: int
    draw: DrawOf
    upper_bound: int | None = None


FORMS = (
    Form("inspection.committed", InspectionCommitted),
    Form("inspection.drawn", InspectionDrawn, PlacedLine, Use.OPTIONAL, keys_of=placed_keys),
    Form(
        "inspection.found",
        InspectionFound,
        FoundLine,
        Use.ALWAYS,
        observation=True,
        keys_of=placed_seen_keys,
    ),
    Form("inspection.closed", InspectionClosed),
)
