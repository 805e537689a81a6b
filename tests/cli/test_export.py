"""What the log says leaves as EPCIS 2.0 that the GS1 schema accepts, and comes back as the same book."""

import json

import jsonschema
import msgspec
import pytest

from api.cli.epcis.exporting import CORRECTION, WRITERS, Entry, document_of, export_entries
from api.cli.epcis.importing import read_documents
from api.cli.epcis.mapping import Mapping, read_mapping
from api.cli.epcis.names import Names
from api.cli.epcis.signed_events import Speakers, sign_said
from api.cli.epcis.vocabulary import FIELDS_OF_EVENTS, TERMS
from ledger.book.kinds import FORMS
from ledger.book.tables import CHIPS, LOTS, SHIPMENTS, TRANSFERS
from tests.cli.chip_flow import NAMES
from tests.shared import shared
from tests.world import PEOPLE, World
from tests.world_speech import ORIGIN, signer_of

KEY = "9b5d42bf1084df1d5804b2b96c4dc074dc84a9ab12e0d7ee6817a7ecfbb37b74"
ENTRY_FIELDS = ("born", "changed", "number", "made", "closed", "statement")


@pytest.fixture(scope="module")
def schema():
    return json.loads((shared("data", "epcis", "schema") / "EPCISDocument.schema.json").read_text())


def settled():
    world = World().settles()
    assert world.enrols("fab", "fab").admitted
    return world


def trades(world):
    """Titles offered, accepted and withdrawn."""
    both = ["acme:A6", "acme:A7"]
    return [
        world.says(world.draft("acme", "title.offered", {"transfer": "acme/T1", "to": "lima"}, both)),
        world.says(world.draft("lima", "title.accepted", {"transfer": "acme/T1"})),
        world.says(world.draft("acme", "title.offered", {"transfer": "acme/T2", "to": "lima"}, ["acme:A8"])),
        world.says(world.draft("acme", "title.withdrawn", {"transfer": "acme/T2"})),
    ]


def ends(world):
    """Chips found, counted, seen and gone."""
    return [
        world.says(
            world.draft(
                "oslo",
                "chips.declared",
                {"basis": "inventory", "site": "oslo/hall", "from": "a broker"},
                [
                    {"chip": "bolt:B1", "seen": {"label": "X"}, "model": "registrar/h100"},
                    {"chip": "oslo:TAG"},
                ],
            )
        ),
        world.says(
            world.draft(
                "oslo",
                "stocktake.declared",
                {"stocktake": "oslo/Q4", "scope": "full", "site": "oslo/hall"},
                ["acme:A1", "acme:A2", "bolt:B1", "oslo:TAG"],
            )
        ),
        world.says(world.draft("watch", "chips.sighted", {"place": "a bench"}, ["acme:A9"])),
        world.says(
            world.draft("oslo", "chips.retired", {"reason": "destroyed", "evidence_sha256": KEY}, ["acme:A2"])
        ),
        world.says(world.draft("oslo", "chips.retired", {"reason": "lost"}, ["oslo:TAG"])),
        world.says(world.draft("acme", "chips.retired", {"reason": "stolen"}, ["acme:A9"])),
        world.says(
            world.draft(
                "acme",
                "chips.retired",
                {"reason": "released", "to_name": "Elsewhere", "country": "PE"},
                ["acme:A8"],
            )
        ),
        world.registers("acme", {"chip": "acme:A10", "replaces": "acme:A7"}),
    ]


def lives(world):
    """Something of every kind that EPCIS has words for."""
    lot = {"lot": "fab/L1", "product": "GH100", "wafers": 25, "gross_units": 1500, "good_units": 1100}
    said = [
        world.says(world.draft("fab", "lot.produced", {**lot, "for_party": "acme"})),
        world.says(world.draft("fab", "lot.used", {"lot": "fab/L1", "outcome": "banked", "count": 4})),
        world.registers(
            "acme",
            {"chip": "acme:A1", "lots": ["fab/L1"], "identity": {"ik_sha256": KEY, "label": "P-1"}},
            {"chip": "acme:A2", "lots": ["fab/L1"], "identity": {"uuid": "U-2"}},
            *({"chip": f"acme:A{number}"} for number in range(3, 10)),
        ),
        world.registers("acme", "acme:WRONG1", "acme:WRONG2"),
    ]
    wrong = said[-1].outcome.statement
    said += [
        world.says(world.draft("acme", CORRECTION, {"corrects": wrong, "reason": "another tray"})),
        world.places(
            "acme",
            {"chip": "acme:A1", "system": "r1", "slot": "0"},
            {"chip": "acme:A2", "system": "r1"},
            "acme:A3",
        ),
        world.places("acme", {"chip": "acme:A4", "system": "r1", "slot": "0"}),
        world.places("acme", {"chip": "acme:A1", "system": "r1", "slot": "0"}),
        world.places("acme", "acme:A2"),
        world.dispatches(
            "acme", "acme/S1", *(f"acme:A{n}" for n in range(1, 6)), to="oslo", title="passes_on_arrival"
        ),
        world.arrives(
            "oslo",
            "acme/S1",
            {"chip": "acme:A1", "seen": {"label": "P-1"}},
            {"chip": "acme:A2", "condition": "damaged"},
            {"chip": "acme:A3", "condition": "refused"},
            {"chip": "acme:A4", "condition": "absent"},
        ),
        world.dispatches("acme", "acme/S2", "acme:A6", "acme:A7", to="lima"),
        world.says(
            world.draft(
                "acme", "shipment.cancelled", {"shipment": "acme/S2", "reason": "mistake"}, ["acme:A7"]
            )
        ),
        world.arrives("lima", "acme/S2"),
        *trades(world),
        *ends(world),
    ]
    assert all(told.admitted for told in said), [(n, t.detail) for n, t in enumerate(said) if not t.admitted]
    return world


def entries_of(world):
    """What a verifier reads."""
    found = []
    for index, raw in enumerate(world.door.raws):
        entry = json.loads(raw)
        statement = next(one for one, told in world.door.known.items() if told.index == index)
        payload = entry["envelope"]["payload"]
        said = json.loads(msgspec.json.decode(f'"{payload}"', type=bytes))
        lines = [json.loads(line) for line in (world.door.shown[statement] or b"").splitlines()]
        head = said["kind"], said["party"], said["occurred_at"], entry["admitted_at"]
        found.append(Entry(index, statement, *head, said["body"], lines))
    return found


def exported(world, mapping=None):
    names = Names(mapping or Mapping(ORIGIN))
    events, untold = export_entries(entries_of(world), names)
    return document_of(events, names, "2026-11-21T06:44:00.123Z"), untold


def imported(document, tmp_path, mapping=None):
    """A new world in which the document's statements were said."""
    file = tmp_path / "export.json"
    file.write_text(json.dumps(document))
    reading = read_documents([file], [], mapping or Mapping(ORIGIN))
    assert reading.faults == ()
    people = {party: signer_of(party) for party in (*PEOPLE, "fab")}
    done = sign_said(reading.said, Speakers(people, ORIGIN, None), [])
    assert done.faults == () and len(done.said) == len(reading.said)
    world = settled()
    told = [world.sends(bundle.raw()) for bundle in done.bundles]
    assert all(one.admitted for one in told), [
        (said.kind, one.reason, one.detail)
        for said, one in zip(done.said, told, strict=True)
        if not one.admitted
    ]
    return world


def book(world):
    """What the book says of chips, shipments, titles and lots, whatever the numbers of the entries."""
    found = {}
    for table in (CHIPS, SHIPMENTS, TRANSFERS, LOTS):
        for row in world.door.rows(table):
            kept = {
                name: value for name, value in msgspec.structs.asdict(row).items() if name not in ENTRY_FIELDS
            }
            if row.born >= 0:  # what was taken back was never there
                found[type(row).__name__, next(iter(kept.values()))] = kept
    return found


def test_a_log_becomes_a_document_that_the_schema_accepts(schema):
    document, untold = exported(lives(settled()))
    jsonschema.Draft7Validator(schema).validate(document)
    events = document["epcisBody"]["eventList"]
    assert len(events) == 29
    assert {"party.enrolled", "model.listed", "site.declared"} <= untold.keys()
    assert not untold.keys() & (WRITERS.keys() | {CORRECTION})


def test_the_schema_check_can_fail(schema):
    document, _ = exported(lives(settled()))
    first = document["epcisBody"]["eventList"][0]
    for spoiled in ({"action": "MAYBE"}, {"eventTimeZoneOffset": "0"}, {"epcList": "x"}):
        document["epcisBody"]["eventList"][0] = first | spoiled
        assert not jsonschema.Draft7Validator(schema).is_valid(document), spoiled


def test_words_are_those_of_the_core_business_vocabulary(schema):
    """The schema lets any text pass for a business step, so that is looked at here."""
    document, _ = exported(lives(settled()))
    for field in ("bizStep", "disposition"):
        known = next(one["enum"] for one in schema["definitions"][field]["anyOf"] if "enum" in one)
        said = {event[field] for event in document["epcisBody"]["eventList"] if field in event}
        assert said and said <= set(known)
    members = {name for event in document["epcisBody"]["eventList"] for name in event}
    assert {name for name in members - FIELDS_OF_EVENTS if name.removeprefix("chip:") not in TERMS} == set()


def test_every_kind_with_words_in_epcis_is_lived_and_exists():
    kinds = {entry.kind for entry in entries_of(lives(settled()))}
    assert WRITERS.keys() | {CORRECTION} <= kinds
    assert WRITERS.keys() <= FORMS.keys()


def test_what_is_exported_and_imported_is_the_same_book(tmp_path):
    world = lives(settled())
    document, _ = exported(world)
    again = imported(document, tmp_path)
    before, after = book(world), book(again)
    assert after == before
    assert len(before) > 15


def test_a_document_that_was_changed_is_another_book(tmp_path):
    world = lives(settled())
    document, _ = exported(world)
    text = json.dumps(document).replace('"chip:label": "P-1"', '"chip:label": "P-7"')
    assert book(imported(json.loads(text), tmp_path)) != book(world)


def test_a_correction_shares_the_id_of_what_it_corrects():
    document, _ = exported(lives(settled()))
    events = document["epcisBody"]["eventList"]
    declared = [event for event in events if "errorDeclaration" in event]
    for event in declared:
        same = [one for one in events if one["eventID"] == event["eventID"]]
        assert len(same) == 2
        assert {name: event[name] for name in same[0]} == same[0]
    assert len(declared) == 1


def test_ids_are_those_of_the_entries_and_the_bytes_are_always_the_same():
    world = lives(settled())
    assert exported(world) == exported(world)
    document, _ = exported(world)
    ids = [e["eventID"] for e in document["epcisBody"]["eventList"] if "errorDeclaration" not in e]
    assert len(set(ids)) == len(ids) and all(one.startswith(f"https://{ORIGIN}/statements/") for one in ids)


def test_a_mapping_gives_back_the_identifiers_it_was_given():
    mapping = read_mapping(NAMES, ORIGIN)
    names = Names(mapping)
    assert names.chip("acme-semi:SXM5H100.5001") == "urn:epc:id:cpi:0614141.SXM5H100.5001"
    assert names.site("north-dc/hall") == "urn:epc:id:sgln:0614141.00777.0"
    assert names.party("north-dc") == "urn:epc:id:pgln:0614141.00777"
    for chip in ("acme-semi:OTHER", "bolt:SXM5H100.1"):
        assert mapping.thing(names.chip(chip), "chip").name == chip
    assert mapping.place(names.site("bolt/hall")).site == "bolt/hall"
