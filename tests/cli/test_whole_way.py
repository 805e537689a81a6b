"""From an empty folder to an audited ledger, with the commands as people type them and a server that dies."""

import csv
import io
import json
import re
import shutil
import time

import pytest

from api.cli.demo_beacon import DemoBeaconSigner
from ledger.book.encoding import read_bundle, read_statement_text
from ledger.log.tiles import unpack_entries
from signing.note import ED25519, make_vkey
from tests.cli.living_ledger import LivingLedger, enrol, say, sign
from tests.cli.stage import LOG, chipledger, key_file, signer

CHIPS = 300
SCREEN = 100  # columns
BEACON = DemoBeaconSigner(20_261_121)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A ledger in which chips were made, shipped, received; its folder of keys and files."""
    folder = tmp_path_factory.mktemp("world")
    ledger = LivingLedger(folder)
    ledger.start()
    try:
        for party, roles, country in (
            ("acme-semi", "maker", "US"),
            ("north-dc", "holder", "NO"),
            ("agency", "verifier", "AT"),
            ("lab", "analyst", "CH"),
        ):
            enrol(ledger, folder, party, roles, country)
        say(ledger, folder, "registry", "model.listed", MODEL)
        beacon = f"demo,{BEACON.scheme},{BEACON.public_key.hex()},2026-11-20,1,a key of this test's own"
        say(ledger, folder, "registry", "beacon.listed", f"{BEACON_COLUMNS}\n{beacon}\n")
        say(ledger, folder, "acme-semi", "site.declared", "site,name,country\nfab,Fab,TW\n")
        say(ledger, folder, "north-dc", "site.declared", "site,name,country\nhall,Hall,NO\n")
        chips = [f"{number:06}" for number in range(1, CHIPS + 1)]
        made = "serial,model\n" + "".join(f"{chip},registry/h100\n" for chip in chips)
        say(ledger, folder, "acme-semi", "chips.registered", made, "site=acme-semi/fab")
        sent = "chip\n" + "".join(f"acme-semi:{chip}\n" for chip in chips[:200])
        say(ledger, folder, "acme-semi", "shipment.dispatched", sent, *SHIPMENT)
        came = "chip,condition\n" + "".join(f"acme-semi:{chip},received\n" for chip in chips[:150])
        arrival = ("shipment=acme-semi/s1", "site=north-dc/hall", "evidence=scanned")
        say(ledger, folder, "north-dc", "shipment.arrived", came, *arrival)
        yield ledger, folder
    finally:
        ledger.stop()


MODEL = (
    "model,vendor,memory_gb,memory_bandwidth_gbps,interconnect_gbps,bf16_tflops,tpp,dies,released\n"
    "h100,NVIDIA,80,3350,900,989.4,15824,1,2022-09-20\n"
)
BEACON_COLUMNS = "beacon,scheme,public_key,genesis,period_s,source"
SHIPMENT = (
    "shipment=s1",
    "to=north-dc",
    "country=NO",
    "due_by=2026-12-01",
    "title=passes_on_arrival",
)


def asking(world, party):
    ledger, folder = world
    return ["--url", ledger.url, "--party", party, "--key", key_file(folder, party)]


def told(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


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
    assert chipledger("show", "entry", "nonsense", *asking(world, "agency")).exit_code == 2


def test_reading_needs_the_right_key(world):
    ledger, folder = world
    nobody = chipledger("show", "chip", "acme-semi:000007", "--url", ledger.url)
    assert nobody.exit_code == 1 and "--party and --key" in nobody.stderr
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
    committed = ledger.command(*words, "--missing", 15, "--lead-s", 3, *who, cwd=tmp_path)
    assert committed.returncode == 0, committed.stderr
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
    """Draw as soon as the round is due: before that the log says `too_early`."""
    deadline = time.monotonic() + 30
    while True:
        drawn = ledger.command(*draw, cwd=folder)
        if drawn.returncode == 0:
            answer = json.loads(drawn.stdout)
            assert len(answer["sample"]) == stage["sizes"][0] and "Visit" in answer["sentence"]
            return
        assert "too_early" in drawn.stdout + drawn.stderr and time.monotonic() < deadline, drawn.stderr


def test_an_analyst_asks_in_sql_and_reads_reports(world):
    question = "SELECT custodian, count(*) AS chips FROM chip GROUP BY 1 ORDER BY 2 DESC"
    deadline = time.monotonic() + 30
    while True:  # the snapshot follows the log
        answer = told(chipledger("sql", question, *asking(world, "lab"), "--json"))
        if (answer["rows"] and answer["rows"][0]["chips"] == 150) or time.monotonic() > deadline:
            break
    assert {row["custodian"]: row["chips"] for row in answer["rows"]} == {"acme-semi": 150, "north-dc": 150}
    text = chipledger("sql", question, *asking(world, "lab"), "--format", "csv").stdout
    assert len(list(csv.DictReader(io.StringIO(text)))) == 2 and text.startswith("custodian,")
    assert chipledger("sql", question, *asking(world, "lab"), "--excel").stdout.startswith("\ufeffcustodian,")
    assert "north-dc" in chipledger("sql", "-", *asking(world, "lab"), stdin=question).stdout
    shown = chipledger("report", "capacity", *asking(world, "lab")).stdout
    assert "█" in shown and "H100-equivalents" in shown
    for name in ("unaccounted", "overdue"):
        assert chipledger("report", name, *asking(world, "lab")).exit_code == 0
    assert chipledger("report", "nonsense", *asking(world, "lab")).exit_code == 2


def test_a_question_that_is_wrong_is_answered_with_what_to_do(world):
    for query in ("DROP TABLE chip", "SELECT * FROM chips"):
        wrong = chipledger("sql", query, *asking(world, "lab"))
        assert wrong.exit_code == 1 and "correct the query; the views are snapshot, entry" in wrong.stderr
        assert "sign again" not in wrong.stderr
    for words in (["sql", "SELECT 1"], ["report", "capacity"]):
        maker = chipledger(*words, *asking(world, "acme-semi"))
        assert maker.exit_code == 1 and "for analysts, verifiers and the registrar" in maker.stderr
    early = chipledger("report", "overdue", *asking(world, "lab"), "--at", 9_999)
    assert early.exit_code == 1 and "what to do: --at " in early.stderr


def test_overdue_takes_a_day_and_means_its_end(world):
    asked = ["report", "overdue", *asking(world, "lab"), "--json", "--as-of"]
    assert told(chipledger(*asked, "2027-01-01"))["as_of"] == "2027-01-01T23:59:59Z"
    assert told(chipledger(*asked, "2027-01-01T06:00:00Z"))["as_of"] == "2027-01-01T06:00:00Z"
    assert told(chipledger(*asked, "now"))["rows"] == []
    wrong = chipledger(*asked, "tomorrow")
    assert wrong.exit_code == 2 and "2026-11-21" in wrong.stderr


def test_the_audit_is_clean(world):
    ledger, _ = world
    clean = told(chipledger("audit", ledger.folder, "--log-key", ledger.vkey, "--json"))
    assert clean["clean"] and not clean["limited"] and "digest" in clean["checks_run"]
    over = ["audit", ledger.url, "--log-key", ledger.vkey]
    http = told(chipledger(*over, *asking(world, "agency")[2:], "--json"))
    assert http["clean"] and http["entries_read"] == http["size"]
    nobody = told(chipledger(*over, "--json"))
    assert nobody["clean"] and nobody["limited"]


def test_an_audit_that_may_not_see_all_says_so_and_raises_no_false_alarm(world, tmp_path):
    ledger, _ = world
    analyst = chipledger("audit", ledger.url, "--log-key", ledger.vkey, *asking(world, "lab")[2:])
    assert analyst.exit_code == 0, analyst.output
    assert "this key may not read entries (lab: analyst)" in analyst.stderr
    assert "CLEAN, as far as it was shown" in analyst.stdout
    unpinned = chipledger("audit", ledger.url)
    assert unpinned.exit_code == 0 and "trusting" in unpinned.stderr and "compare it" in unpinned.stderr
    assert "taken from the server" in unpinned.stdout
    answer = told(chipledger("audit", ledger.url, "--json"))
    assert answer["limited"] and not answer["log_key_given"] and answer["log_key"] == ledger.vkey
    shutil.copytree(ledger.folder / "public", tmp_path / "half" / "public")
    half = chipledger("audit", tmp_path / "half")
    assert half.exit_code == 2 and "give --log-key" in half.stderr
    assert chipledger("audit", tmp_path / "half", "--log-key", ledger.vkey).exit_code == 0
    # The control: a key that is not the log's is a finding even where little is shown.
    other = make_vkey(LOG, ED25519, signer("lab").public_key.octets).text()
    wrong = chipledger("audit", ledger.url, "--log-key", other)
    assert wrong.exit_code == 1 and "1 FINDING" in wrong.stdout and "1 FINDINGS" not in wrong.stdout


def test_the_audit_of_a_copy_names_a_flipped_byte(world, tmp_path):
    ledger, _ = world
    copy = tmp_path / "copy"
    for part in ("public", "private"):
        shutil.copytree(ledger.folder / part, copy / part)
    assert told(chipledger("audit", copy, "--json"))["clean"]
    bundle = newest_bundle(copy)
    raw = bytearray(bundle.read_bytes())
    entries = unpack_entries(bytes(raw))
    at = sum(2 + len(entry) for entry in entries[:3]) + 2 + len(entries[3]) // 2
    raw[at] ^= 1
    bundle.write_bytes(bytes(raw))
    spoiled = chipledger("audit", copy, "--json")
    assert spoiled.exit_code == 1 and json.loads(spoiled.stdout)["first_bad_entry"] == 3
    assert "FINDINGS" in chipledger("audit", copy).stdout
    assert chipledger("audit", tmp_path / "nothing").exit_code == 2


def newest_bundle(folder):
    size = int((folder / "public" / "checkpoint").read_text().split("\n")[1])
    return folder / "private" / "tile" / "entries" / "000.p" / str(size)


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
