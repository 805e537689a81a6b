"""Every term of every account, by way of everything that can befall a chip; nothing is left over."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.audit.auditor import audit
from ledger.audit.conservation import Axis
from ledger.audit.report import Check
from ledger.book.fold import Fold
from ledger.book.rows import MISSING
from ledger.book.tables import CHIPS, DISCREPANCIES
from tests.audit.build import AtOnce
from tests.audit.histories import MOVES, OTHER_MODEL, PAPER, admitted, lived
from tests.book.disputed import Disputes
from tests.world import LOG_KEY, MODEL
from tests.world_published import DoorPublished


def audited(world, **how):
    return audit(DoorPublished(world.door), log_key=LOG_KEY, workers=AtOnce(), **how)


def terms(report, axis, name):
    """Every term of an account over the whole log, those of several spans together."""
    found = Counter()
    for each in report.balances:
        if (each.axis, each.name) == (axis, name):
            found.update(dict((*each.gained, *each.lost)))
    return dict(found)


def last_discrepancy(world):
    return max((row.born, row.discrepancy) for row in world.door.rows(DISCREPANCIES))[1]


@pytest.fixture
def world():
    world = Disputes().settles()
    assert world.lists_model(OTHER_MODEL).admitted
    return world


def test_a_registration_taken_back_and_said_again(world):
    told = admitted(world.registers("acme", "acme:A", "acme:B"))
    admitted(world.corrects("acme", told), world.registers("acme", "acme:A", site="oslo/hall"))
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "acme") == {"registered": 3, "corrected_out": 2}
    assert terms(report, Axis.SITE, "acme/hall") == {"registered": 2, "corrected_out": 2}
    assert terms(report, Axis.SITE, "oslo/hall") == {"registered": 1}


def test_a_declared_chip_taken_back_is_declared_again_not_recovered(world):
    told = admitted(world.declares("oslo", "oslo:TAG"))
    admitted(world.corrects("oslo", told), world.declares("oslo", "oslo:TAG"))
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "oslo") == {"declared": 2, "corrected_out": 1}


def test_a_retirement_taken_back_and_a_chip_found_again(world):
    admitted(world.registers("acme", "acme:A", "acme:B"))
    told = admitted(world.retires("acme", "acme:A", "acme:B"))
    admitted(world.corrects("acme", told), world.retires("acme", "acme:A"))
    found = admitted(world.declares("acme", "acme:A", basis="recovered"))
    admitted(world.corrects("acme", found))  # it was another
    report = audited(world)
    assert report.clean
    said = {"registered": 2, "missing": 3, "corrected_in": 2, "recovered": 1, "corrected_out": 1}
    assert terms(report, Axis.PARTY, "acme") == said
    assert terms(report, Axis.MODEL, MODEL) == said


def test_ends_and_faces(world):
    admitted(
        world.registers("acme", "acme:A", "acme:B"),
        world.retires("acme", "acme:A", reason="destroyed", evidence_sha256=PAPER),
        world.registers("acme", {"chip": "acme:C", "replaces": "acme:B"}),
    )
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "acme") == {"registered": 3, "destroyed": 1, "replaced": 1}


def test_what_a_holder_sees_of_anothers_chip_and_is_conceded(world):
    admitted(world.registers("acme", "acme:A"), world.counts("lima", "lima/c1", "acme:A", site="lima/hall"))
    admitted(world.concedes("acme", last_discrepancy(world)))
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "acme") == {"registered": 1, "conceded_out": 1}
    assert terms(report, Axis.PARTY, "lima") == {"conceded_in": 1}
    assert terms(report, Axis.SITE, "lima/hall") == {"moved_in": 1}


@pytest.mark.parametrize("decided", [False, True])
def test_a_chip_that_had_ended_lives_again(world, decided):
    gone = {"reason": "destroyed", "evidence_sha256": PAPER}
    admitted(world.registers("acme", "acme:A"), world.retires("acme", "acme:A", **gone))
    told = admitted(world.counts("lima", "lima/c1", "acme:A", site="lima/hall"))
    assert told.opened == [("after_end", "acme", 1)]
    name = last_discrepancy(world)
    admitted(world.resolves("watch", name, "observation_stands") if decided else world.concedes("acme", name))
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "lima") == {"conceded_in": 1}
    assert terms(report, Axis.SITE, "lima/hall") == {"conceded_in": 1}


def test_a_second_body_under_one_serial_is_split_in(world):
    admitted(world.registers("acme", "acme:A"), world.counts("lima", "lima/c1", "acme:A", site="lima/hall"))
    admitted(world.resolves("watch", last_discrepancy(world), "second_chip", new_chip="lima:SECOND"))
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "lima") == {"split_in": 1}
    assert terms(report, Axis.MODEL, MODEL) == {"registered": 1, "split_in": 1}
    assert terms(report, Axis.PARTY, "acme") == {"registered": 1}


def test_an_absence_conceded_after_acceptance_is_no_loss_of_the_receivers(world):
    admitted(
        world.registers("acme", "acme:A"),
        world.dispatches("acme", "acme/s1", "acme:A", to="oslo"),
        world.arrives("oslo", "acme/s1"),
        world.arrives("oslo", "acme/s1", {"chip": "acme:A", "condition": "absent"}),
        world.concedes("acme", last_discrepancy(world)),
    )
    assert world.stands("acme:A")[1] == "acme"
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "oslo") == {"received": 1, "conceded_out": 1}


def test_an_absence_from_ones_own_count_is_a_chip_missing(world):
    admitted(world.registers("acme", "acme:A"), world.counts("acme", "acme/c1", scope="full"))
    admitted(world.concedes("acme", last_discrepancy(world)))
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.PARTY, "acme") == {"registered": 1, "missing": 1}


def test_liability_alone_moves_no_chip(world):
    admitted(world.registers("acme", "acme:A"), world.counts("lima", "lima/c1", "acme:A"))
    name = last_discrepancy(world)
    admitted(
        world.dispatches("acme", "acme/s1", "acme:A", to="oslo"),
        world.arrives("oslo", "acme/s1"),
        world.resolves("watch", name, "observation_stands"),
    )
    assert world.stands("acme:A")[:2] == ("oslo", "lima")
    report = audited(world)
    assert report.clean
    assert "lima" not in {each.name for each in report.balances}


def test_a_class_raised_and_taken_back_is_reclassified_both_ways(world):
    admitted(world.declares("oslo", "acme:A"))
    told = admitted(world.registers("acme", {"chip": "acme:A", "model": OTHER_MODEL}))
    admitted(world.corrects("acme", told))
    report = audited(world)
    assert report.clean
    assert terms(report, Axis.MODEL, OTHER_MODEL) == {"reclassified_in": 1, "reclassified_out": 1}
    assert terms(report, Axis.PARTY, "oslo") == {"declared": 1}


# -- whatever is said in whatever order


def used(report):
    """The names of the terms that any account has."""
    return {name for each in report.balances for name, _ in (*each.gained, *each.lost)}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.data())
def test_whatever_is_said_every_account_balances_between_any_two_sizes(seed, data):
    world, _ = lived(seed)
    sizes = data.draw(st.sets(st.integers(1, world.door.size()), max_size=4))
    report = audited(world, balances_at=sorted(sizes), stored_digest=world.door.digest())
    assert report.findings == ()
    assert all(balance.residual == 0 for balance in report.balances)


class Takes(Fold):
    """A book with a defect: some entry moves a chip that it says nothing of."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    def admit(self, entry):
        verdict = super().admit(entry)
        if entry.index == self.at:
            chips = self.registry.of(CHIPS)
            name = min(name for name, row in chips.items() if row.custodian is not None)
            self.registry.put(CHIPS, [replace(chips[name], custodian=None, site=None, status=MISSING)])
        return verdict


@pytest.mark.parametrize("seed", range(6))
def test_a_chip_moved_under_no_term_leaves_a_residual(seed):
    """The control: the same histories, with one chip taken by the last entry without a word."""
    world, _ = lived(seed)
    assert audited(world).findings == ()
    report = audited(world, fold=Takes(world.door.size() - 1))
    assert Check.CONSERVATION in {finding.check for finding in report.findings}
    assert any(balance.residual for balance in report.balances)


def test_these_histories_use_every_term():
    """The search is no better than what it comes across."""
    names, stood = set(), 0
    for seed in range(40):
        world, count = lived(seed)
        names |= used(audited(world))
        stood += count
    assert names == {
        "registered", "declared", "received", "conceded_in", "recovered", "corrected_in", "split_in",
        "reclassified_in", "handed_over", "conceded_out", "destroyed", "missing", "replaced",
        "corrected_out", "reclassified_out", "moved_in", "moved_out",
    }  # fmt: skip
    assert stood > 40 * MOVES // 5
