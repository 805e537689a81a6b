"""What is a fault in a statement, and how are several put into one?

A `Fault` spoils a good draft at one stage: what is said, the payload or its spelling, the lines that travel,
the envelope. `touches` names what it changes, so that two faults are only combined where neither hides
the other. `raw_of` makes the bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ledger.book.rejection import Reason
from signing.canonical import encode
from tests.world_speech import bundle_bytes, lines_of, signed


def same(value):
    """A stage that leaves alone what it gets."""
    return value


@dataclass(frozen=True)
class Fault:
    """`kinds` empty: any kind can have it."""

    name: str
    reason: Reason
    touches: frozenset[str]
    kinds: frozenset[str] = frozenset()
    draft: Callable[[Any], Any] = same
    payload: Callable[[Any], Any] = same
    raws: Callable[[Any], Any] = same
    spelling: Callable[[bytes], bytes] = same
    envelope: Callable[[Any], Any] = same

    def __str__(self):
        return f"{self.reason.value} {','.join(sorted(self.kinds)) or 'any'} {self.name}"

    def fits(self, kind):
        """Whether a statement of this kind can have it."""
        return not self.kinds or kind in self.kinds


def raw_of(draft, *faults):
    """The bundle of a draft with faults in it."""
    for fault in faults:
        draft = fault.draft(draft)
    raws, payload = draft.raw_lines(), draft.payload()
    for fault in faults:
        raws, payload = fault.raws(raws), fault.payload(payload)
    text = encode(payload)
    for fault in faults:
        text = fault.spelling(text)
    envelope = signed(draft.by or draft.party, text).as_object()
    for fault in faults:
        envelope = fault.envelope(envelope)
    return bundle_bytes(encode(envelope), raws, draft.attestations)


def body(kind, reason, name=None, /, **fields):
    """Other values in the body; None takes a field out. `a__b` is field b of the object a."""

    def spoil(draft):
        said = {}
        for path, value in fields.items():
            outer, _, inner = path.partition("__")
            said[outer] = {**draft.body[outer], inner: value} if inner else value
        return draft.changed(**said)

    touched = frozenset(f"body.{path.partition('__')[0]}" for path in fields)
    return Fault(name or _told(fields), reason, touched, frozenset({kind}), draft=spoil)


def outer(reason, name=None, kinds=(), /, **fields):
    """Other members of the statement itself."""
    told = name or _told(fields)
    return Fault(
        told,
        reason,
        frozenset(fields),
        frozenset(kinds),
        draft=lambda draft: replace(draft, **fields),
    )


def line(kind, reason, name=None, /, **fields):
    """Other values in the first line."""

    def spoil(draft):
        first = {key: value for key, value in {**draft.lines[0], **fields}.items() if value is not None}
        return replace(draft, lines=(first, *draft.lines[1:]))

    return Fault(name or _told(fields), reason, frozenset({"lines"}), frozenset({kind}), draft=spoil)


def lines(kind, reason, *about, name=None, **body_fields):
    """Other lines; with them, what `body_fields` say. `party` is who speaks."""

    def spoil(draft):
        said = dict(body_fields)
        party = said.pop("party", draft.party)
        return replace(draft.changed(**said), party=party, lines=lines_of(about))

    touched = {"lines", *(path if path == "party" else f"body.{path}" for path in body_fields)}
    return Fault(name or f"lines {about}"[:60], reason, frozenset(touched), frozenset({kind}), draft=spoil)


def stage(kind, reason, name=None, /, **fields):
    """Other values in the first stage of a commitment."""

    def spoil(draft):
        first, *rest = draft.body["stages"]
        return draft.changed(stages=[{**first, **fields}, *rest])

    told = name or f"stage {_told(fields)}"
    return Fault(told, reason, frozenset({"body.stages"}), frozenset({kind}), draft=spoil)


def _told(fields):
    return " ".join(f"{name}={value!r}"[:40] for name, value in fields.items())
