"""Every route and every command, with every kind of bad input: a listed reason, and nothing has changed."""

import json
import time

import httpx
import pytest

from signing.canonical import encode
from tests.sabotage import questions, small_bodies, spoiled_bundles
from tests.sabotage.besieged import (
    HELD,
    JSON,
    NDJSON,
    SIZE_AT_REST,
    bundle,
    commitment,
    drawing,
)
from tests.sabotage.verdicts import refused, refused_lines

# Questions in SQL may come as bodies too, and a session begins with one: tests/console asks these badly.
# Further parameters of these are asked badly in tests/http, tests/console and tests/analytics.
ASKED_BADLY_BESIDE = (
    *("/inspections/plan", "/inspections/frame", "/inspections", "/reports/{name}"),
    *("/sql", "/at/{size}/sql", "/sql/questions"),
)
WRITTEN_BESIDE = ("/sql", "/at/{size}/sql", "/sessions")
BUNDLES, SMALL_BODIES, BAD_QUESTIONS = 66, 63, 600  # at least
PUBLIC_ROUTES = 11


# -- POST /statements


def sweep(bundles, post):
    """Each bad bundle by itself, as a line and as a dry run of both: always the reason that is due."""
    for fault, where, reason, raw in bundles:
        for dry in ({}, {"dry_run": 1}):
            what = fault, where, dry
            assert refused(post(raw, JSON, params=dry), what) == reason, what
            if raw:
                assert refused_lines(post(raw, NDJSON, params=dry), what) == {reason}, what
    return len(bundles)


@pytest.mark.usefixtures("unharmed")
def test_no_bad_bundle_gets_in_at_any_door(ledger, bundles):
    assert {each.fault for each in bundles} == spoiled_bundles.CLASSES
    assert sweep(bundles, ledger.post) >= BUNDLES
    # The control: the statement they are all made from is one the log would take.
    would = ledger.post(spoiled_bundles.good_registration(), params={"dry_run": 1})
    assert (would.status_code, would.json()["would"]) == (200, "admitted")


@pytest.mark.usefixtures("unharmed")
def test_a_statement_sent_twice_is_known_and_changes_nothing(ledger):
    for raw in ledger.admitted:
        answer = ledger.post(raw)
        assert answer.status_code == 200
        assert answer.json()["index"] < SIZE_AT_REST
    told = ledger.post(b"\n".join(ledger.admitted * 2), NDJSON).text.splitlines()
    assert {json.loads(one)["status"] for one in told} == {"known"}


@pytest.mark.usefixtures("unharmed")
def test_bad_lines_among_known_ones_are_each_told_of(ledger, bundles):
    light = [each for each in bundles if 0 < len(each.raw) < 1_000_000 and b"\n" not in each.raw]
    known = ledger.admitted[0]
    lines = [line for each in light for line in (each.raw, known)]
    told = [json.loads(line) for line in ledger.post(b"\n".join(lines), NDJSON).text.splitlines()]
    assert [one["problem"]["reason"] for one in told[::2]] == [each.reason for each in light]
    assert {one["status"] for one in told[1::2]} == {"known"}


@pytest.mark.usefixtures("unharmed")
def test_a_draw_before_its_round_and_a_second_commitment_are_too_early(ledger):
    said = json.loads(ledger.http.get("/inspections/agency/v1", headers=ledger.bearer("agency")).text)
    early = refused(ledger.post(bundle(*drawing(said["round"]))), "draw")
    assert (early, said["state"]) == ("too_early", "committed")
    second = commitment("v2", 2, time.time(), days_ahead=2)
    assert refused(ledger.post(bundle(second)), "commitment") == "open_commitment"
    skipped = commitment("v3", 3, time.time())
    assert refused(ledger.post(bundle(skipped)), "commitment") == "bad_number"


@pytest.mark.usefixtures("unharmed")
def test_a_hundred_thousand_and_one_lines_are_too_large_before_any_is_read(ledger):
    assert refused(ledger.post(b"{}\n" * small_bodies.LINES, NDJSON), "lines") == "too_large"


# -- the small bodies


@pytest.mark.usefixtures("unharmed")
def test_no_bad_small_body_is_taken(ledger):
    ran = 0
    for path, bad in (
        ("/tokens/challenge", small_bodies.bad_challenges()),
        ("/tokens", small_bodies.bad_answers(ledger)),
        ("/chips/lookup", small_bodies.bad_lookups()),
    ):
        for fault, reason, raw in bad:
            headers = {**JSON, **ledger.bearer("acme-semi")}
            assert refused(ledger.post(raw, headers, path), (path, fault, raw[:60])) == reason
            ran += 1
        plain = {**ledger.bearer("acme-semi"), "Content-Type": "text/plain"}
        assert refused(ledger.post(b"{}", plain, path), (path, "text/plain")) == "malformed"
    assert ran >= SMALL_BODIES
    for query in small_bodies.BAD_LOOKUP_QUERIES:
        headers = {**JSON, **ledger.bearer("acme-semi")}
        refused(ledger.post(encode({"chips": HELD}), headers, "/chips/lookup" + query), query)
    whole = ledger.post(encode({"chips": HELD}), {**JSON, **ledger.bearer("acme-semi")}, "/chips/lookup")
    assert whole.status_code == 200


# -- reading


def asked(ledger):
    return questions.questions(ledger.facts, ledger.snapshot)


def test_every_route_of_the_document_is_asked_here(ledger):
    document = ledger.http.get("/openapi.json").json()["paths"]
    reads = {path for path, methods in document.items() if "get" in methods}
    writes = {path for path, methods in document.items() if "post" in methods}
    assert {question.route for question in asked(ledger)} == reads
    assert writes == {"/statements", "/tokens", "/tokens/challenge", "/chips/lookup", *WRITTEN_BESIDE}
    for question in asked(ledger):
        answer = ledger.http.get(question.url(), params=question.query, headers=ledger.bearer(question.asker))
        assert answer.status_code == 200, (question, answer.text)
        named = {one["name"] for one in document[question.route]["get"].get("parameters", ())}
        left = named - question.query.keys() - question.path.keys()
        if question.route in ASKED_BADLY_BESIDE:
            continue
        assert left <= {"date", "uuid", "ik", "label", "after", "kind", "party"}, (question.route, left)


def question_sweep(asked, get):
    """Each question asked in every bad way."""
    ran = 0
    for question in asked:
        for fault, part, url in questions.bad_queries(question):
            refused(get(url, question.asker), (question.route, fault, part, url[:200]))
            ran += 1
    return ran


@pytest.mark.usefixtures("unharmed")
def test_no_question_asked_badly_is_answered(ledger):
    def get(url, asker):
        return ledger.http.get(url, headers=ledger.bearer(asker))

    assert question_sweep(asked(ledger), get) >= BAD_QUESTIONS


@pytest.mark.usefixtures("unharmed")
def test_another_key_or_a_worn_out_token_reads_nothing_private(ledger):
    open_to_all = [question.route for question in asked(ledger) if question.asker is None]
    assert len(open_to_all) == PUBLIC_ROUTES
    for question in asked(ledger):
        for token in ("x", "A" * 43, "A" * 60_000, ledger.bearer("lab")["Authorization"][7:-1]):
            headers = {"Authorization": f"Bearer {token}"}
            answer = ledger.http.get(question.url(), params=question.query, headers=headers)
            if question.asker is None:
                assert answer.status_code == 200
            else:
                assert refused(answer, question.route) == "unsigned"


# -- controls


def test_a_handler_that_answers_500_would_be_noticed(ledger, bundles):
    def fails(*_, **__):
        return httpx.Response(500, json={"reason": "malformed", "status": 500})

    with pytest.raises(AssertionError, match="500"):
        sweep(bundles, fails)
    with pytest.raises(AssertionError, match="500"):
        question_sweep(asked(ledger), fails)


def test_a_reason_of_ones_own_or_a_wrong_status_would_be_noticed(bundles):
    def problem(status, **members):
        headers = {"Content-Type": "application/problem+json"}
        return lambda *_, **__: httpx.Response(status, json={"status": status, **members}, headers=headers)

    urn = "urn:chipledger:refusal:"
    for answer in (
        problem(400, reason="because", type=urn + "because"),
        problem(422, reason="malformed", type=urn + "malformed"),
        problem(400, reason="malformed", type="about:blank"),
        problem(413, reason="too_large", type=urn + "too_large"),  # listed, and not what is due
        lambda *_, **__: httpx.Response(400, text="no"),
        lambda *_, **__: httpx.Response(201, json={"index": 7}),
    ):
        with pytest.raises(AssertionError):
            sweep(bundles, answer)
