"""What must be known of a kind before a word of it is judged?

A `Form` names the kind, the shapes of its body and of a manifest line, and whether lines travel
with it. Shapes are msgspec structs: they know fields and types. What a value may be is the law's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Any

import msgspec

from signing.canonical import encode


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A statement's body. An absent field is None inside; null is never written."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An object within a body or a line."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A manifest line. Every line has a chip and a salt."""

    chip: str
    salt: str


class PlacedLine(Line, frozen=True, kw_only=True, gc=False):
    """A line about a chip, or about a `position` on a floor; what it does not name is ""."""

    chip: str = ""
    position: str = ""


class Identity(Part, frozen=True, gc=False):
    """What tells one chip from another: key in the silicon, numbers, label; `seen` has this shape too."""

    ik_sha256: str | None = None
    pdi: str | None = None
    uuid: str | None = None
    label: str | None = None
    attestation_sha256: str | None = None

    def text(self) -> str:
        """The canonical spelling, by which lines about one chip are told apart."""
        return encode(self).decode()


class Use(Enum):
    """Whether lines travel with a statement of this kind."""

    NEVER = "never"
    ALWAYS = "always"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Form:
    """The shape of one kind of statement."""

    kind: str
    body: type[Body]
    line: type[Line] | None = None
    manifest: Use = Use.NEVER
    observation: bool = False  # never refused for disagreeing with the book
    keys_of: Callable[[Sequence[Any]], list[Any]] = lambda lines: list(map(attrgetter("chip"), lines))
    while_suspended: bool = False  # a claim that a suspended party may make all the same


def placed_keys(lines: Sequence[Any]) -> list[Any]:
    """Keys of lines about chips or positions."""
    return [line.position or line.chip for line in lines]


def placed_seen_keys(lines: Sequence[Any]) -> list[Any]:
    """Keys (chip or position, canonical `seen`) of observations of either."""
    return [(line.position or line.chip, "" if line.seen is None else line.seen.text()) for line in lines]


def seen_keys(lines: Sequence[Any]) -> list[Any]:
    """Keys (chip, canonical `seen`) of observations, in which a chip may repeat if `seen` differs."""
    return [(line.chip, "" if line.seen is None else line.seen.text()) for line in lines]
