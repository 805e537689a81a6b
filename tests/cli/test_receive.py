"""A scanner's list becomes a signed arrival, with what is missing and what is too much."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ledger.book.encoding import read_bundle, read_statement_text
from tests.cli.living_ledger import LivingLedger, enrol, say
from tests.cli.stage import LOG, chipledger, key_file
from tests.cli.trading_ledger import MODEL, SHIPMENT, asking, told

CHIPS = [f"{number:06}" for number in range(1, 61)]


@pytest.fixture(scope="module")
def dock(tmp_path_factory):
    """A ledger with shipments of ten chips each on their way to north-dc: s1, s2, … s5."""
    folder = tmp_path_factory.mktemp("dock")
    ledger = LivingLedger(folder)
    ledger.start()
    try:
        enrol(ledger, folder, "acme-semi", "maker", "US")
        enrol(ledger, folder, "north-dc", "holder", "NO")
        say(ledger, folder, "registry", "model.listed", MODEL)
        say(ledger, folder, "acme-semi", "site.declared", "site,name,country\nfab,Fab,TW\n")
        say(ledger, folder, "north-dc", "site.declared", "site,name,country\nhall,Hall,NO\n")
        made = "serial,model\n" + "".join(f"{chip},registry/h100\n" for chip in CHIPS)
        say(ledger, folder, "acme-semi", "chips.registered", made, "site=acme-semi/fab")
        for number in range(5):
            sent = "chip\n" + "".join(f"acme-semi:{chip}\n" for chip in of_shipment(number + 1))
            settings = (f"shipment=s{number + 1}", *SHIPMENT[1:])
            say(ledger, folder, "acme-semi", "shipment.dispatched", sent, *settings, name=f"s{number + 1}")
        yield ledger, folder
    finally:
        ledger.stop()


def of_shipment(number):
    """The serials that travel in it."""
    return CHIPS[10 * (number - 1) : 10 * number]


def receive(dock, tmp_path, *words, scan=None, name="scan.csv"):
    where = ["--site", "hall", "--log", LOG, "--out", tmp_path / "came", *asking(dock, "north-dc")]
    if scan is not None:
        (tmp_path / name).write_text(scan)
        words = (words[0], tmp_path / name, *words[1:])
    return chipledger("receive", *words, *where)


def lines_of(tmp_path):
    bundle = read_bundle((tmp_path / "came.bundle.json").read_bytes())
    return read_statement_text(bundle.envelope.payload).body, [
        json.loads(line) for line in bundle.manifest or ()
    ]


def test_without_arguments_it_shows_the_inbox(dock):
    shown = told(chipledger("receive", *asking(dock, "north-dc"), "--json"))["items"]
    assert {"acme-semi/s4", "acme-semi/s5"} <= {item["shipment"] for item in shown}
    table = chipledger("receive", *asking(dock, "north-dc")).stdout
    assert re.search(r"acme-semi/s5 .* 10 ", table) and "on the way to you" in table
    assert told(chipledger("receive", *asking(dock, "acme-semi"), "--json"))["items"] == []


def test_bare_codes_are_compared_signed_and_sent(dock, tmp_path):
    ledger, _ = dock
    first, *rest, missing, last = of_shipment(1)
    scan = "\ufeff" + "".join(f"{code}\r\n" for code in (first, *rest, f"acme-semi:{last}", first, "000055"))
    words = ["acme-semi/s1", "--send", "--log-key", ledger.vkey, "--json"]
    answer = told(receive(dock, tmp_path, *words, scan=scan, name="scan.txt"))
    assert answer["missing"] == [f"acme-semi:{missing}"] and answer["absent"] == []
    assert answer["too_much"] == ["acme-semi:000055"] and answer["repeated"] == [f"acme-semi:{first}"]
    assert (answer["expected"], answer["came"]) == (10, 9)
    body, lines = lines_of(tmp_path)
    assert body == {"evidence": "scanned", "shipment": "acme-semi/s1", "site": "north-dc/hall"}
    assert len(lines) == 10 and {line["condition"] for line in lines} == {"received"}
    assert (tmp_path / "came.receipts.jsonl").exists()
    shown = told(chipledger("show", "shipment", "acme-semi/s1", *asking(dock, "north-dc"), "--json"))
    assert (shown["received"], shown["short"], shown["unexpected"]) == (9, 1, 1)

    (tmp_path / "late").mkdir()
    late = told(receive(dock, tmp_path / "late", "acme-semi/s1", "--json", scan=f"serial\n{missing}\n"))
    assert (late["expected"], late["came"], late["missing"]) == (1, 1, []), "what came before is not missed"


def test_what_did_not_come_is_marked_absent_where_that_is_said(dock, tmp_path):
    ledger, _ = dock
    came, gone = of_shipment(2)[:8], [f"acme-semi:{chip}" for chip in of_shipment(2)[8:]]
    scan = "serial,condition,label\n" + "".join(f"{chip},damaged,L{chip}\n" for chip in came)
    result = receive(dock, tmp_path, "acme-semi/s2", "--absent", scan=scan)
    assert result.exit_code == 0, result.stderr
    assert re.search(r"missing *│ 2", result.stderr) and gone[0] in result.stderr
    assert "next: chipledger send" in result.stderr
    _, lines = lines_of(tmp_path)
    assert [line["chip"] for line in lines if line["condition"] == "absent"] == gone
    assert {line["seen"]["label"] for line in lines if "seen" in line} == {f"L{chip}" for chip in came}
    sent = chipledger(
        "send", tmp_path / "came.bundle.json", "--url", ledger.url, "--log-key", ledger.vkey, "--json"
    )
    assert told(sent)["discrepancies"] == 1, "absent before acceptance"


def test_sealed_cartons_are_taken_as_dispatched(dock, tmp_path):
    ledger, _ = dock
    words = ["acme-semi/s3", "--as-dispatched", "--send", "--log-key", ledger.vkey]
    assert receive(dock, tmp_path, *words).exit_code == 0
    assert lines_of(tmp_path) == (
        {"evidence": "as_dispatched", "shipment": "acme-semi/s3", "site": "north-dc/hall"},
        [],
    )
    shown = told(chipledger("show", "shipment", "acme-semi/s3", *asking(dock, "north-dc"), "--json"))
    assert (shown["state"], shown["received"]) == ("closed", 10)


def test_a_scan_may_be_parquet_and_keeps_its_zeros(dock, tmp_path):
    pq.write_table(pa.table({"serial": of_shipment(4)}), tmp_path / "scan.parquet")
    answer = told(receive(dock, tmp_path, "acme-semi/s4", tmp_path / "scan.parquet", "--json"))
    assert (answer["came"], answer["missing"], answer["too_much"]) == (10, [], [])
    pq.write_table(pa.table({"serial": [int(chip) for chip in of_shipment(4)]}), tmp_path / "numbers.parquet")
    bad = receive(dock, tmp_path, "acme-semi/s4", tmp_path / "numbers.parquet", "--replace")
    assert bad.exit_code == 1 and "keep no leading zeros" in bad.stderr


BAD_SCANS = {
    "empty": ("", "no code"),
    "a total": ("000041\nTOTAL\n", "total row"),
    "a placeholder": ("000041\nN/A\n", "placeholder"),
    "rounded": ("serial\n1.6E+05\n", "spreadsheet rounded"),
    "two cells": ("000041,000042\n", "several cells"),
    "two conditions": (
        "chip,condition\nacme-semi:000041,received\nacme-semi:000041,damaged\n",
        "row 2 already",
    ),
    "an unknown condition": ("chip,condition\nacme-semi:000041,lost\n", "condition"),
    "an unknown column": ("chip,colour\nacme-semi:000041,red\n", "no column is called"),
    "lower case": ("acme-semi:abc\n", "did you mean acme-semi:ABC"),
    "both": ("chip,serial\nacme-semi:000041,000041\n", "one says it"),
    "latin-1": (b"caf\xe9\n".decode("latin-1"), "no <maker>:<serial>"),
}


@pytest.mark.parametrize("name", BAD_SCANS)
def test_a_bad_scan_is_refused_by_row_and_nothing_is_signed(dock, tmp_path, name):
    text, why = BAD_SCANS[name]
    result = receive(dock, tmp_path, "acme-semi/s5", scan=text)
    assert result.exit_code == 1, result.stderr
    assert why in " ".join(result.stderr.replace("│", " ").split())
    assert not list(tmp_path.glob("*.bundle.json"))


def test_a_shipment_nobody_announced_is_signed_only_where_that_is_said(dock, tmp_path):
    refused = receive(dock, tmp_path, "acme-semi/nothing", scan="acme-semi:000060\n")
    assert refused.exit_code == 1 and "--unannounced" in refused.stderr
    taken = receive(dock, tmp_path, "acme-semi/nothing", "--unannounced", "--json", scan="acme-semi:000060\n")
    answer = told(taken)
    assert answer["too_much"] == ["acme-semi:000060"] and not answer["announced"]
    again = receive(dock, tmp_path, "acme-semi/nothing", "--unannounced", scan="acme-semi:000060\n")
    assert again.exit_code == 1 and "--replace" in again.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense", "--as-dispatched"],
        ["acme-semi/s5"],
        ["acme-semi/s5", "missing.csv"],
        ["acme-semi/s5", "--as-dispatched", "--site", ""],
        ["acme-semi/s5", "--as-dispatched", "--occurred-at", "yesterday"],
    ],
)
def test_wrong_words_end_with_two(dock, tmp_path, words):
    where = ["--log", LOG, "--out", tmp_path / "came", *asking(dock, "north-dc")]
    site = [] if "--site" in words else ["--site", "hall"]
    assert chipledger("receive", *words, *site, *where).exit_code == 2
    assert key_file(dock[1], "north-dc").exists()
