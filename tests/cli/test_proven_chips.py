"""Chips that answer become class A in a real ledger, by the commands alone; captured answers do not."""

import json
import time
from dataclasses import replace

import pytest

from api.cli.paperwork.signing_desk import sign_statement
from ledger.book.times import DAY_SECONDS, format_seconds
from tests.cli.evidence_files import BORN, CHIP, KIND, MAKER, MODEL, folder_of, signed, signing
from tests.cli.living_ledger import LivingLedger, enrol, say, send
from tests.cli.stage import LOG, OCCURRED, chipledger, key_file, signer, speaking
from tests.cli.trading_ledger import MODEL as LISTED


@pytest.fixture(scope="module")
def proving(tmp_path_factory):
    """A ledger that trusts our maker of devices, still served; its folder of keys and files."""
    folder = tmp_path_factory.mktemp("proving")
    ledger = LivingLedger(folder)
    ledger.start()
    try:
        enrol(ledger, folder, "acme-semi", "maker", "US")
        roots = json.dumps({"device_roots": [{"vendor": "NVIDIA", "spki_sha256": MAKER.root_spki_sha256}]})
        file = folder / "roots.jsonl"
        file.write_text(roots + "\n")
        assert chipledger("sign", "log.changed", file, *speaking(folder, "registry")).exit_code == 0
        send(ledger, folder / "roots.bundle.json")
        say(ledger, folder, "registry", "model.listed", LISTED)
        say(ledger, folder, "acme-semi", "site.declared", "site,name,country\nfab,Fab,TW\n")
        yield ledger, folder
    finally:
        ledger.stop()


def asked(ledger, chip, *words):
    """What `device nonce` asks of a chip."""
    result = chipledger(
        "device",
        "nonce",
        "--chip",
        chip,
        "--checkpoint",
        ledger.url,
        "--log-key",
        ledger.vkey,
        *words,
        "--json",
    )
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def class_of(proving, chip):
    ledger, folder = proving
    who = ["--party", "registry", "--key", key_file(folder, "registry")]
    result = chipledger("show", "chip", chip, "--url", ledger.url, *who, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["chip"]["class"]


def audited(ledger):
    ledger.level()
    result = chipledger("audit", ledger.folder, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_chips_that_answer_the_nonce_of_the_command_are_class_a(proving, tmp_path):
    ledger, _ = proving
    nonces = [asked(ledger, CHIP)]
    nonces += [asked(ledger, f"acme-semi:A{n}", "--at", str(nonces[0]["head"]["size"])) for n in (2, 3)]
    evidence = folder_of(
        tmp_path,
        **{
            f"{one['chip']}.json": MAKER.device(one["chip"]).answer(bytes.fromhex(one["nonce"]))
            for one in nonces
        },
    )
    (tmp_path / "nonce.json").write_text(json.dumps(nonces[0], indent=2))
    words = [*BORN, "--head", tmp_path / "nonce.json", "--evidence", evidence, "--lines", 2]
    result = signing(tmp_path, KIND, "serial\nA1\nA2\nA3\nA4\n", *words)
    assert result.exit_code == 0, result.stderr
    assert send(ledger, tmp_path / f"{KIND}.ndjson")["admitted"] == 2
    assert [class_of(proving, f"acme-semi:A{n}") for n in (1, 2, 3, 4)] == ["A", "A", "A", "B"]
    assert send(ledger, tmp_path / f"{KIND}.ndjson")["held"] == 2
    receipts = tmp_path / f"{KIND}.receipts.jsonl"
    sighted_with_the_head_of_a_receipt(proving, tmp_path, receipts)
    answer = audited(ledger)
    assert not answer["findings"]


def sighted_with_the_head_of_a_receipt(proving, folder, receipts):
    """A chip of class B whose holder has it answer is class A from then on."""
    ledger, _ = proving
    newest = max(
        (json.loads(line)["checkpoint"] for line in receipts.read_text().splitlines()),
        key=lambda note: int(note.split("\n")[1]),
    )
    size = newest.split("\n")[1]
    nonce = asked(ledger, "acme-semi:A4", "--at", size, "--kind", "chips.sighted")
    answers = folder / "answers"
    answers.mkdir()
    (answers / "A4.json").write_bytes(MAKER.device("A4").answer(bytes.fromhex(nonce["nonce"])))
    words = ["--set", "place=a bench", "--head", receipts, "--evidence", answers]
    result = signing(folder, "chips.sighted", "chip\nacme-semi:A4\n", *words)
    assert result.exit_code == 0, result.stderr
    send(ledger, folder / "chips.sighted.bundle.json")
    assert class_of(proving, "acme-semi:A4") == "A"


def test_a_captured_report_makes_class_b_whoever_signs_it(proving, tmp_path):
    """It answers a nonce of an older head: our client says so, the law knows it of any other's."""
    ledger, _ = proving
    old, new = asked(ledger, "acme-semi:C1", "--at", "1"), asked(ledger, "acme-semi:C1")
    captured = MAKER.device("C1").answer(bytes.fromhex(old["nonce"]))
    evidence = folder_of(tmp_path, **{"C1.json": captured})
    (tmp_path / "nonce.json").write_text(json.dumps(new))
    refused = signing(
        tmp_path, KIND, "serial\nC1\n", *BORN, "--head", tmp_path / "nonce.json", "--evidence", evidence
    )
    assert refused.exit_code == 1 and "nonce_mismatch" in refused.stderr
    kept = signing(tmp_path, KIND, "serial\nC1\n", *BORN, "--evidence", evidence)
    assert kept.exit_code == 0
    bundle, (line,) = signed(tmp_path)
    identity = {**line["identity"]}
    rows = [{"chip": "acme-semi:C1", "model": MODEL, "identity": identity}]
    times = {
        "occurred_at": f"{OCCURRED}T00:00:00Z",
        "expires_at": format_seconds(int(time.time()) + DAY_SECONDS),
    }
    forged = sign_statement(
        signer("acme-semi"),
        LOG,
        KIND,
        "acme-semi",
        {"site": "acme-semi/fab"},
        rows,
        **times,
        head=new["head"],
    )
    file = tmp_path / "forged.bundle.json"
    file.write_bytes(replace(forged, attestations=bundle.attestations).raw())
    assert send(ledger, file)["admitted"] == 1
    assert class_of(proving, "acme-semi:C1") == "B"
    assert not audited(ledger)["findings"]
