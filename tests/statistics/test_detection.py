"""Diverted chips are found as often as their evidence allows, honest ones accused as seldom, none twice."""

import pytest

from ledger.inspection.binomial import count_band
from tests.docs.papers import ROOT, table_under
from tests.statistics.detection import SEEDS, asked, named_without, table, tallies
from tests.statistics.diversions import ACCUSED, CAUGHT, CHIPS, GONE, HOLDERS

CLASSES = tuple("ISKROL")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    return [asked(seed, tmp_path_factory.mktemp(f"world{seed}")) for seed in SEEDS]


@pytest.fixture(scope="module")
def counted(worlds):
    """What is found of each route, with all classes and without its own."""
    blind = {letter: [named_without(world, letter) for world in worlds] for letter in CLASSES}
    return {tally.route: tally for tally in tallies(worlds, blind)}


def within(trials, found, chance):
    """Whether a count keeps inside the exact band of its chance."""
    if chance in (0, 1):
        return found == trials * chance
    low, high = count_band(trials, chance, type(chance)(1, 10_000))
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


def test_taking_a_class_out_hides_nothing_of_other_routes(worlds):
    for world in worlds[:2]:
        for letter in CLASSES:
            other = {chip for route in CLASSES if route != letter for chip in world.truth.gone[route]}
            assert named_without(world, letter) & other == world.named & other


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


def test_the_figures_on_the_page_are_those_of_the_worlds(counted):
    page = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
    right = table(counted.values())
    lines = "\n".join("| " + " | ".join(cells) + " |" for cells in right)
    assert [[cell.strip() for cell in row] for row in table_under(page, "route")] == right, lines
