"""The demo's inspection: planned, committed, drawn by a beacon, visited, closed; and a draw short of a chip.

The dishonest draw is made with the verifier's own key and secret, by the functions `inspect draw` uses: what
stops it is the log, which draws again.
"""

import time
from pathlib import Path

import msgspec

from api.cli.demo.backstage import Backstage
from api.cli.demo.cast import BEACON, ORIGIN, PROVER, VERIFIER
from api.cli.demo.stage_voice import scene, tell
from api.cli.demo.visit_scene import visit
from api.cli.demo_beacon import DemoBeaconSigner
from api.cli.draws.beacons import rules_of
from api.cli.draws.drawing import SecretFile, drawn_body, select
from api.cli.draws.frames import fetch_frame
from api.cli.paperwork.signing_desk import sign_statement, write_bundles
from api.cli.remote.beacon_fetch import read_pulse_file
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import progress, say
from ledger.book.rules.pulses import quote
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.inspection.beacon import due_at, verify_pulse
from signing.signer import read_key_file

VISIT = "nexgen-visit-1"
INSPECTION = f"{VERIFIER}/{VISIT}"
CHIPS, MISSING = "16384", "164"  # one chip in a hundred gone must not go unseen
TICK_S = 0.2
LEAD_S = "10"  # a busy machine takes seconds to sign and send


def inspect(backstage: Backstage, beacon: DemoBeaconSigner) -> None:
    """A sample of one prover's chips that nobody, the verifier included, could have chosen."""
    scene(f"4  A verifier inspects {PROVER}")
    tell(backstage, ["inspect", "plan", "--frame", CHIPS, "--missing", MISSING])
    said = ["--provers", PROVER, "--beacon", BEACON, "--missing", MISSING, "--lead-s", LEAD_S]
    tell(backstage, ["inspect", "commit", VISIT, *said], VERIFIER)
    pulse = _wait_for_round(backstage, beacon)
    say("\nThe same draw with one chip left out, signed by the verifier itself:")
    tell(backstage, ["send", str(_leave_one_out(backstage, pulse))], VERIFIER, expect=1)
    tell(backstage, ["inspect", "draw", VISIT, "--pulse", str(pulse)], VERIFIER)
    visit(backstage, VISIT)


def _client(backstage: Backstage) -> LedgerClient:
    return LedgerClient(
        backstage.server.url, VERIFIER, read_key_file(backstage.key(VERIFIER), None), origin=ORIGIN
    )


def _wait_for_round(backstage: Backstage, beacon: DemoBeaconSigner) -> Path:
    """The committed round's pulse in a file, once the round is due."""
    with _client(backstage) as client:
        told = client.get_json(f"/inspections/{INSPECTION}")
        due = due_at(rules_of(client, told["beacon"]).beacon, told["stages"][0]["round"])
    seconds = max(due - time.time(), 0) + 1
    with progress("waiting for the beacon", int(seconds / TICK_S)) as bar:
        for _ in range(int(seconds / TICK_S) + 1):
            time.sleep(TICK_S)
            bar.advance()
    number = told["stages"][0]["round"]
    path = backstage.folder / f"round-{number}.json"
    path.write_bytes(msgspec.json.encode({"round": number, "signature": beacon.pulse(number).hex()}))
    return path


def _leave_one_out(backstage: Backstage, pulse: Path) -> Path:
    """A signed draw of everything but the last chip of the sample."""
    secret = SecretFile.read(backstage.folder / f"{VISIT}.secret.json", INSPECTION)
    with _client(backstage) as client:
        told = client.get_json(f"/inspections/{INSPECTION}")
        rules = rules_of(client, told["beacon"])
        said = read_pulse_file(rules.beacon, told["stages"][0]["round"], pulse)
        randomness = verify_pulse(rules.beacon, said)
        assert randomness is not None, "a pulse is verified where it is read"
        frame = fetch_frame(client, told)
        (tickets,) = select(frame, told, randomness, secret.secrets[0]).values()
        body = drawn_body(told, quote(said), secret.secrets[0], frame)
    now = int(time.time())
    bundle = sign_statement(
        read_key_file(backstage.key(VERIFIER), None),
        ORIGIN,
        "inspection.drawn",
        VERIFIER,
        body,
        [{"chip": ticket.chip} for ticket in tickets[:-1]],
        occurred_at=format_seconds(now),
        expires_at=format_seconds(now + DAY_SECONDS),
    )
    path = backstage.outbox / "false-draw.bundle.json"
    write_bundles(path, [bundle])
    return path
