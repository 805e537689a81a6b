"""EPCIS 2.0 documents become statements, and those make the book the documents describe."""

import json

import jsonschema
import pytest

from tests.cli.chip_flow import (
    CHIP,
    NAMES,
    PARTIES,
    document,
    events_of,
    expected_state,
    flow,
    translate,
    wrong,
)
from tests.cli.living_ledger import LivingLedger, enrol, say, send, sign
from tests.cli.stage import chipledger, key_file
from tests.cli.trading_ledger import MODEL, asking, told
from tests.shared import shared

SITES = (
    ("fab-one", "fab,Fab,TW\n"),
    ("acme-semi", "packaging,Packaging,TW\nassembly,Assembly,TW\nreturns,Returns,US\n"),
    ("north-dc", "hall,Hall,NO\n"),
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """A ledger with everybody enrolled and every place declared, and no chip."""
    folder = tmp_path_factory.mktemp("flow")
    ledger = LivingLedger(folder)
    ledger.start()
    try:
        for party, roles, country in (
            ("fab-one", "fab", "TW"),
            ("acme-semi", "maker", "US"),
            ("north-dc", "holder", "NO"),
            ("agency", "verifier", "AT"),
        ):
            enrol(ledger, folder, party, roles, country)
        say(ledger, folder, "registry", "model.listed", MODEL)
        for party, places in SITES:
            say(ledger, folder, party, "site.declared", "site,name,country\n" + places)
        yield ledger, folder
    finally:
        ledger.stop()


def test_the_chip_flow_reaches_the_expected_state(ledger):
    """Documents one after another, as they come in; what the log refuses is told, settled, and sent again."""
    server, folder = ledger
    first, second, third = flow()
    assert translate(folder, first, out="one").exit_code == 0
    assert translate(folder, second, out="two", more=["--after", first]).exit_code == 0
    result = translate(folder, third, out="three", more=["--after", first, "--after", second])
    reading = told(result)
    assert send(server, folder / "one.ndjson")["admitted"] == 11
    assert send(server, folder / "two.ndjson")["admitted"] == 5
    # One module came with no dispatch: custody is not taken, it is conceded.
    stopped = send(server, folder / "three.ndjson", code=1)
    assert [one["reason"] for one in stopped["refused"]] == ["not_held"]
    (open_one,) = told(
        chipledger("show", "discrepancies", "--state", "open", *asking(ledger, "acme-semi"), "--json")
    )["items"]
    assert (open_one["kind"], open_one["party_b"]) == ("extra", "acme-semi")
    yes = f"discrepancy={open_one['discrepancy']}", "text=ours, sent without papers", "concedes=true"
    answer = sign(folder, "acme-semi", "discrepancy.answered", "chip\nacme-semi:SXM5H100.5009\n", *yes)
    assert send(server, answer)["refused"] == []
    assert send(server, folder / "three.ndjson")["admitted"] == 1
    again = send(server, folder / "three.ndjson")
    assert (again["admitted"], again["held"]) == (0, 7)

    expected = expected_state()
    state = reading["state"]
    assert sorted(expected["destroyed"]) == state["destroyed"]
    assert sorted(expected["consumed_by_transformation"]) == state["consumed_by_transformation"]
    assert {parent: sorted(inner) for parent, inner in expected["contains"].items()} == state["contains"]
    assert expected["last_seen"].items() <= state["last_seen"].items()
    assert set(expected["untouched"]) <= set(state["present"])
    (place,) = expected["last_seen"].values() and set(expected["last_seen"].values())
    assert state["chips_at"] == {place: sorted(expected["modules_at_site"])}
    check_book(ledger, expected)
    words = ["audit", server.url, "--party", "agency", "--key", key_file(folder, "agency")]
    assert chipledger(*words, "--log-key", server.vkey).exit_code == 0


def check_book(ledger, expected):
    """The same, as the ledger tells it."""
    held = told(chipledger("show", "party", "north-dc", *asking(ledger, "north-dc"), "--json"))["holdings"]
    modules = {
        "acme-semi:" + uri.removeprefix("urn:epc:id:cpi:0614141.") for uri in expected["modules_at_site"]
    }
    assert {one["chip"] for one in held} == modules and len(held) == expected["module_count_at_site"]
    assert {(one["site"], one["status"]) for one in held} == {("north-dc/hall", "held")}
    within = {parent: inner for parent, inner in expected["contains"].items()}
    rack, server, board = held[0]["system"].split("/")
    assert {one["system"] for one in held} == {f"{rack}/{server}/{board}"}
    prefix = "urn:epc:id:cpi:0614141."
    assert within[f"urn:epc:id:giai:0614141.{rack}"] == [prefix + server]
    assert within[prefix + server] == [prefix + board]
    assert {uri.removeprefix(prefix) for uri in within[prefix + board]} == {
        one["chip"].partition(":")[2] for one in held
    }
    gone = told(
        chipledger("show", "chip", "acme-semi:SXM5H100.5003", *asking(ledger, "acme-semi"), "--json")
    )["chip"]
    assert gone["status"] == "destroyed" and CHIP + "5003" in expected["destroyed"]
    assert (gone["custodian"], gone["owner"], gone["site"]) == (None, "north-dc", None)


def test_the_flow_leaves_again_as_a_document_that_the_schema_accepts(ledger, tmp_path):
    """After the test above; what a verifier reads, and what only its own party does."""
    schema = json.loads((shared("data", "epcis", "schema") / "EPCISDocument.schema.json").read_text())
    for asker, count in (("agency", 23), ("fab-one", 2)):
        out = tmp_path / f"{asker}.json"
        words = ["--epcis", "--out", out, "--map", NAMES, *asking(ledger, asker), "--json"]
        answer = told(chipledger("export", *words))
        assert answer["untold"]["site.declared"] >= 1
        document = json.loads(out.read_text())
        jsonschema.Draft7Validator(schema).validate(document)
        events = document["epcisBody"]["eventList"]
        assert len({event["chip:entry"] for event in events}) == count and answer["events"] == len(events)
        again = chipledger("export", *words)
        assert again.exit_code == 1 and "--replace" in again.stderr
    named = {uri for event in events for uri in event.get("epcList", [])}
    assert named == set(), "a fab sees its lots"
    assert told(translate(tmp_path, tmp_path / "agency.json", out="again"))["others"] == 0


def test_all_documents_at_once_are_the_same_statements(tmp_path):
    first, second, third = flow()
    translate(tmp_path, first, out="one")
    translate(tmp_path, second, out="two", more=["--after", first])
    translate(tmp_path, third, out="three", more=["--after", first, "--after", second])
    translate(tmp_path, third, second, first, out="all")
    parts = [line for name in ("one", "two", "three") for line in lines(tmp_path, name)]
    assert sorted(parts) == sorted(lines(tmp_path, "all")) and len(parts) == 23


def lines(folder, name):
    return (folder / f"{name}.ndjson").read_bytes().splitlines()


def test_the_same_document_gives_the_same_bytes_and_others_sign_their_own_part(tmp_path):
    translate(tmp_path, *flow(), out="once")
    translate(tmp_path, *flow(), out="twice")
    assert lines(tmp_path, "once") == lines(tmp_path, "twice")
    shares = []
    for party in PARTIES:
        reading = told(translate(tmp_path, *flow(), out=party, parties=[party]))
        shares += lines(tmp_path, party)
        assert reading["others"] == 23 - len(reading["statements"])
    assert sorted(shares) == sorted(lines(tmp_path, "once"))


def test_every_event_is_a_statement_or_told_why_not(tmp_path):
    reading = told(translate(tmp_path, *flow()))
    told_of = {(one["document"], one["event"]) for one in reading["statements"] + reading["silent"]}
    left_out = {(one["document"], one["event"]) for one in reading["left_out"]}
    wrong = ("03_corrections_and_swap.json", 0)
    assert left_out == {wrong}
    assert len(told_of) == 28 and len(told_of | left_out | {(wrong[0], 1)}) == 30


def test_what_was_imported_before_is_taken_back_by_the_means_of_its_kind(tmp_path):
    born, shipped = events_of(1)[6], events_of(3)[6] | {"epcList": [CHIP + "5001"]}
    before = document(tmp_path, born, shipped, name="before.json")
    assert translate(tmp_path, before, out="before").exit_code == 0
    declared = document(tmp_path, wrong(born, reason="incorrect_data"), wrong(shipped), name="after.json")
    more = ["--after", before, "--signed", tmp_path / "before.ndjson"]
    reading = told(translate(tmp_path, declared, out="after", more=more))
    kinds = [one["kind"] for one in reading["statements"]]
    assert kinds == ["statement.corrected", "shipment.cancelled"]
    signed = told(translate(tmp_path, before, out="before"))["statements"]
    bodies = [json.loads(line)["envelope"]["payload"] for line in lines(tmp_path, "after")]
    assert len(bodies) == 2
    again = told(translate(tmp_path, declared, out="again", more=["--after", before]))
    assert [one["statement"] for one in again["statements"]] == [
        one["statement"] for one in reading["statements"]
    ], "computed again, or read from what was signed: the same"
    assert signed[0]["kind"] == "chips.registered"
