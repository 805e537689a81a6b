"""Lots: counted by their fab, used up by it and by whom they were made for; counts, never chips."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_row

from ledger.book.rejection import Reason
from ledger.book.tables import CHIPS, LOTS
from signing.canonical import INTEGER_MAX
from tests.world import World
from tests.world_affairs import lot_draft, party_change_draft, use_draft
from tests.world_doors import FoldDoor, memory_door, sqlite_door

DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    world = World(DOORS[request.param](tmp_path)).settles()
    assert world.enrols("foundry", "fab").admitted
    yield world
    world.door.close()


def used(world, lot="foundry/l1"):
    """(lost, banked, other product) of a lot."""
    row = world.door.get(LOTS, lot)
    return row.lost, row.banked, row.other_product


def test_a_lot_is_counted_once_and_uses_add_up(world):
    told = world.says(lot_draft(world, "foundry/l1", "acme"))
    assert told.admitted
    row = world.door.get(LOTS, "foundry/l1")
    assert (row.fab, row.for_party, row.product) == ("foundry", "acme", "GH100")
    assert (row.wafers, row.gross_units, row.good_units) == (25, 1500, 1200)
    assert (row.born, row.changed, used(world)) == (told.index, told.index, (0, 0, 0))
    assert world.says(lot_draft(world, "foundry/l1", "bolt")).reason is Reason.ID_TAKEN
    assert world.says(use_draft(world, "foundry", "foundry/l1", "lost", 30)).admitted
    assert world.says(use_draft(world, "acme", "foundry/l1", "banked", 400)).admitted
    assert world.says(use_draft(world, "acme", "foundry/l1", "banked", 50)).admitted
    last = world.says(use_draft(world, "acme", "foundry/l1", "other_product", 7))
    assert used(world) == (30, 450, 7)
    assert world.door.get(LOTS, "foundry/l1").changed == last.index
    assert not world.door.rows(CHIPS)
    assert world.audit().clean


def test_more_may_be_used_than_there_was(world):
    """It is a claim like any other; the report on fabrication shows that it cannot be."""
    assert world.says(lot_draft(world, "foundry/l1", "acme", gross_units=10, good_units=10)).admitted
    assert world.says(use_draft(world, "acme", "foundry/l1", "lost", 11)).admitted
    assert used(world) == (11, 0, 0)


def test_a_lot_of_nothing_is_one(world):
    assert world.says(lot_draft(world, "foundry/l1", "acme", wafers=0, gross_units=0, good_units=0)).admitted


def test_others_learn_nothing_of_a_lot(world):
    assert world.says(lot_draft(world, "foundry/l1", "acme")).admitted
    for stranger in ("bolt", "oslo", "watch", "registrar"):
        there = world.says(use_draft(world, stranger, "foundry/l1"))
        nowhere = world.says(use_draft(world, stranger, "foundry/l2"))
        assert there.reason is nowhere.reason is Reason.UNKNOWN_REFERENCE
        assert there.detail.replace("l1", "l2") == nowhere.detail
    assert used(world) == (0, 0, 0)


def test_only_a_fab_counts_a_lot_and_only_for_somebody(world):
    draft = lot_draft(world, "acme/l1", "acme")
    assert world.says(draft).reason is Reason.WRONG_ROLE
    assert world.says(lot_draft(world, "foundry/l1", "nobody")).reason is Reason.UNKNOWN_REFERENCE
    assert world.says(replace(draft, party="foundry")).reason is Reason.BAD_FIELD
    assert world.says(lot_draft(world, "foundry/l1", "foundry")).admitted


def test_who_takes_over_fab_or_customer_uses_the_lot(world):
    assert world.says(lot_draft(world, "foundry/l1", "acme")).admitted
    for gone, heir in (("acme", "bolt"), ("foundry", "lima")):
        use = use_draft(world, heir, "foundry/l1")
        assert world.says(use).reason is Reason.UNKNOWN_REFERENCE
        assert world.says(party_change_draft(world, gone, succeeded_by=heir)).admitted
        assert world.says(replace(use, expires_at="2027-01-01T00:00:00Z")).admitted
    assert used(world) == (0, 2, 0)
    assert world.audit().clean


def test_sums_stay_numbers_that_can_be_said(world):
    assert world.says(lot_draft(world, "foundry/l1", "acme")).admitted
    assert world.says(use_draft(world, "acme", "foundry/l1", "lost", INTEGER_MAX)).admitted
    assert world.says(use_draft(world, "acme", "foundry/l1", "lost", 1)).reason is Reason.BAD_FIELD
    stranger = use_draft(world, "bolt", "foundry/l1", "lost", 1)
    assert world.says(stranger).reason is Reason.UNKNOWN_REFERENCE
    assert world.says(use_draft(world, "acme", "foundry/l1", "banked", INTEGER_MAX)).admitted
    assert used(world) == (INTEGER_MAX, INTEGER_MAX, 0)
    assert world.audit().clean


def test_whose_lot_it_is_decides_who_may_use_it():
    """The control: with another name in the row by hand the same statement may stand."""
    world = World().settles()
    assert world.enrols("foundry", "fab").admitted
    assert world.says(lot_draft(world, "foundry/l1", "acme")).admitted
    draft = use_draft(world, "bolt", "foundry/l1")
    assert world.would(draft).reason is Reason.UNKNOWN_REFERENCE
    row = world.door.get(LOTS, "foundry/l1")
    world.door.registry.put(LOTS, [replace_row(row, for_party="bolt")])
    assert world.would(draft).reason is None


def test_a_lot_counted_wrongly_is_counted_again(world):
    told = world.says(lot_draft(world, "foundry/l1", "acme"))
    body = {"corrects": told.outcome.statement, "reason": "another lot's sheet"}
    assert world.says(world.draft("foundry", "statement.corrected", body)).admitted
    assert world.door.get(LOTS, "foundry/l1") is None
    assert world.says(use_draft(world, "acme", "foundry/l1")).reason is Reason.UNKNOWN_REFERENCE
    again = world.says(lot_draft(world, "foundry/l1", "bolt", good_units=1))
    assert again.admitted
    row = world.door.get(LOTS, "foundry/l1")
    assert (row.for_party, row.good_units, row.born) == ("bolt", 1, again.index)
    assert world.audit().clean
