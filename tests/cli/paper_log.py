"""A log on paper: admits whatever it is sent, gives receipts that hold, and misbehaves when told to.

Stands behind a client as an httpx transport. Its trees are computed afresh each time, by definition.
"""

import json

import httpx

from ledger.book.encoding import entry_bytes, read_bundle
from ledger.book.times import format_milliseconds
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import leaf_hash, root_of
from signing.canonical import Unreadable
from signing.note import ED25519, make_vkey
from signing.signer import SeedSigner

ORIGIN = "example.org/chips"
SIGNER = SeedSigner(b"L" * 32)
LOG_KEY = make_vkey(ORIGIN, ED25519, SIGNER.public_key.octets)
ADMITTED_MS = 1_795_243_440_123


def proof_of(leaves, index):
    """RFC 9162, 2.1.3.1, as it is written there."""
    if len(leaves) < 2:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*proof_of(leaves[:split], index), root_of(leaves[split:])]
    return [*proof_of(leaves[split:], index - split), root_of(leaves[:split])]


class PaperLog:
    """`refuse`: problems by statement, in turn; `spoil` changes each receipt; `away` fails requests."""

    def __init__(self):
        self.leaves = []
        self.places = {}
        self.refuse = {}
        self.spoil = lambda receipt: receipt
        self.away = []  # of each coming request: an exception, a response, or None
        self.requests = []

    def transport(self):
        return httpx.MockTransport(self.answer)

    def answer(self, request):
        self.requests.append(request)
        failure = self.away.pop(0) if self.away else None
        if isinstance(failure, httpx.Response):
            return failure
        if isinstance(failure, Exception) and not getattr(failure, "after", False):
            raise failure
        lines = [self.line(raw) for raw in request.content.split(b"\n") if raw]
        if failure is not None:
            raise failure  # the work was done, the answer is lost
        return httpx.Response(200, content="".join(json.dumps(line) + "\n" for line in lines))

    def line(self, raw):
        try:
            envelope = read_bundle(raw).envelope
        except Unreadable as fault:
            return {"status": "refused", "problem": {"reason": "malformed", "detail": str(fault)}}
        statement = envelope.id()
        waiting = self.refuse.get(statement)
        if waiting:
            return {"status": "refused", "statement": statement, "problem": waiting.pop(0)}
        known = statement in self.places
        if not known:
            self.places[statement] = len(self.leaves)
            self.leaves.append(leaf_hash(entry_bytes(ADMITTED_MS, envelope)))
        return {"status": "known" if known else "admitted", "receipt": self.spoil(self.receipt(statement))}

    def receipt(self, statement):
        index = self.places[statement]
        head = Checkpoint(ORIGIN, len(self.leaves), root_of(self.leaves))
        return {
            "index": index,
            "statement": statement,
            "leaf_hash": self.leaves[index].hex(),
            "admitted_at": format_milliseconds(ADMITTED_MS),
            "proof": [node.hex() for node in proof_of(self.leaves, index)],
            "checkpoint": sign_checkpoint(head, SIGNER),
            "status": "signed",
            "discrepancies": {"count": 0, "first": []},
        }
