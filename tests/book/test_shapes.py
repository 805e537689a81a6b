"""What has not the shape of its kind is malformed, field by field; nothing makes the judge stumble."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book.kinds import FORMS
from ledger.book.law import RULES
from ledger.book.rejection import Reason
from signing.canonical import decode, encode, to_base64
from tests.book.ready import good, home_of
from tests.world_speech import bundle_bytes, signed

WRONG = (1, "x", True, ["x"], {"x": 1}, None, 1.5)
FREE = (("body", "parameters"), ("proof",))  # objects of other shapes, read later or by nobody
NUMBER = (int, float)


def spelled(value):
    """Sorted and compact, whatever it is: null and fractions too."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def paths(value, path=()):
    """The path of every value within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in inner:
        here = (*path, name)
        yield here
        if not any(here[-len(free) :] == free for free in FREE):
            yield from paths(member, here)


def at(value, path):
    """The value at a path."""
    for name in path:
        value = value[name]
    return value


def put(value, path, new):
    """A copy with another value at a path; `put` with no path is the new value itself."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


def without(value, path):
    """A copy without the member at a path."""
    copy = dict(at(value, path[:-1]))
    del copy[path[-1]]
    return put(value, path[:-1], copy)


def differs(old, new):
    """Whether a value is of another type than it should be."""
    return type(old) is not type(new)


def told(kind, payload, raws):
    """What the door says of a payload in any spelling."""
    draft = good()[kind]
    return home_of(kind).would(bundle_bytes(signed(draft.by or draft.party, payload), raws))


def payload_of(kind):
    """The good payload as plain values."""
    return decode(encode(good()[kind].payload()), "payload")


@pytest.mark.parametrize("kind", FORMS)
def test_a_value_of_another_type_is_malformed(kind):
    payload, raws = payload_of(kind), good()[kind].raw_lines()
    tried = 0
    for path in paths(payload):
        for wrong in WRONG:
            if differs(at(payload, path), wrong):
                found = told(kind, spelled(put(payload, path, wrong)), raws)
                assert found.reason is Reason.MALFORMED, (path, wrong, found.detail)
                tried += 1
    for path in paths(decode(raws[0], "line")) if raws else ():
        line = decode(raws[0], "line")
        for wrong in WRONG:
            if differs(at(line, path), wrong):
                found = told(kind, spelled(payload), (spelled(put(line, path, wrong)), *raws[1:]))
                assert found.reason is Reason.MALFORMED, (path, wrong, found.detail)
                tried += 1
    assert tried > 40


@pytest.mark.parametrize("kind", FORMS)
def test_an_unknown_field_is_malformed_wherever_it_stands(kind):
    payload, raws = payload_of(kind), good()[kind].raw_lines()
    objects = [path for path in ((), *paths(payload)) if isinstance(at(payload, path), dict)]
    free = [path for path in objects if path and any(path[-len(each) :] == each for each in FREE)]
    for path in objects:
        if path not in free:
            said = put(payload, path, {**at(payload, path), "zz": "x"})
            assert told(kind, spelled(said), raws).reason is Reason.MALFORMED, path
    assert len(objects) - len(free) >= 2
    if raws:
        line = {**decode(raws[0], "line"), "zz": "x"}
        assert told(kind, spelled(payload), (spelled(line), *raws[1:])).reason is Reason.MALFORMED


@pytest.mark.parametrize("kind", FORMS)
def test_a_missing_field_is_malformed_unless_it_is_optional(kind):
    payload, raws = payload_of(kind), good()[kind].raw_lines()
    must = {
        name
        for name, field in zip(
            FORMS[kind].body.__struct_fields__, _is_required(FORMS[kind].body), strict=True
        )
        if field
    }
    for name in payload["body"]:
        found = told(kind, spelled(without(payload, ("body", name))), raws)
        assert (found.reason is Reason.MALFORMED) == (name in must), name
    for name in ("log", "kind", "party", "occurred_at", "expires_at", "body"):
        assert told(kind, spelled(without(payload, (name,))), raws).reason is Reason.MALFORMED


def _is_required(struct):
    fields = struct.__struct_fields__
    defaults = struct.__struct_defaults__
    return [place < len(fields) - len(defaults) for place in range(len(fields))]


def test_an_envelope_has_one_shape_and_one_spelling():
    draft = good()["site.declared"]
    envelope = draft.envelope().as_object()
    world = home_of("site.declared")
    assert world.would(bundle_bytes(spelled(envelope))).reason is None
    tried = 0
    for path in paths(envelope):
        for wrong in WRONG:
            if differs(at(envelope, path), wrong):
                raw = bundle_bytes(spelled(put(envelope, path, wrong)))
                assert world.would(raw).reason is Reason.MALFORMED, (path, wrong)
                tried += 1
        if isinstance(path[-1], str):
            assert world.would(bundle_bytes(spelled(without(envelope, path)))).reason is Reason.MALFORMED
    sig = envelope["signatures"][0]["sig"]
    for text in (sig.rstrip("="), sig + "\n", sig.replace("+", "-").replace("/", "_") + " ", "", "====", "é"):
        raw = bundle_bytes(spelled(put(envelope, ("signatures", 0, "sig"), text)))
        assert world.would(raw).reason is Reason.MALFORMED, text
    for keyid in (envelope["signatures"][0]["keyid"].upper(), "ab", ""):
        raw = bundle_bytes(spelled(put(envelope, ("signatures", 0, "keyid"), keyid)))
        assert world.would(raw).reason is Reason.MALFORMED, keyid
    long = put(envelope, ("payload",), to_base64(b"x" * 45_001))
    assert world.would(bundle_bytes(spelled(long))).reason is Reason.TOO_LARGE
    assert tried > 25


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"null", b"1", b'"x"', b"{}", b"\xef\xbb\xbf{}", b"{}{}", b"NaN",
        b'{"envelope":NaN}', b'{"envelope":{}}', b'{"envelope":1,"envelope":1}', b"[" * 100_000,
        b'{"envelope":' * 100_000, b'{"envelope":' + b"[" * 100_000, b"\xff\xfe", b'{"a":"\\ud800"}',
        b'{"manifest":[]}', b'{"envelope":{},"manifest":{}}', b'{"envelope":{},"attestations":[]}',
    ],
)  # fmt: skip
def test_what_is_no_bundle_is_malformed(raw):
    assert home_of("site.declared").would(raw).reason in (Reason.MALFORMED, Reason.TOO_LARGE)


def test_members_of_a_bundle_stand_once():
    raw = good()["site.declared"].raw()
    twice = raw[:-1] + b"," + raw[1:]
    assert home_of("site.declared").would(twice).reason is Reason.MALFORMED
    spaced = raw.replace(b'"envelope":', b' "envelope" : ', 1)
    assert home_of("site.declared").would(spaced).reason is None  # its spacing belongs to the client
    attested = raw[:-1] + b',"attestations":{"ab":"AA=="}}'
    assert home_of("site.declared").would(attested).reason is Reason.MANIFEST_MISMATCH  # no line names it
    assert home_of("site.declared").would(raw[:-1] + b',"extra":1}').reason is Reason.MALFORMED


texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "\n", "\x00", "me", "oslo/hall", "acme:S1", "é" * 70, "a" * 1025]),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64), st.floats(), texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)


@st.composite
def mangled(draw):
    """A good bundle with something else somewhere: a value, a member, a byte."""
    kind = draw(st.sampled_from(sorted(FORMS)))
    payload, raws = payload_of(kind), good()[kind].raw_lines()
    for _ in range(draw(st.integers(1, 3))):
        if raws and draw(st.booleans()):
            line = decode(raws[0], "line")
            path = draw(st.sampled_from(sorted(paths(line), key=repr)))
            said = put(line, path, draw(values))
            raws = (json.dumps(said, separators=(",", ":"), sort_keys=True).encode(), *raws[1:])
            break
        found = draw(st.sampled_from(sorted(paths(payload), key=repr)))
        payload = put(payload, found, draw(values))
        if not isinstance(payload, dict):
            break
    text = spelled_anyhow(payload)
    if draw(st.integers(0, 9)) == 0:
        place = draw(st.integers(0, len(text) - 1))
        text = text[:place] + draw(st.binary(max_size=3)) + text[place + 1 :]
    draft = good()[kind]
    return kind, bundle_bytes(signed(draft.by or draft.party, text), raws)


def spelled_anyhow(value):
    """Canonical where that can be."""
    try:
        text = spelled(value)
    except UnicodeEncodeError:
        text = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return text[:45_000]


@settings(deadline=None, max_examples=400)
@given(mangled())
def test_nothing_makes_the_judge_stumble(mangle):
    """Any answer will do, an exception will not."""
    kind, raw = mangle
    assert home_of(kind).would(raw).reason in (None, *Reason)


@pytest.mark.long
@settings(deadline=None, max_examples=6_000)
@given(mangled())
def test_nothing_at_all_makes_the_judge_stumble(mangle):
    """Any answer will do, an exception will not."""
    kind, raw = mangle
    assert home_of(kind).would(raw).reason in (None, *Reason)


@settings(deadline=None, max_examples=300)
@given(kind=st.sampled_from(sorted(RULES)), place=st.integers(0), octets=st.binary(max_size=3))
def test_no_byte_on_the_way_makes_the_door_stumble(kind, place, octets):
    raw = good()[kind].raw()
    place %= len(raw)
    assert home_of(kind).would(raw[:place] + octets + raw[place + 1 :]).reason in (None, *Reason)
