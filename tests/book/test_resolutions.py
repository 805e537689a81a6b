"""What a verifier or the registrar decides is done, and what moved on since is only charged."""

import pytest

from ledger.book.rejection import Reason
from tests.book.disputed import DOORS, disputed


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    return disputed(request.param, tmp_path)


def extra(world):
    """oslo received S9, which was never sent to it."""
    return f"{world.arrives('oslo', 'acme/s1', 'acme:S9').index}.0"


def test_the_book_stands(world):
    name = extra(world)
    before = world.chip("acme:S9")
    assert world.resolves("watch", name, "book_stands").admitted
    assert world.state_of(name) == ("resolved", "book_stands", 0)
    assert world.chip("acme:S9") == before
    assert world.resolves("registrar", name, "book_stands").reason is Reason.ENDED
    assert world.concedes("acme", name).reason is Reason.ENDED


def test_the_observation_stands(world):
    name = extra(world)
    assert world.resolves("registrar", name, "observation_stands").admitted
    assert world.stands("acme:S9") == ("oslo", "oslo", "oslo/hall", "held")
    assert world.audit().clean


def test_of_what_moved_on_only_the_liability_is_decided(world):
    name = extra(world)
    assert world.places("acme", {"chip": "acme:S9", "system": "r1"}).admitted
    assert world.resolves("watch", name, "observation_stands").admitted
    assert world.stands("acme:S9") == ("acme", "oslo", "acme/hall", "held")
    assert world.audit().clean


def test_only_verifiers_and_the_registrar_decide(world):
    name = extra(world)
    assert world.resolves("oslo", name, "observation_stands").reason is Reason.WRONG_ROLE
    assert world.resolves("watch", "9.9", "book_stands").reason is Reason.UNKNOWN_REFERENCE
    assert world.resolves("watch", name, "second_chip").reason is Reason.BAD_FIELD
    assert world.resolves("watch", name, "book_stands", new_chip="acme:N").reason is Reason.BAD_FIELD
    assert world.resolves("watch", name, "draw").reason is Reason.BAD_FIELD


def test_a_second_body_gets_a_name_of_its_own(world):
    told = world.arrives("oslo", "acme/s1", {"chip": "acme:S9", "seen": {"uuid": "U9"}})
    name = f"{told.index}.0"
    for bad in ("bolt:N1", "acme:lower"):
        assert world.resolves("watch", name, "second_chip", new_chip=bad).reason is Reason.BAD_FIELD
    assert world.resolves("watch", name, "second_chip", new_chip="acme:S1").reason is Reason.CHIP_EXISTS
    assert world.resolves("watch", name, "second_chip", new_chip="oslo:FOUND-1").admitted
    second = world.chip("oslo:FOUND-1")
    assert (second.cls, second.custodian, second.owner, second.site) == ("C", "oslo", "oslo", "oslo/hall")
    assert (second.model, second.identity) == ("registrar/h100", '{"uuid":"U9"}')
    assert world.stands("acme:S9")[0] == "acme"
    taken = world.registers("acme", {"chip": "acme:N9", "identity": {"uuid": "U9"}})
    assert taken.reason is Reason.IDENTITY_TAKEN
    assert world.audit().clean


def test_two_chips_are_not_split_by_one_word(world):
    told = world.arrives("oslo", "acme/s1", "acme:S8", "acme:S9")
    refused = world.resolves("watch", f"{told.index}.0", "second_chip", new_chip="oslo:F")
    assert refused.reason is Reason.BAD_FIELD


def test_a_chip_nobody_knows_can_only_be_closed(world):
    told = world.arrives("oslo", "acme/s1", "acme:Z9")
    assert told.opened == [("unknown_chip", None, 1)]
    name = f"{told.index}.0"
    assert world.resolves("watch", name, "second_chip", new_chip="oslo:F").reason is Reason.BAD_FIELD
    assert world.resolves("watch", name, "observation_stands").admitted
    assert world.chip("acme:Z9") is None
