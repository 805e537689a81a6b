"""With which keys a party speaks: `key.added`, `key.revoked`."""

from typing import Any

from ledger.book.records.form import Body, Form


class KeyAdded(Body, frozen=True):
    """One more key; `kinds`, `sites` and `until` narrow it, for a clerk or a carrier."""

    party: str
    public_key: str
    proof: dict[str, Any]
    kinds: list[str] | None = None
    sites: list[str] | None = None
    until: str | None = None


class KeyRevoked(Body, frozen=True):
    """A key speaks no more; also how a party objects to a key the registrar added."""

    party: str
    public_key: str
    reason: str


FORMS = (Form("key.added", KeyAdded), Form("key.revoked", KeyRevoked))
