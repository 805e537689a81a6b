"""The rules of thumb agree with the golden table, and never ask for too few."""

import json
from fractions import Fraction
from math import ceil

import pytest

from ledger.inspection.approximations import improved_size, simple_size
from ledger.inspection.plan import miss_probability, presence, scientific_text, suffices
from tests.shared import vectors


def answer(frame, missing, beta_text):
    try:
        beta = Fraction(beta_text)
        simple, improved = simple_size(frame, missing, beta), improved_size(frame, missing, beta)
    except ValueError:
        return {"error": "invalid"}
    exact = presence(frame, missing, beta).n
    return {
        "exact": exact,
        "simple": simple,
        "improved": improved,
        "simple_minus_exact": simple - exact,
        "improved_minus_exact": improved - exact,
        "p_miss_simple": scientific_text(miss_probability(frame, missing, simple)),
        "p_miss_improved": scientific_text(miss_probability(frame, missing, improved)),
    }


def test_every_case_is_answered_as_in_the_table():
    ran = refused = 0
    for case in json.loads(vectors("sampling", "iaea.json").read_text())["cases"]:
        p, expect = case["params"], {k: v for k, v in case["expect"].items() if k != "why"}
        assert answer(p["N"], p["d"], p["beta"]) == expect, case["id"]
        ran += 1
        refused += "error" in expect
    assert (ran, refused) == (353, 3)


def test_neither_formula_is_ever_too_few_and_both_round_up_at_whole_numbers():
    ran = 0
    for frame in range(1, 25):
        for missing in range(1, frame + 1):
            for beta in (Fraction(1, 2), Fraction(1, 20)):
                simple, improved = simple_size(frame, missing, beta), improved_size(frame, missing, beta)
                assert improved <= simple
                assert suffices(frame, missing, improved, beta)
                # The definition, in whole numbers.
                assert (1 - Fraction(simple, frame)) ** missing <= beta
                assert (1 - Fraction(simple - 1, frame)) ** missing > beta
                ran += 1
    assert ran == 600


def test_a_float_rounds_up_once_too_often_and_this_does_not():
    """The negative control for exactness: the formula on doubles, where it is a whole number."""
    ties = [(10, 2, "0.49", 3), (25, 3, "13824/15625", 1), (1250, 5, "537824/9765625", 550)]
    for frame, missing, beta, size in ties:
        assert simple_size(frame, missing, Fraction(beta)) == size
        assert ceil(frame * (1 - float(Fraction(beta)) ** (1 / missing))) == size + 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("frame", (0, 1, Fraction(1, 2))),
        ("missing", (5, 0, Fraction(1, 2))),
        ("missing", (5, 6, Fraction(1, 2))),
        ("beta", (5, 1, Fraction(0))),
        ("beta", (5, 1, 0.5)),
    ],
)
def test_a_wrong_parameter_is_named(name, arguments):
    for formula in (simple_size, improved_size):
        with pytest.raises(ValueError, match=f"^{name} "):
            formula(*arguments)
