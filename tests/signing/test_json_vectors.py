"""Other people's JSON cases: what must be refused is refused, and only ever with Unreadable."""

import base64
import json
from collections import Counter
from hashlib import sha256

import msgspec
import pytest
import rfc8785

from signing.canonical import TooLarge, Unreadable, decode, encode, read_object
from tests.shared import vectors

# What a limit or the schema decides about the cases the file leaves to policy.
POLICY = {"s26": Unreadable, "s27": Unreadable, "s28": Unreadable, "s32": TooLarge, "s36": None}


def rows(name):
    return [json.loads(line) for line in vectors("json", name).read_text("utf-8").splitlines()]


def hostile_bodies():
    for row in rows("hostile_bodies.jsonl"):
        parts = row.get("build") or [[row["body_b64"], 1]]
        body = b"".join(base64.b64decode(part) * times for part, times in parts)
        assert sha256(body).hexdigest() == row["sha256"]
        yield row, body


def answer(read, raw):
    """What a reader says: its value, or the class of its refusal. Any other exception fails the test."""
    try:
        return read(raw, "body")
    except Unreadable as refusal:
        return type(refusal)


def ours(value):
    """Whether JSON that is valid is also in the schema."""
    if isinstance(value, dict):
        return all(map(ours, value.values()))
    if isinstance(value, list):
        return all(map(ours, value))
    return (
        value is not None and not isinstance(value, float) and (isinstance(value, str) or abs(value) < 2**53)
    )


def test_every_hostile_body_is_refused_and_nothing_else_escapes():
    counted = Counter()
    for row, body in hostile_bodies():
        counted[row["expect"]] += 1
        seen, strict = answer(read_object, body), answer(decode, body)
        if row["expect"] == "reject":
            assert seen in (Unreadable, TooLarge), row["name"]
            assert strict in (Unreadable, TooLarge), row["name"]
        elif row["expect"] == "policy" and POLICY[row["id"]]:
            assert seen is strict is POLICY[row["id"]], row["name"]
        else:
            assert seen == json.loads(body), row["name"]
            assert strict == (seen if row["id"] in ("s00", "s36") else Unreadable), row["name"]
    assert counted == {"reject": 37, "policy": 5, "accept": 4}


def test_lenient_parsers_take_what_is_refused_here():
    """Negative control: the standard parser takes 19 of the hostile bodies, and the fast one takes some."""
    taken = Counter()
    for row, body in hostile_bodies():
        for name, parse in (("json", json.loads), ("msgspec", msgspec.json.decode)):
            try:
                parse(body)
            except (ValueError, RecursionError, msgspec.MsgspecError):
                continue
            taken[name] += row["expect"] == "reject"
    assert taken["json"] == 19
    assert taken["msgspec"] >= 3  # the repeated keys


def test_jsontestsuite_is_judged_as_it_judges():
    counted = Counter()
    for row in rows("jsontestsuite_parsing.jsonl"):
        raw = base64.b64decode(row["bytes_b64"])
        seen, strict = answer(read_object, raw), answer(decode, raw)
        counted[row["expect"]] += 1
        if row["expect"] == "reject":
            assert seen in (Unreadable, TooLarge), row["name"]
            assert strict in (Unreadable, TooLarge), row["name"]
        if row["expect"] == "accept":
            value = json.loads(raw)
            twice = "duplicate" in row["name"]
            counted["read"] += isinstance(seen, dict)
            assert seen == (value if isinstance(value, dict) and ours(value) and not twice else Unreadable), (
                row["name"]
            )
            assert (strict == value) == (ours(value) and rfc8785.dumps(value) == raw), row["name"]
    assert (counted["accept"], counted["reject"], counted["either"]) == (69, 128, 22)
    assert counted["read"] == 7


def test_transform_cases_raise_nothing_else():
    cases = rows("jsontestsuite_transform.jsonl")
    for row in cases:
        raw = base64.b64decode(next(value for key, value in row.items() if key.endswith("b64")))
        answer(read_object, raw)
        answer(decode, raw)
    assert len(cases) == 22


def test_the_documents_of_rfc_8785():
    """Those in our schema are read and written alike; null, fractions and foreign keys are refused."""
    documents = json.loads(vectors("json", "jcs_cases.json").read_text("utf-8"))["documents"]
    within = []
    for document in documents:
        output = base64.b64decode(document["output_b64"])
        value = json.loads(output)
        if answer(decode, output) == value:
            within.append(document["name"])
            assert encode(value) == output
        else:
            assert answer(decode, output) is Unreadable, document["name"]
            with pytest.raises(Unreadable):
                encode(value)
    assert len(documents) == 6
    assert within == ["structures", "unicode"]


def test_the_numbers_of_rfc_8785_that_are_no_integers_of_ours_are_refused():
    numbers = json.loads(vectors("json", "jcs_cases.json").read_text("utf-8"))["numbers_rfc8785_appendix_b"]
    taken = [
        each["ecmascript"]
        for each in numbers
        if answer(decode, each["ecmascript"].encode()) is not Unreadable
    ]
    assert len(numbers) == 24
    assert taken == ["0", "0"]
