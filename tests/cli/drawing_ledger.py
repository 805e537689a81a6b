"""A served ledger that asks for a witness, with a beacon of every scheme below a loopback server's address.

Commitments, findings and verdicts are said here by the signing desk itself: what is under test is the draw.
"""

import json
import time
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.cli.demo_beacon import DemoBeaconSigner
from api.cli.draws.drawing import SecretFile
from api.cli.paperwork.signing_desk import sign_statement, write_bundles
from ledger.book.times import DAY_SECONDS, format_seconds, parse_seconds
from ledger.inspection.curby import CURBY_Q_SCHEME, CURBY_RNG_SCHEME
from ledger.inspection.nist import NIST_SCHEME
from ledger.inspection.vrf import VRF_SCHEME, public_key_of
from signing.note import COSIGNATURE_V1, append_signature, cosign, make_vkey
from signing.signer import SeedSigner, write_key_file
from tests.cli.living_ledger import LivingLedger, enrol, say, send
from tests.cli.shelf import Shelf, served
from tests.cli.stage import LOG, chipledger, key_file, signer
from tests.cli.trading_ledger import MODEL
from tests.inspection.own_curby import CHAIN_CID, classical_pair, published_of, quantum
from tests.inspection.own_keys import modulus_of, rsa_key
from tests.inspection.own_nist import published_at

GENESIS = "2026-01-01T00:00:00Z"
GENESIS_S = parse_seconds(GENESIS, "genesis")
CHIPS, POSITIONS = 9, 6
OWN_SEED = bytes(range(32))
DRAND = DemoBeaconSigner(11)
WITNESS = SeedSigner(b"w" * 32)
WITNESS_NAME = "w.example"
RSA = modulus_of(rsa_key(0)).hex()
AHEAD_S = 5  # a busy machine takes seconds to sign and send,
LATER = (1, 4, 16, 64)  # or so many times as long: it is tried again then
STAGE_S = 4  # from a stage's round to the day of its findings, where another follows


@dataclass(frozen=True)
class Drawing:
    """The ledger, the folder of keys and files, what the beacons' servers answer, stages by name."""

    ledger: LivingLedger
    folder: Path
    shelf: Shelf
    stages: dict

    def who(self):
        """The options of the verifier."""
        words = ["--party", "agency", "--key", key_file(self.folder, "agency"), "--url", self.ledger.url]
        return [*words, "--log", LOG, "--log-key", self.ledger.vkey]

    def draw(self, name, *words):
        """Run `inspect draw` in the folder, where its secret and its files lie."""
        with chdir(self.folder):
            return chipledger("inspect", "draw", name, *self.who(), *words)

    def shown(self, name):
        """The inspection as the ledger tells it, and its sample."""
        words = ["--party", "agency", "--key", key_file(self.folder, "agency"), "--url", self.ledger.url]
        result = chipledger("show", "inspection", f"agency/{name}", *words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def say(self, kind, body, rows=None, code=0):
        """Sign as the verifier, and send; the JSON answer."""
        now = int(time.time())
        until = format_seconds(now + DAY_SECONDS)
        bundle = sign_statement(
            signer("agency"),
            LOG,
            kind,
            "agency",
            body,
            rows,
            occurred_at=format_seconds(now),
            expires_at=until,
        )
        file = self.folder / f"{kind}-{time.monotonic_ns()}.bundle.json"
        write_bundles(file, [bundle])
        return send(self.ledger, file, code=code)

    def commit(self, name, beacon="drand", rounds=(AHEAD_S,), **body):
        """Bind the verifier to a stage for each of `rounds`, in seconds from now; the stages."""
        kept = SecretFile.make(self.folder / f"{name}.secret.json", f"agency/{name}", len(rounds))
        said = {"inspection": f"agency/{name}", "series": f"agency/{name}", "number": 1, "beta_ppm": 50_000}
        said |= {"provers": ["north-dc"], "direction": "book_to_floor", "strata": [{"name": "all"}]}
        said |= {"planner": "presence", "parameters": {}, "beacon": f"registry/{beacon}"}
        for later in LATER:
            stages = stages_of(kept, [later * ahead for ahead in rounds])
            last = later == LATER[-1]
            told = self.say(
                "inspection.committed", {**said, "stages": stages, **body}, code=0 if last else None
            )
            if not told["refused"]:
                break
            assert [one["reason"] for one in told["refused"]] == ["too_early"], told
        return stages

    def publishes(self, beacon, number):
        """The shelf holds what the beacon's server would say of a round."""
        if beacon in PUBLISHED:
            for path, value in PUBLISHED[beacon](number):
                self.shelf.put_json(f"/{beacon}{path}", value)

    def cosigned(self, name, at, cosigner=WITNESS):
        """The newest checkpoint in a file, which a witness says it saw at that time."""
        self.ledger.level()
        note = (self.ledger.folder / "public" / "checkpoint").read_text()
        text = note.partition("\n\n")[0] + "\n"
        file = self.folder / f"{name}.checkpoint"
        file.write_text(append_signature(note, cosign(text, cosigner, WITNESS_NAME, at)))
        return file


def stages_of(kept, rounds):
    """A stage for each of `rounds`, in seconds from now, bound to the secrets that are kept."""
    now, stages = int(time.time()), []
    for ahead, secret_sha256 in zip(rounds, kept.sha256s, strict=True):
        due = now + ahead
        stage = {"round": due - GENESIS_S + 1, "secret_sha256": secret_sha256, "sizes": [2]}
        day = format_seconds(due + (DAY_SECONDS if ahead == rounds[-1] else STAGE_S))
        stage |= {"notice_by": day, "found_by": day}
        stages.append(stage | {"accept": 0, "reject": 1})
    return stages


def stamp(number):
    return f"{format_seconds(GENESIS_S + number - 1)[:-1]}.000Z"


def of_curby_rng(number):
    before, pulse = classical_pair(number, stamp(number))
    for index, thing in ((number - 1, before), (number, pulse)):
        yield f"/chains/{CHAIN_CID}/pulses/{index}", published_of(thing)


PUBLISHED = {
    "drand": lambda n: [(f"/public/{n}", {"round": n, "signature": DRAND.pulse(n).hex()})],
    "nist": lambda n: [
        (f"/pulse/time/{1000 * (GENESIS_S + n - 1)}", {"pulse": published_at(GENESIS_S + n - 1, n, 1)})
    ],
    "curby-q": lambda n: [(f"/round/{n}", [published_of(quantum(n, stamp(n)))])],
    "curby-rng": of_curby_rng,
}

BEACONS = {
    "drand": (DRAND.scheme, DRAND.public_key.hex(), ""),
    "nist": (NIST_SCHEME, RSA, "2"),
    "curby-q": (CURBY_Q_SCHEME, RSA, CHAIN_CID),
    "curby-rng": (CURBY_RNG_SCHEME, RSA, CHAIN_CID),
    "own": (VRF_SCHEME, public_key_of(OWN_SEED).hex(), ""),
}


@contextmanager
def drawing_ledger(folder):
    """Until the end of the block; a holder with nine chips on a floor of six positions, and a verifier."""
    terms = [
        "--quorum",
        1,
        "--witness",
        make_vkey(WITNESS_NAME, COSIGNATURE_V1, WITNESS.public_key.octets).text(),
    ]
    ledger = LivingLedger(folder, *terms, "--timely-lead-s", 0)
    ledger.start()
    try:
        with served() as shelf:
            enrol(ledger, folder, "north-dc", "holder,maker", "NO")
            enrol(ledger, folder, "agency", "verifier", "AT")
            rows = "beacon,scheme,public_key,genesis,period_s,source,chain\n"
            for name, (scheme, key, chain) in BEACONS.items():
                rows += f"{name},{scheme},{key},{GENESIS},1,{shelf.url}/{name},{chain}\n"
            say(ledger, folder, "registry", "beacon.listed", rows)
            say(ledger, folder, "registry", "model.listed", MODEL)
            hall = f"site,name,country,positions\nhall,Hall,NO,{POSITIONS}\n"
            say(ledger, folder, "north-dc", "site.declared", hall)
            made = "serial,model\n" + "".join(f"{n:03},registry/h100\n" for n in range(1, CHIPS + 1))
            say(ledger, folder, "north-dc", "chips.registered", made, "site=north-dc/hall")
            write_key_file(folder / "own.pem", OWN_SEED, None)
            yield Drawing(ledger, folder, shelf, {})
    finally:
        ledger.stop()
