"""Files are delivered whole: every statement once, every receipt verified, whatever breaks on the way."""

import httpx
import pytest

from api.cli.checks.receipt_check import ReceiptCheck, ReceiptFile
from api.cli.delivery.courier import BAD_RECEIPT, Courier, Delivery, read_parcels
from api.cli.paperwork.signing_desk import sign_statement, write_bundles
from api.cli.remote.client import LedgerClient
from signing.canonical import Unreadable
from signing.note import ED25519, make_vkey
from signing.signer import SeedSigner
from tests.cli.paper_log import LOG_KEY, ORIGIN, PaperLog
from tests.cli.stage import signer


class Clock:
    """Time passes only where somebody sleeps."""

    def __init__(self):
        self.seconds = 0.0
        self.slept = []

    def now(self):
        return self.seconds

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += seconds


def bundles(count, party="north-dc"):
    return [
        sign_statement(
            signer(party),
            ORIGIN,
            "site.declared",
            party,
            {"site": f"{party}/hall-{number}", "name": "Hall", "country": "NO"},
            None,
            "2026-11-20T00:00:00Z",
            "2027-02-18T00:00:00Z",
        )
        for number in range(count)
    ]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sites.ndjson"
    write_bundles(path, bundles(7))
    return path


def deliver(log, file, *, wait_s=10, clock=None, log_key=LOG_KEY):
    clock = clock or Clock()
    delivery = Delivery()
    parcels = read_parcels(file, delivery)
    book = ReceiptFile(file.with_name("sites.receipts.jsonl"))
    steps = []
    client = LedgerClient(
        "http://log.test", wait_s=wait_s, transport=log.transport(), sleep=clock.sleep, now=clock.now
    )
    courier = Courier(
        client,
        ReceiptCheck(log_key),
        wait_s=wait_s,
        lines_per_request=2,
        sleep=clock.sleep,
        now=clock.now,
    )
    try:
        courier.deliver(parcels, book, delivery, steps.append)
    finally:
        client.close()
    return delivery, book, steps


def test_every_statement_is_sent_once_in_order_and_its_receipt_kept(file):
    log = PaperLog()
    delivery, book, steps = deliver(log, file)
    assert (delivery.admitted, delivery.known, delivery.refused) == (7, 0, [])
    assert list(log.places) == [bundle.envelope.id() for bundle in bundles(7)] == list(book.read())
    assert sum(steps) == 7 and len(log.requests) == 4


def test_what_is_held_is_not_sent_again(file):
    log = PaperLog()
    deliver(log, file)
    asked = len(log.requests)
    delivery, _, steps = deliver(log, file)
    assert delivery.held == 7 and sum(steps) == 7 and len(log.requests) == asked


def test_a_torn_last_receipt_is_asked_for_again(file):
    log = PaperLog()
    _, book, _ = deliver(log, file)
    book.path.write_bytes(book.path.read_bytes()[:-20])
    delivery, book, _ = deliver(log, file)
    assert (delivery.held, delivery.known) == (6, 1)
    assert len(book.read()) == 7


def test_a_receipt_that_was_damaged_is_asked_for_again(file):
    log = PaperLog()
    _, book, _ = deliver(log, file)
    text = book.path.read_text()
    book.path.write_text(text.replace('"leaf_hash":"', '"leaf_hash":"00', 1))
    delivery, _, _ = deliver(log, file)
    assert (delivery.held, delivery.known) == (6, 1)


@pytest.mark.parametrize("lost_at", range(4))
@pytest.mark.parametrize("after", [False, True], ids=["before the work", "after the work"])
def test_a_sender_killed_with_the_server_goes_on_where_it_stopped(file, lost_at, after):
    log = PaperLog()
    gone = httpx.ReadError("gone")
    gone.after = after
    log.away = [None] * lost_at + [gone]
    with pytest.raises(httpx.ReadError):
        deliver(log, file, wait_s=0)
    delivery, book, _ = deliver(log, file)
    assert delivery.held + delivery.known + delivery.admitted == 7 and not delivery.refused
    assert len(book.read()) == 7 and len(log.leaves) == 7


def test_a_sender_waits_for_a_server_that_comes_back(file):
    log, clock = PaperLog(), Clock()
    log.away = [None, *[httpx.ConnectError("refused")] * 5, httpx.Response(503, headers={"Retry-After": "1"})]
    delivery, _, _ = deliver(log, file, wait_s=30, clock=clock)
    assert delivery.admitted == 7 and len(clock.slept) == 6


def test_a_sender_does_not_wait_for_ever(file):
    log, clock = PaperLog(), Clock()
    log.away = [httpx.ConnectError("refused")] * 1000
    with pytest.raises(httpx.ConnectError):
        deliver(log, file, wait_s=30, clock=clock)
    assert clock.seconds <= 30


def test_a_refusal_stops_no_other_and_is_told(file):
    log = PaperLog()
    third = bundles(3)[2].envelope.id()
    log.refuse = {third: [{"reason": "not_held", "detail": "line 1"}]}
    delivery, book, steps = deliver(log, file)
    assert delivery.admitted == 6 and sum(steps) == 7 and len(book.read()) == 6
    (refused,) = delivery.refused
    assert (refused.line, refused.statement, refused.reason, refused.detail) == (
        3,
        third,
        "not_held",
        "line 1",
    )


def test_what_found_no_room_is_offered_again_and_all_after_it_with_it(file):
    log, clock = PaperLog(), Clock()
    busy = {"reason": "unavailable", "detail": "busy"}
    log.refuse = {bundles(4)[3].envelope.id(): [dict(busy), dict(busy)]}
    delivery, _, steps = deliver(log, file, clock=clock)
    assert delivery.admitted + delivery.known == 7 and not delivery.refused and sum(steps) == 7
    assert len(log.leaves) == 7 and clock.slept


def test_what_never_finds_room_is_refused_in_the_end_and_the_rest_is_sent(file):
    log = PaperLog()
    fourth = bundles(4)[3].envelope.id()
    log.refuse = {fourth: [{"reason": "too_fast", "detail": "slow down"} for _ in range(1000)]}
    delivery, _, _ = deliver(log, file, wait_s=5)
    assert [one.reason for one in delivery.refused] == ["too_fast"]
    assert delivery.admitted + delivery.known == 6


SPOILED = {
    "another statement": lambda receipt: {**receipt, "statement": "0" * 64},
    "another index": lambda receipt: {**receipt, "index": receipt["index"] + 1},
    "index beyond": lambda receipt: {**receipt, "index": 99},
    "negative index": lambda receipt: {**receipt, "index": -1},
    "another leaf": lambda receipt: {**receipt, "leaf_hash": "0" * 64},
    "another time": lambda receipt: {**receipt, "admitted_at": "2026-11-21T06:44:00.124Z"},
    "no time": lambda receipt: {**receipt, "admitted_at": "noon"},
    "longer proof": lambda receipt: {**receipt, "proof": [*receipt["proof"], "0" * 64]},
    "proof no hex": lambda receipt: {**receipt, "proof": ["zz"]},
    "unsigned checkpoint": lambda receipt: {
        **receipt,
        "checkpoint": receipt["checkpoint"].split("\n\n")[0] + "\n\n",
    },
    "edited checkpoint": lambda receipt: {
        **receipt,
        "checkpoint": receipt["checkpoint"].replace("\n1\n", "\n2\n", 1),
    },
    "no checkpoint": lambda receipt: {name: receipt[name] for name in receipt if name != "checkpoint"},
    "fraction": lambda receipt: {**receipt, "index": 0.5},
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_receipt_that_does_not_hold_is_no_receipt(tmp_path, name):
    file = tmp_path / "site.bundle.json"
    write_bundles(file, bundles(1))
    honest, _, _ = deliver(PaperLog(), file)
    assert honest.admitted == 1 and not honest.refused
    (tmp_path / "sites.receipts.jsonl").unlink()
    log = PaperLog()
    log.spoil = SPOILED[name]
    delivery, book, _ = deliver(log, file)
    assert [one.reason for one in delivery.refused] == [BAD_RECEIPT]
    assert not book.read() and delivery.admitted == 0


def test_a_receipt_of_another_log_is_no_receipt(file):
    other = make_vkey(ORIGIN, ED25519, SeedSigner(b"M" * 32).public_key.octets)
    delivery, book, _ = deliver(PaperLog(), file, log_key=other)
    assert {one.reason for one in delivery.refused} == {BAD_RECEIPT} and not book.read()


def test_the_envelope_stored_first_is_the_one_in_the_log(file):
    """A second signature of another key over the same words: the receipt shows whose was first."""
    log = PaperLog()
    deliver(log, file)
    mine = bundles(1)[0]
    again = mine.envelope.__class__(
        mine.envelope.payload_type, mine.envelope.payload, signer("agency").public_key.key_id, b"s" * 64
    )
    check = ReceiptCheck(LOG_KEY)
    receipt = log.receipt(mine.envelope.id())
    assert check.fault(again, receipt) is not None
    assert check.fault(again, {**receipt, "envelope": mine.envelope.as_object()}) is None
    other = bundles(2)[1].envelope.as_object()
    assert check.fault(again, {**receipt, "envelope": other}) is not None


def test_lines_that_are_no_bundles_are_refused_here_and_the_rest_is_sent(file):
    raw = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join([raw[0], b"{}", raw[1][:-50], b"", b"[" * 100_000, raw[2]]))
    log = PaperLog()
    delivery, _, _ = deliver(log, file)
    assert delivery.admitted == 2
    assert [(one.line, one.reason) for one in delivery.refused] == [
        (2, "malformed"),
        (3, "malformed"),
        (5, "too_large"),
    ]


def test_a_bundle_beyond_a_body_is_refused_here(tmp_path):
    file = tmp_path / "huge.bundle.json"
    file.write_bytes(b'{"envelope":{},"manifest":["' + b"x" * 33 * 1024 * 1024 + b'"]}')
    delivery = Delivery()
    assert read_parcels(file, delivery) == []
    assert [one.reason for one in delivery.refused] == ["too_large"]


def test_an_empty_file_is_unreadable(tmp_path):
    (tmp_path / "empty.ndjson").write_bytes(b"\n\n")
    with pytest.raises(Unreadable):
        read_parcels(tmp_path / "empty.ndjson", Delivery())


def test_a_bundle_spread_over_lines_is_sent_on_one(tmp_path):
    file = tmp_path / "pretty.bundle.json"
    text = bundles(1)[0].raw().decode().replace("{", "{\n  ").replace(",", ",\n  ")
    file.write_text(text)
    log = PaperLog()
    delivery, _, _ = deliver(log, file)
    assert delivery.admitted == 1 and b"\n" not in log.requests[0].content.strip()
