"""A public chain is listed with its own times: of another the registrar's word is all there is."""

import json

import pytest

from ledger.book.rejection import Reason
from ledger.book.times import DAY_SECONDS, format_seconds
from tests.shared import vectors
from tests.world import World


@pytest.fixture
def world():
    """A log with entry 0 alone."""
    return World().settles()


def lists(world, name, scheme, key, times):
    """Listed with a genesis in Unix seconds and a period."""
    genesis, period_s = format_seconds(times[0]), times[1]
    return world.lists_beacon(name, scheme=scheme, public_key=key, genesis=genesis, period_s=period_s)


@pytest.mark.parametrize("chain", ["quicknet", "default"])
def test_a_public_chain_is_not_listed_as_later_than_it_is(world, chain):
    """Its rounds of today would pass for rounds of next year: a draw could be chosen from what is known."""
    told = json.loads(vectors("randomness", "drand_chains.json").read_text())
    (known,) = (each for each in told if each["chain"] == chain)
    scheme, key, period_s, genesis = (known[n] for n in ("scheme", "public_key", "period", "genesis_time"))
    for seconds, period in ((365 * DAY_SECONDS, period_s), (1, period_s), (0, period_s + 1), (-1, period_s)):
        refused = lists(world, "registrar/new", scheme, key, (genesis + seconds, period))
        assert (refused.reason, "body.genesis" in refused.detail) == (Reason.BAD_FIELD, True)
    assert lists(world, "registrar/new", scheme, key, (genesis, period_s)).admitted
    # Of a key that nobody knows nothing is known: its listing is the registrar's word.
    own = world.lists_beacon("registrar/own", genesis=format_seconds(genesis + 365 * DAY_SECONDS))
    assert own.admitted
