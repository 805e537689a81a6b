"""Plans are told in sentences and numbers that round half to even."""

from fractions import Fraction

import pytest

from ledger.inspection.plan import decimal_text, presence, scientific_text, sentence

TWENTIETH = Fraction(1, 20)


def test_the_sentence_says_what_was_planned():
    plan = presence(10_000, 100, TWENTIETH)
    assert sentence(10_000, 100, TWENTIETH, plan) == (
        "Visit 294 of 10,000 chips: if 100 or more are gone, the chance that none of them is drawn is 4.98 % "
        "(at most 5 %)."
    )
    overlook = Fraction(3, 5)
    weak = presence(1000, 5, TWENTIETH, test_miss=overlook)
    assert sentence(1000, 5, TWENTIETH, weak, test_miss=overlook) == (
        "No sample is enough: if 5 or more are gone, the chance that none of them is found by a test that "
        "overlooks 60 % of missing chips is 7.78 % even if all 1,000 chips are visited (wanted: at most 5 %)."
    )
    some = presence(1000, 50, Fraction(1, 80), accept=2)
    assert "the chance that at most 2 of them are drawn is" in sentence(
        1000, 50, Fraction(1, 80), some, accept=2
    )
    assert "(at most 1.25 %)" in sentence(1000, 50, Fraction(1, 80), some, accept=2)
    sure = presence(10, 1, Fraction(0))
    assert sentence(10, 1, Fraction(0), sure).endswith("is drawn is 0 % (at most 0 %).")


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(1, 8), 2, "0.12"),
        (Fraction(3, 8), 2, "0.38"),
        (Fraction(-1, 8), 2, "-0.12"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(1), 12, "1.000000000000"),
        (Fraction(5, 2), 0, "2"),
        (Fraction(1, 3), 12, "0.333333333333"),
        (1 - Fraction(1, 10**15), 12, "1.000000000000"),
    ],
)
def test_decimals_round_half_to_even(value, places, text):
    assert decimal_text(value, places) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Fraction(0), 17, "0"),
        (Fraction(1), 3, "1.00e+00"),
        (Fraction(999_999, 1_000_000), 3, "1.00e+00"),
        (Fraction(1, 10**120), 2, "1.0e-120"),
        (Fraction(1005, 10), 3, "1.00e+02"),
        (Fraction(1015, 10), 3, "1.02e+02"),
    ],
)
def test_significant_digits_round_half_to_even(value, digits, text):
    assert scientific_text(value, digits) == text
