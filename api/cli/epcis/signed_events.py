"""How do translated events become bundles?

Each is signed by its party's key, in order; those of parties without a key here are left to them. A
correction names the statement it takes back, by what was signed then or by signing that again. Promises the
same bytes for the same events, keys and day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.cli.delivery.courier import bundle_texts
from api.cli.epcis.document import EventFault
from api.cli.epcis.scene import Said
from api.cli.paperwork.headers import EXPIRY_DAYS_DEFAULT
from api.cli.paperwork.proofreading import proofread
from api.cli.paperwork.signing_desk import sign_statement
from ledger.book.encoding import Bundle, read_bundle, read_statement_text
from ledger.book.times import DAY_SECONDS, format_seconds
from signing.signer import Signer


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who signs, in which log, on which day (None: the day of each event)."""

    signers: Mapping[str, Signer]
    log: str
    day: int | None


@dataclass(frozen=True, slots=True)
class SignedEvents:
    """Bundles with their statements' ids, and what the law finds wrong with them."""

    said: tuple[Said, ...]
    bundles: tuple[Bundle, ...]
    ids: tuple[str, ...]
    faults: tuple[EventFault, ...]


def sign_said(said: Sequence[Said], speakers: Speakers, signed: Sequence[Path]) -> SignedEvents:
    """The statements of those parties whose keys are here."""
    ours = [one for one in said if one.party in speakers.signers]
    before = _signed_before(signed)
    bundles = [_sign(one, speakers, before) for one in ours]
    faults = [
        EventFault(one.event.document, one.event.index, one.kind, fault.detail)
        for one, bundle in zip(ours, bundles, strict=True)
        for fault in proofread(bundle, ())
    ]
    ids = tuple(bundle.envelope.id() for bundle in bundles)
    return SignedEvents(tuple(ours), tuple(bundles), ids, tuple(faults))


def _sign(one: Said, speakers: Speakers, before: Mapping[tuple[str, str], str]) -> Bundle:
    body = dict(one.body)
    if one.corrects is not None:
        name = one.corrects.party, one.corrects.reference
        body["corrects"] = before.get(name) or _sign(one.corrects, speakers, before).envelope.id()
    expires = max(one.seconds, speakers.day or 0) + EXPIRY_DAYS_DEFAULT * DAY_SECONDS
    return sign_statement(
        speakers.signers[one.party],
        speakers.log,
        one.kind,
        one.party,
        body,
        rows=one.rows,
        occurred_at=format_seconds(one.seconds),
        expires_at=format_seconds(expires),
        reference=one.reference,
    )


def _signed_before(files: Sequence[Path]) -> dict[tuple[str, str], str]:
    """Statement ids by party and reference."""
    found = {}
    for file in files:
        for _, raw in bundle_texts(file):
            envelope = read_bundle(raw).envelope
            text = read_statement_text(envelope.payload)
            if text.reference is not None:
                found[text.party, text.reference] = envelope.id()
    return found
