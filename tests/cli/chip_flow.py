"""The three documents of a chip's way from wafer to rack, and how they are imported here."""

import json
from pathlib import Path

from tests.cli.stage import LOG, OCCURRED, chipledger, key_file
from tests.shared import shared

NAMES = Path(__file__).with_name("chip_flow.toml")
PARTIES = ("fab-one", "acme-semi", "north-dc")
CHIP = "urn:epc:id:cpi:0614141.SXM5H100."


def flow():
    return sorted(shared("data", "epcis", "chip_flow").glob("0*.json"))


def expected_state():
    return json.loads((shared("data", "epcis", "chip_flow") / "expected_state.json").read_text())


def translate(folder, *files, out="flow", more=(), parties=PARTIES):
    """Run `import`; the file is OUT.ndjson."""
    keys = [word for party in parties for word in ("--speak", f"{party}={key_file(folder, party)}")]
    words = [
        "--epcis",
        "--map",
        NAMES,
        "--log",
        LOG,
        "--as-of",
        OCCURRED,
        "--out",
        folder / out,
        *keys,
        *more,
    ]
    return chipledger("import", *files, *words, "--json")


def document(tmp_path, *events, name="d.json"):
    """A document of the flow's kind with these events."""
    body = json.loads(flow()[0].read_text()) | {"epcisBody": {"eventList": list(events)}}
    (tmp_path / name).write_text(json.dumps(body))
    return tmp_path / name


def events_of(number):
    return json.loads(flow()[number - 1].read_text())["epcisBody"]["eventList"]


def wrong(event, **more):
    return event | {"errorDeclaration": {"declarationTime": "2024-06-30T00:00:00Z", **more}}
