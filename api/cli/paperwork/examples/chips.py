"""What do files about chips look like: born, found, standing, counted, seen, gone?

Examples that could be real; a test signs every one of them.
"""

from api.cli.paperwork.examples.template import Template

SEEN = (
    "what was read off the chip may stand in columns of its own: seen.ik_sha256, seen.pdi, seen.uuid, "
    "seen.label (or just ik_sha256, pdi, uuid, label)."
)
A_KEY = "9b5d42bf1084df1d5804b2b96c4dc074dc84a9ab12e0d7ee6817a7ecfbb37b74"

CHIPS: dict[str, Template] = {
    "chips.registered": Template(
        "a maker registers the chips it made; a row is a chip",
        "serial,model,identity.label\n1654223000017,registry/h100-sxm5-80,P-17\n"
        "1654223000018,registry/h100-sxm5-80,P-18\n",
        ("--set site=acme-semi/fab-18",),
        "the model of every row may stand in an option instead: --each model=registry/h100-sxm5-80. "
        "Further columns: lots (separated by ;), replaces, identity.ik_sha256, identity.pdi, identity.uuid.",
    ),
    "chips.declared": Template(
        "a holder declares chips that nobody handed over to it; a row is a chip",
        f"chip,model,seen.ik_sha256\nacme-semi:1654223000017,registry/h100-sxm5-80,{A_KEY}\n"
        "north-dc:TAG-0042,,\n",
        ("--set basis=inventory", "--set site=north-dc/hall-1"),
        f"basis is inventory, recovered or no_paperwork; --set from=… names whom they came from. {SEEN}",
    ),
    "chips.placed": Template(
        "a custodian says where its chips stand; a row is a chip",
        "chip,system,slot\nacme-semi:1654223000017,rack-12/node-3,0\nacme-semi:1654223000018,rack-12/node-3,1\n",
        ("--set site=north-dc/hall-1",),
    ),
    "chips.retired": Template(
        "a custodian says that chips are gone; a row is a chip",
        "chip\nacme-semi:1654223000017\nacme-semi:1654223000018\n",
        ("--set reason=destroyed", f"--set evidence_sha256={A_KEY}"),
        "reason is destroyed (then with evidence_sha256, the SHA-256 of a certificate), lost, stolen, or "
        "released (then with --set to_name=… --set country=…, to whom outside the registry).",
    ),
    "stocktake.declared": Template(
        "a custodian says what it counted; a row is a chip",
        "chip,seen.label\nacme-semi:1654223000017,P-17\nacme-semi:1654223000018,P-18\n",
        ("--set stocktake=2026-q4", "--set scope=full", "--set site=north-dc/hall-1"),
        "scope is full (what is not named is absent) or partial; without site it is about all your sites. "
        f"A long one is split: --lines 50000 signs part 1, 2, … of one stocktake. {SEEN}",
    ),
    "chips.sighted": Template(
        "anybody enrolled says which chips it came upon; a row is a chip",
        f"chip,seen.ik_sha256\nacme-semi:1654223000017,{A_KEY}\nacme-semi:1654223000018,\n",
        ('--set "place=a test bench in Vienna"',),
        f"--set site=… names the declared site, if it was one. {SEEN}",
    ),
}
