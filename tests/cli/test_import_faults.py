"""An event that is not understood is named, and nothing is signed."""

import pytest

from tests.cli.chip_flow import CHIP, document, events_of, translate, wrong
from tests.cli.stage import LOG, chipledger
from tests.shared import shared


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
