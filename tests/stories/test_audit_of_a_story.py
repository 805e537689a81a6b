"""The control of every story's last line: an audit that finds nothing would have found something."""

import shutil
import sqlite3

import pytest

from ledger.log.tiles import unpack_entries
from tests.world_doors import FoldDoor
from tests.world_http import WATCH
from tests.world_past import compare_book

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO")}


def copied(folder, copy):
    """A ledger's folder as it lies there, its database included."""
    for part in ("public", "private"):
        shutil.copytree(folder.path / part, copy / part)
    with sqlite3.connect(folder.database) as kept, sqlite3.connect(copy / folder.database.name) as other:
        kept.backup(other)
    return copy


def nothing(_):
    """As it was."""


def in_the_book(copy):
    """The operator's tables know of no arrival."""
    with sqlite3.connect(copy / "ledger.db") as book:
        assert book.execute("UPDATE shipment SET received = 0").rowcount


def in_a_line(copy):
    """Another chip arrived."""
    *_, last = sorted((copy / "private" / "manifests").iterdir())
    raw = last.read_bytes()
    assert b"acme:S1" in raw
    last.write_bytes(raw.replace(b"acme:S1", b"acme:S2"))


def in_an_entry(copy):
    """One bit of what somebody signed."""
    size = (copy / "public" / "checkpoint").read_text().split("\n")[1]
    bundle = copy / "private" / "tile" / "entries" / "000.p" / size
    raw = bytearray(bundle.read_bytes())
    raw[sum(2 + len(entry) for entry in unpack_entries(bytes(raw))[:-1]) + 400] ^= 1
    bundle.write_bytes(bytes(raw))


SPOILED = {nothing: None, in_the_book: "digest", in_a_line: "manifests", in_an_entry: "roots"}


def test_an_audit_of_a_story_hears_of_every_change(world, tmp_path):
    world.founds(CAST)
    assert world.registers("acme", "acme:S1", "acme:S2").admitted
    assert world.dispatches("acme", "acme/s1", "acme:S1", to="oslo").admitted
    assert world.arrives("oslo", "acme/s1", "acme:S1").opened == []
    world.door.ledger.publisher.flush()
    for spoil, check in SPOILED.items():
        copy = copied(world.door.folder, tmp_path / spoil.__name__)
        spoil(copy)
        report = world.audit(copy)
        assert report["clean"] is (check is None), (spoil.__name__, report["findings"])
        found = {finding["check"] for finding in report["findings"]}
        assert check is None or check in found


def test_a_book_that_is_another_is_not_taken_for_the_past(world):
    world.founds(CAST)
    empty = FoldDoor(world.door.clock)
    compare_book(world, WATCH, empty, world.door.size())  # as yet there is no chip
    told = world.sights(WATCH, "acme:S1")
    assert told.opened == [("unknown_chip", None, 1)]
    compare_book(world, WATCH, empty, told.index)
    with pytest.raises(AssertionError):
        compare_book(world, WATCH, empty, told.index + 1)
