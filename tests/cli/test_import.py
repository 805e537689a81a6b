"""EPCIS 2.0 documents become statements, and those make the book the documents describe."""

import json
from pathlib import Path

import pytest

from tests.cli.living_ledger import LivingLedger, enrol, say, send, sign
from tests.cli.stage import LOG, chipledger, key_file
from tests.cli.trading_ledger import MODEL, asking, told
from tests.shared import shared

NAMES = Path(__file__).with_name("chip_flow.toml")
PARTIES = ("fab-one", "acme-semi", "north-dc")
AS_OF = "2026-11-20"
SITES = (
    ("fab-one", "fab,Fab,TW\n"),
    ("acme-semi", "packaging,Packaging,TW\nassembly,Assembly,TW\nreturns,Returns,US\n"),
    ("north-dc", "hall,Hall,NO\n"),
)
CHIP = "urn:epc:id:cpi:0614141.SXM5H100."


def flow():
    return sorted(shared("data", "epcis", "chip_flow").glob("0*.json"))


def expected_state():
    return json.loads((shared("data", "epcis", "chip_flow") / "expected_state.json").read_text())


def translate(folder, *files, out="flow", more=(), parties=PARTIES):
    """Run `import`; the file is OUT.ndjson."""
    keys = [word for party in parties for word in ("--speak", f"{party}={key_file(folder, party)}")]
    words = ["--epcis", "--map", NAMES, "--log", LOG, "--as-of", AS_OF, "--out", folder / out, *keys, *more]
    return chipledger("import", *files, *words, "--json")


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


def document(tmp_path, *events, name="d.json"):
    """A document of the flow's kind with these events."""
    body = json.loads(flow()[0].read_text()) | {"epcisBody": {"eventList": list(events)}}
    (tmp_path / name).write_text(json.dumps(body))
    return tmp_path / name


def events_of(number):
    return json.loads(flow()[number - 1].read_text())["epcisBody"]["eventList"]


def wrong(event, **more):
    return event | {"errorDeclaration": {"declarationTime": "2024-06-30T00:00:00Z", **more}}


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


def changed(event, **members):
    found = {**event, **members}
    return {name: value for name, value in found.items() if value is not None}


BAD_EVENTS = {
    "a type of nobody's": (lambda: changed(events_of(1)[0], type="PartyEvent"), "type"),
    "no time": (lambda: changed(events_of(1)[0], eventTime=None), "eventTime"),
    "a time without offset": (lambda: changed(events_of(1)[0], eventTime="2024-01-08T09:00:00"), "eventTime"),
    "an action of nobody's": (lambda: changed(events_of(1)[0], action="MAYBE"), "action"),
    "a step nobody knows to add by": (lambda: changed(events_of(1)[0], bizStep="shipping"), "bizStep"),
    "a step nobody knows to delete by": (lambda: changed(events_of(1)[3], bizStep="packing"), "bizStep"),
    "a thing of no class": (lambda: changed(events_of(1)[0], epcList=["urn:epc:id:cpi:1.X.1"]), "epcList"),
    "a thing twice": (lambda: changed(events_of(1)[0], epcList=[CHIP + "1", CHIP + "1"]), "epcList"),
    "no list": (lambda: changed(events_of(1)[0], epcList=CHIP + "1"), "epcList"),
    "a serial that is none": (
        lambda: changed(events_of(1)[6], outputEPCList=[CHIP + "a%2Fb"]),
        "outputEPCList",
    ),
    "a place of nobody's": (
        lambda: changed(events_of(1)[6], bizLocation={"id": "urn:epc:id:sgln:1.2.3"}),
        "bizLocation",
    ),
    "an unknown field": (lambda: changed(events_of(1)[0], colour="red"), "colour"),
    "a model of nobody's": (lambda: changed(events_of(1)[6], **{"chip:modelId": "h200"}), "modelId"),
    "one identity of two chips": (
        lambda: changed(events_of(1)[6], outputEPCList=[CHIP + "1", CHIP + "2"]),
        "identity",
    ),
    "chips that vanish": (
        lambda: changed(events_of(1)[6], inputEPCList=[CHIP + "1"], outputEPCList=["urn:epc:id:giai:1.B"]),
        "inputEPCList",
    ),
    "counted and not named": (
        lambda: changed(events_of(1)[2], quantityList=[{"epcClass": "urn:x", "quantity": 3}]),
        "quantityList",
    ),
    "a declaration of nothing": (lambda: wrong(events_of(1)[0]), "errorDeclaration"),
    "a transaction": (
        lambda: changed(events_of(1)[0], type="TransactionEvent", bizTransactionList=[]),
        "type",
    ),
    "a shipment to nobody": (
        lambda: changed(events_of(3)[6], destinationList=None),
        "destinationList",
    ),
    "an identity that is none": (
        lambda: changed(events_of(1)[6], **{"chip:ikSpkiSha256": "xyz"}),
        "chips.registered",
    ),
}


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_an_event_that_is_not_understood_is_named_and_nothing_is_signed(name, tmp_path):
    make, field = BAD_EVENTS[name]
    good = events_of(1)[7]
    result = translate(tmp_path, document(tmp_path, good, make(), good))
    assert result.exit_code == 1, result.output
    rows = [
        [cell.strip() for cell in line.split("│")[1:4]] for line in result.stderr.splitlines() if "│" in line
    ]
    assert ["d.json", "1", field] in rows, result.stderr
    assert not list(tmp_path.glob("*.ndjson")) and not list(tmp_path.glob("*.bundle.json"))


def test_the_good_event_among_the_bad_ones_would_be_signed(tmp_path):
    assert translate(tmp_path, document(tmp_path, events_of(1)[7])).exit_code == 0
    assert (tmp_path / "flow.bundle.json").exists()


BAD_DOCUMENTS = {
    "empty": b"",
    "no JSON": b"<epcis/>",
    "a list": b"[]",
    "another type": b'{"type": "EPCISQueryDocument", "schemaVersion": "2.0"}',
    "another version": b'{"type": "EPCISDocument", "schemaVersion": "1.2", "epcisBody": {"eventList": []}}',
    "no events": b'{"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {}}',
    "a member twice": b'{"type": "EPCISDocument", "type": "EPCISDocument"}',
    "deep": b"[" * 100_000,
    "latin-1": b'{"type": "caf\xe9"}',
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_what_is_no_document_ends_in_a_sentence(name, tmp_path):
    (tmp_path / "d.json").write_bytes(BAD_DOCUMENTS[name])
    result = translate(tmp_path, tmp_path / "d.json")
    assert result.exit_code in (1, 2) and "error:" in result.stderr


def test_examples_of_the_standard_are_read_or_named(tmp_path):
    """None of them is about chips, so nothing may be signed; none may end in a traceback."""
    files = sorted(shared("data", "epcis", "examples").rglob("*.json"))
    for file in files:
        result = translate(tmp_path, file)
        assert result.exit_code in (0, 1), file
        assert not list(tmp_path.glob("*.ndjson"))
    assert len(files) == 53


@pytest.mark.parametrize("words", [[], ["--speak", "x"], ["--map", "nowhere.toml"], ["--as-of", "yesterday"]])
def test_wrong_words_end_with_an_error(words, tmp_path):
    file = document(tmp_path, events_of(1)[6])
    speaking = [] if words == [] else ["--epcis", "--log", LOG]
    assert chipledger("import", file, *speaking, *words).exit_code in (1, 2)
