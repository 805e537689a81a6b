"""A verdict is the one that follows, with the numbers that follow, and no other is admitted."""

from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from math import comb

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import INSPECTIONS
from ledger.book.times import format_seconds
from tests.book.test_timeliness import due_of
from tests.world import GENESIS, LEAD_S, PERIOD_S, World, secret_of

VERDICTS = ("clean", "violations", "inconclusive", "void", "void_beacon", "withheld")
CHIPS = [f"acme:S{n:02}" for n in range(1, 31)]
DAYS_S = 86_400


@pytest.fixture
def world():
    world = World().settles()
    assert world.registers("acme", *CHIPS).admitted
    return world


def drawn(world, **more):
    """Of thirty chips ten are drawn."""
    assert world.commits("watch", "watch/i", "acme", **{"sizes": (10,), **more}).admitted
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i").admitted
    return world.sample("watch/i")


def only(world, verdict, inspection="watch/i"):
    """Whether this verdict may be said now and no other."""
    for said in VERDICTS:
        told = world.would(world.closing_draft("watch", inspection, said))
        assert (told.reason is None) is (said == verdict), (said, told.detail)
    return True


def finds(world, chips, **results):
    """So many chips of each result, the rest confirmed."""
    chips = list(chips)
    for word, number in results.items():
        for _ in range(number):
            assert world.finds("watch", "watch/i", chips.pop(), result=word).admitted
    if chips:
        assert world.finds("watch", "watch/i", *chips).admitted


@pytest.mark.parametrize(
    ("accept", "results", "verdict"),
    [
        (0, {}, "clean"),
        (0, {"not_found": 1}, "violations"),
        (0, {"inconclusive": 1}, "inconclusive"),
        (1, {"inconclusive": 1}, "clean"),
        (1, {"refused": 1}, "clean"),
        (1, {"refused": 1, "inconclusive": 1}, "inconclusive"),
        (1, {"mismatch": 1, "tampered": 1}, "violations"),
        (1, {"unlisted": 2}, "inconclusive"),
    ],
)
def test_accusations_convict_and_only_what_was_confirmed_acquits(world, accept, results, verdict):
    draft = world.commitment_draft("watch", "watch/i", "acme", sizes=(10,))
    stage = draft.body["stages"][0] | {"accept": accept, "reject": accept + 1}
    assert world.says_commitment(draft.changed(stages=[stage])).admitted
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i").admitted
    finds(world, world.sample("watch/i"), **results)
    assert only(world, verdict)
    assert world.closes("watch", "watch/i", verdict).admitted
    row = world.door.get(INSPECTIONS, "watch/i")
    assert (row.state, row.verdict, row.draws) == ("closed", verdict, 1)
    assert world.closes("watch", "watch/i", verdict).reason is Reason.ENDED
    assert world.audit().clean


def test_who_was_not_visited_is_missing_but_nobody_accuses_for_it(world):
    chips = drawn(world)
    assert world.finds("watch", "watch/i", *chips[:-1]).admitted
    assert only(world, "inconclusive")
    counts = {"not_visited": 1, "duplicate": 0}
    assert world.would(world.closing_draft("watch", "watch/i", "inconclusive", counts=counts)).reason is None
    wrong = world.closing_draft("watch", "watch/i", "inconclusive", counts={"not_visited": 0})
    assert world.would(wrong).reason is Reason.BAD_FIELD


def slow_bound(frame, n, seen, alpha):
    """The largest D with P(X <= seen) > alpha."""

    def passes(d):
        ways = sum(
            comb(d, x) * comb(frame - d, n - x) for x in range(min(seen, d, n) + 1) if n - x <= frame - d
        )
        return Fraction(ways, comb(frame, n)) > alpha

    return max(d for d in range(frame + 1) if passes(d))


@pytest.mark.parametrize("missed", [0, 2, 10])
def test_the_bound_is_the_largest_total_that_could_have_passed(world, missed):
    chips = drawn(world)
    finds(world, chips, not_found=missed)
    verdict = "violations" if missed else "clean"
    bound = slow_bound(30, 10, missed, Fraction(1, 20))
    for said in (bound - 1, bound + 1, 0):
        told = world.would(world.closing_draft("watch", "watch/i", verdict, upper_bound=said))
        assert told.reason is Reason.BAD_FIELD
    assert world.closes("watch", "watch/i", verdict, upper_bound=bound).admitted
    assert world.door.get(INSPECTIONS, "watch/i").upper_bound == bound


@pytest.mark.parametrize(
    "wrong",
    [
        {"known_missing": 0},
        {"off_book": 1},
        {"draw": {"k": 1, "m": 2}},
        {"counts": {"confirmed": 9}},
        {"counts": {"not_found": 1}},
        {"counts": {"duplicate": 1}},
    ],
)
def test_a_wrong_number_is_refused(world, wrong):
    for n in range(2):
        assert world.registers("acme", f"acme:L{n}").admitted
    assert world.says(world.retirement_draft("acme", "acme:L0", reason="stolen")).admitted
    chips = drawn(world, sizes=(40,))
    assert world.says(
        world.retirement_draft("acme", "acme:L1", reason="lost")
    ).admitted  # too late to be apart
    assert len(chips) == 31
    finds(world, chips)
    assert world.would(world.closing_draft("watch", "watch/i", known_missing=1)).reason is None
    assert world.would(world.closing_draft("watch", "watch/i", **wrong)).reason is Reason.BAD_FIELD


def test_a_verdict_says_which_draw_of_how_many_it_is(world):
    finds(world, drawn(world))
    assert world.commits("watch", "watch/j", "acme", number=2).admitted
    assert world.closes("watch", "watch/i", draw={"k": 1, "m": 1}).reason is Reason.BAD_FIELD
    assert world.closes("watch", "watch/i", draw={"k": 1, "m": 2}).admitted


def test_what_is_drawn_after_its_day_is_withheld_for_ever(world):
    assert world.commits("watch", "watch/i", "acme").admitted
    assert world.closes("watch", "watch/i", "withheld").reason is Reason.TOO_EARLY
    world.waits(25 * 3600)
    assert world.draws("watch", "watch/i").admitted
    assert world.finds("watch", "watch/i", *world.sample("watch/i")).admitted
    assert only(world, "withheld")
    assert world.closes("watch", "watch/i", "withheld", upper_bound=1).reason is Reason.BAD_FIELD
    assert world.closes("watch", "watch/i", "withheld").admitted


def test_what_is_never_drawn_can_be_closed_as_withheld_and_drawn_later(world):
    assert world.commits("watch", "watch/i", "acme").admitted
    world.waits(25 * 3600)
    assert world.closes("watch", "watch/i", "clean").reason is Reason.BAD_FIELD
    assert world.closes("watch", "watch/i", "void_beacon").reason is Reason.TOO_EARLY
    assert world.closes("watch", "watch/i", "withheld").admitted
    assert world.commits("watch", "watch/j", "acme", number=2).admitted
    assert world.draws("watch", "watch/i").admitted
    assert only(world, "withheld")
    assert world.audit().clean


def test_a_beacon_silent_for_two_days_frees_the_series_and_its_sample_stays_due(world):
    draft = world.commitment_draft("watch", "watch/i", "acme")
    far = {"notice_by": "2027-01-01T00:00:00Z", "found_by": "2027-02-01T00:00:00Z"}
    assert world.says_commitment(draft.changed(stages=[draft.body["stages"][0] | far])).admitted
    due = due_of(world, "watch/i")
    world.waits(due + 2 * DAYS_S - 1 - world.now // 1000)
    assert world.closes("watch", "watch/i", "void_beacon").reason is Reason.TOO_EARLY
    assert world.commits("watch", "watch/j", "acme", number=2).reason is Reason.OPEN_COMMITMENT
    assert world.closes("watch", "watch/i", "void_beacon").admitted
    assert world.lists_beacon("registrar/other").admitted
    assert (
        world.would(world.commitment_draft("watch", "watch/j", "acme", number=2)).reason is Reason.BAD_FIELD
    )
    wrong = world.commitment_draft("watch", "watch/j", "acme", number=3)
    assert world.would(wrong).reason is Reason.BAD_FIELD  # which stands before its number
    other = world.commitment_draft("watch", "watch/j", "acme", series="watch/others")
    assert world.would(other).reason is None  # of the series only
    assert world.commits("watch", "watch/j", "acme", number=2, beacon="registrar/other").admitted
    assert world.closes("watch", "watch/i", "void_beacon").reason is Reason.ENDED
    world.waits(60 * DAYS_S)
    assert world.draws("watch", "watch/i").admitted  # the round appeared after all, and nobody held it back
    assert only(world, "inconclusive")
    assert world.audit().clean


def test_a_beacon_that_spoke_after_all_may_be_named_again(world):
    assert world.commits("watch", "watch/i", "acme", sizes=(10,)).admitted
    world.waits(due_of(world, "watch/i") + 2 * DAYS_S - world.now // 1000)
    assert world.closes("watch", "watch/i", "void_beacon").admitted
    again = world.commitment_draft("watch", "watch/j", "acme", number=2)
    assert world.would(again).reason is Reason.BAD_FIELD
    assert world.draws("watch", "watch/i").admitted
    assert world.commits("watch", "watch/j", "acme", number=2).admitted


def staged(world, *sizes, accept=1, reject=3):
    """Stages a hundred rounds apart, each with its own secret."""
    draft = world.commitment_draft("watch", "watch/i", "acme", sizes=sizes[:1])
    first = draft.body["stages"][0] | {"accept": accept, "reject": reject}
    due = GENESIS + (first["round"] - 1) * PERIOD_S
    until = [format_seconds(due + 100 * (n + 1) * PERIOD_S) for n in range(len(sizes))]
    found = [*until[:-1], "2027-02-01T00:00:00Z"]
    stages = [
        first
        | {"round": first["round"] + 100 * n, "sizes": [size], "notice_by": until[n], "found_by": found[n]}
        | ({"secret_sha256": sha256(secret_of(f"stage {n}")).hexdigest()} if n else {})
        for n, size in enumerate(sizes)
    ]
    assert world.says_commitment(draft.changed(stages=stages)).admitted
    made = world.commitments["watch/i"]
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i").admitted
    return [made] + [
        replace(made, round=made.round + 100 * n, secret=secret_of(f"stage {n}"), sizes=(size,))
        for n, size in enumerate(sizes)
        if n
    ]


@pytest.mark.parametrize(("missed", "verdict"), [(0, "clean"), (1, "clean"), (3, "violations")])
def test_a_stage_that_settles_it_ends_it(world, missed, verdict):
    stages = staged(world, 6, 6)
    finds(world, world.sample("watch/i"), not_found=missed)
    world.waits(100 * PERIOD_S)
    world.commitments["watch/i"] = stages[1]
    assert world.draws("watch", "watch/i").reason is Reason.ENDED
    assert only(world, verdict)
    assert world.closes("watch", "watch/i", verdict).admitted
    assert world.audit().clean


def test_between_the_two_the_next_stage_is_due_and_counts_all(world):
    stages = staged(world, 6, 6)
    first = world.sample("watch/i")
    finds(world, first, not_found=2)
    for verdict in VERDICTS:
        reason = Reason.TOO_EARLY if verdict in ("withheld", "void_beacon") else Reason.BAD_FIELD
        assert world.would(world.closing_draft("watch", "watch/i", verdict)).reason is reason
    world.waits(100 * PERIOD_S)
    world.commitments["watch/i"] = stages[1]
    assert world.draws("watch", "watch/i").admitted
    further = set(world.sample("watch/i")) - set(first)
    assert only(world, "violations")  # two accused, of one accepted, however the rest turns out
    finds(world, further)
    assert world.closes("watch", "watch/i", "violations").admitted
    assert world.audit().clean


def test_a_stage_that_was_due_and_let_go_by_is_withheld(world):
    staged(world, 6, 6)
    finds(world, world.sample("watch/i"), not_found=2)
    world.waits(20 * DAYS_S)
    told = {
        verdict: world.would(world.closing_draft("watch", "watch/i", verdict)).reason for verdict in VERDICTS
    }
    assert [verdict for verdict, reason in told.items() if reason is None] == ["void_beacon", "withheld"]
    assert world.closes("watch", "watch/i", "withheld").admitted


def test_only_its_verifier_closes_an_inspection(world):
    chips = drawn(world)
    finds(world, chips)
    draft = world.closing_draft("watch", "watch/i")
    assert world.would(replace(draft, party="peer")).reason is Reason.UNKNOWN_REFERENCE
    assert world.would(draft).reason is None


def test_a_test_that_misses_raises_the_bound_by_class(world):
    """Ten of thirty confirmed, by a test that overlooks a third: more may be gone than by a perfect one."""
    bounds = []
    for number, rate in enumerate((0, 333_333, {"A": 0, "B": 333_333}), start=1):
        name = f"watch/i{number}"
        draft = world.commitment_draft("watch", name, "acme", sizes=(10,), number=number)
        assert world.says_commitment(draft.changed(parameters={"test_miss_ppm": rate})).admitted
        world.waits(LEAD_S + 60)
        assert world.draws("watch", name).admitted
        assert world.finds("watch", name, *world.sample(name)).admitted
        fits = [
            bound
            for bound in range(31)
            if world.would(world.closing_draft("watch", name, upper_bound=bound)).reason is None
        ]
        bounds += fits
    assert bounds[0] == slow_bound(30, 10, 0, Fraction(1, 20))
    assert bounds[0] < bounds[1] == bounds[2]  # without classes apart, the weakest test named
