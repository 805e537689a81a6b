"""What do files look like that are not about chips: the log, parties, keys, models, sites, lots, claims?

Examples that could be real; a test signs every one of them. Keys and proofs are those of fixed test seeds.
"""

from api.cli.paperwork.examples.template import Template

A_KEY = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
A_HASH = "9b5d42bf1084df1d5804b2b96c4dc074dc84a9ab12e0d7ee6817a7ecfbb37b74"

REGISTRY: dict[str, Template] = {
    "log.changed": Template(
        "a registrar changes the log's settings; a row is a statement, what has no column stays",
        "quorum,waits.beacon_lead_s,waits.timely_lead_s,waits.key_delay_s,device_roots\n"
        f'0,900,60,604800,"[{{""spki_sha256"":""{A_HASH}"",""vendor"":""NVIDIA""}}]"\n',
        hint="lists of objects are JSON in one cell, or values in a JSON lines file; waits all three.",
    ),
    "party.enrolled": Template(
        "a registrar enrols parties; a row is a statement (one party at a time: chipledger enrol)",
        "party,name,roles,country\nacme-semi,Acme Semiconductor,maker,US\n"
        "north-dc,North Data Centres,holder,NO\n",
        hint="roles are separated by ; and the column proof names a P.proof.json of `chipledger keygen`.",
    ),
    "party.changed": Template(
        "a registrar changes what is known of parties; a row is a statement, an empty cell stays as it was",
        "party,name,suspended,succeeded_by\nacme-semi,Acme Silicon,,\nnorth-dc,,true,\nsouth-dc,,,north-dc\n",
        hint="suspended is true or false; roles are separated by ; and stand for all there were before.",
    ),
    "key.added": Template(
        "a party (or for it the registrar) adds keys; a row is a statement",
        "party,proof,kinds,sites,until\n"
        "north-dc,clerk.proof.json,chips.placed;shipment.arrived,north-dc/hall-1,2027-06-30\n",
        hint="proof names a file of `chipledger keygen`; kinds and sites narrow the key, until ends it.",
    ),
    "key.revoked": Template(
        "a party (or for it the registrar) revokes keys; a row is a statement",
        f"party,public_key,reason\nnorth-dc,{A_KEY},the laptop was stolen\n",
        hint="the public key stands in its .proof.json, and in chipledger show party.",
    ),
    "affiliation.noted": Template(
        "a verifier notes that parties belong together; a row is a statement",
        f"parties,evidence_sha256\nnorth-dc;south-dc,{A_HASH}\n",
        hint="parties are separated by ; and evidence_sha256 is the SHA-256 of what shows it.",
    ),
    "beacon.listed": Template(
        "a registrar lists sources of randomness; a row is a statement",
        "beacon,scheme,public_key,genesis,period_s,source,chain\n"
        "quicknet,bls-unchained-g1-rfc9380,83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6"
        "a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae"
        "8991ef5ece45a,2023-08-23T15:09:27Z,3,https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792"
        "ba94600c84e971,\n"
        f"agency-key,ecvrf-edwards25519-sha512-tai,{A_KEY},2026-11-01T00:00:00Z,1,the agency's own key,\n",
        hint="schemes: bls-unchained-g1-rfc9380, pedersen-bls-chained (drand), nist-beacon-2.0-rsa-sha512, "
        "curby-q-rs256, curby-rng-rs256 (public_key is the modulus, chain NIST's index or CURBy's CID), and "
        "ecvrf-edwards25519-sha512-tai for a verifier's own key. inspect draw fetches pulses below source.",
    ),
    "model.listed": Template(
        "a registrar lists what each model can do; a row is a statement",
        "model,vendor,part_numbers,memory_gb,memory_bandwidth_gbps,interconnect_gbps,fp64_tflops,bf16_tflops,"
        "fp8_tflops,int8_tops,tpp,dies,die_area_um2,hbm_stacks,released\n"
        "h100-sxm5-80,NVIDIA,,80,3350,900,66.9,989.4,1978.9,1978.9,15824,1,814000000,5,2022-09-20\n",
        hint="dense rates: fp64_tflops, fp32_tflops, tf32_tflops, bf16_tflops, fp16_tflops, fp8_tflops, "
        "int8_tops, fp4_tflops; a blank cell is a format the model does not have. gflops.fp64 … work too.",
    ),
    "site.declared": Template(
        "a party names places of its own; a row is a statement",
        "site,name,country,latitude,longitude,power_kw,positions\n"
        "hall-1,North Hall 1,NO,59.9139,10.7522,25000,16384\nwarehouse,Bonded warehouse,NO,,,,\n",
        hint="latitude and longitude are degrees; latitude_udeg and longitude_udeg are the same in "
        "millionths, as the statement has them: 59.9139 is 59913900. Give either, or neither.",
    ),
    "lot.produced": Template(
        "a fab counts the good dies of its lots; a row is a statement",
        "lot,product,wafers,gross_units,good_units,for_party\nN4-2607,GH100,25,1500,1190,acme-semi\n",
    ),
    "lot.used": Template(
        "a fab, or the party it made a lot for, says what became of dies; a row is a statement",
        "lot,outcome,count\nfab-one/N4-2607,lost,3\nfab-one/N4-2607,banked,400\n",
        hint="outcome is lost, banked or other_product; dies of registered chips are named by those (lots).",
    ),
    "claim.noted": Template(
        "an analyst notes what others say there is; a row is a statement",
        "subject,model,unit,measure,status,low,high,as_of,source_sha256\n"
        f"A Cloud,registry/h100-sxm5-80,chips,installed,press report,80000,120000,2026-06-30,{A_HASH}\n",
        hint="unit is chips or h100e; measure is installed, acquired or sold; from is since when.",
    ),
    "book.sealed": Template(
        "a registrar seals the book of a size; a row is a statement",
        f"at_size,count,root\n4200,1190,{A_HASH}\n",
        hint="root is over the lines of all chips, sorted; the audit recomputes it.",
    ),
}
