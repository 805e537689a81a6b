"""A refusal is given for the reason that whoever judges again comes to: an honest log is never found to lie.

An auditor has the whole book and every root; the sequencer has what it asked for, and a batch that is not
committed yet. And what is nobody's to know is not told by the reason of a refusal either.
"""

import pytest

from ledger.book.encoding import entry_bytes, read_bundle
from ledger.book.rejection import Reason
from ledger.log.merkle import leaf_hash, leaf_hashes, root_of
from ledger.outcome import Admitted
from tests.book.disputed import DOORS, disputed
from tests.world_affairs import party_change_draft

SPLIT = {"outcome": "second_chip"}


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    return disputed(request.param, tmp_path)


@pytest.fixture(params=DOORS[1:])
def stored(request, tmp_path):
    return disputed(request.param, tmp_path)


def extra(world):
    """oslo found S9, which acme has."""
    return f"{world.counts('oslo', 'oslo/c1', {'chip': 'acme:S9'}).index}.0"


def split_draft(world, party, discrepancy, new_chip, lines=None):
    body = {**SPLIT, "discrepancy": discrepancy, "new_chip": new_chip}
    return world.draft(party, "discrepancy.resolved", body, lines)


def test_of_a_second_chip_with_lines_too_many_the_lines_are_at_fault(world):
    draft = split_draft(world, "watch", extra(world), "oslo:F", [{"chip": "acme:S9"}])
    assert world.says(draft).reason is Reason.MANIFEST_MISMATCH


def test_of_a_second_chip_of_who_may_hold_none_it_is_the_value(world):
    seen = world.sees("peer", {"chip": "acme:S9", "seen": {"label": "a"}}, {"chip": "acme:S9"})
    draft = split_draft(world, "watch", f"{seen.index}.0", "watch:F", [{"chip": "acme:S9"}])
    assert world.says(draft).reason is Reason.BAD_FIELD


@pytest.mark.parametrize("new_chip", ["oslo:F", "acme:F", "bolt:F", "quill:F"])
def test_who_may_not_decide_is_not_told_what_is_disputed(world, new_chip):
    two = world.sees("lima", "acme:S7", "acme:S8", site="lima/hall").index
    for discrepancy in (extra(world), f"{two}.0", "9999.0"):
        refused = world.says(split_draft(world, "quill", discrepancy, new_chip))
        assert refused.reason is Reason.WRONG_ROLE


def test_a_chip_goes_back_to_who_was_succeeded_by_who_took_it_back_whoever_corrects(world):
    """lima lost it, odm came after lima and found it, oslo came after odm: three in a row."""
    told = [
        world.dispatches("acme", "acme/s2", "acme:S5", to="lima"),
        world.arrives("lima", "acme/s2"),
        world.retires("lima", "acme:S5"),
        world.says(party_change_draft(world, "lima", succeeded_by="odm")),
        world.declares("odm", "acme:S5", basis="recovered"),
        world.says(party_change_draft(world, "odm", succeeded_by="oslo")),
    ]
    assert all(each.admitted for each in told)
    assert world.corrects("oslo", told[4]).admitted
    assert world.stands("acme:S5") == (None, "lima", None, "missing")
    assert world.audit().clean


def head_after(world, draft):
    """The log's head once this is admitted at this moment, as somebody may foresee it."""
    entry = entry_bytes(world.now, read_bundle(draft.raw()).envelope)
    leaves = [*leaf_hashes(world.door.raws), leaf_hash(entry)]
    return {"size": len(leaves), "root": root_of(leaves).hex()}


def test_a_head_of_the_very_batch_is_of_this_log(stored):
    first = stored.sighting_draft("oslo", "acme:S7")
    head = head_after(stored, first)
    heads = [head, {**head, "root": "0" * 64}, {**head, "size": head["size"] + 2}]
    knowing = [stored.sighting_draft("oslo", "acme:S8", head=each) for each in heads]
    outcomes = stored.door.admit_all([first.raw(), *(draft.raw() for draft in knowing)])
    assert [isinstance(outcome, Admitted) for outcome in outcomes] == [True, True, False, False]
    assert {outcome.rejection.reason for outcome in outcomes[2:]} == {Reason.WRONG_LOG}
    assert stored.audit().clean
