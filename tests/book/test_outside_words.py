"""Estimates, suspicions and seals: kept under the statement that said them, moving nothing."""

from dataclasses import replace

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import AFFILIATIONS, CHIPS, CLAIMS, SEALS
from ledger.book.times import parse_seconds
from tests.world import World
from tests.world_affairs import EVIDENCE, affiliation_draft, claim_draft, seal_draft
from tests.world_doors import FoldDoor, memory_door, sqlite_door

DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    world = World(DOORS[request.param](tmp_path)).settles()
    yield world
    world.door.close()


def only(world, table):
    (row,) = world.door.rows(table)
    return row


def test_an_estimate_is_kept_with_all_it_says(world):
    told = world.says(claim_draft(world))
    row = only(world, CLAIMS)
    assert (row.statement, row.analyst, row.subject) == (told.outcome.statement, "quill", "oslo")
    assert (row.model, row.family, row.unit, row.measure) == (
        "registrar/h100",
        "Hopper",
        "chips",
        "installed",
    )
    assert (row.low, row.high, row.status, row.source_sha256) == (900, 1100, "press release", EVIDENCE)
    assert row.from_time == parse_seconds("2025-01-01T00:00:00Z", "from")
    assert row.as_of == parse_seconds("2026-06-30T00:00:00Z", "as_of")
    assert row.born == row.changed == told.index
    assert world.audit().clean


def test_an_estimate_may_leave_out_what_it_does_not_know(world):
    draft = claim_draft(world, subject="a hall in the north", low=0, high=0, model=None)
    assert world.says(draft.changed(model=None, family=None, **{"from": None})).admitted
    row = only(world, CLAIMS)
    assert (row.model, row.family, row.from_time, row.low, row.high) == (None, None, None, 0, 0)


@pytest.mark.parametrize("unit", ["chips", "h100e"])
@pytest.mark.parametrize("measure", ["installed", "acquired", "sold"])
def test_every_unit_and_measure_may_be_said(unit, measure):
    world = World().settles()
    assert world.would(claim_draft(world, unit=unit, measure=measure)).reason is None


def test_analysts_and_verifiers_estimate_and_only_verifiers_suspect(world):
    for party, may in (("quill", None), ("watch", None), ("oslo", Reason.WRONG_ROLE)):
        assert world.says(claim_draft(world, by=party)).reason is may
    for party, may in (("quill", Reason.WRONG_ROLE), ("watch", None), ("registrar", Reason.WRONG_ROLE)):
        assert world.says(affiliation_draft(world, "lima", "oslo", by=party)).reason is may
    assert len(world.door.rows(CLAIMS)) == 2


def test_a_suspicion_is_kept_and_may_be_said_again(world):
    first = world.says(affiliation_draft(world, "acme", "lima", "oslo"))
    row = only(world, AFFILIATIONS)
    assert (row.statement, row.verifier, row.parties) == (first.outcome.statement, "watch", "acme lima oslo")
    assert (row.evidence_sha256, row.born) == (EVIDENCE, first.index)
    assert world.says(affiliation_draft(world, "acme", "lima", "oslo")).admitted
    assert len(world.door.rows(AFFILIATIONS)) == 2
    assert world.audit().clean


def test_a_seal_is_of_a_book_that_was_there(world):
    size = world.door.size()
    assert world.says(seal_draft(world, at_size=size + 1)).reason is Reason.BAD_FIELD
    told = world.says(seal_draft(world, at_size=size, count=0))
    assert told.admitted and told.index == size
    row = only(world, SEALS)
    assert (row.statement, row.at_size, row.count, row.root) == (told.outcome.statement, size, 0, EVIDENCE)
    assert world.says(seal_draft(world, at_size=1)).admitted  # any book, not only the newest
    assert world.says(replace(seal_draft(world), party="watch")).reason is Reason.WRONG_ROLE


def test_words_from_outside_move_nothing(world):
    assert world.registers("acme", "acme:S1").admitted
    chips = world.door.rows(CHIPS)
    for draft in (claim_draft(world), affiliation_draft(world, "acme", "oslo"), seal_draft(world)):
        told = world.says(draft)
        assert told.admitted and told.opened == []
    assert world.door.rows(CHIPS) == chips
