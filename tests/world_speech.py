"""How does a party of the test world say something?

Keys come from names, salts from the rule of the contract, written here a second time. A `Draft` is a
statement before it is signed; `replace` makes the spoiled ones. Knows no book and no clock.
"""

import hmac
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

from ledger.log.merkle import leaf_hashes, root_of
from ledger.outcome import Admitted, Outcome, Refused
from signing.canonical import encode
from signing.envelope import KEY_PROOF_TYPE, STATEMENT_TYPE, Envelope, seal
from signing.signer import SeedSigner

ORIGIN = "ledger.example/world"
SALT_BYTES = 16


@cache
def signer_of(name):
    """The key of a party (`oslo`), of one of its further keys (`oslo#2`), of the log (`log`)."""
    return SeedSigner(sha256(name.encode()).digest())


def proven(party, name=None, log=ORIGIN):
    """A public key as statements carry it: with the proof that its holder has it."""
    signer = signer_of(name or party)
    key = signer.public_key.hex
    proof = seal(signer, KEY_PROOF_TYPE, encode({"log": log, "party": party, "public_key": key}))
    return {"public_key": key, "proof": proof.as_object()}


@dataclass(frozen=True)
class Draft:
    """What a party is about to say. `lines` have no salt yet; None: no manifest travels."""

    party: str
    kind: str
    body: dict
    occurred_at: str
    expires_at: str
    lines: tuple[dict, ...] | None = None
    more: tuple[tuple[str, Any], ...] = ()  # reference, head
    by: str | None = None  # whose key signs, where it is not the party's
    log: str = ORIGIN
    attestations: dict[str, str] | None = None  # evidence in base64, by its hash

    def changed(self, **body):
        """The same draft with other values in its body; None takes a field out."""
        said = {**self.body, **body}
        return replace(self, body={name: value for name, value in said.items() if value is not None})

    def with_lines(self, *lines):
        """The same draft about other chips: ids, or whole lines."""
        return replace(self, lines=lines_of(lines))

    def header(self):
        """The statement as an object, without its manifest."""
        said = {"log": self.log, "kind": self.kind, "party": self.party, "body": self.body}
        return said | {"occurred_at": self.occurred_at, "expires_at": self.expires_at} | dict(self.more)

    def raw_lines(self):
        """The manifest's lines in canonical bytes, sorted and salted; None where there is none."""
        if self.lines is None:
            return None
        header, secret = encode(self.header()), signer_of(self.by or self.party).salt_secret()
        raws = []
        for line in sorted(self.lines, key=line_key):
            name = header + b"\0" + item_of(line).encode()
            if "seen" in line:
                name += b"\0" + encode(line["seen"])
            salt = hmac.digest(secret, name, "sha256")[:SALT_BYTES].hex()
            raws.append(encode({"salt": salt, **line}))
        return tuple(raws)

    def payload(self):
        """The statement as an object."""
        raws = self.raw_lines()
        return self.header() | ({} if raws is None else {"manifest": claim_of(raws)})

    def envelope(self):
        """Signed."""
        return signed(self.by or self.party, encode(self.payload()))

    def raw(self):
        """The bytes of the bundle."""
        return bundle_bytes(self.envelope(), self.raw_lines(), self.attestations)


def lines_of(lines):
    """Chips by id, positions by name, or lines as they are."""
    return tuple(
        {"position" if "#" in line else "chip": line} if isinstance(line, str) else dict(line)
        for line in lines
    )


def line_key(line):
    """By what lines ascend: the chip, and what was seen of it."""
    return item_of(line), encode(line["seen"]).decode() if "seen" in line else ""


def item_of(line):
    """What a line is about: a chip, or a position on a floor."""
    return line.get("position") or line["chip"]


def claim_of(raws):
    """What a statement says of its lines."""
    return {"count": len(raws), "root": root_of(leaf_hashes(list(raws))).hex()}


def signed(by, payload):
    """A payload in its envelope."""
    return seal(signer_of(by), STATEMENT_TYPE, payload)


def bundle_bytes(envelope, raws=None, attestations=None):
    """A request body."""
    said = encode(envelope.as_object()) if isinstance(envelope, Envelope) else envelope
    parts = [b'"envelope":' + said]
    if raws is not None:
        parts.append(b'"manifest":[' + b",".join(raws) + b"]")
    if attestations is not None:
        parts.append(b'"attestations":' + encode(attestations))
    return b"{" + b",".join(parts) + b"}"


@dataclass(frozen=True)
class Told:
    """What a speaker was told."""

    outcome: Outcome

    @property
    def admitted(self):
        return isinstance(self.outcome, Admitted)

    @property
    def reason(self):
        """Why it was refused, None where it was not."""
        return self.outcome.rejection.reason if isinstance(self.outcome, Refused) else None

    @property
    def detail(self):
        return self.outcome.rejection.detail if isinstance(self.outcome, Refused) else ""

    @property
    def chips(self):
        """The chips a refusal names."""
        return self.outcome.rejection.chips

    @property
    def index(self):
        return self.outcome.index

    @property
    def known(self):
        return self.admitted and self.outcome.known

    @property
    def opened(self):
        """(kind, counterparty, number of chips) of every discrepancy, in order."""
        return [(each.kind, each.counterparty, each.chips) for each in self.outcome.opened]
