"""What did the beacon say, as a draw quotes it?

A pulse has one of four shapes: drand's round and signature, NIST's published object, CURBy's, and the proof
of a verifier's own key. Which of them the beacon speaks is its scheme's; a pulse of another does not verify.
Randomness is derived, never taken. Knows no draw.
"""

from collections.abc import Mapping
from typing import Any, assert_never

from ledger.book.records.inspections import PulseText
from ledger.book.rejection import Rejection
from ledger.book.rows import BeaconRow
from ledger.book.rules.beacons import beacon_of, is_hex
from ledger.book.rules.rule import bad_field
from ledger.inspection import nist, twine
from ledger.inspection.beacon import ROUND_MAX, AnyPulse, Pulse, verify_pulse
from ledger.inspection.curby import CurbyPulse
from ledger.inspection.nist import NistPulse
from ledger.inspection.vrf import PROOF_BYTES, VrfPulse
from signing.canonical import encode

OBJECT_BYTES_MAX = 16 * 1024  # of NIST's or CURBy's object; theirs are 3 and 7 kilobytes


def check_pulse(pulse: PulseText) -> Rejection | None:
    """`bad_field` for what is none or more than one of the shapes, over-long, or in another spelling."""
    shapes = [pulse.signature, pulse.nist, pulse.curby, pulse.proof]
    if sum(shape is not None for shape in shapes) != 1:
        return bad_field("body.pulse has one of signature, nist, curby and proof")
    if not 1 <= pulse.round <= ROUND_MAX:
        return bad_field("body.pulse.round is 1 or more")
    if pulse.previous_signature is not None and pulse.signature is None:
        return bad_field("body.pulse.previous_signature goes with a signature")
    if any(text is not None and not is_hex(text) for text in (pulse.signature, pulse.previous_signature)):
        return bad_field("body.pulse: signatures are hex")
    if pulse.proof is not None and not is_hex(pulse.proof, PROOF_BYTES):
        return bad_field(f"body.pulse.proof is {2 * PROOF_BYTES} hex digits")
    for published in (pulse.nist, pulse.curby):
        if published is not None and len(encode(published)) > OBJECT_BYTES_MAX:
            return bad_field(f"body.pulse: the published object is over {OBJECT_BYTES_MAX:,} bytes")
    return None


def randomness_of(beacon: BeaconRow, pulse: PulseText, leaf: bytes) -> bytes | None:
    """What the listed beacon gave, by a pulse that `check_pulse` let pass; None where it does not prove it.

    `leaf` is the leaf hash of the commitment's entry, to which a verifier's own key is bound.
    """
    read = read_pulse(pulse, leaf)
    return None if read is None else verify_pulse(beacon_of(beacon), read)


def read_pulse(pulse: PulseText, leaf: bytes) -> AnyPulse | None:
    """The pulse of a text that `check_pulse` let pass; None where no beacon publishes anything like it."""
    if pulse.signature is not None:
        previous = pulse.previous_signature
        return Pulse(
            pulse.round, bytes.fromhex(pulse.signature), None if previous is None else bytes.fromhex(previous)
        )
    if pulse.nist is not None:
        return nist.read_published(pulse.round, pulse.nist)
    if pulse.curby is not None:
        return _curby(pulse.round, pulse.curby)
    assert pulse.proof is not None, "exactly one shape was given"
    return VrfPulse(pulse.round, bytes.fromhex(pulse.proof), leaf)


def quote(pulse: AnyPulse) -> PulseText:
    """How a draw quotes a pulse that was verified; `read_pulse` reads it back."""
    match pulse:
        case Pulse(number, signature, previous):
            return PulseText(number, signature.hex(), None if previous is None else previous.hex())
        case NistPulse():
            return PulseText(pulse.round, nist=nist.published_of(pulse))
        case CurbyPulse(number, thing, previous_thing):
            told = {"pulse": twine.published_of(thing)}
            if previous_thing is not None:
                told["previous"] = twine.published_of(previous_thing)
            return PulseText(number, curby=told)
        case VrfPulse(number, proof):
            return PulseText(number, proof=proof.hex())
    assert_never(pulse)


def _curby(round_number: int, told: Mapping[str, Any]) -> CurbyPulse | None:
    """`{pulse, previous?}`, each as published; `previous` belongs to the classical chain."""
    if "pulse" not in told or not told.keys() <= {"pulse", "previous"}:
        return None
    found = {name: _object(thing) for name, thing in told.items()}
    pulse = found["pulse"]
    if pulse is None or None in found.values():
        return None
    return CurbyPulse(round_number, pulse, found.get("previous"))


def _object(thing: Any) -> twine.TwineObject | None:
    return twine.read_published(thing) if isinstance(thing, dict) else None
