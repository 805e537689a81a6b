"""The rows of the bench for inspections: each is measured, and what takes too long is stopped and said."""

import time

import pytest

from api.cli.bench import sampling
from api.cli.bench.alone import MEBIBYTE, alone
from api.cli.bench.measures import Measure

CHIPS = 150_000  # enough for the engine


def forever(_):
    time.sleep(600)


def at_once(asked):
    return 1.0, float(asked), 7


def test_draws_and_roots_are_measured_beside_their_bare_parts_with_their_memory():
    rows = dict(zip(("draw", "memory", "root", "more"), sampling.by_sampling(CHIPS), strict=False))
    assert [row.what for row in rows.values()] == [
        "draw of 1,000 from 150,000",
        "memory of that draw from 150,000",
        "frame root of 150,000",
        "memory of that root of 150,000",
    ]
    assert [row.floor for row in rows.values()] == [1 / 1.2, 1.0, 1 / 2, 1.0]
    assert rows["memory"].ratio > 0 and rows["more"].ratio > 0
    assert all(row.ratio > 0 for row in rows.values())


def test_what_takes_longer_than_it_is_given_is_stopped():
    began = time.monotonic()
    assert alone(forever, 0, 0.5) is None
    assert time.monotonic() - began < 300
    assert alone(at_once, 3, 300.0) == (1.0, 3.0, 7)  # the control


@pytest.mark.parametrize(
    "name", [name for name in sampling.PLANS if name.startswith(("presence", "3 stages"))]
)
def test_a_plan_is_measured(name):
    bare, ours, peak = sampling.plan(name)
    assert bare == 0 and ours > 0 and peak > MEBIBYTE


def test_every_sort_of_plan_has_a_row():
    assert {word for name in sampling.PLANS for word in name.replace(",", "").split()} >= {
        "presence", "accepted", "misses", "4", "64", "strata", "budget", "stages", "bound"
    }  # fmt: skip
    assert Measure("", "", "", 0.9, 1.0).reached is False
