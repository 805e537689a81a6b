"""Diverted chips are found as often as their evidence allows, honest ones accused as seldom, none twice."""

from fractions import Fraction as F

import pytest

from analytics.statistics.laws import binomial
from analytics.statistics.losses import excess_of_cohort
from analytics.statistics.material_balance import Count, CountingError, balance_series
from ledger.book.tables import STOCKTAKES
from ledger.inspection.binomial import count_band
from tests.docs.papers import ROOT, table_under
from tests.statistics.detection import SEEDS, asked, named_without, table, tallies
from tests.statistics.diversions import ACCUSED, CAUGHT, CHIPS, DEAD, GONE, HOLDERS, OVERLOOKED

CLASSES = tuple("ISKROL")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    return [asked(seed, tmp_path_factory.mktemp(f"world{seed}")) for seed in SEEDS]


@pytest.fixture(scope="module")
def counted(worlds, tmp_path_factory):
    """What is found of each route, with all classes and without its own."""
    place = tmp_path_factory.mktemp("blind")
    blind = {letter: [named_without(world, letter, place) for world in worlds] for letter in CLASSES}
    return {tally.route: tally for tally in tallies(worlds, blind)}


def within(trials, found, chance):
    """Whether a count keeps inside the exact band of its chance."""
    if chance in (0, 1):
        return found == trials * chance
    low, high = count_band(trials, chance, F(1, 10_000))
    return low <= found <= high


@pytest.mark.parametrize("route", HOLDERS)
def test_recall_of_each_route_is_that_of_its_evidence(counted, route):
    tally = counted[route]
    assert tally.gone == GONE * len(SEEDS)
    assert within(tally.gone, tally.found, CAUGHT[route])


@pytest.mark.parametrize("route", HOLDERS)
def test_honest_chips_are_accused_no_more_than_mistakes_allow(counted, route):
    tally = counted[route]
    assert tally.honest == (CHIPS - GONE) * len(SEEDS)
    assert within(tally.honest, tally.accused, ACCUSED[route])


def test_a_report_that_knows_nothing_of_a_class_finds_less_of_its_route(counted):
    """Sabotage: each class is taken out of the SQL. What remains is what other evidence names too."""
    for letter in CLASSES:
        tally = counted[letter]
        assert tally.found_without < tally.found * 2 / 3, letter
        assert not within(tally.gone, tally.found_without, CAUGHT[letter]), letter
    without = {letter: counted[letter].found_without for letter in CLASSES}
    assert {letter for letter in CLASSES if without[letter]} == {"I", "K"}, "some are reported stolen too"


def test_taking_a_class_out_hides_nothing_of_other_routes(worlds, tmp_path):
    for world in worlds[:2]:
        for letter in CLASSES:
            other = {chip for route in CLASSES if route != letter for chip in world.truth.gone[route]}
            assert named_without(world, letter, tmp_path) & other == world.named & other


def test_no_chip_stands_twice_and_totals_count_distinct_chips(worlds):
    doubly = 0
    for world in worlds:
        chips = [row["chip"] for row in world.rows]
        assert len(chips) == len(set(chips)) == sum(total.chips for total in world.totals)
        two = {row["chip"] for row in world.rows if row["also"]}
        assert two >= world.truth.doubly & world.named and world.truth.doubly <= world.named
        doubly += len(two)
        for row in world.rows:
            letters = [row["evidence"], *(row["also"] or "").split()]
            assert letters == sorted(set(letters), key="ISKROL".index), (
                "the first that applies, then the rest"
            )
    assert doubly > len(worlds), "worlds with evidence of two classes, or nothing was shown"


def test_each_chip_is_named_on_the_evidence_of_its_route_and_charged_to_who_answers(worlds):
    answers = HOLDERS | {"R": "acme", "O": "acme"}
    for world in worlds:
        route_of = {
            chip: route
            for route in HOLDERS
            for chip in [*world.truth.gone[route], *world.truth.honest[route]]
        }
        for row in world.rows:
            route = route_of[row["chip"]]
            assert route in [row["evidence"], *(row["also"] or "").split()]
            assert row["liable"] == answers[route]


def test_mistakes_that_were_put_right_accuse_nobody(worlds):
    mended = [chip for world in worlds for chip in world.truth.mended]
    assert len(mended) > 5 * len(worlds) / 2
    assert not any(world.truth.mended & world.named for world in worlds)


def test_what_left_no_trace_is_not_found_and_the_page_says_so(worlds):
    hidden = [chip for world in worlds for chip in world.truth.gone["none"]]
    assert len(hidden) == GONE * len(SEEDS)
    assert not any(set(hidden) & world.named for world in worlds)


def test_false_reports_of_losses_are_told_from_deaths(worlds):
    """Eight of forty sold and reported gone is no mortality of one in forty; honest deaths mostly are."""
    sold = [excess_of_cohort(GONE + len(world.truth.deaths), CHIPS, DEAD) for world in worlds]
    assert all(each.is_significant and each.at_least > 0 for each in sold)
    honest = [excess_of_cohort(len(world.truth.deaths), CHIPS - GONE, DEAD) for world in worlds]
    stated = binomial(CHIPS - GONE, DEAD).at_least(honest[0].critical)
    assert within(len(worlds), sum(each.is_significant for each in honest), stated)


def test_counts_of_thieves_are_told_from_careless_ones(worlds):
    """The MUF of the second count under the clerk's own rate of error, with the thieves and without."""
    alarms = 0
    for world in worlds:
        row = max(world.truth.rows(STOCKTAKES), key=lambda row: row.born)
        counted = Count(row.stocktake, row.expected, row.expected - row.absent)
        tested = balance_series([counted], CountingError(OVERLOOKED)).rows[0].cumulated
        assert row.expected == CHIPS and tested.is_significant
        careless = len(world.named & set(world.truth.honest["K"]))
        honest = Count("honest", CHIPS - GONE, CHIPS - GONE - careless)
        tested = balance_series([honest], CountingError(OVERLOOKED)).rows[0].cumulated
        alarms += tested.is_significant
    stated = binomial(CHIPS - GONE, OVERLOOKED).at_least(tested.critical)
    assert within(len(worlds), alarms, stated)


def test_the_figures_on_the_page_are_those_of_the_worlds(counted):
    page = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
    right = table(counted.values())
    lines = "\n".join("| " + " | ".join(cells) + " |" for cells in right)
    assert [[cell.strip() for cell in row] for row in table_under(page, "route")] == right, lines
