"""Client, sender and server die in the middle: what was promised is there, all else is whole or absent."""

import json
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress

import httpx
import pytest

from signing.canonical import encode
from tests.cli.living_ledger import enrol
from tests.cli.stage import chipledger
from tests.sabotage.besieged import HELD, NDJSON, Besieged, answered, bundle, statement
from tests.sabotage.spoiled_bundles import good_registration
from tests.sabotage.verdicts import refused

COUNT = 4_000
RESET = struct.pack("ii", 1, 0)  # linger no second: the close is a reset
KILLED = -9


@pytest.fixture(scope="module")
def mortal(tmp_path_factory):
    """A ledger with one holder, to be killed."""
    ledger = Besieged(tmp_path_factory.mktemp("mortal"))
    ledger.start()
    try:
        enrol(ledger, ledger.home, "north-dc", "holder", "NO")
        yield ledger
    finally:
        ledger.stop()


def sites(name):
    """Many statements, each a bundle."""
    bodies = ({"site": f"north-dc/{name}-{n}", "name": "Hall", "country": "NO"} for n in range(COUNT))
    return [bundle(statement("north-dc", "site.declared", body)) for body in bodies]


def audited_size(ledger):
    """The size of a running log, its newest checkpoint published, when the auditor is content with it."""
    report = ledger.audit()
    assert report["clean"], report["findings"]
    assert "digest" in report["checks_run"]
    return report["size"]


def half_a_request(port, path, kind, body, *, reset):
    """Say that there is a byte more than there is, and die."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as line:
        if reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line.sendall(head.encode() + body)


@pytest.mark.usefixtures("unharmed")
def test_a_client_killed_while_it_sends_has_said_nothing(ledger):
    good = good_registration()
    bodies = {
        ("/statements", "application/json"): good,
        ("/statements?dry_run=1", "application/json"): good,
        ("/statements", "application/x-ndjson"): b"\n".join([good] * 500),
        ("/tokens/challenge", "application/json"): encode({"party": "north-dc", "keyid": "00" * 32}),
        ("/tokens", "application/json"): answered("north-dc", "00" * 32),
        ("/chips/lookup", "application/json"): encode({"chips": HELD}),
    }
    for (path, kind), body in bodies.items():
        for share in (0, 0.5, 0.99):
            for reset in (False, True):
                part = body[: int(len(body) * share)]
                half_a_request(ledger.port, path, kind, part, reset=reset)
    assert ledger.http.get("/readyz").status_code == 200
    # The control: not one of them was a statement that is refused anyway.
    assert ledger.post(good, params={"dry_run": 1}).json()["would"] == "admitted"


def test_a_sender_killed_and_started_again_sends_each_statement_once(mortal):
    file = mortal.home / "sites.ndjson"
    file.write_bytes(b"\n".join(sites("hall")) + b"\n")
    receipts = mortal.home / "sites.receipts.jsonl"
    words = ["send", file, "--url", mortal.url, "--log-key", mortal.vkey, "--json"]
    before = mortal.state()
    sender = subprocess.Popen([sys.executable, "-m", "api.cli", *map(str, words)], stdout=subprocess.PIPE)
    while not (receipts.exists() and receipts.stat().st_size) and sender.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            sender.wait(0.01)
    sender.kill()
    sender.communicate()
    assert sender.returncode == KILLED, "killed while it was at work"
    told = json.loads(chipledger(*words).stdout)
    assert not told["refused"]
    assert told["admitted"] + told["known"] + told["held"] == COUNT
    assert told["held"] > 0
    assert audited_size(mortal) == before.size + COUNT
    # The control: a book that moved is told from one that did not.
    after = mortal.state()
    assert before.digest != after.digest and before.root != after.root


def test_a_server_killed_in_the_middle_of_a_batch_keeps_what_it_gave_receipts_for(mortal):
    raws = sites("cellar")
    body = b"\n".join(raws) + b"\n"
    before, lines, begun = mortal.state(), [], threading.Event()

    def stream():
        sending = mortal.http.stream("POST", "/statements", content=body, headers=NDJSON)
        with suppress(httpx.TransportError), sending as answer:
            for line in answer.iter_lines():
                lines.append(line)
                begun.set()
        begun.set()

    worn_out = mortal.bearer("north-dc")
    challenge = mortal.challenge("north-dc")["nonce"]
    client = threading.Thread(target=stream)
    client.start()
    assert begun.wait(300)
    mortal.kill()
    client.join()
    assert 0 < len(lines) < COUNT, "killed in the middle"
    dead = mortal.audit()
    assert dead["clean"], dead["findings"]
    size = mortal.state().size
    mortal.start()
    assert audited_size(mortal) == size >= dead["size"]
    assert size >= before.size + len(lines)
    told = [json.loads(line) for line in mortal.post(body, NDJSON).text.splitlines()]
    assert {one["status"] for one in told} == {"known", "admitted"}
    for promised, now in zip(map(json.loads, lines), told[: len(lines)], strict=True):
        same = ("index", "statement", "leaf_hash", "admitted_at")
        assert now["status"] == "known"
        assert [promised["receipt"][name] for name in same] == [now["receipt"][name] for name in same]
    assert audited_size(mortal) == before.size + COUNT
    # What the server that died had handed out is worth nothing with the new one.
    assert refused(mortal.http.get("/parties/me", headers=worn_out), "token") == "unsigned"
    late = mortal.post(answered("north-dc", challenge), path="/tokens")
    assert refused(late, "challenge") == "bad_signature"


def test_a_server_killed_again_and_again_comes_back_each_time(mortal):
    size = mortal.state().size
    for turn in range(2):
        body = {"site": f"north-dc/annexe-{turn}", "name": "Annexe", "country": "NO"}
        receipt = mortal.say(bundle(statement("north-dc", "site.declared", body)))
        assert receipt["index"] == size + turn
        half_a_request(mortal.port, "/statements", "application/json", mortal.admitted[-1], reset=False)
        mortal.kill()
        mortal.start()
    assert [mortal.post(raw).status_code for raw in mortal.admitted] == [200] * 2
    assert audited_size(mortal) == size + 2
