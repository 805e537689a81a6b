"""Does a server still know its book as it was at every size?

The entries as published, with their lines and evidence, go one by one through the plain fold
(`FoldDoor`), and after each the server is asked for the book of that size: every chip, everybody's holdings,
every discrepancy. The law is the same on both sides; how the past is kept and found is not.
"""

import json

from ledger.audit.published import FolderPublished
from ledger.book.encoding import read_entry
from ledger.book.tables import CHIPS, DISCREPANCIES, PARTIES
from ledger.log.tiles import unpack_entries
from ledger.lookup.answers import chip_object, discrepancy_object
from signing.canonical import to_base64
from tests.world_doors import FoldDoor
from tests.world_speech import bundle_bytes

LOOKED_UP_MAX = 1_000  # chips in one question
ENTRIES_MAX = 256  # in one bundle of entries: a story is shorter


def remembers(world, by):
    """How many sizes a verifier was asked about; each must be told as the fold of its entries has it."""
    size = world.door.size()
    assert size <= ENTRIES_MAX
    published = FolderPublished(world.door.folder.public, world.door.folder.private)
    moment = [0]
    fold = FoldDoor(lambda: moment[0])
    for index, raw in enumerate(unpack_entries(published.entry_bundle(0, size))):
        moment[0], envelope = read_entry(raw)
        told = fold.admit(bundle_bytes(envelope, *_beside(published, envelope, index)))
        assert told.index == index and fold.raws[index] == raw
        compare_book(world, by, fold, index + 1)
    return size


def _beside(published, envelope, index):
    """What travelled with a statement: its lines, and the evidence they name."""
    (manifest,) = published.manifests({envelope.id(): index})
    lines = None if manifest is None else manifest.splitlines()
    named = [json.loads(line) for line in lines or ()]
    seen = [line.get("seen") or line.get("identity") or {} for line in named]
    names = {identity["attestation_sha256"] for identity in seen if "attestation_sha256" in identity}
    evidence = {name: to_base64(published.attestation(name)) for name in sorted(names)}
    return lines, evidence or None


def compare_book(world, by, fold, size):
    """The book of one size: the server's, as a verifier is told it, and that of a fold."""
    chips = {row.chip: chip_object(row) for row in fold.rows(CHIPS)}
    held = {row.party: [] for row in fold.rows(PARTIES)}
    for name, chip in chips.items():
        if chip["custodian"] is not None:
            held[chip["custodian"]].append(name)
    names = list(chips)
    for start in range(0, len(names), LOOKED_UP_MAX):
        some = names[start : start + LOOKED_UP_MAX]
        assert world.door.lookup(by, some, at=size) == {
            "items": [chips[name] for name in some],
            "unknown": [],
        }
    for party, has in held.items():
        assert world.holdings(party, by=by, at=size) == has
    disputes = [discrepancy_object(row) for row in fold.rows(DISCREPANCIES)]
    told = world.items(by, "/discrepancies", at=size)
    assert sorted(told, key=_name) == sorted(disputes, key=_name)


def _name(dispute):
    return dispute["discrepancy"]
