"""Which chips proved who they are? Class A, and the evidence that travels beside a manifest.

A line names a piece of evidence by its hash and the key that speaks in it. Whether the evidence holds is
found out once, when the statement is read (`examined`), in whatever thread reads it: that is costly. The
judge only compares: the roots this log pins, the key, the nonce. Evidence that proves nothing is no fault;
only lines and evidence that do not belong together are.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from ledger.book.records.form import Form, Identity, Line
from ledger.book.records.opening import DeviceRoot
from ledger.book.registry import Changes, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import AT_HAND, Chip, IdentityRow
from ledger.book.rules.chips import identity_of
from ledger.book.rules.findings import differs, repeated_chips
from ledger.book.rules.rule import acts_for, roles_of
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, IDENTITIES, INSPECTIONS, LOG, PARTIES, SAMPLED
from ledger.device.evidence import Examined, Kind, trusted
from ledger.device.nonces import registration_nonce
from ledger.device.vendors import examine_all
from ledger.inspection.draw import ticket
from signing.canonical import Unreadable, from_base64

CLASS_A = "A"
FOUND = "inspection.found"
BEARERS = ("identity", "seen")  # the fields of a line in which evidence may be named

_roots = msgspec.json.Decoder(list[DeviceRoot])


# -- the evidence itself, before any book is asked


def named_evidence(form: Form, lines: Sequence[Line]) -> Iterable[str]:
    """Hex SHA-256 of every piece of evidence the lines name, in their order, each once."""
    fields = () if form.line is None else form.line.__struct_fields__
    found: dict[str, None] = {}
    for bearer in BEARERS:
        if bearer in fields:
            identities = (getattr(line, bearer) for line in lines)
            named = (each.attestation_sha256 for each in identities if each is not None)
            found.update((name, None) for name in named if name is not None)
    return found


def brought_evidence(named: Iterable[str], attestations: Mapping[str, str] | None) -> dict[str, bytes]:
    """Of the evidence named, what a bundle brought and is what its name says, by hex SHA-256 of itself."""
    found: dict[str, bytes] = {}
    if not attestations:
        return found
    for name in named:
        octets = _octets(attestations.get(name))
        if octets is not None and sha256(octets).hexdigest() == name:
            found[name] = octets
    return found


def _octets(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return from_base64(text, "attestations")
    except Unreadable:
        return None


def read_evidence(statement: Statement) -> tuple[dict[str, bytes], Rejection | None]:
    """Evidence by its hash; `manifest_mismatch` where some is missing, not what it is called, or unnamed."""
    named = set(named_evidence(statement.form, statement.lines))
    attestations = statement.bundle.attestations or {}
    brought = brought_evidence(sorted(named), attestations)
    for name in sorted(named - brought.keys()):
        came = name in attestations
        how = "is not the base64 of what hashes to that name" if came else "is named and did not come along"
        return brought, _mismatch(f"{name} {how}")
    stray = min(attestations.keys() - named, default=None)
    return brought, None if stray is None else _mismatch(f"{stray[:64]!r} is named by no line")


def _mismatch(detail: str) -> Rejection:
    return Rejection(Reason.MANIFEST_MISMATCH, f"attestations: {detail}")


def examined(brought: Mapping[str, bytes]) -> dict[str, Examined]:
    """Who answered in each piece that holds together under the root it brings along, by its hash."""
    results = zip(brought, examine_all(list(brought.values())), strict=True)
    return {name: result for name, result in results if isinstance(result, Examined)}


# -- what it says to the judge


def identities_proved(statement: Statement) -> list[str]:
    """The identities whose bearers must be known before a class may be raised: for `needs`."""
    return [_ik(each.ik_sha256) for each in statement.attested.values()]


def is_attested(registry: Registry, entry: Entry, chip: str, identity: Identity | None) -> bool:
    """Whether a key in the chip proved that it has this identity, for this very statement about it."""
    if identity is None or identity.attestation_sha256 is None or identity.ik_sha256 is None:
        return False
    statement = entry.statement
    found = statement.attested.get(identity.attestation_sha256)
    settings = registry.get(LOG, statement.text.log)
    if found is None or settings is None:
        return False
    return (
        found.kind is not Kind.SWITCH
        and found.ik_sha256 == identity.ik_sha256
        and found.nonce in _nonces(registry, entry, chip)
        and trusted(found, _roots_of(settings.device_roots))
    )


def _nonces(registry: Registry, entry: Entry, chip: str) -> list[bytes]:
    """What an answer about this chip may answer: for one that was drawn its tickets, and nothing else."""
    statement = entry.statement
    if statement.kind == FOUND:
        inspection = registry.get(INSPECTIONS, entry.body.inspection)
        sampled = registry.get(SAMPLED, (entry.body.inspection, chip))
        if inspection is not None and sampled is not None and sampled.stages:
            seeds = inspection.seeds.split()
            return [ticket(bytes.fromhex(seeds[int(stage) - 1]), chip) for stage in sampled.stages.split()]
    head = statement.text.head
    if head is None:
        return []
    root = bytes.fromhex(head.root)
    return [registration_nonce(statement.text.log, head.size, root, chip, statement.kind)]


@lru_cache(maxsize=64)
def _roots_of(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((root.vendor, root.spki_sha256) for root in _roots.decode(text))


def raise_class(registry: Registry, entry: Entry, changes: Changes) -> None:
    """After an observation was judged: chips that proved to be who the book says are of class A.

    For every observation alike, whatever else it found. A chip that ended, stands in two lines or was seen to
    be another is left as it is; so is one whose key another living chip bears. Where the book knows no key
    of the chip, it does from now on, if its holder or a verifier shows it: anybody has some genuine chip
    that would answer for a stranger's.
    """
    statement = entry.statement
    if not statement.attested or not statement.form.observation:
        return
    lines = [line for line in entry.lines if is_attested(registry, entry, line.chip, line.seen)]
    if not lines:
        return
    repeated, own = repeated_chips(entry.lines), acts_for(registry, entry.party)
    is_verifier = "verifier" in roles_of(registry.of(PARTIES)[entry.party])
    moved: list[Chip] = changes.rows[CHIPS]  # type: ignore[assignment]
    claimed: list[IdentityRow] = changes.rows[IDENTITIES]  # type: ignore[assignment]
    chips, bearers = {row.chip: row for row in moved}, {row.identity: row for row in claimed}
    for line in lines:
        chip = chips.get(line.chip) or registry.get(CHIPS, line.chip)
        if chip is None or line.chip in repeated:
            continue
        name = _ik(line.seen.ik_sha256)
        borne = bearers.get(name) or registry.get(IDENTITIES, name)
        bearer = None if borne is None else borne.chip
        if bearer not in (None, chip.chip):
            continue
        may_name = chip.custodian in own or is_verifier
        after = _raised(chip, line.seen, entry.index, may_name=may_name)
        if after is not chip:
            chips[chip.chip] = after
            if bearer is None:
                bearers[name] = IdentityRow(name, chip.chip, entry.index)
    changes.rows[CHIPS], changes.rows[IDENTITIES] = list(chips.values()), list(bearers.values())


def _raised(chip: Chip, seen: Identity, index: int, *, may_name: bool) -> Chip:
    """The chip in class A, its key known; the same row where that changes nothing or something differs."""
    identity = identity_of(chip)
    known = None if identity is None else identity.ik_sha256
    if chip.status not in AT_HAND or differs(chip, seen) or (chip.cls == CLASS_A and known is not None):
        return chip
    if known is None and not may_name:
        return chip
    if known is None:
        identity = replace(identity or Identity(), ik_sha256=seen.ik_sha256)
    assert identity is not None
    return replace(chip, cls=CLASS_A, identity=identity.text(), changed=index)


def _ik(ik_sha256: str | None) -> str:
    return f"ik:{ik_sha256}"
