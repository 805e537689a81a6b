"""Who takes part: `party.enrolled`, with keys whose holders proved that they hold them."""

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


FORMS = (Form("party.enrolled", PartyEnrolled),)
