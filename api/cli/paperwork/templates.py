"""What does a file for a kind look like, and how is it signed?

An example for each kind that `sign` takes: rows that could be real, and the options that go with them. A
test signs every one of them. Knows no file or key.
"""

from dataclasses import dataclass

from ledger.book.kinds import FORMS

NOT_FOR_FILES = {
    "log.opened": "chipledger init",
    "inspection.committed": "chipledger inspect commit",
    "inspection.drawn": "chipledger inspect draw",
}


@dataclass(frozen=True, slots=True)
class Template:
    """An example file, and the options besides key, party, log and time that sign it."""

    says: str
    csv: str
    options: tuple[str, ...] = ()
    hint: str = ""


TEMPLATES: dict[str, Template] = {
    "model.listed": Template(
        "a registrar lists what each model can do; a row is a statement",
        "model,vendor,part_numbers,memory_gb,memory_bandwidth_gbps,interconnect_gbps,fp64_tflops,bf16_tflops,"
        "fp8_tflops,int8_tops,tpp,dies,die_area_um2,hbm_stacks,released\n"
        "h100-sxm5-80,NVIDIA,,80,3350,900,66.9,989.4,1978.9,1978.9,15824,1,814000000,5,2022-09-20\n",
        hint="dense rates: fp64_tflops, fp32_tflops, tf32_tflops, bf16_tflops, fp16_tflops, fp8_tflops, "
        "int8_tops, fp4_tflops; a blank cell is a format the model does not have. gflops.fp64 … work too.",
    ),
    "party.enrolled": Template(
        "a registrar enrols parties; a row is a statement (one party at a time: chipledger enrol)",
        "party,name,roles,country\nacme-semi,Acme Semiconductor,maker,US\n"
        "north-dc,North Data Centres,holder,NO\n",
        hint="roles are separated by ; and the column proof names a P.proof.json of `chipledger keygen`.",
    ),
    "beacon.listed": Template(
        "a registrar lists sources of public randomness; a row is a statement",
        "beacon,scheme,public_key,genesis,period_s,source\n"
        "quicknet,bls-unchained-g1-rfc9380,83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6"
        "a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae"
        "8991ef5ece45a,2023-08-23T15:09:27Z,3,drand quicknet\n",
    ),
    "site.declared": Template(
        "a party names places of its own; a row is a statement",
        "site,name,country,latitude,longitude,power_kw,positions\n"
        "hall-1,North Hall 1,NO,59.9139,10.7522,25000,16384\nwarehouse,Bonded warehouse,NO,,,,\n",
        hint="latitude and longitude are degrees; latitude_udeg and longitude_udeg are the same in "
        "millionths, as the statement has them: 59.9139 is 59913900. Give either, or neither.",
    ),
    "chips.registered": Template(
        "a maker registers the chips it made; a row is a chip",
        "serial,model,identity.label\n1654223000017,registry/h100-sxm5-80,P-17\n1654223000018,registry/h100-sxm5-80,P-18\n",
        ("--set site=acme-semi/fab-18",),
        "the model of every row may stand in an option instead: --each model=registry/h100-sxm5-80",
    ),
    "chips.placed": Template(
        "a custodian says where its chips stand; a row is a chip",
        "chip,system,slot\nacme-semi:1654223000017,rack-12/node-3,0\nacme-semi:1654223000018,rack-12/node-3,1\n",
        ("--set site=north-dc/hall-1",),
    ),
    "shipment.dispatched": Template(
        "a custodian sends chips; a row is a chip",
        "chip\nacme-semi:1654223000017\nacme-semi:1654223000018\n",
        (
            "--set shipment=PO-4711",
            "--set to=north-dc",
            "--set country=NO",
            "--set due_by=2026-12-15",
            "--set title=passes_on_arrival",
        ),
    ),
    "shipment.arrived": Template(
        "a receiver says what came, in what condition; a row is a chip",
        "chip,condition\nacme-semi:1654223000017,received\nacme-semi:1654223000018,damaged\n",
        ("--set shipment=acme-semi/PO-4711", "--set site=north-dc/warehouse", "--set evidence=scanned"),
        "sealed cartons need no file: --set evidence=as_dispatched --out NAME. "
        "Conditions: received, damaged, refused, absent.",
    ),
}
assert TEMPLATES.keys() | NOT_FOR_FILES.keys() <= FORMS.keys()
