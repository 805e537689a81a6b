"""A receipt proves, with nothing but the log's public key, that a statement is in the log."""

import pytest

from ledger.log.checkpoint import open_checkpoint
from ledger.log.proofs import verify_inclusion
from ledger.receipts import problem_object
from signing.note import ED25519, make_vkey
from tests.sequencer import trade

LOG_KEY = make_vkey(trade.ORIGIN, ED25519, trade.LOG_SIGNER.public_key.octets)


@pytest.fixture(params=trade.STORES)
def desk(request, tmp_path):
    desk = trade.Desk(trade.STORES[request.param](tmp_path)).open()
    yield desk
    desk.close()


def is_proved(receipt):
    head = open_checkpoint(receipt["checkpoint"].encode(), LOG_KEY, trade.ORIGIN)
    leaf, proof = bytes.fromhex(receipt["leaf_hash"]), [bytes.fromhex(step) for step in receipt["proof"]]
    return verify_inclusion(leaf, receipt["index"], head.size, proof, head.root)


def test_every_receipt_is_proved_under_the_checkpoint_it_carries(desk):
    outcomes = desk.all_in(*(trade.site("maker", f"hall{number}") for number in range(600)))
    receipts = desk.receipts.objects(outcomes)
    assert len(receipts) == 600 and all(map(is_proved, receipts))
    assert {receipt["status"] for receipt in receipts} == {"signed"}
    moved = {**receipts[5], "index": 6}
    assert not is_proved(moved), "the control: another place is not proved"


def test_a_receipt_asked_for_later_says_the_same(desk):
    names = trade.chips(0)
    outcomes = desk.all_in(trade.registered(names), trade.arrived("maker/none", names))
    receipts = desk.receipts.objects(outcomes)
    assert [desk.receipts.of(outcome.index) for outcome in outcomes] == receipts
    assert desk.receipts.objects(desk.sends(trade.registered(names))) == receipts[:1]
    assert desk.receipts.of(desk.sequencer.head().size) is None
    assert receipts[1]["discrepancies"] == {
        "count": 1,
        "first": [
            {"discrepancy": f"{outcomes[1].index}.0", "kind": "extra", "counterparty": "maker", "chips": 8}
        ],
    }


def test_the_first_envelope_is_shown_to_whoever_sent_another(desk):
    bundle = trade.registered(trade.chips(0), trade.bundle)
    other = trade.registered(trade.chips(0), key=trade.signer("oslo"))
    desk.all_in(bundle.raw())
    (receipt,) = desk.receipts.objects(desk.all_in(other))
    assert receipt["envelope"] == bundle.envelope.as_object()


def test_a_problem_names_the_reason_and_the_first_chips(desk):
    names = trade.chips(0, 30)
    (refused,) = desk.sends(trade.dispatched("s1", names))
    problem = problem_object(refused)
    assert problem["type"] == "urn:chipledger:refusal:not_held"
    assert (problem["status"], problem["chips"], problem["count"]) == (409, names[:20], 30)
    assert problem["refusal_note"] == refused.note.as_object()
    unsigned = problem_object(desk.sends(b"nothing")[0])
    assert unsigned.keys() == {"type", "title", "status", "reason", "detail"}
