"""Who takes part: `party.enrolled`, `party.changed`."""

from typing import Any

from ledger.book.records.form import Body, Form, Part


class ProvenKey(Part, frozen=True):
    """A public key and the DSSE envelope by which its holder proved possession."""

    public_key: str
    proof: dict[str, Any]


class PartyEnrolled(Body, frozen=True):
    """A registrar takes a party in; `keys` may be empty (a maker that keeps silent)."""

    party: str
    name: str
    roles: list[str]
    country: str
    keys: list[ProvenKey]
    parent: str | None = None


class PartyChanged(Body, frozen=True):
    """A registrar changes what is known of a party; what is not named stays."""

    party: str
    name: str | None = None
    roles: list[str] | None = None
    country: str | None = None
    parent: str | None = None
    suspended: bool | None = None
    succeeded_by: str | None = None
    evidence_sha256: str | None = None


FORMS = (Form("party.enrolled", PartyEnrolled), Form("party.changed", PartyChanged))
