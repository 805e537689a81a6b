"""Times, keys, names and manifests: other people's vectors and every limit, one below and one above."""

import json
from dataclasses import replace

import pytest

from ledger.book.encoding import BODY_BYTES_MAX, MANIFEST_BYTES_MAX, MANIFEST_LINES_MAX
from ledger.book.rejection import Reason
from ledger.book.times import (
    DAY_SECONDS,
    format_milliseconds,
    format_seconds,
    parse_milliseconds,
    parse_seconds,
)
from signing.canonical import Unreadable, encode, encode_lines
from tests.book.ready import busy, good
from tests.shared import vectors
from tests.world import World
from tests.world_speech import bundle_bytes, claim_of, proven, signed, signer_of

SPELLING = "0000-00-00T00:00:00Z"


def _is_spelled(text):
    """Digits where digits belong, the signs between them, and nothing else."""
    return len(text) == len(SPELLING) and all(
        here in "0123456789" if there == "0" else here == there
        for here, there in zip(text, SPELLING, strict=True)
    )


def test_of_published_times_only_the_one_spelling_is_read():
    cases = [json.loads(line) for line in vectors("time", "rfc3339.jsonl").read_text().splitlines()]
    read = []
    for case in cases:
        try:
            parse_seconds(case["text"], "time")
            read.append(case["text"])
        except Unreadable:
            continue
    leap_or_year_0 = {text for text in read if text[17:19] == "60" or text.startswith("0000")}
    assert not leap_or_year_0
    expected = [
        case["text"]
        for case in cases
        if case["valid"]
        and _is_spelled(case["text"])
        and case["text"][17:19] != "60"
        and not case["text"].startswith("0000")
    ]
    assert read == expected
    assert len(cases) == 68 and len(read) >= 4


@pytest.mark.parametrize("field", ["occurred_at", "expires_at"])
def test_a_statement_with_another_time_is_refused(field):
    cases = [json.loads(line) for line in vectors("time", "rfc3339.jsonl").read_text().splitlines()]
    tried = 0
    for case in cases:
        if not _is_spelled(case["text"]) or not case["valid"]:
            found = busy().would(replace(good()["site.declared"], **{field: case["text"]}))
            assert found.reason is Reason.BAD_FIELD, case["text"]
            tried += 1
    assert tried > 50


def test_times_are_written_as_they_are_read():
    for seconds in (0, 1, 951_782_400, 1_795_243_440, 253_402_300_799):
        assert parse_seconds(format_seconds(seconds), "time") == seconds
        assert parse_milliseconds(format_milliseconds(seconds * 1000 + 7), "time") == seconds * 1000 + 7
    for text in ("2026-11-21T06:44:00Z", "2026-11-21T06:44:00.12Z", "2026-11-21T06:44:00.1234Z", "x"):
        with pytest.raises(Unreadable):
            parse_milliseconds(text, "time")


def test_the_edges_of_time_are_inside():
    world = busy()
    draft, now = good()["site.declared"], world.now // 1000
    assert world.now % 1000 == 123

    def of(**seconds):
        return world.would(
            replace(draft, **{name: format_seconds(at) for name, at in seconds.items()})
        ).reason

    assert of(occurred_at=now + 600) is None
    assert of(occurred_at=now + 601) is Reason.BAD_TIME
    assert of(occurred_at=0) is None
    assert of(expires_at=now + 400 * DAY_SECONDS) is None
    assert of(expires_at=now + 400 * DAY_SECONDS + 1) is Reason.BAD_TIME
    assert of(expires_at=now + 1) is None
    assert of(expires_at=now) is Reason.EXPIRED  # 123 ms ago
    due = good()["shipment.dispatched"]
    for seconds, reason in ((0, None), (-1, Reason.BAD_TIME), (180 * DAY_SECONDS, None)):
        assert world.would(due.changed(due_by=format_seconds(now + seconds))).reason is reason
    late = due.changed(due_by=format_seconds(now + 180 * DAY_SECONDS + 1))
    assert world.would(late).reason is Reason.BAD_TIME


def test_only_sound_keys_are_enrolled():
    """Every key of the edge cases: those of small or mixed order, or not canonical, are refused."""
    cases = json.loads(vectors("ed25519", "cctv_ed25519vectors.json").read_text())
    spoiled = {"low_order_A", "low_order_component_A", "non_canonical_A"}
    keys = {}
    for case in cases:
        keys.setdefault(case["key"], set()).update(case["flags"] or ())
    world, tried = busy(), 0
    for key, flags in keys.items():
        draft = world.enrolment_draft("nova", "holder", keys=[{**proven("nova"), "public_key": key}])
        found = world.would(draft)
        assert found.reason is Reason.BAD_FIELD, key
        if flags & spoiled:
            assert "prime-order" in found.detail, key
            tried += 1
    assert len(cases) == 914 and tried > 10


def test_a_key_belongs_to_one_party_for_ever():
    world = World().settles()
    assert world.enrols("nova", "holder", keys=[proven("nova", "shared")]).admitted
    assert world.enrols("zed", "holder", keys=[proven("zed", "shared")]).reason is Reason.IDENTITY_TAKEN
    assert world.enrols("zed", "holder", keys=[proven("zed"), proven("zed", "zed#2")]).admitted
    for name in ("zed", "zed#2"):
        assert world.says(replace(world.site_draft(f"zed/{name[-1]}"), by=name)).admitted
    spoken_by_other = replace(world.site_draft("zed/x"), by="nova")
    assert world.says(spoken_by_other).reason is Reason.UNKNOWN_KEY
    assert world.enrols("silent", "maker", keys=[]).admitted
    assert world.declares_site("silent/hall").reason is Reason.UNKNOWN_KEY


@pytest.mark.parametrize("text", ["n", "n" * 200, "Ω hall\n№ 1", " ", "\U0001f4e6" * 200])
def test_names_have_1_to_200_characters(text):
    assert busy().would(good()["site.declared"].changed(name=text)).reason is None


@pytest.mark.parametrize(
    ("chip", "may"),
    [
        ("acme:A", True), ("acme:0", True), ("acme:" + "A" * 64, True), ("acme:A.B_C-9", True),
        ("acme:" + "A" * 65, False), ("acme:", False), ("acme:a", False), ("acme:.A", False),
        ("acme:A B", False), ("acme:Ä", False), ("acme:A:B", False), ("Acme:A", False), ("acme", False),
        ("acme/A", False), (":A", False), ("acme:A\x00", False),
    ],
)  # fmt: skip
def test_chip_ids_have_one_form(chip, may):
    found = busy().would(good()["chips.registered"].with_lines({"chip": chip, "model": "registrar/h100"}))
    assert found.reason is (None if may else Reason.BAD_FIELD)


@pytest.mark.parametrize(("party", "may"), [("ab", True), ("0-", True), ("a" * 63, True), ("a" * 64, False)])
def test_party_ids_have_one_form(party, may):
    found = busy().would(busy().enrolment_draft(party, "holder"))
    assert found.reason is (None if may else Reason.BAD_FIELD)


def test_texts_have_1_to_1024_characters():
    world = busy()
    draft = good()["shipment.dispatched"]
    assert world.would(draft.changed(licence="L" * 1024, end_user="é" * 1024)).reason is None
    assert world.would(draft.changed(licence="L" * 1025)).reason is Reason.TOO_LARGE
    line = {"chip": "acme:N9", "model": "registrar/h100", "identity": {"label": "l" * 1024}}
    assert world.would(good()["chips.registered"].with_lines(line)).reason is None
    line["identity"]["label"] += "l"
    assert world.would(good()["chips.registered"].with_lines(line)).reason is Reason.TOO_LARGE


def test_a_checkpoint_note_may_be_longer_than_a_text():
    world = busy()
    draft = good()["inspection.drawn"]
    good_one = world.witnessed("watch/due")["timely"]
    short = good_one["checkpoint"] + "\N{EM DASH} "
    room = 8192 - len(short.encode()) - 2  # for a name, and what a stranger signed with
    name = "x" * (4 + room % 4)
    note = f"{short}{name} {'A' * (room - len(name))}\n"
    assert len(note.encode()) == 8192
    assert world.would(draft.changed(timely=good_one | {"checkpoint": note})).reason is None
    longer = {"checkpoint": "n" * 8193, "proof": ["ab" * 32] * 63}
    assert world.would(draft.changed(timely=longer)).reason is Reason.TOO_LARGE


def _many(count):
    """A registration of so many chips, as (draft, lines)."""
    salt = "0" * 32
    raws = encode_lines(
        [{"chip": f"acme:M{n:06}", "model": "registrar/h100", "salt": salt} for n in range(count)]
    )
    return tuple(raws)


def _said(raws):
    """A registration about these lines, signed."""
    payload = good()["chips.registered"].header() | {"manifest": claim_of(raws)}
    return bundle_bytes(signed("acme", encode(payload)), raws)


def test_a_manifest_has_100_000_lines_and_no_more():
    raws = _many(MANIFEST_LINES_MAX + 1)
    assert busy().would(_said(raws[:-1])).reason is None
    found = busy().would(_said(raws))
    assert found.reason is Reason.TOO_LARGE
    assert "100001 lines" in found.detail


def test_a_line_too_many_matters_only_under_a_good_signature():
    """Lines are looked at in the last step: earlier steps speak first."""
    raws = _many(MANIFEST_LINES_MAX + 1)
    envelope = signed("acme", b"{}").as_object()
    unsigned = bundle_bytes(encode({**envelope, "signatures": []}), raws)
    assert busy().would(unsigned).reason is Reason.UNSIGNED
    stranger = bundle_bytes(signed("stranger", b"{}"), raws)
    assert busy().would(stranger).reason is Reason.UNKNOWN_KEY
    malformed = bundle_bytes(signed("acme", b"{}"), raws)
    assert busy().would(malformed).reason is Reason.MALFORMED


def test_a_manifest_has_32_mib_and_no_more():
    whole = MANIFEST_BYTES_MAX // 1024
    salt, pad = "0" * 32, "registrar/" + "h" * 64

    def line(number, octets):
        said = {"chip": f"acme:M{number:06}", "identity": {"label": "x"}, "model": pad, "salt": salt}
        said["identity"]["label"] = "x" * (octets - len(encode(said)) + 1)
        return encode(said)

    raws = [line(number, 1024) for number in range(whole)]
    assert sum(map(len, raws)) == MANIFEST_BYTES_MAX
    # The model is unknown: a reason of the book, so the manifest itself was in order.
    assert busy().would(_said(tuple(raws))).reason is Reason.UNKNOWN_REFERENCE
    raws[-1] = line(whole - 1, 1025)
    found = busy().would(_said(tuple(raws)))
    assert found.reason is Reason.TOO_LARGE
    assert str(MANIFEST_BYTES_MAX) in found.detail


def test_a_body_has_a_limit_of_its_own():
    raw = good()["site.declared"].raw()
    assert busy().would(raw + b" " * (BODY_BYTES_MAX - len(raw))).reason is None
    assert busy().would(raw + b" " * (BODY_BYTES_MAX - len(raw) + 1)).reason is Reason.TOO_LARGE


def test_the_world_has_no_two_keys_alike():
    names = ("registrar", "acme", "oslo", "watch", "log", "oslo#2")
    assert len({signer_of(name).public_key.key_id for name in names}) == len(names)
