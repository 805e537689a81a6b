"""Several inspections claim together what each claims alone, for more risk, and none is left out."""

from fractions import Fraction

import pytest

from api.cli.screen.terminal import Ended
from api.cli.verdicts.joint import joint_of, table
from api.cli.verdicts.pools import affiliates_left_out
from ledger.inspection.claims import joint_claim
from tests.cli.test_closing import WATCH, Told, closed
from tests.world import LEAD_S, World
from tests.world_affairs import affiliation_draft
from tests.world_doors import memory_door


class WithParties(Told):
    """A client that is told of parties too."""

    def get_json(self, path, params=None):
        parts = path.strip("/").split("/")
        if parts[0] != "parties":
            return super().get_json(path, params)
        return self.lookup.book.party(WATCH, parts[1], self.size())


@pytest.fixture(scope="module")
def world():
    """Two makers inspected: one twice in a series, once withheld before; one once, with a chip gone."""
    world = World(memory_door).settles()
    assert world.registers("acme", *(f"acme:S{n:02}" for n in range(30))).admitted
    assert world.registers("bolt", *(f"bolt:B{n:02}" for n in range(20))).admitted
    assert world.commits("watch", "watch/a1", "acme", sizes=(10,)).admitted
    world.waits(2 * 86_400)
    closed(world, "withheld", "watch/a1")
    for number, (name, prover, series) in enumerate(
        (("watch/a2", "acme", "watch/series"), ("watch/b1", "bolt", "watch/bolts"))
    ):
        more = {"series": series, "number": 2 - number, "sizes": (10,), "beta_ppm": 50_000 - 40_000 * number}
        assert world.commits("watch", name, prover, **more).admitted
        world.waits(LEAD_S + 60)
        assert world.draws("watch", name).admitted
        sample = world.sample(name)
        assert world.finds("watch", name, *sample[number:]).admitted
        for chip in sample[:number]:
            assert world.finds("watch", name, chip, result="not_found").admitted
        closed(world, None, name)
    yield world
    world.door.close()


def test_claims_are_made_together_with_the_risk_of_each_and_of_all(world):
    joint = joint_of(WithParties(world), ["watch/b1", "watch/a2", "watch/a1"])
    assert [case.row.inspection for case in joint.cases] == ["watch/b1", "watch/a1", "watch/a2"]
    uppers = [case.told["upper_bound"] for case in joint.claims]
    risks = [Fraction(1, 100), Fraction(5, 100)]
    assert joint.joint == joint_claim(uppers, risks) and joint.joint.total_upper == sum(uppers)
    told = joint.told(30_000)
    assert (told["risk_any"], told["risk_independent"]) == ("0.060000000000", "0.059500000000")
    assert told["risk_per_claim"] == "0.015000000000"
    assert told["shopped"] == [{"series": "watch/series", "draws": 2, "nicest_alone_misses": "0.097500"}]
    assert joint.sentence() == (
        f"2 claims together: at most {sum(uppers)} missing in all; each alone is wrong with at most 5 %, one "
        "or more of them with at most 6 % however they depend, 5.95 % as independent draws; 1 of 3 "
        "inspections bound nothing."
    )
    _, rows = table(joint)
    withheld = next(row for row in rows if row[0] == "watch/a1")
    assert withheld[1:5] == ["1 of 2", "acme", "withheld", None]


def test_a_draw_of_a_series_cannot_be_left_out(world):
    for names in (["watch/a2"], ["watch/a2", "watch/b1"], ["watch/a1"]):
        with pytest.raises(Ended, match="series watch/series has 2 draws, and not all are named: watch/a"):
            joint_of(WithParties(world), names)
    assert len(joint_of(WithParties(world), (), ["watch/series"]).cases) == 2
    assert len(joint_of(WithParties(world), ["watch/b1"]).cases) == 1, "a series of one is whole"
    with pytest.raises(Ended, match="no series watch/none"):
        joint_of(WithParties(world), (), ["watch/none"])


def test_affiliates_are_named_who_are_left_out_of_a_frame(world):
    client = WithParties(world)
    assert affiliates_left_out(client, ["acme"]) == []
    assert joint_of(client, ["watch/b1"], ["watch/series"]).apart == []
    assert world.says(affiliation_draft(world, "acme", "oslo")).admitted
    assert world.says(affiliation_draft(world, "bolt", "oslo")).admitted
    assert affiliates_left_out(client, ["acme"]) == ["bolt", "oslo"]
    assert affiliates_left_out(client, ["acme", "bolt"]) == ["oslo"]
    assert affiliates_left_out(client, ["acme", "bolt", "oslo"]) == []
    assert affiliates_left_out(client, ["lima"]) == [], "who is tied to nobody"
    joint = joint_of(client, ["watch/b1"], ["watch/series"])
    assert joint.apart == [("acme", "bolt")], "one chip may have stood for both"


def test_who_may_not_see_affiliations_is_told_of_none(world):
    lookup = WithParties(world).lookup
    maker = type(WATCH)("acme", frozenset({"maker"}), frozenset({"acme"}))
    assert "affiliates" not in lookup.book.party(maker, "acme", world.door.size())
    assert "affiliates" in lookup.book.party(WATCH, "acme", world.door.size())


def test_where_nothing_is_bounded_nothing_is_claimed(world):
    assert world.commits("watch", "watch/c1", "lima", series="watch/c").admitted
    with pytest.raises(Ended, match="none of these bounds anything") as ended:
        joint_of(WithParties(world), ["watch/c1"])
    assert ended.value.advice == "watch/c1: open"
