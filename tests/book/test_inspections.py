"""A draw is the one that was promised: frame of the log, beacon's round, committed secret, in its order."""

from dataclasses import replace
from hashlib import sha256

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import INSPECTIONS, SERIES
from ledger.book.times import format_seconds
from tests.book.test_timeliness import due_of
from tests.world import DICE, GENESIS, LEAD_S, PERIOD_S, World, draw_seed, secret_of

CHIPS = [f"acme:S{n}" for n in range(1, 10)]


@pytest.fixture
def world():
    """acme holds nine chips, two of them on their way to oslo, and another maker two."""
    world = World().settles()
    assert world.registers("acme", *CHIPS).admitted
    assert world.registers("bolt", "bolt:B1", "bolt:B2").admitted
    assert world.dispatches("acme", "acme/s1", *CHIPS[:2], to="oslo").admitted
    return world


def drawn_chips(draft):
    return [line["chip"] for line in draft.lines]


def test_the_frame_is_whatever_the_provers_held_just_before_the_commitment(world):
    assert world.commits("watch", "watch/i", "acme").admitted
    assert world.arrives("oslo", "acme/s1").admitted
    assert world.registers("acme", "acme:LATE").admitted
    world.waits(LEAD_S + 60)
    draft = world.draw_draft("watch", "watch/i")
    assert (
        draft.body["frame"]["count"] == 9
    )  # what was on its way is the sender's, what came later is not in it
    assert world.says(draft).admitted
    row = world.door.get(INSPECTIONS, "watch/i")
    assert (row.state, row.stages_drawn, row.frame_count, row.timely) == ("drawn", 1, 9, "unwitnessed")


def test_colluding_provers_are_one_frame(world):
    assert world.commits("watch", "watch/i", "acme", "bolt", sizes=(20,)).admitted
    world.waits(LEAD_S + 60)
    draft = world.draw_draft("watch", "watch/i")
    assert sorted(drawn_chips(draft)) == [*CHIPS, "bolt:B1", "bolt:B2"]
    assert world.says(draft).admitted


def test_strata_are_disjoint_and_each_has_its_size(world):
    assert world.arrives("oslo", "acme/s1").admitted
    assert world.places("oslo", CHIPS[0], site="oslo/annex").admitted
    strata = [{"name": "annex", "site": "oslo/annex"}, {"name": "b", "class": "B", "model": "registrar/h100"}]
    strata.append({"name": "rest"})
    draft = world.commitment_draft("watch", "watch/i", "acme", "oslo", sizes=(1, 3, 2), strata=strata)
    assert world.says_commitment(draft).admitted
    world.waits(LEAD_S + 60)
    draw = world.draw_draft("watch", "watch/i")
    assert CHIPS[0] in drawn_chips(draw) and len(draw.lines) == 4  # nothing is left for the rest
    assert world.says(draw).admitted


def test_a_longer_draw_contains_the_shorter(world):
    assert world.commits("watch", "watch/i", "acme", sizes=(3,)).admitted
    made = world.commitments["watch/i"]
    world.commitments["longer"] = replace(made, sizes=(6,))
    few, many = world.draw_draft("watch", "watch/i"), world.draw_draft("watch", "longer")
    assert set(drawn_chips(few)) < set(drawn_chips(many))


def test_one_chip_left_out_or_put_in_is_another_selection(world):
    assert world.commits("watch", "watch/i", "acme", sizes=(4,)).admitted
    world.waits(LEAD_S + 60)
    good = world.draw_draft("watch", "watch/i")
    chips = drawn_chips(good)
    other = next(chip for chip in CHIPS if chip not in chips)
    for lines in (chips[1:], [*chips, other], [*chips[1:], other]):
        assert world.says(good.with_lines(*lines)).reason is Reason.WRONG_SELECTION
    assert world.says(good).admitted
    assert world.draws("watch", "watch/i").reason is Reason.ENDED


def test_each_stage_has_its_own_round_and_secret(world):
    first = world.commitment_draft("watch", "watch/i", "acme", sizes=(2,))
    one = first.body["stages"][0]
    one["reject"] = 2
    two = one | {"round": one["round"] + 100, "secret_sha256": sha256(secret_of("second")).hexdigest()}
    one["notice_by"] = one["found_by"] = format_seconds(GENESIS + (two["round"] - 1) * PERIOD_S)
    assert world.says_commitment(first.changed(stages=[one, two | {"sizes": [5]}])).admitted
    made = world.commitments["watch/i"]
    second = replace(made, round=made.round + 100, secret=secret_of("second"), sizes=(5,))
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i").admitted
    assert world.door.get(INSPECTIONS, "watch/i").stages_drawn == 1
    world.commitments["watch/i"] = second
    assert world.draws("watch", "watch/i").reason is Reason.TOO_EARLY
    world.waits(due_of(world, "watch/i") - world.now // 1000 - 60)
    assert world.draws("watch", "watch/i").reason is Reason.TOO_EARLY  # findings of the first may come
    one, other = world.sample("watch/i")
    assert world.finds("watch", "watch/i", one).admitted
    assert world.finds("watch", "watch/i", other, result="not_found").admitted
    world.waits(60)
    world.commitments["watch/i"] = replace(second, secret=made.secret)
    assert world.draws("watch", "watch/i").reason is Reason.WRONG_SELECTION
    world.commitments["watch/i"] = second
    assert world.draws("watch", "watch/i").admitted
    assert world.draws("watch", "watch/i").reason is Reason.ENDED


def test_a_series_goes_number_by_number_one_at_a_time(world):
    assert world.commits("watch", "watch/1", "acme", number=2).reason is Reason.BAD_NUMBER
    assert world.commits("watch", "watch/1", "acme").admitted
    assert world.commits("watch", "watch/2", "acme", number=2).reason is Reason.OPEN_COMMITMENT
    assert world.commits("watch", "watch/2", "acme", number=1).reason is Reason.BAD_NUMBER
    assert world.commits("watch", "watch/2", "acme", number=1, series="watch/other").admitted
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/1").admitted
    assert world.commits("watch", "watch/3", "acme", number=2).admitted
    assert world.door.get(SERIES, "watch/series").number == 2


def test_what_is_not_drawn_in_time_holds_nobody_up_and_may_still_be_drawn(world):
    assert world.commits("watch", "watch/1", "acme").admitted
    world.waits(25 * 3600)
    assert world.commits("watch", "watch/2", "acme", number=2).admitted
    assert world.draws("watch", "watch/1").admitted  # withheld for ever, and yet seen


def test_a_round_is_at_least_the_lead_away(world):
    draft = world.commitment_draft("watch", "watch/i", "acme")
    stage = draft.body["stages"][0]
    soon = world.next_round(LEAD_S)  # due in the 600th second from now, or just before it
    assert world.would(draft.changed(stages=[stage | {"round": soon}])).reason is Reason.TOO_EARLY
    assert world.would(draft.changed(stages=[stage | {"round": soon + 1}])).reason is None


def test_a_pulse_known_too_soon_helps_nobody(world):
    """Whoever holds the beacon's key may know the round; the log takes no draw before it is due."""
    assert world.commits("watch", "watch/i", "acme").admitted
    assert world.draws("watch", "watch/i").reason is Reason.TOO_EARLY


def test_a_prover_without_chips_can_be_drawn_from(world):
    assert world.commits("watch", "watch/i", "lima").admitted
    world.waits(LEAD_S + 60)
    draft = world.draw_draft("watch", "watch/i")
    assert draft.lines is None and draft.body["frame"]["count"] == 0
    assert world.would(draft.with_lines(CHIPS[0])).reason is Reason.WRONG_SELECTION
    assert world.says(draft).admitted


def test_the_seed_binds_beacon_round_randomness_commitment_and_secret(world):
    assert world.commits("watch", "watch/i", "acme").admitted
    made = world.commitments["watch/i"]
    randomness = sha256(DICE.pulse(made.round)).digest()
    seeds = {
        draw_seed(made, randomness),
        draw_seed(made, bytes(32)),
        draw_seed(replace(made, round=made.round + 1), randomness),
        draw_seed(replace(made, beacon="registrar/dicf"), randomness),
        draw_seed(replace(made, statement="ab" * 32), randomness),
        draw_seed(replace(made, secret=bytes(32)), randomness),
    }
    assert len(seeds) == 6


def test_days_follow_on_each_other():
    """A round, its notice, its findings, and only then the next round: each may fall on the one before."""
    world = World().settles()
    draft = world.commitment_draft("watch", "watch/i", "acme")
    first = draft.body["stages"][0] | {"reject": 2}
    second = first | {"round": first["round"] + 100, "secret_sha256": "cd" * 32}

    def days(number, notice_s=0, found_s=0):
        due = GENESIS + (number - 1) * PERIOD_S
        return {"notice_by": format_seconds(due + notice_s), "found_by": format_seconds(due + found_s)}

    def said(*stages):
        return world.would(draft.changed(stages=list(stages))).reason

    number, later = first["round"], second["round"]
    assert said(first | days(number)) is None
    assert said(first | days(number, -1)) is Reason.BAD_FIELD
    assert said(first | days(number, 2, 1)) is Reason.BAD_FIELD
    meeting = days(number) | {"found_by": days(later)["found_by"]}
    overlapping = meeting | {"found_by": days(later, 0, 1)["found_by"]}
    assert said(first | meeting, second | days(later)) is None
    assert said(first | overlapping, second | days(later)) is Reason.BAD_FIELD


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (((0, 2), (1, 2)), None),
        (((0, 2), (1, 5)), None),
        (((0, 2), (2, 3)), Reason.BAD_FIELD),
        (((0, 2), (1, 4), (3, 4)), Reason.BAD_FIELD),
        (((0, 4), (1, 2), (2, 3)), Reason.BAD_FIELD),
    ],
)
def test_no_stage_accepts_later_what_an_earlier_one_rejects(rules, reason):
    """Who lets tests end without result is never stopped early, and would pass oftener than planned."""
    world = World().settles()
    draft = world.commitment_draft("watch", "watch/i", "acme")
    first = draft.body["stages"][0]
    stages = []
    for place, (accept, reject) in enumerate(rules):
        number = first["round"] + 100 * place
        due = format_seconds(GENESIS + (number - 1) * PERIOD_S)
        stages.append(first | {"round": number, "secret_sha256": f"{place:064x}", "accept": accept})
        stages[-1] |= {"reject": reject, "notice_by": due, "found_by": due}
    assert world.would(draft.changed(stages=stages)).reason is reason


def test_a_commitment_says_what_it_was_planned_from_and_nothing_else(world):
    """A closed list: presence from whole numbers, activity from the quantities of Eq. 1."""
    draft = world.commitment_draft("watch", "watch/i", "acme")
    presence = {"frame": 9, "chips": [9], "missing": 2, "accept": 0, "beta_ppm": 50_000, "budget": "12.50"}
    presence |= {"test_miss_ppm": {"A": 0, "B": 100_000}, "costs": ["1.5"], "run_flop": "1e24", "days": 30}
    presence |= {"chip_flop_per_day": "8.64e19", "model": "registrar/h100", "overridden": ["days", "costs"]}
    presence |= {"sizes": draft.body["stages"][0]["sizes"]}
    activity = {"chips": 9, "run_flop": "3.14e23", "chip_flop_per_day": "86400000000000000000"}
    activity |= {"run_days": "30", "period_days": 365, "snapshots_per_day": "0.5", "longest_days": "365"}
    for wrong in ([7], [True], [3, 3], 3):  # nobody chose what is not drawn
        assert world.would(draft.changed(parameters={"sizes": wrong})).reason is Reason.BAD_FIELD
    for planner, whole in (("presence", presence), ("activity", activity)):
        assert world.would(draft.changed(planner=planner, parameters=whole)).reason is None
        for name, value in whole.items():
            for spoiled in (-1, [], "a", {"A": -1}, "1 ", "+1", "1e999"):
                if name == "overridden" and spoiled == []:
                    continue  # nothing was
                told = world.would(draft.changed(planner=planner, parameters=whole | {name: spoiled}))
                assert told.reason is not None, (planner, name, spoiled, value)
        other = {"presence": "activity", "activity": "presence"}[planner]
        assert world.would(draft.changed(planner=other, parameters=whole)).reason is Reason.BAD_FIELD
