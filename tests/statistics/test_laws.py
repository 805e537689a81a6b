"""Tables of probabilities are right to 30 decimals, however large the counts."""

from fractions import Fraction as F
from random import Random

import pytest
from scipy import stats

from analytics.statistics.laws import DECIMALS, Law, binomial, convolved, poisson, sum_of
from tests.statistics.slow_laws import slow_binomial, slow_tail

CLOSE = F(1, 10**DECIMALS)
CHANCES = (F(0), F(1, 1000), F(1, 20), F(1, 3), F(1, 2), F(19, 20), F(1))


def within(law, exact):
    """Every tail of a law agrees with that of its definition to 30 decimals."""
    return all(
        abs(law.at_least(value) - slow_tail(exact, value)) <= CLOSE
        for value in range(min(exact) - 2, max(exact) + 3)
    )


def test_binomial_tails_are_those_of_the_definition():
    cases = [(trials, chance) for trials in (*range(12), 40) for chance in CHANCES]
    for trials, chance in cases:
        assert within(binomial(trials, chance), slow_binomial(trials, chance)), (trials, chance)
    assert len(cases) == 91
    assert not within(binomial(40, F(1, 3)), slow_binomial(40, F(333, 1000))), "the control: another chance"


def test_a_tail_that_equals_its_bound_counts_as_reaching_it():
    coin = binomial(1, F(1, 20))
    assert coin.at_least(1) == F(1, 20) and coin.critical(F(1, 20)) == 1
    assert coin.critical(F(1, 20) - F(1, 10**20)) == 2
    third = binomial(2, F(1, 3))
    assert third.critical(F(1, 9)) == 2 and third.critical(F(1, 10)) == 3


@pytest.mark.parametrize("mean", [F(1, 1000), F(1, 2), F(7), F(1000, 3), F(500_000)])
def test_poisson_tails_agree_with_a_second_opinion(mean):
    law, spread = poisson(mean), float(mean) ** 0.5
    for value in {int(float(mean) + z * spread) for z in (-4, -1, 0, 1, 3, 6)}:
        assert float(law.at_least(value)) == pytest.approx(
            stats.poisson.sf(value - 1, float(mean)), rel=1e-9, abs=1e-25
        )


@pytest.mark.parametrize(
    ("trials", "chance"), [(10_000, F(1, 1000)), (10_000_000, F(1, 2)), (1000, F(9, 10))]
)
def test_large_binomials_agree_with_a_second_opinion(trials, chance):
    law, mean = binomial(trials, chance), float(trials * chance)
    spread = (mean * float(1 - chance)) ** 0.5
    for z in (-5, -1, 0, 2, 5):
        value = int(mean + z * spread)
        found = float(law.at_least(value))
        assert found == pytest.approx(stats.binom.sf(value - 1, trials, float(chance)), rel=1e-8)
    assert 1 - F(sum(law.weights), 10**42) < CLOSE


def test_sums_are_convolutions():
    dice = Random(5)
    for _ in range(50):
        sides = [tuple(dice.randrange(10**42) // 9 for _ in range(dice.randrange(1, 9))) for _ in range(2)]
        plain = [0] * (len(sides[0]) + len(sides[1]) - 1)
        for i, left in enumerate(sides[0]):
            for j, right in enumerate(sides[1]):
                plain[i + j] += left * right
        assert convolved(*sides) == [weight // 10**42 for weight in plain]
    whole = sum_of(binomial(7, F(1, 5)), binomial(5, F(1, 5)))
    assert within(whole, slow_binomial(12, F(1, 5)))
    assert within(whole.shifted(3), {x + 3: p for x, p in slow_binomial(12, F(1, 5)).items()})
    assert within(whole.negative(), {-x: p for x, p in slow_binomial(12, F(1, 5)).items()})


def test_what_cannot_be_is_refused_by_name():
    for wrong, name in (
        (lambda: binomial(-1, F(1, 2)), "trials"),
        (lambda: binomial(3, 0.5), "chance"),
        (lambda: poisson(F(-1)), "mean"),
        (lambda: poisson(F(10**8)), "mean"),
    ):
        with pytest.raises(ValueError, match=f"^{name} "):
            wrong()
    assert Law(0, (10**42,)).critical(F(1, 20)) == 1
