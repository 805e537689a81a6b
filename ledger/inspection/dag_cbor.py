"""Which bytes are hashed for this IPLD value, and which value do those bytes hold?

DAG-CBOR, the one spelling of CBOR (RFC 8949) that content addresses are made of: shortest heads, definite
lengths, text keys sorted by length and then by octet, floats of 64 bits, links under tag 42. `decode` takes
exactly what `encode` writes, None otherwise. Knows no link's meaning and no hash.

A value is None, a bool, an int, a finite float, a str, bytes, a Link, a tuple of values or a dict from str to
values.
"""

import math
import struct
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | bytes | Link | tuple[Value, ...] | dict[str, Value] | None"

DEPTH_MAX = 16  # containers inside each other
LINK_TAG = 42
LINK_PREFIX = b"\x00"  # multibase: the octets as they are

# Major types of a head's first three bits; the last five say the argument or its size.
UNSIGNED, NEGATIVE, OCTETS, TEXT, LIST, MAP, TAG, SIMPLE = range(8)
FALSE, TRUE, NULL, FLOAT_64 = 20, 21, 22, 27
ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}
CONSTANTS: dict[int, bool | None] = {FALSE: False, TRUE: True, NULL: None}


@dataclass(frozen=True, slots=True)
class Link:
    """A content identifier in octets, without the zero that DAG-CBOR puts before it."""

    octets: bytes


class _Malformed(Exception):
    """No DAG-CBOR can be made or read here; never leaves this module."""


def encode(value: Value) -> bytes | None:
    """The one spelling of the value; None where it has none: too deep, out of range, not finite, no UTF-8."""
    try:
        return _written(value, 0)
    except (_Malformed, UnicodeEncodeError):
        return None


def decode(octets: bytes) -> tuple[Value] | None:
    """The value in a tuple of one, for None is a value too; None for bytes that `encode` would not write."""
    try:
        value, end = _read(octets, 0, 0)
        return (value,) if end == len(octets) and _written(value, 0) == octets else None
    except (_Malformed, UnicodeDecodeError):
        return None


def _written(value: Value, depth: int) -> bytes:
    if depth > DEPTH_MAX:
        raise _Malformed
    match value:
        case None:
            return _head(SIMPLE, NULL)
        case bool():
            return _head(SIMPLE, TRUE if value else FALSE)
        case int():
            return _head(UNSIGNED, value) if value >= 0 else _head(NEGATIVE, -1 - value)
        case float():
            if not math.isfinite(value):
                raise _Malformed
            return bytes([SIMPLE << 5 | FLOAT_64]) + struct.pack(">d", value)
        case str():
            raw = value.encode("utf-8")
            return _head(TEXT, len(raw)) + raw
        case bytes():
            return _head(OCTETS, len(value)) + value
        case Link():
            return _head(TAG, LINK_TAG) + _written(LINK_PREFIX + value.octets, depth)
        case tuple():
            return _head(LIST, len(value)) + b"".join(_written(item, depth + 1) for item in value)
        case dict():
            pairs = {_written(key, depth): _written(item, depth + 1) for key, item in value.items()}
            # Shorter keys have shorter heads and smaller ones, so sorting the spelled keys sorts as asked.
            return _head(MAP, len(pairs)) + b"".join(key + pairs[key] for key in sorted(pairs))


def _head(major: int, argument: int) -> bytes:
    if argument < min(ARGUMENT_BYTES):
        return bytes([major << 5 | argument])
    for code, size in ARGUMENT_BYTES.items():
        if argument < 256**size:
            return bytes([major << 5 | code]) + argument.to_bytes(size, "big")
    raise _Malformed


def _read(octets: bytes, at: int, depth: int) -> tuple[Value, int]:
    """The value that starts at `at`, and where the next one starts.

    Heads that are not the shortest and keys out of order pass here: `decode` compares with what would have
    been written.
    """
    if depth > DEPTH_MAX:
        raise _Malformed
    first = _slice(octets, at, 1)[0]
    major, code = first >> 5, first & 0x1F
    size = ARGUMENT_BYTES.get(code, 0)
    if code > max(ARGUMENT_BYTES):
        raise _Malformed  # reserved, or of indefinite length
    raw = _slice(octets, at + 1, size)
    at += 1 + size
    if major == SIMPLE:
        return _simple(code, raw), at
    argument = int.from_bytes(raw, "big") if size else code
    if major in (UNSIGNED, NEGATIVE):
        return (argument if major == UNSIGNED else -1 - argument), at
    if major in (OCTETS, TEXT):
        raw = _slice(octets, at, argument)
        return (raw if major == OCTETS else raw.decode("utf-8")), at + argument
    if major == TAG:
        if argument != LINK_TAG or _slice(octets, at, 1)[0] >> 5 != OCTETS:
            raise _Malformed
        return _link(*_read(octets, at, depth))
    if argument > len(octets):
        raise _Malformed  # before anything is built: every item takes a byte
    items: list[Value] = []
    for _ in range(argument if major == LIST else 2 * argument):
        item, at = _read(octets, at, depth + 1)
        items.append(item)
    return (tuple(items) if major == LIST else _mapping(items)), at


def _link(target: Value, at: int) -> tuple[Link, int]:
    if not isinstance(target, bytes) or not target.startswith(LINK_PREFIX):
        raise _Malformed
    return Link(target[len(LINK_PREFIX) :]), at


def _simple(code: int, raw: bytes) -> Value:
    if code == FLOAT_64:
        (number,) = struct.unpack(">d", raw)
        return float(number)
    if code not in CONSTANTS:
        raise _Malformed
    return CONSTANTS[code]


def _mapping(items: list[Value]) -> dict[str, Value]:
    pairs: dict[str, Value] = {}
    for key, item in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str):
            raise _Malformed
        pairs[key] = item
    return pairs


def _slice(octets: bytes, at: int, size: int) -> bytes:
    if at + size > len(octets):
        raise _Malformed
    return octets[at : at + size]
