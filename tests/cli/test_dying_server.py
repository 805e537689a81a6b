"""`send` and a server that is killed without warning: nothing is lost, nothing is sent twice."""

import json
import subprocess
import sys
import time
from contextlib import suppress

from tests.cli.living_ledger import LivingLedger, enrol, send, sign
from tests.cli.stage import chipledger


def test_a_server_killed_in_the_middle_of_send_costs_nothing(tmp_path):
    ledger = LivingLedger(tmp_path)
    ledger.start()
    try:
        enrol(ledger, tmp_path, "north-dc", "holder", "NO")
        count = 6_000
        rows = "".join(f"hall-{number},Hall {number},NO\n" for number in range(count))
        file = sign(tmp_path, "north-dc", "site.declared", "site,name,country\n" + rows, name="sites")
        receipts = tmp_path / "sites.receipts.jsonl"
        line = [sys.executable, "-m", "api.cli", "send", file, "--url", ledger.url, "--log-key", ledger.vkey]
        sender = subprocess.Popen([*map(str, line), "--json"], stdout=subprocess.PIPE)
        deadline = time.monotonic() + 300
        while not receipts.exists() and time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired):
                sender.wait(0.01)
        ledger.kill()
        assert sender.poll() is None, "killed while the sender was at work"
        ledger.start()
        said, _ = sender.communicate(timeout=600)
        answer = json.loads(said)
        assert sender.returncode == 0 and not answer["refused"]
        assert answer["admitted"] + answer["known"] == count
        assert len(receipts.read_bytes().splitlines()) == count
        assert send(ledger, file)["held"] == count
        assert ledger.level() == count + 2
        audited = chipledger("audit", ledger.folder, "--log-key", ledger.vkey, "--json")
        report = json.loads(audited.stdout)
        assert report["clean"] and report["size"] == count + 2
    finally:
        ledger.stop()
