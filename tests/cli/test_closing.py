"""A verdict is reckoned from what the ledger tells, is the one the judge takes, and says what is undone."""

from fractions import Fraction
from math import comb

import pytest

from api.cli.screen.terminal import Ended
from api.cli.verdicts.case import fetch_case
from api.cli.verdicts.closing import closing_of, waits_of
from api.cli.verdicts.wording import confidence, results_table
from ledger.book.tables import SAMPLED
from ledger.lookup import Lookup
from ledger.lookup.answers import Window
from ledger.viewer import Viewer
from tests.world import LEAD_S, World
from tests.world_affairs import log_change_draft, witness
from tests.world_doors import memory_door

WATCH = Viewer("watch", frozenset({"verifier"}), frozenset({"watch"}))
CHIPS = [f"acme:S{n:02}" for n in range(1, 31)]
DAY_S = 86_400


class Told:
    """What a client is answered, out of a world's own store."""

    def __init__(self, world):
        self.lookup = Lookup(world.door.store, world.door.size, world.door.size)
        self.size = world.door.size

    def get_json(self, path, _params=None):
        """An inspection, its sample, or a statement."""
        parts = path.strip("/").split("/")
        if parts[0] == "statements":
            entry = self.lookup.record.statement(WATCH, parts[1])
            return {"envelope": self.lookup.record.envelope(entry)}
        read = self.lookup.inspections.sample if parts[3:] else self.lookup.inspections.inspection
        return read(WATCH, "/".join(parts[1:3]), self.size())

    def items(self, path, params):
        """A series."""
        assert path == "/inspections"
        window = Window(self.size(), None, 1000)
        return iter(self.lookup.inspections.inspections(WATCH, window, series=params["series"]).items)


@pytest.fixture
def world():
    world = World(memory_door).settles()
    assert world.registers("acme", *CHIPS).admitted
    yield world
    world.door.close()


def drawn(world, name="watch/i", **more):
    """Of thirty chips ten are drawn."""
    assert world.commits("watch", name, "acme", **{"sizes": (10,), **more}).admitted
    world.waits(LEAD_S + 60)
    assert world.draws("watch", name).admitted
    return world.sample(name)


def case_of(world, name="watch/i"):
    return fetch_case(Told(world), name)


def closed(world, wanted=None, name="watch/i"):
    """What `inspect close` would sign, and that the judge takes it."""
    closing = closing_of(case_of(world, name), wanted, world.now // 1000)
    assert world.says(world.draft("watch", "inspection.closed", closing.body)).admitted, closing
    return closing


def finds(world, chips, **results):
    """So many chips of each result, the rest confirmed."""
    chips = list(chips)
    for word, number in results.items():
        for _ in range(number):
            assert world.finds("watch", "watch/i", chips.pop(), result=word).admitted
    if chips:
        assert world.finds("watch", "watch/i", *chips).admitted


def test_a_clean_inspection_is_said_in_one_sentence_and_taken_by_the_judge(world):
    finds(world, drawn(world))
    closing = closed(world)
    assert closing.sentence == (
        "Draw 1 of 1 in series watch/series: 10 of 30 visited, 0 missing; at 95 % confidence at most 6 are "
        "missing; 0 known missing apart; 0 off the book apart; labelled: unwitnessed "
        "(the log asks for no witness); verdict: clean."
    )
    assert closing.undone == [] and closing.body["upper_bound"] == 6
    case = case_of(world)
    assert case.is_closed and case.told["due"] is None
    with pytest.raises(Ended, match=r"watch/i is closed\. Draw 1 of 1"):
        closing_of(case, None, world.now // 1000)


def most_missing(observed):
    """Of thirty of which ten were drawn: the most that may be gone at 95 %, by counting ways."""
    chance = [
        Fraction(sum(comb(gone, x) * comb(30 - gone, 10 - x) for x in range(observed + 1)), comb(30, 10))
        for gone in range(31)
    ]
    return max(gone for gone in range(observed, 31) if chance[gone] > Fraction(1, 20))


@pytest.mark.parametrize(
    ("results", "verdict", "says", "observed"),
    [
        ({}, "clean", "10 of 30 visited, 0 missing; at 95 % ", 0),
        ({"not_found": 1}, "violations", "10 of 30 visited, 1 missing; at 95 % ", 1),
        ({"inconclusive": 2}, "inconclusive", "10 of 30 visited, 0 missing, 2 not confirmed; at 95 % ", 2),
        ({"mismatch": 1, "refused": 1}, "violations", "10 of 30 visited, 2 missing; at 95 % ", 2),
    ],
)
def test_what_was_found_amiss_and_what_was_not_confirmed_are_told_apart(
    world, results, verdict, says, observed
):
    finds(world, drawn(world), **results)
    closing = closed(world)
    assert closing.verdict == verdict and says in closing.sentence, closing.sentence
    assert closing.body["upper_bound"] == most_missing(observed)
    assert f"confidence at most {most_missing(observed)} are missing" in closing.sentence


def test_known_missing_and_off_book_stand_apart(world):
    assert world.retires("acme", *CHIPS[:3], reason="lost").admitted
    finds(world, drawn(world))
    assert world.finds("watch", "watch/i", "acme:NEVER", result="unlisted").admitted
    closing = closed(world)
    assert "10 of 27 visited" in closing.sentence
    assert "3 known missing apart; 1 off the book apart" in closing.sentence


def test_what_is_not_visited_is_said_before_anything_is_signed(world):
    chips = drawn(world)
    assert world.finds("watch", "watch/i", *chips[:7]).admitted
    case = case_of(world)
    closing = closing_of(case, None, world.now // 1000)
    assert closing.verdict == "inconclusive"
    assert closing.undone[0] == "3 of 10 drawn are not visited, and count as missing for the bound"
    assert closing.undone[1].startswith("visits count until 20") and len(closing.undone) == 2
    later = closing_of(case, None, world.now // 1000 + 3 * DAY_S)
    assert len(later.undone) == 1, "then nothing more would count"
    assert "7 visited of 10 drawn from 30" in closing.sentence
    assert "counting what was not confirmed" in closing.sentence
    columns, rows = results_table(case)
    assert columns == ["stratum", "could be drawn", "drawn", "confirmed", "not visited"]
    assert rows == [["all", "30", "10", "7", "3"]]


def test_nothing_is_said_of_a_stage_that_may_still_be_drawn(world):
    assert world.commits("watch", "watch/i", "acme", sizes=(10,)).admitted
    case = case_of(world)
    waits = waits_of(case)
    for wanted in (None, "clean", "withheld", "void_beacon"):
        with pytest.raises(Ended) as ended:
            closing_of(case, wanted, world.now // 1000)
        assert "--verdict withheld" in ended.value.advice and "--verdict void_beacon" in ended.value.advice
    for wanted, begin in (("withheld", waits.withheld_from), ("void_beacon", waits.silent_from)):
        with pytest.raises(Ended, match=f"{wanted} cannot be said yet"):
            closing_of(case, wanted, begin - 1)
        assert closing_of(case, wanted, begin).verdict == wanted


@pytest.mark.parametrize(
    ("wanted", "days", "says"),
    [
        ("withheld", 2, "nothing drawn; no bound, for stage 1 was not drawn by 20"),
        ("void_beacon", 3, "nothing drawn; no bound, for the beacon gave no round for stage 1 in 48 hours"),
    ],
)
def test_a_stage_nobody_drew_is_given_up_only_when_asked_to_and_for_all_to_see(world, wanted, days, says):
    assert world.commits("watch", "watch/i", "acme", sizes=(10,)).admitted
    world.waits(days * DAY_S)
    with pytest.raises(Ended, match="stage 1 is to be drawn"):
        closing_of(case_of(world), None, world.now // 1000)
    closing = closed(world, wanted)
    assert says in closing.sentence and closing.undone == [
        "stage 1 was never drawn; that stays visible for ever"
    ]
    case = case_of(world)
    assert wanted in case.labels and case.told["due"]["what"] == "draw", "the sample stays due"


def test_a_draw_too_late_is_withheld_whatever_was_found(world):
    assert world.commits("watch", "watch/i", "acme", sizes=(10,)).admitted
    world.waits(2 * DAY_S)
    assert world.draws("watch", "watch/i").admitted
    closing = closed(world)
    assert closing.verdict == "withheld" and "upper_bound" not in closing.body
    assert "no bound, for a stage was drawn after its day" in closing.sentence
    assert "labelled: unwitnessed (the log asks for no witness), withheld" in closing.sentence


def test_a_commitment_no_witness_saw_in_time_gives_a_void_verdict(world):
    """The same findings, in a log that asks for a witness: the control stands above, where none is asked."""
    assert world.says(log_change_draft(world, witnesses=[witness()], quorum=1)).admitted
    finds(world, drawn(world))
    closing = closed(world)
    assert closing.verdict == "void" and "upper_bound" not in closing.body
    assert "no bound, for nothing shows that witnesses had seen the commitment in time" in closing.sentence
    assert "labelled: void; verdict: void." in closing.sentence


def test_another_verdict_than_follows_is_not_signed(world):
    finds(world, drawn(world))
    with pytest.raises(Ended, match="the verdict is clean, and there can be no other"):
        closing_of(case_of(world), "violations", world.now // 1000)


def test_draw_k_of_m_counts_the_whole_series(world):
    finds(world, drawn(world))
    closed(world)
    assert world.commits("watch", "watch/j", "acme", number=2).admitted
    told = case_of(world)
    assert (told.row.number, told.draws) == (1, 2)


class Lying(Told):
    """A ledger that tells a verdict, or a commitment, other than the log has it."""

    def __init__(self, world, **other):
        super().__init__(world)
        self.other = other

    def get_json(self, path, params=None):
        told = super().get_json(path, params)
        return {**told, **self.other} if path.count("/") == 3 and "/inspections/" in path else told


def test_a_ledger_that_tells_other_numbers_than_the_findings_give_is_not_believed(world):
    finds(world, drawn(world), not_found=1)
    closed(world)
    assert case_of(world).told["verdict"] == "violations"
    for other in ({"verdict": "clean"}, {"upper_bound": 1}, {"off_book": 5}):
        with pytest.raises(Ended, match="the findings give"):
            fetch_case(Lying(world, **other), "watch/i")
    assert world.commits("watch", "watch/j", "acme", number=2).admitted
    another = case_of(world, "watch/j").told["statement"]
    with pytest.raises(Ended, match="the commitment is to watch/j"):
        fetch_case(Lying(world, statement=another), "watch/i")


@pytest.mark.parametrize(("ppm", "text"), [(50_000, "95"), (10_000, "99"), (1, "99.9999"), (25_500, "97.45")])
def test_a_confidence_is_exact(ppm, text):
    assert confidence(ppm) == text


def test_the_rows_put_together_here_are_those_of_the_book(world):
    finds(world, drawn(world), not_found=1)
    book = {row.item: (row.stages, row.stratum, row.result) for row in world.door.rows(SAMPLED)}
    ours = {row.item: (row.stages, row.stratum, row.result) for row in case_of(world).rows}
    assert ours == book and len(ours) == 10
