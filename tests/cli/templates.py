"""Signing the example file of any kind, by the party whose word it is."""

import shlex

from api.cli.paperwork.signing_desk import proven_key
from api.cli.paperwork.templates import TEMPLATES
from signing.canonical import encode
from signing.signer import SeedSigner
from tests.cli.stage import LOG, chipledger, speaking

SIGNED = "2026-11-20"  # golden bytes are of one day
SPEAKERS = {
    "model.listed": "registry",
    "party.enrolled": "registry",
    "beacon.listed": "registry",
    "site.declared": "north-dc",
    "chips.registered": "acme-semi",
    "chips.placed": "north-dc",
    "shipment.dispatched": "acme-semi",
    "shipment.arrived": "north-dc",
    "log.changed": "registry",
    "party.changed": "registry",
    "key.added": "north-dc",
    "key.revoked": "north-dc",
    "affiliation.noted": "agency",
    "lot.produced": "acme-semi",
    "lot.used": "acme-semi",
    "claim.noted": "lab",
    "book.sealed": "registry",
    "chips.declared": "north-dc",
    "chips.retired": "north-dc",
    "chips.sighted": "agency",
    "stocktake.declared": "north-dc",
    "shipment.cancelled": "acme-semi",
    "title.offered": "acme-semi",
    "title.accepted": "north-dc",
    "title.withdrawn": "acme-semi",
    "discrepancy.answered": "north-dc",
    "discrepancy.resolved": "agency",
    "statement.corrected": "north-dc",
}


def sign_template(folder, kind, file=None):
    """Sign a kind's example, or another file with the example's options; the file that was made."""
    if file is None:
        file = folder / f"{kind}.csv"
        file.write_text(TEMPLATES[kind].csv)
    if kind == "key.added":
        clerk = SeedSigner(bytes([77] * 32))
        said = {"party": "north-dc", **proven_key(clerk, LOG, "north-dc")}
        (folder / "clerk.proof.json").write_bytes(encode(said))
    options = [word for option in TEMPLATES[kind].options for word in shlex.split(option)]
    result = chipledger("sign", kind, file, *speaking(folder, SPEAKERS[kind], SIGNED), *options)
    assert result.exit_code == 0, " ".join(result.stderr.split())
    names = (f"{file.stem}.bundle.json", f"{file.stem}.ndjson")
    (made,) = [folder / name for name in names if (folder / name).exists()]
    return made
