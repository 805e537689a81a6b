"""The demo's readers: a holder, an analyst, an auditor."""

import shutil
from pathlib import Path

from api.cli.demo.backstage import Backstage
from api.cli.demo.cast import ANALYST, DISTRIBUTOR, ORIGIN, PROVER, VERIFIER
from api.cli.demo.scenario import Scenario
from api.cli.demo.stage_voice import scene, tell
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended, say
from ledger.log.merkle import TILE_WIDTH
from ledger.log.tiles import entries_path
from signing.signer import read_key_file

HOLDINGS = """
SELECT custodian, status, count(*) AS chips, count(DISTINCT site) AS sites
FROM chip GROUP BY custodian, status ORDER BY chips DESC
"""
OVERDUE = (
    "SELECT count(*) AS shipments, CAST(sum(short) AS BIGINT) AS chips FROM shipment WHERE state = 'open'"
)
FLIPPED_ENTRY = 60


def show_life(backstage: Backstage, scenario: Scenario) -> None:
    """One chip from birth to rack, and what is still on its way to the distributor."""
    scene("3  One chip's life, and a receiver's inbox")
    placed = next(act for act in scenario.stages["place"] if act.party == PROVER)
    assert placed.rows is not None
    tell(backstage, ["show", "chip", str(placed.rows[0]["chip"])], PROVER)
    tell(backstage, ["show", "shipments", "--to", "me", "--state", "open"], DISTRIBUTOR)


def ask(backstage: Backstage) -> None:
    """Holdings, capacity, chips nobody accounts for, and what is overdue."""
    scene("5  An analyst asks")
    tell(backstage, ["sql", " ".join(HOLDINGS.split())], ANALYST)
    for report in ("capacity", "unaccounted", "overdue"):
        tell(backstage, ["report", report], ANALYST)
    _compare(backstage)


def _compare(backstage: Backstage) -> None:
    """What is planted must be what is found: two shipments overdue, and their chips."""
    key = read_key_file(backstage.key(ANALYST), None)
    with LedgerClient(backstage.server.url, ANALYST, key, origin=ORIGIN) as client:
        found = client.get_json("/sql", {"q": OVERDUE, "format": "json"})["rows"]
    if found != [{"shipments": 2, "chips": 320}]:
        raise Ended(f"two shipments of 320 chips are overdue, the ledger says {found}")


def audit(backstage: Backstage) -> None:
    """Everything checked again from the published bytes; then one byte turned in a copy."""
    scene("6  An auditor trusts nobody")
    tell(backstage, ["audit", str(backstage.ledger)])
    tell(backstage, ["audit", backstage.server.url], VERIFIER)
    copy = backstage.folder / "copy"
    shutil.copytree(backstage.ledger, copy, ignore=shutil.ignore_patterns("ledger.db*", "warehouse", "lock"))
    size = backstage.server.size()
    flipped = copy / "private" / entries_path(0, min(size, TILE_WIDTH))
    _flip_a_byte(flipped, FLIPPED_ENTRY)
    say(f"One byte of entry {FLIPPED_ENTRY} is flipped in a copy, in {flipped.relative_to(copy)}:")
    tell(backstage, ["audit", str(copy)], expect=1)


def _flip_a_byte(bundle: Path, index: int) -> None:
    """Turn one bit in the middle of the index-th entry of an entry bundle."""
    raw = bytearray(bundle.read_bytes())
    start = 0
    for _ in range(index):
        start += 2 + int.from_bytes(raw[start : start + 2], "big")
    length = int.from_bytes(raw[start : start + 2], "big")
    if length == 0:
        raise Ended(f"{bundle} has no entry {index}")
    raw[start + 2 + length // 2] ^= 1
    bundle.write_bytes(bytes(raw))
