"""What is sent is answered line by line, in order, whatever else was sent with it."""

import asyncio
import threading

import pytest

from api.http.body import BodyBudget, Gone, read_body
from api.http.problems import Problem, Refusal
from api.http.submission import LINES_MAX, split_lines
from ledger.book.encoding import BODY_BYTES_MAX
from ledger.book.rejection import Reason, Rejection
from ledger.outcome import Refused
from ledger.receipts import problem_object
from signing.canonical import encode
from tests.http.trading import JSON, MODEL, NDJSON, REGISTRAR, bundle, enrolment


def test_a_new_statement_is_201_and_the_same_again_200(bench):
    raw = enrolment("maker", "maker")
    first, again = bench.send(raw), bench.send(raw)
    assert (first.status_code, again.status_code) == (201, 200)
    same = ("index", "statement", "leaf_hash", "admitted_at")
    assert [first.json()[field] for field in same] == [again.json()[field] for field in same]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(bench):
    raw = enrolment("maker", "maker")
    would = bench.send(raw, params={"dry_run": 1})
    assert would.status_code == 200
    assert would.json() == {
        "would": "admitted",
        "index_at_least": 1,
        "discrepancies": {"count": 0, "first": []},
    }
    assert bench.ledger.lookup.size() == 1
    refused = bench.send(bundle("nobody", "model.listed", MODEL), params={"dry_run": 1})
    assert (refused.status_code, refused.json()["reason"]) == (401, "unknown_key")
    (line, bad) = bench.send_lines([raw, b"{}"], params={"dry_run": 1})
    assert (line["would"], bad["problem"]["reason"]) == ("admitted", "malformed")
    assert bench.ledger.lookup.size() == 1


@pytest.mark.parametrize(
    "query", ["dry_run=0", "dry_run=", "dry_run=1&dry_run=1", "dryrun=1", "x=%FF", "=" * 3_000]
)
def test_another_query_is_refused(bench, query):
    assert bench.http.post(f"/statements?{query}", content=b"{}", headers=JSON).status_code == 422


def test_lines_are_answered_in_order_and_a_bad_one_stops_no_other(bench):
    maker, model = enrolment("maker", "maker"), bundle(REGISTRAR, "model.listed", MODEL)
    site = bundle("maker", "site.declared", {"site": "maker/hall", "name": "Hall", "country": "NL"})
    broken = bundle("maker", "site.declared", {"site": "maker/x", "name": "Hall", "country": "nl"})
    long = b'{"envelope":"' + b"A" * 3_000_000 + b'"}'
    lines = [maker, b"", b"{", site, b"\xff\xfe", long, broken, model, maker, b"  ", b"[" * 100_000]
    told = bench.send_lines(lines)
    assert [answer["line"] for answer in told] == list(range(1, len(lines) + 1))
    bad = "refused"
    assert [answer["status"] for answer in told] == [
        "admitted", bad, bad, "admitted", bad, bad, bad, "admitted", "known", bad, bad,
    ]  # fmt: skip
    assert [answer["receipt"]["index"] for answer in told if "receipt" in answer] == [1, 2, 3, 1]
    assert told[6]["problem"]["reason"] == "bad_field"
    assert "statement" in told[6]
    assert "statement" not in told[1]


def test_a_last_line_end_opens_no_line():
    assert split_lines(b"a\nb\n") == split_lines(b"a\nb") == [b"a", b"b"]
    assert split_lines(b"a\n\nb\n\n") == [b"a", b"", b"b", b""]


def test_a_body_without_a_line_is_a_problem(bench):
    answer = bench.http.post("/statements", content=b"", headers=NDJSON)
    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")
    assert answer.json()["detail"] == "the body is empty"
    answer = bench.http.post("/statements", content=b"\n", headers=NDJSON)
    assert answer.status_code == 200 and len(answer.content.splitlines()) == 1, "the control: one empty line"


class Unsplit(bytes):
    """A body that must be counted before it is split."""

    def split(self, *_):
        raise AssertionError("split")


def test_lines_are_counted_before_they_are_made():
    with pytest.raises(Refusal) as refused:
        split_lines(Unsplit(b"\n" * BODY_BYTES_MAX))
    assert refused.value.problem.status == 413
    with pytest.raises(AssertionError):
        split_lines(Unsplit(b"\n" * LINES_MAX))  # the control
    assert (
        len(split_lines(b"\n" * LINES_MAX)) == len(split_lines(b"\n" * (LINES_MAX - 1) + b"x")) == LINES_MAX
    )


def test_one_reason_has_one_title():
    for reason in (Reason.MALFORMED, Reason.TOO_LARGE, Reason.TOO_FAST, Reason.UNAVAILABLE):
        of_the_door = problem_object(Refused(Rejection(reason, "x")))
        assert Problem(of_the_door["status"], reason, "x").as_object() == of_the_door


def test_too_many_lines_are_refused_whole(bench):
    assert len(bench.send_lines([b"{}"] * LINES_MAX)) == LINES_MAX
    for count in (LINES_MAX + 1, 100_001):
        answer = bench.http.post("/statements", content=b"{}\n" * count, headers=NDJSON)
        assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/jsonx"}], ids=str
)
def test_another_content_type_is_refused(bench, headers):
    answer = bench.http.post("/statements", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (415, "malformed")


def test_a_compressed_body_is_refused(bench):
    answer = bench.http.post("/statements", content=b"{}", headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert (
        bench.http.post(
            "/statements", content=b"{}", headers={**JSON, "Content-Encoding": "identity"}
        ).status_code
        == 400
    )


def chunks(total):
    """A body of so many bytes that does not say how long it is."""
    part = b" " * 1_048_576
    while total > 0:
        yield part[:total]
        total -= len(part)


@pytest.mark.parametrize("headers", [JSON, NDJSON], ids=["json", "ndjson"])
def test_a_body_beyond_the_limit_is_413_whether_or_not_it_says_its_length(bench, headers):
    for body in (b" " * (33 * 1024 * 1024), chunks(33 * 1024 * 1024)):
        answer = bench.http.post("/statements", content=body, headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")
    # The control: at the limit it is read, and found to be no bundle.
    answer = bench.http.post("/statements", content=b" " * BODY_BYTES_MAX, headers=JSON)
    assert answer.status_code == 400
    assert bench.send(enrolment("maker", "maker")).status_code == 201


def test_many_at_once_all_get_their_own_answer(bench):
    parties = [f"party-{number}" for number in range(40)]
    answers = {}

    def send(party):
        answers[party] = bench.send(enrolment(party, "holder"))

    threads = [threading.Thread(target=send, args=(party,)) for party in parties]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers.values()} == {201}
    assert sorted(answer.json()["index"] for answer in answers.values()) == list(range(1, 41))


def test_a_refusal_carries_reason_status_and_the_logs_signature(bench):
    bench.say(REGISTRAR, "model.listed", MODEL)
    answer = bench.send(bundle(REGISTRAR, "model.listed", MODEL, reference="again"))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["reason"], problem["type"]) == ("id_taken", "urn:chipledger:refusal:id_taken")
    assert problem["refusal_note"]["payloadType"] == "application/vnd.chipledger.refusal.v1+json"


def test_an_unsigned_statement_is_401(bench):
    envelope = {
        "payload": "e30=",
        "payloadType": "application/vnd.chipledger.statement.v1+json",
        "signatures": [],
    }
    answer = bench.send(encode({"envelope": envelope}))
    assert (answer.status_code, answer.json()["reason"]) == (401, "unsigned")


def read(messages, seconds=5.0, **limits):
    """What comes of a body that arrives in these messages and then not at all."""
    waiting = list(messages)

    async def receive():
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()

    async def reading():
        budget = BodyBudget(1_000)
        async with budget.room() as room:
            return await read_body({"headers": []}, receive, room, seconds=seconds, **limits)

    return asyncio.run(reading())


def test_a_body_that_does_not_arrive_is_given_up():
    part = {"type": "http.request", "body": b"ab", "more_body": True}
    last = {"type": "http.request", "body": b"c"}
    assert read([part, part, last]) == b"ababc"
    with pytest.raises(Refusal) as refused:
        read([part, part], seconds=0.01)
    assert refused.value.problem.status == 408


def test_a_client_that_goes_away_is_not_answered():
    with pytest.raises(Gone):
        read([{"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.disconnect"}])


def test_a_body_beyond_the_memory_for_bodies_waits_for_another_time():
    with pytest.raises(Refusal) as refused:
        read([{"type": "http.request", "body": b"x" * 1_001}])
    assert refused.value.problem.status == 503
    assert read([{"type": "http.request", "body": b"x" * 1_000}]) == b"x" * 1_000
