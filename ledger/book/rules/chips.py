"""What tells one chip from another, and how does it leave a place? Asked by several families' laws."""

from collections.abc import Iterable, Iterator

import msgspec

from ledger.book.identifiers import SHA256_HEX
from ledger.book.records.form import Identity
from ledger.book.registry import Needs, Registry
from ledger.book.rejection import Rejection
from ledger.book.rows import ENDED, Chip, SlotRow
from ledger.book.rules.rule import bad_field
from ledger.book.tables import CHIPS, SLOTS

UNIQUE_IDENTITIES = {"ik": "ik_sha256", "pdi": "pdi", "uuid": "uuid"}  # a label can be copied; these cannot


_identities = msgspec.json.Decoder(Identity)


def identity_of(chip: Chip) -> Identity | None:
    """What a chip's row says of its identity."""
    return None if chip.identity is None else _identities.decode(chip.identity)


def unique_identities(identity: Identity | None) -> Iterator[str]:
    """`<ik|pdi|uuid>:<value>` for each identity that at most one living chip may bear."""
    if identity is None:
        return
    for kind, field in UNIQUE_IDENTITIES.items():
        value = getattr(identity, field)
        if value is not None:
            yield f"{kind}:{value}"


def identities_borne(chip: Chip) -> set[str]:
    """The unique identities a chip bears as long as it lives, unless another bore them first."""
    return set() if chip.status in ENDED else set(unique_identities(identity_of(chip)))


def check_identity(what: str, identity: Identity) -> Rejection | None:
    """One field at least, none empty, hashes in hex."""
    texts = [getattr(identity, name) for name in identity.__struct_fields__]
    if "" in texts or not any(texts):
        return bad_field(f"{what}: one field at least, and none empty")
    for text in (identity.ik_sha256, identity.attestation_sha256):
        if text is not None and SHA256_HEX.fullmatch(text) is None:
            return bad_field(f"{what}: a sha256 is 64 hex digits")
    return None


def slots_to_leave(registry: Registry, chips: Iterable[str]) -> Needs:
    """The slots these chips stand in: whoever moves a chip writes their rows, and so must know them."""
    rows = registry.of(CHIPS)
    found = [rows[chip] for chip in chips if chip in rows]
    return Needs().rows(SLOTS, [(row.site, row.system, row.slot) for row in found if row.slot is not None])


def leave_slot(chip: Chip, index: int) -> Iterator[SlotRow]:
    """The slot a chip leaves, empty."""
    if chip.slot is not None:
        assert chip.site is not None
        assert chip.system is not None
        yield SlotRow(chip.site, chip.system, chip.slot, None, index)
