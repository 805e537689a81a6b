"""Is this JSON spelled the one way it may be spelled, and what does it say?

Promises: `encode` writes RFC 8785 for the schema of this project (objects with ASCII keys, integers
within +-(2**53 - 1), strings, booleans, arrays; no fractions, no null), and `decode` takes exactly what
`encode` writes. `read_object` takes any spelling of the same values, for JSON that other people's
libraries write, but never anything two parsers could read differently. All three raise `Unreadable`
and nothing else about the bytes they are given. `from_base64` and `to_base64` do for octets inside JSON and
notes what the first two do for values. Refuses to know what the fields mean.

On this schema sorting keys by code point and sorting them by UTF-16 unit, as RFC 8785 asks, are the same,
and so a fast sorted encoder writes RFC 8785. Most rules then follow from one comparison: a repeated key,
white space, a needless escape, `-0` or another order of keys cannot survive being written again.
"""

import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

INTEGER_MAX = 2**53 - 1
JSON_DEPTH_MAX = 16  # containers inside each other; a scalar alone has depth 0
STRING_CHARACTERS_MAX = 1024  # for those who check values; not enforced here

LADDER_DEPTH = 8  # the typed decoder doubles with each level; deeper values are rare and walked in Python
LINES_PER_CHECK = 4096  # bounds the memory that checking one long manifest takes


class Unreadable(Exception):
    """Bytes or text from outside that do not have the form they must have.

    field: the part at fault, as the caller named it; detail: what is wrong with it, for people.
    """

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(field, detail)
        self.field = field
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}"


class TooLarge(Unreadable):
    """Well formed, but beyond a named limit."""


def encode(value: object) -> bytes:
    """The canonical JSON of dicts with str keys, ints, strs, bools, lists, tuples and msgspec Structs.

    UNSET fields of a Struct are left out. Raises Unreadable for a lone surrogate, a fraction, None, an
    integer out of range or a key that is not ASCII, TooLarge for a depth over 16. A TypeError is ours.
    """
    raw = _write(value)
    # Nothing may be written that `decode` would refuse: it is read back under the same rules.
    _refuse_foreign_keys(_parse(raw, "value"), raw, "value")
    return raw


def encode_lines(values: Sequence[object]) -> list[bytes]:
    """The canonical JSON of each value, as `encode` would write it, many at a time."""
    lines: list[bytes] = []
    for start in range(0, len(values), LINES_PER_CHECK):
        some = values[start : start + LINES_PER_CHECK]
        try:
            joined = _ENCODER.encode_lines(some)
            _refuse_foreign_keys(_LADDER.decode_lines(joined), joined, "value")
        except (Unreadable, msgspec.MsgspecError, UnicodeError, RecursionError):
            lines += [encode(value) for value in some]  # names the fault, or admits what is merely deep
        else:
            lines += joined.split(b"\n")[:-1]
    assert len(lines) == len(values)
    return lines


def decode(raw: bytes, what: str) -> Any:
    """The value of canonical JSON; `what` names the bytes in the error.

    Raises TooLarge for a depth over 16, Unreadable for everything else `encode` would not have written.
    """
    value = _parse(raw, what)
    if _ENCODER.encode(value) != raw:
        raise Unreadable(what, "not canonical JSON (RFC 8785)")
    _refuse_foreign_keys(value, raw, what)
    return value


def read_object(raw: bytes, what: str) -> dict[str, Any]:
    """The object in JSON of any spacing, order of keys and escapes; `what` names the bytes in the error.

    Keys need not be ASCII. Raises TooLarge for a depth over 16 and Unreadable for repeated keys, fractions,
    null, integers out of range, lone surrogates, bytes that are not UTF-8, and whatever is not JSON.
    """
    value = _parse(raw, what)
    if not isinstance(value, dict):
        raise Unreadable(what, "not a JSON object")
    if _ENCODER.encode(value) != raw:
        _refuse_repeated_keys(raw, what)
    return value


def to_base64(octets: bytes) -> str:
    """Padded standard base64 (RFC 4648, section 4) on one line."""
    return binascii.b2a_base64(octets, newline=False).decode("ascii")


def from_base64(text: Any, what: str) -> bytes:
    """The octets of a string that `to_base64` would write; anything else is Unreadable, naming `what`."""
    if not isinstance(text, str):
        raise Unreadable(what, "not a string")
    try:
        octets = binascii.a2b_base64(text)
    except ValueError:  # binascii.Error is one; characters beyond ASCII raise a plain one
        raise Unreadable(what, "not base64") from None
    # Missing padding, spare bits, line ends and the other alphabet all show here.
    if to_base64(octets) != text:
        raise Unreadable(what, "not the one padded standard base64 of its bytes")
    return octets


def _ladder() -> Any:
    """The type of a value nested at most LADDER_DEPTH deep, so that the decoder itself applies the rules."""
    integer = Annotated[int, msgspec.Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
    rung: Any = bool | integer | str
    for _ in range(LADDER_DEPTH):
        rung = bool | integer | str | list[rung] | dict[str, rung]
    return rung


_ENCODER = msgspec.json.Encoder(order="sorted")
_LADDER = msgspec.json.Decoder(_ladder())
_PLAIN = msgspec.json.Decoder()


def _write(value: object) -> bytes:
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        raise Unreadable("value", "a lone surrogate has no UTF-8") from None
    except RecursionError:
        raise TooLarge("value", f"nested deeper than {JSON_DEPTH_MAX}") from None


def _parse(raw: bytes, what: str) -> Any:
    """The value of JSON in any spelling, under every rule except those on repeated keys and on ASCII."""
    try:
        return _LADDER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _parse_slowly(raw, what)


def _parse_slowly(raw: bytes, what: str) -> Any:
    """As `_parse`, for values deeper than the ladder and to name the fault of those it refused."""
    try:
        value = _PLAIN.decode(raw)
    except RecursionError:
        raise TooLarge(what, f"nested deeper than {JSON_DEPTH_MAX}") from None
    except UnicodeDecodeError:
        raise Unreadable(what, "not UTF-8") from None
    except msgspec.MsgspecError as fault:
        raise Unreadable(what, str(fault)) from None
    _refuse_forbidden_values(value, what)
    return value


def _refuse_forbidden_values(value: Any, what: str) -> None:
    """Raise for a null, fraction or integer out of range anywhere; only then for the depth."""
    depth_reached = 0
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if item is None:
            raise Unreadable(what, "null is never written")
        if isinstance(item, float):
            raise Unreadable(what, "numbers are whole")
        if isinstance(item, int) and abs(item) > INTEGER_MAX:
            raise Unreadable(what, "an integer beyond 2^53 - 1; larger ones are written as strings")
        if isinstance(item, (dict, list)):
            depth_reached = max(depth_reached, depth + 1)
            inner = item.values() if isinstance(item, dict) else item
            waiting.extend((each, depth + 1) for each in inner)
    if depth_reached > JSON_DEPTH_MAX:
        raise TooLarge(what, f"nested deeper than {JSON_DEPTH_MAX}")


def _refuse_foreign_keys(value: Any, raw: bytes, what: str) -> None:
    """Raise for a key that is not ASCII: only among such keys do the two sorting orders differ."""
    if raw.isascii():
        return
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if not all(map(str.isascii, item)):
                raise Unreadable(what, "a key is not ASCII")
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _refuse_repeated_keys(raw: bytes, what: str) -> None:
    """A second parser reads `raw`, which `_parse` has passed, for what the first one hides."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        if len(names) != len(pairs):
            raise Unreadable(what, "a key is repeated")
        return names

    try:
        json.loads(raw.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(what, f"not JSON: {fault}") from None
