"""What is said beside trade: of the log, of parties and their keys, of lots, of what others estimate.

Drafts only, made for a `World` that is given: `world.says` says them.
"""

from signing.note import COSIGNATURE_V1, ED25519, make_vkey
from tests.world import LEAD_S, MODEL, REGISTRAR
from tests.world_speech import ORIGIN, proven, signer_of

EVIDENCE = "ab" * 32


def log_vkey(name="log#2"):
    """A key the log could have, as text."""
    return make_vkey(ORIGIN, ED25519, signer_of(name).public_key.octets).text()


def witness(name="w.example"):
    """Somebody who would cosign."""
    vkey = make_vkey(name, COSIGNATURE_V1, signer_of(name).public_key.octets).text()
    return {"name": name, "vkey": vkey, "operator": name.upper()}


def log_change_draft(world, **body):
    """New settings."""
    return world.draft(REGISTRAR, "log.changed", body)


def every_setting():
    """All that `log.changed` can say."""
    return {
        "log_key": log_vkey(),
        "witnesses": [witness()],
        "quorum": 1,
        "rules": 1,
        "waits": {"beacon_lead_s": LEAD_S, "timely_lead_s": 61, "key_delay_s": 1_209_600},
        "device_roots": [{"vendor": "Acme", "spki_sha256": "cd" * 32}],
        "continues": {"log": "ledger.example/before", "size": 3, "root": EVIDENCE},
    }


def party_change_draft(world, party, by=REGISTRAR, **body):
    """Something else is known of a party."""
    return world.draft(by, "party.changed", {"party": party} | body)


def key_draft(world, party, name, speaker=None, **body):
    """One more key, `name`, of a party; said by itself unless told."""
    return world.draft(speaker or party, "key.added", {"party": party} | proven(party, name) | body)


def revocation_draft(world, party, name, speaker=None, reason="a laptop was lost"):
    """A key that shall speak no more."""
    said = {"party": party, "public_key": signer_of(name).public_key.hex, "reason": reason}
    return world.draft(speaker or party, "key.revoked", said)


def affiliation_draft(world, *parties, by="watch"):
    """Parties that may belong together."""
    return world.draft(by, "affiliation.noted", {"parties": list(parties), "evidence_sha256": EVIDENCE})


def lot_draft(world, lot, for_party, **body):
    """What a lot gave."""
    said = {"lot": lot, "product": "GH100", "wafers": 25, "gross_units": 1500, "good_units": 1200}
    return world.draft(lot.split("/")[0], "lot.produced", said | {"for_party": for_party} | body)


def use_draft(world, party, lot, outcome="banked", count=1):
    """What became of some of it."""
    return world.draft(party, "lot.used", {"lot": lot, "outcome": outcome, "count": count})


def claim_draft(world, by="quill", **body):
    """Somebody's estimate."""
    said = {"subject": "oslo", "model": MODEL, "family": "Hopper", "unit": "chips", "measure": "installed"}
    said |= {"from": "2025-01-01T00:00:00Z", "as_of": "2026-06-30T00:00:00Z", "status": "press release"}
    return world.draft(by, "claim.noted", said | {"low": 900, "high": 1100, "source_sha256": EVIDENCE} | body)


def seal_draft(world, **body):
    """The book as it is, under a root."""
    return world.draft(
        REGISTRAR, "book.sealed", {"at_size": world.door.size(), "count": 3, "root": EVIDENCE} | body
    )
