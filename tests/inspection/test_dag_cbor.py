"""One value, one spelling: what is read back is what was written, and nothing else is read."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.inspection.dag_cbor import DEPTH_MAX, Link, decode, encode

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.binary(max_size=30)
    | st.builds(Link, st.binary(max_size=40)),
    lambda inner: (
        st.lists(inner, max_size=30).map(tuple) | st.dictionaries(st.text(max_size=30), inner, max_size=30)
    ),
    max_leaves=40,
)

# Examples of RFC 8949, appendix A, as far as they are DAG-CBOR.
EXAMPLES = {
    "00": 0,
    "17": 23,
    "1818": 24,
    "1903e8": 1000,
    "1a000f4240": 1_000_000,
    "1bffffffffffffffff": 2**64 - 1,
    "3bffffffffffffffff": -(2**64),
    "20": -1,
    "3903e7": -1000,
    "fb3ff199999999999a": 1.1,
    "f4": False,
    "f5": True,
    "f6": None,
    "40": b"",
    "4401020304": b"\x01\x02\x03\x04",
    "6449455446": "IETF",
    "62c3bc": "ü",
    "83010203": (1, 2, 3),
    "a26161016162820203": {"a": 1, "b": (2, 3)},
    "d82a43000102": Link(b"\x01\x02"),
    "a2616201626161f6": {"aa": None, "b": 1},
}

REFUSED = {
    "": "nothing",
    "0000": "two values",
    "1817": "a longer head than needed",
    "f97e00": "half of a float's octets: not a number",
    "f93c00": "a float of 16 bits",
    "fb7ff0000000000000": "infinity",
    "fb7ff8000000000000": "not a number",
    "f7": "undefined",
    "f0": "an unassigned simple value",
    "f814": "false with a longer head",
    "5f42010243030405ff": "octets in pieces",
    "9f01ff": "a list without a length",
    "c074": "a date",
    "d82a420102": "a link without its zero",
    "d82a40": "an empty link",
    "d82a6100": "a link in text",
    "d82b43000102": "another tag",
    "a2616201616102": "keys out of order",
    "a2616101616102": "a key twice",
    "a10102": "a key that is no text",
    "61ff": "text that is no UTF-8",
    "63eda080": "half of a surrogate pair",
    "9bffffffffffffffff": "a list that promises too much",
    "5b7fffffffffffffff": "octets that promise too much",
    "1c": "a reserved head",
    "19": "a head cut short",
    "8201": "a list cut short",
}


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_what_is_written_is_read_back(value):
    octets = encode(value)
    assert decode(octets) == (value,)
    assert repr(decode(octets)[0]) == repr(decode(encode(decode(octets)[0]))[0])


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=40))
def test_what_is_read_is_written_the_same_and_the_rest_raises_nothing(octets):
    held = decode(octets)
    assert held is None or encode(held[0]) == octets


def test_the_standards_own_examples():
    for text, value in EXAMPLES.items():
        held = decode(bytes.fromhex(text))
        assert held == (value,), text
        assert type(held[0]) is type(value)
        assert encode(value).hex() == text
    assert len(EXAMPLES) == 21


@pytest.mark.parametrize("text", REFUSED)
def test_any_other_spelling_is_refused(text):
    assert decode(bytes.fromhex(text)) is None, REFUSED[text]


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, 2**64, -(2**64) - 1, "\ud800", {"\ud800": 1}, (math.nan,)]
)
def test_what_has_no_spelling_is_not_written(value):
    assert encode(value) is None


def test_depth_is_bounded():
    nested = 1
    for _ in range(DEPTH_MAX):
        nested = (nested,)
    octets = encode(nested)
    assert decode(octets) == (nested,)
    assert encode((nested,)) is None
    assert decode(b"\x81" + octets) is None
    for first in (b"\x81", b"\xd8\x2a", b"\xa1"):
        assert decode(first * 8_000) is None
