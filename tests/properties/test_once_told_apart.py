"""Short histories in which the law once said something else than its slow twin does."""

from random import Random

import pytest

from ledger.book.tables import CORRECTIONS
from tests.properties.script import MODEL, Author, Move
from tests.properties.test_whole_law import Blind, door_over, play


@pytest.fixture
def author():
    return Author(Random(0)).settles()


def says(author, party, kind, body, lines=None):
    """One second later."""
    author.waits(1)
    return author.says(Move(party, kind, body, lines))


def takes_back(author, party, step):
    return says(author, party, "statement.corrected", {"corrects": step.said.id, "reason": "A slip"})


def registers(author, chip, **line):
    lines = [{"chip": chip, "model": MODEL, **line}]
    return says(author, "acme", "chips.registered", {"site": "acme/hall"}, lines)


@pytest.mark.parametrize("kind", ["chips.sighted", "stocktake.declared"])
def test_a_site_is_free_again_once_what_was_seen_there_is_taken_back(author, kind):
    hall = says(author, "lima", "site.declared", {"site": "lima/annex", "name": "An annex", "country": "NO"})
    registers(author, "acme:A")
    about = {"place": "There"} if kind == "chips.sighted" else {"stocktake": "lima/k1", "scope": "partial"}
    seen = says(author, "lima", kind, about | {"site": "lima/annex"}, ["acme:A"])
    assert len(seen.answer.opened) == 1
    assert takes_back(author, "lima", hall).answer.reason == "built_upon"
    assert takes_back(author, "lima", seen).answer.reason is None
    assert takes_back(author, "lima", hall).answer.reason is None
    play(author)


def test_what_left_no_trace_in_the_book_is_taken_back_once_only(author):
    registers(author, "acme:A")
    seen = says(author, "oslo", "chips.sighted", {"place": "Here"}, ["acme:A"])
    assert takes_back(author, "oslo", seen).answer.reason is None
    assert takes_back(author, "oslo", seen).answer.reason == "built_upon"
    play(author)
    with pytest.raises(AssertionError):
        play(author, door_over(Blind(CORRECTIONS)))


def test_a_placement_taken_back_gives_nobody_an_identity(author):
    registers(author, "acme:A", identity={"uuid": "u1"})
    found = {"basis": "inventory", "site": "oslo/hall"}
    says(author, "oslo", "chips.declared", found, [{"chip": "oslo:T", "seen": {"uuid": "u1"}}])
    placed = says(author, "oslo", "chips.placed", {"site": "oslo/hall"}, ["oslo:T"])
    ended = {"reason": "destroyed", "evidence_sha256": "e" * 64}
    says(author, "acme", "chips.retired", ended, ["acme:A"])
    assert takes_back(author, "oslo", placed).answer.reason is None
    assert author.book.bearer("uuid:u1") is None
    play(author)


def test_a_second_chip_bears_what_was_seen_of_it(author):
    registers(author, "acme:A", identity={"label": "L1"})
    twice = [{"chip": "acme:A"}, {"chip": "acme:A", "seen": {"label": "L2"}}]
    seen = says(author, "oslo", "chips.sighted", {"place": "Here", "site": "oslo/hall"}, twice)
    body = {"discrepancy": f"{seen.answer.index}.0", "outcome": "second_chip", "new_chip": "oslo:S"}
    assert says(author, "watch", "discrepancy.resolved", body).answer.reason is None
    assert author.book.chips["oslo:S"]["identity"] == {"label": "L2"}
    play(author)


def test_of_two_faults_in_one_concession_the_earlier_in_the_list_is_told(author):
    ended = {"reason": "destroyed", "evidence_sha256": "e" * 64}
    for chip, uuid in (("acme:A", "u1"), ("acme:B", "u2")):
        registers(author, chip, identity={"uuid": uuid})
        says(author, "acme", "chips.retired", ended, [chip])
    seen = says(author, "oslo", "chips.sighted", {"place": "Here"}, ["acme:A", "acme:B"])
    registers(author, "acme:C", identity={"uuid": "u1"})
    later = says(author, "lima", "chips.sighted", {"place": "There"}, ["acme:B"])
    body = {"text": "So it is", "concedes": True}
    says(author, "acme", "discrepancy.answered", body | {"discrepancy": f"{later.answer.index}.0"})
    both = body | {"discrepancy": f"{seen.answer.index}.0"}
    assert says(author, "acme", "discrepancy.answered", both).answer.reason == "identity_taken"
    play(author)
