"""Plans under attack, each played once a run, however many tests ask what came of it."""

from fractions import Fraction
from functools import cache

from api.cli.redteam.play import Report, attack
from api.cli.redteam.spelling import target_of

BASE = "258 of 1,000"
WORLDS = 2_000
PLANS = {
    BASE: {"frame": 1_000, "visits": 258, "missing": 10},
    "a test that errs, one acceptable": {
        "frame": 1_000,
        "visits": None,
        "missing": 20,
        "accept": 1,
        "test_miss": Fraction(1, 10),
    },
    "small strata": {"strata": ("hall:60:15", "annex:30:8", "depot:10:3"), "missing": 10},
    "strata": {"strata": ("hall:600:170", "annex:300:84", "depot:100:25"), "missing": 10, "budget": 2},
    "strata, tests that err": {
        "strata": ("hall:500:120", "annex:300:72", "depot:100:24"),
        "missing": 15,
        "test_miss": Fraction(1, 20),
    },
    "stages": {"frame": 900, "stages": ("140:0:3", "140:1:2"), "missing": 20, "budget": 1},
    "nearly all": {"frame": 200, "visits": 190, "missing": 1},
    "many gone": {"frame": 1_000, "visits": 6, "missing": 400, "budget": 300},
}


def target(name):
    """The plan of that name."""
    said = {"frame": None, "visits": None, "strata": (), "stages": (), "accept": 0, "budget": 5}
    said |= {"beta": Fraction(1, 20), "test_miss": Fraction(0)}
    return target_of(**said | PLANS[name])


@cache
def report(name, seed="1") -> Report:
    """The plan attacked in 2,000 worlds."""
    return attack(target(name), WORLDS, seed)
