"""The demo's inspectors: sheets printed, chips visited, findings recorded, the verdict closed and redone.

The visits are made up, and everything is where the book has it; what is read off each chip is filled into the
very CSV files that were printed. The verdict is what the program reckons, and its replay file is checked
without the ledger.
"""

import csv
import io
import time
from pathlib import Path

from api.cli.demo.backstage import Backstage
from api.cli.demo.cast import ORIGIN, VERIFIER
from api.cli.demo.stage_voice import tell
from api.cli.field.form import written
from api.cli.field.whereabouts import read_trip
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended, say
from ledger.book.rules.tallies import CLEAN, CONFIRMED
from ledger.book.times import format_seconds
from signing.signer import read_key_file

SHEETS = "sheets"
INSPECTORS = {"signed_by_1": "Inspector One", "signed_by_2": "Inspector Two"}


def visit(backstage: Backstage, name: str) -> None:
    """From the sheets to the verdict, and the verdict redone by somebody who has the file alone."""
    tell(backstage, ["inspect", "worksheet", name, "--out", SHEETS], VERIFIER)
    say("\nThe inspectors go round, find every chip, and fill the sheets in:")
    for sheet in _filled_in(backstage, f"{VERIFIER}/{name}"):
        tell(backstage, ["inspect", "record", name, str(sheet)], VERIFIER)
    tell(backstage, ["inspect", "close", name], VERIFIER)
    _compare(backstage, f"{VERIFIER}/{name}")
    file = f"{name}.replay.jsonl"
    tell(backstage, ["inspect", "replay", file, "--fetch", f"{VERIFIER}/{name}"], VERIFIER)


def _client(backstage: Backstage) -> LedgerClient:
    key = read_key_file(backstage.key(VERIFIER), None)
    return LedgerClient(backstage.server.url, VERIFIER, key, origin=ORIGIN)


def _filled_in(backstage: Backstage, inspection: str) -> list[Path]:
    """Each sheet with what was read off every chip on it."""
    with _client(backstage) as client:
        trip = read_trip(client, inspection)
    serials = {each.reference: each.item.partition(":")[2] for each in trip.visits}
    seen = {"result": CONFIRMED, "found_at": format_seconds(int(time.time())), **INSPECTORS}
    sheets = sorted((backstage.folder / SHEETS).glob("*.csv"))
    for sheet in sheets:
        with io.StringIO(sheet.read_text("utf-8-sig"), newline="") as text:
            rows = [{**row, **seen, "seen_serial": serials[row["reference"]]} for row in csv.DictReader(text)]
        sheet.write_text(written(rows), "utf-8", newline="")
    return sheets


def _compare(backstage: Backstage, inspection: str) -> None:
    """Everything was there: the verdict must be clean, and say of how many."""
    with _client(backstage) as client:
        told = client.get_json(f"/inspections/{inspection}")
    counts, drawn = told["counts"], told["n_sample"]
    if told["verdict"] != CLEAN or counts["confirmed"] != drawn or told["upper_bound"] >= told["d"]:
        raise Ended(f"all {drawn} were there, the ledger says {told['verdict']} with {counts}")
