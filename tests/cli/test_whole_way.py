"""From an empty folder to an audited ledger, with the commands as people type them and a server that dies."""

import json
import re
import shutil
import time

from ledger.book.encoding import read_bundle, read_statement_text
from signing.note import ED25519, make_vkey
from tests.cli.living_ledger import sign
from tests.cli.stage import LOG, chipledger, key_file, signer
from tests.cli.trading_ledger import BEACON, SHIPMENT, asking, told

SCREEN = 100  # columns


def test_a_chip_is_shown_with_its_life(world):
    shown = told(chipledger("show", "chip", "acme-semi:000007", *asking(world, "north-dc"), "--json"))
    assert (shown["chip"]["custodian"], shown["chip"]["class"]) == ("north-dc", "B")
    assert [event["kind"] for event in shown["history"]] == [
        "chips.registered",
        "shipment.dispatched",
        "shipment.arrived",
    ]
    table = chipledger("show", "chip", "000007", *asking(world, "north-dc"))
    assert table.exit_code == 0
    for word in ("north-dc/hall", "registered by its maker", "shipment.arrived", "in transit"):
        assert word in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= SCREEN


def test_what_is_not_ones_own_and_what_is_not_there_are_answered_alike(world):
    others = chipledger("show", "chip", "acme-semi:000299", *asking(world, "north-dc"))
    nothing = chipledger("show", "chip", "acme-semi:999999", *asking(world, "north-dc"))
    assert others.exit_code == nothing.exit_code == 1
    assert others.stderr == nothing.stderr
    error, advice = nothing.stderr.strip().split("\n")
    assert "not yours to see" in error and "yours" not in advice, "it is not said twice"


def test_the_inbox_is_the_open_shipments_to_me(world):
    inbox = ["show", "shipments", "--to", "me", "--state", "open", *asking(world, "north-dc")]
    (item,) = told(chipledger(*inbox, "--json"))["items"]
    assert (item["shipment"], item["received"], item["short"]) == ("acme-semi/s1", 150, 50)
    assert "acme-semi/s1" in chipledger(*inbox).stdout


def test_parties_entries_and_shipments_are_shown(world):
    party = chipledger("show", "party", "me", *asking(world, "north-dc"), "--limit", "200").stdout
    assert "chips held: 150" in party and "null" not in party and '["holder"]' not in party
    assert re.search(r"open discrepancies *│ none", party) and "succeeded" not in party
    few = chipledger("show", "party", "me", *asking(world, "north-dc"), "--limit", "2")
    assert "chips held: 2" in few.stdout and "--limit shows more" in few.stderr
    assert told(chipledger("show", "entry", "0", *asking(world, "agency"), "--json"))["kind"] == "log.opened"
    assert "log.opened" in chipledger("show", "entry", "0", *asking(world, "agency")).stdout
    shown = told(chipledger("show", "shipment", "acme-semi/s1", *asking(world, "acme-semi"), "--json"))
    assert shown["sent"] == 200
    lines = chipledger("show", "shipment", "acme-semi/s1", *asking(world, "acme-semi")).stdout
    assert re.search(r"short *│ 50", lines) and "passes on arrival" in lines and "licence" not in lines
    assert chipledger("show", "discrepancies", *asking(world, "north-dc")).exit_code == 0
    unknown = chipledger("show", "discrepancy", "9999.0", *asking(world, "north-dc"))
    assert unknown.exit_code == 1 and "not yours to see" in unknown.stderr
    assert chipledger("show", "entry", "nonsense", *asking(world, "agency")).exit_code == 2


def test_reading_needs_the_right_key(world):
    ledger, folder = world
    nobody = chipledger("show", "chip", "acme-semi:000007", "--url", ledger.url)
    assert nobody.exit_code == 1 and "--party and --key" in nobody.stderr
    assert "a key narrowed to kinds or sites signs, and reads nothing" in " ".join(nobody.stderr.split())
    wrong = ["--url", ledger.url, "--party", "north-dc", "--key", key_file(folder, "lab")]
    assert chipledger("show", "chip", "acme-semi:000007", *wrong).exit_code == 1
    assert chipledger("show", "chip", "acme-semi:000007", *wrong[:4]).exit_code == 2


def test_check_writes_nothing_and_says_what_would_be_refused(world):
    ledger, folder = world
    good = sign(folder, "acme-semi", "site.declared", "site,name,country\nnew,New,US\n", name="good")
    bad = sign(folder, "acme-semi", "site.declared", "site,name,country\nfab,Fab 2,TW\n", name="bad")
    assert chipledger("check", good, "--url", ledger.url).exit_code == 0
    refused = chipledger("check", bad, "--url", ledger.url)
    assert refused.exit_code == 1 and "id_taken" in refused.stdout
    both = chipledger("check", good, bad, "--url", ledger.url, "--json")
    assert [one["would"] for one in json.loads(both.stdout)["statements"]] == ["admitted", "refused"]
    assert not (folder / "good.receipts.jsonl").exists()
    unseen = "chip,condition\nacme-semi:000190,received\nacme-semi:999999,received\n"
    arrival = ("shipment=acme-semi/s1", "site=north-dc/hall", "evidence=scanned")
    arrived = sign(folder, "north-dc", "shipment.arrived", unseen, *arrival, name="unseen")
    asked = chipledger("check", arrived, "--url", ledger.url)
    assert asked.exit_code == 0 and "admitted now, and would open 1 discrepancy" in asked.stderr
    answer = told(chipledger("check", good, arrived, "--url", ledger.url, "--json"))
    assert [one["discrepancies"] for one in answer["statements"]] == [0, 1]
    assert "would open" not in chipledger("check", good, "--url", ledger.url).stderr


def test_a_refused_statement_ends_with_one_and_says_what_to_do(world):
    ledger, folder = world
    file = sign(
        folder, "acme-semi", "shipment.dispatched", "chip\nacme-semi:000001\n", *SHIPMENT, name="again"
    )
    result = chipledger("send", file, "--url", ledger.url, "--log-key", ledger.vkey)
    assert result.exit_code == 1
    assert "id_taken" in result.stdout and "choose another id" in result.stderr
    rows, second = "chip\nacme-semi:000190\n", ("shipment=s2", *SHIPMENT[1:])
    moving = sign(folder, "acme-semi", "shipment.dispatched", rows, *second, name="moving")
    result = chipledger("send", moving, "--url", ledger.url, "--log-key", ledger.vkey)
    assert "1 of the chips is in transit, first acme-semi:000190" in result.stdout
    assert not (folder / "again.receipts.jsonl").exists()


def test_a_receipt_is_proved_offline_and_by_the_server(world):
    ledger, folder = world
    file = folder / "acme-semi-chips.registered.bundle.json"
    assert chipledger("receipt", file, "--log-key", ledger.vkey).exit_code == 0
    statement = read_bundle(file.read_bytes()).envelope.id()
    asked = ["receipt", statement, *asking(world, "acme-semi"), "--log-key", ledger.vkey]
    assert told(chipledger(*asked, "--json"))["fault"] is None
    other = ledger.vkey.replace(LOG, "example.org/other")
    assert chipledger("receipt", file, "--log-key", other).exit_code == 1
    receipts = folder / "acme-semi-chips.registered.receipts.jsonl"
    kept = receipts.read_bytes()
    receipts.write_bytes(kept.replace(b'"index":', b'"index":1', 1))
    try:
        assert chipledger("receipt", file, "--log-key", ledger.vkey).exit_code == 1
    finally:
        receipts.write_bytes(kept)


def test_an_inspection_is_planned_committed_and_drawn(world, tmp_path):
    ledger, _ = world
    plan = told(chipledger("inspect", "plan", "--frame", 10_000, "--missing", 100, "--json"))
    assert (plan["n"], plan["miss"]) == (294, "0.049827922674")
    assert chipledger("inspect", "plan", "--frame", 10, "--missing", 11).exit_code == 2
    who = ["--log", LOG, "--log-key", ledger.vkey, *asking(world, "agency")]
    words = ["inspect", "commit", "visit-1", "--provers", "north-dc", "--beacon", "registry/demo"]
    for lead in (3, 12, 48, 192):  # a busy machine takes longer from the plan to the log
        committed = ledger.command(*words, "--missing", 15, "--lead-s", lead, *who, cwd=tmp_path)
        if "too_early" not in committed.stdout + committed.stderr:
            break
        for made in tmp_path.glob("visit-1.*"):
            made.unlink()
    assert committed.returncode == 0, committed.stderr
    assert "next: fetch round " in committed.stderr and " of registry/demo, due 20" in committed.stderr
    secret = tmp_path / "visit-1.secret.json"
    assert secret.stat().st_mode & 0o777 == 0o600
    again = ledger.command(*words, "--missing", 15, *who, cwd=tmp_path)
    assert again.returncode == 1 and "never overwritten" in again.stderr

    stage = body_of(tmp_path / "visit-1.committed.bundle.json")["stages"][0]
    pulse = tmp_path / "pulse.json"
    pulse.write_text(json.dumps({"round": stage["round"], "signature": BEACON.pulse(stage["round"]).hex()}))
    draw = ["inspect", "draw", "visit-1", "--pulse", pulse, *who, "--json"]
    wait_until(stage, ledger, draw, tmp_path)
    sample = told(chipledger("show", "inspection", "agency/visit-1", *asking(world, "agency"), "--json"))
    assert len(sample["sample"]) == stage["sizes"][0] and sample["inspection"]["state"] == "drawn"
    facts = chipledger("show", "inspection", "agency/visit-1", *asking(world, "agency")).stdout
    assert "{" not in facts and max(map(len, facts.splitlines())) <= SCREEN
    assert f"{stage['sizes'][0]} chips, by round {stage['round']}" in facts
    assert "15 chips or more gone, but for a risk of 5 %" in facts
    drawn = ledger.command(*draw[:-1], "--secret", secret, cwd=tmp_path)
    assert drawn.returncode == 1 and "every stage of agency/visit-1 is drawn" in drawn.stderr

    wrong = {"round": stage["round"], "signature": BEACON.pulse(stage["round"] + 1).hex()}
    pulse.write_text(json.dumps(wrong))
    assert ledger.command(*draw, cwd=tmp_path).returncode == 1
    unknown = ["inspect", "commit", "visit-2", "--provers", "north-dc", "--beacon", "registry/none"]
    assert "lists no beacon" in ledger.command(*unknown, "--missing", 15, *who, cwd=tmp_path).stderr


def body_of(file):
    return read_statement_text(read_bundle(file.read_bytes()).envelope.payload).body


def wait_until(stage, ledger, draw, folder):
    """Draw as soon as the round is due: before that the command says when it is, or the log `too_early`."""
    deadline = time.monotonic() + 600
    while True:
        drawn = ledger.command(*draw, cwd=folder)
        if drawn.returncode == 0:
            answer = json.loads(drawn.stdout)
            assert len(answer["sample"]) == stage["sizes"][0] and "Visit" in answer["sentence"]
            return
        told = drawn.stdout + drawn.stderr
        assert "too_early" in told or "is due 20" in told, told
        assert time.monotonic() < deadline, told


def test_the_key_remembered_beside_a_file_is_the_one_that_counts(world, tmp_path):
    ledger, _ = world
    file = sign(tmp_path, "north-dc", "site.declared", "site,name,country\nannex,Annex,NO\n", name="annex")
    remembered = tmp_path / "annex.log.vkey"
    first = chipledger("send", file, "--url", ledger.url)
    assert first.exit_code == 0 and "trusting" in first.stderr
    assert remembered.read_text().strip() == ledger.vkey
    other = signer("lab").public_key.octets
    remembered.write_text(make_vkey(LOG, ED25519, other).text() + "\n")
    result = chipledger("send", file, "--url", ledger.url)
    assert result.exit_code == 1 and "bad_receipt" in result.stdout


def test_without_a_server_there_is_a_sentence_and_no_traceback(world, tmp_path):
    _, folder = world
    file = folder / "acme-semi-chips.registered.bundle.json"
    alone = tmp_path / file.name
    shutil.copy(file, alone)
    ledger, _ = world
    words = ["send", alone, "--url", "http://127.0.0.1:9", "--log-key", ledger.vkey, "--wait-s", 0]
    result = chipledger(*words)
    assert result.exit_code == 1 and "chipledger serve" in result.stderr
    assert chipledger("send", alone, "--url", "nonsense", "--log-key", ledger.vkey).exit_code == 1
    assert (
        chipledger("send", tmp_path / "missing", "--url", ledger.url, "--log-key", ledger.vkey).exit_code == 2
    )
