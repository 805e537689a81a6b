"""Canonical JSON is RFC 8785 on our schema, and one spelling alone is read."""

import json

import msgspec
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from signing.canonical import (
    INTEGER_MAX,
    JSON_DEPTH_MAX,
    LINES_PER_CHECK,
    TooLarge,
    Unreadable,
    decode,
    encode,
    encode_lines,
    from_base64,
    read_object,
    to_base64,
)

AWKWARD = '\x00\b\t\n\f\r\x1f"\\/\x7f\x80\u2028\u2029\ufeff\uffff\U0001f600\U0010ffff'

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from(AWKWARD), max_size=20)
keys = st.text(st.characters(max_codepoint=0x7F), max_size=8)
integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
scalars = st.booleans() | integers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)
anything = st.recursive(
    scalars | st.none() | st.floats() | st.integers() | st.text(st.characters(), max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def nested(depth, innermost=1):
    for _ in range(depth):
        innermost = [innermost]
    return innermost


def depth_of(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


def in_schema(value, ascii_keys):
    """The slow twin's rules on values, one by one and in plain words."""
    if isinstance(value, dict):
        good_keys = all(key.isascii() for key in value) if ascii_keys else True
        return good_keys and all(
            in_schema(key, False) and in_schema(item, ascii_keys) for key, item in value.items()
        )
    if isinstance(value, list):
        return all(in_schema(item, ascii_keys) for item in value)
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) <= INTEGER_MAX)


def slow_parse(raw):
    """Strict JSON by the standard library: (value, was a key repeated), or None."""
    repeated = []

    def pairs(items):
        repeated.append(len(dict(items)) != len(items))
        return dict(items)

    def refuse(text):
        raise ValueError(text)

    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=pairs, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    return value, any(repeated)


def slow_read_object(raw):
    parsed = slow_parse(raw)
    if parsed is None or parsed[1] or not isinstance(parsed[0], dict):
        return None
    return parsed[0] if in_schema(parsed[0], False) and depth_of(parsed[0]) <= JSON_DEPTH_MAX else None


def slow_decode(raw):
    parsed = slow_parse(raw)
    if parsed is None or not in_schema(parsed[0], True) or depth_of(parsed[0]) > JSON_DEPTH_MAX:
        return None
    return parsed[0] if rfc8785.dumps(parsed[0]) == raw else None


def attempt(read, raw):
    try:
        return read(raw, "it")
    except Unreadable:
        return None


@given(values)
@example(
    {"z": AWKWARD, "a": [True, False, INTEGER_MAX, -INTEGER_MAX, 0], "\x7f": "", "": {}, "Z": [], "_": 1}
)
@example("x" * 5000 + AWKWARD * 300)
def test_it_writes_what_rfc8785_writes(value):
    assert encode(value) == rfc8785.dumps(value)


@given(values)
def test_what_it_writes_it_reads_back_the_same(value):
    assert decode(encode(value), "it") == value


@given(anything)
def test_it_writes_nothing_that_it_would_not_read(value):
    try:
        raw = encode(value)
    except Unreadable:
        assert not in_schema(value, True) or depth_of(value) > JSON_DEPTH_MAX
    else:
        assert raw == rfc8785.dumps(value)
        assert slow_decode(raw) == value


@given(anything, st.data())
def test_both_readers_agree_with_their_slow_twins(value, data):
    shape = data.draw(
        st.fixed_dictionaries(
            {
                "ensure_ascii": st.booleans(),
                "indent": st.sampled_from([None, 1]),
                "separators": st.sampled_from([(",", ":"), (", ", ": ")]),
                "sort_keys": st.booleans(),
            }
        )
    )
    raw = json.dumps(value, **shape).encode("utf-8", "surrogatepass")
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(raw)))
        raw = raw[:at] + data.draw(st.binary(max_size=2)) + raw[at + data.draw(st.integers(0, 2)) :]
    assert attempt(decode, raw) == slow_decode(raw)
    assert attempt(read_object, raw) == slow_read_object(raw)


@given(
    st.binary(max_size=40) | st.text(st.sampled_from('{}[]",:\\u0d81e.-+tn '), max_size=20).map(str.encode)
)
def test_any_bytes_give_a_value_or_unreadable(raw):
    assert attempt(decode, raw) == slow_decode(raw)
    assert attempt(read_object, raw) == slow_read_object(raw)


@pytest.mark.parametrize("depth", [7, 8, 9, 15, 16])
def test_sixteen_containers_may_stand_in_each_other(depth):
    assert decode(encode(nested(depth)), "it") == nested(depth)
    inner = {"a": nested(depth - 1)}
    assert read_object(json.dumps(inner).encode(), "it") == inner


@pytest.mark.parametrize("raw", [b"[" * 17 + b"]" * 17, b'{"a":' * 17 + b"1" + b"}" * 17, b"[" * 100_000])
def test_a_seventeenth_container_is_too_large(raw):
    with pytest.raises(TooLarge):
        decode(raw, "it")
    with pytest.raises(TooLarge):
        read_object(raw, "it")


def test_what_is_malformed_is_said_before_what_is_too_large():
    raw = b'[null,"x",' + b"[" * 17 + b"]" * 17 + b"]"
    with pytest.raises(Unreadable) as caught:
        decode(raw, "it")
    assert type(caught.value) is Unreadable
    assert caught.value.detail == "null is never written"


def test_too_deep_a_value_is_not_written():
    for value in (nested(17), nested(100_000)):
        with pytest.raises(TooLarge):
            encode(value)


@pytest.mark.parametrize(
    "value",
    ["\ud800", {"\udc00": 1}, ["a\udfffb"], None, {"a": None}, 1.5, 1.0, 2**53, -(2**53), 2**64, {"é": 1}],
)
def test_values_beyond_the_schema_are_not_written(value):
    with pytest.raises(Unreadable):
        encode(value)
    with pytest.raises(Unreadable):
        encode_lines([{"fine": 1}, value])


@pytest.mark.parametrize(
    "raw",
    [
        b' {"a":1}',
        b'{"a":1}\n',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\\u0008"}',
        b'{"a":"\\u00e9"}',
        b'{"a":-0}',
        b'{"a":1.0}',
        b'{"a":1e0}',
        b'{"a":null}',
        b"\xef\xbb\xbf{}",
        '{"é":1}'.encode(),
        b"9007199254740992",
        b"-9007199254740992",
    ],
)
def test_a_second_spelling_is_not_canonical(raw):
    with pytest.raises(Unreadable) as caught:
        decode(raw, "payload")
    assert caught.value.field == "payload"
    assert str(caught.value) == f"payload: {caught.value.detail}"


def test_the_comparison_is_what_refuses_second_spellings():
    """Negative control: the same parser without the comparison takes them."""
    for raw in (b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":"\\u0041"}', b'{"a":-0}'):
        msgspec.json.decode(raw)
        with pytest.raises(Unreadable):
            decode(raw, "it")


def test_the_sorting_orders_differ_only_for_keys_that_are_not_ascii():
    """Negative control: why such keys are refused. U+10000 sorts before U+FFFF in UTF-16 units alone."""
    keys_apart = {"\U00010000": 1, "\uffff": 2}
    assert msgspec.json.encode(keys_apart, order="sorted") != rfc8785.dumps(keys_apart)
    for raw in (msgspec.json.encode(keys_apart, order="sorted"), rfc8785.dumps(keys_apart)):
        with pytest.raises(Unreadable):
            decode(raw, "it")


def test_a_struct_is_written_like_an_object_without_its_unset_fields():
    class Line(msgspec.Struct, frozen=True, tag="line", tag_field="kind"):
        serial: str
        count: int | msgspec.UnsetType = msgspec.UNSET
        also: tuple[int, ...] = ()

    assert encode(Line("s", also=(1, 2))) == b'{"also":[1,2],"kind":"line","serial":"s"}'
    assert encode([Line("s", 3)]) == b'[{"also":[],"count":3,"kind":"line","serial":"s"}]'


def test_lines_are_written_as_they_would_be_one_by_one():
    lines = [
        {"chip": f"maker:{number}", "seen": ["é\n" * (number % 3)]} for number in range(LINES_PER_CHECK + 5)
    ]
    lines[7] = {"deep": nested(12)}
    assert encode_lines(lines) == [rfc8785.dumps(line) for line in lines]
    assert encode_lines([]) == []
    assert encode_lines(("a\nb", 1)) == [b'"a\\nb"', b"1"]


def test_a_foreign_key_in_one_line_is_found():
    with pytest.raises(Unreadable):
        encode_lines([{"a": 1}, {"b": [{"ключ": 1}]}])


def test_an_object_of_another_library_may_be_spaced_and_ordered_freely():
    assert read_object(b' { "b" : 1 ,\r\n\t"a" : "\\u0041\\ud83d\\ude00" , "\\u00e9": -0 } ', "it") == {
        "b": 1,
        "a": "A\U0001f600",
        "é": 0,
    }
    for raw in (b"[]", b'"a"', b"1", b""):
        with pytest.raises(Unreadable):
            read_object(raw, "it")


@given(st.binary(max_size=80))
def test_base64_has_one_spelling(octets):
    text = to_base64(octets)
    assert from_base64(text, "it") == octets
    for other in {text + "=", text + "\n", " " + text, text[:-1], text.replace("=", ""), text + "\u00e9"} - {
        text
    }:
        with pytest.raises(Unreadable):
            from_base64(other, "it")


@pytest.mark.parametrize("other", ["QQ", "QR==", "Q-==", "Q_==", "QQ==QQ==", None, 7, b"QQ=="])
def test_octets_spelled_otherwise_are_unreadable(other):
    assert from_base64("QQ==", "it") == b"A"
    with pytest.raises(Unreadable):
        from_base64(other, "it")
