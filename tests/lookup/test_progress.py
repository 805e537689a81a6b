"""Under which words must a verdict be read? Told from the rows of an inspection and its beacon."""

import pytest
from msgspec.structs import replace

from ledger.book.rows import BeaconRow
from ledger.book.tables import INSPECTIONS
from ledger.inspection.beacon import QUICKNET_SCHEME
from ledger.inspection.vrf import VRF_SCHEME
from ledger.lookup.progress import due_object, labels, progress_object
from tests.world import World

PUBLIC = BeaconRow(
    **{name: None for name in BeaconRow.__struct_fields__}
    | {"beacon": "r/b", "scheme": QUICKNET_SCHEME, "public_key": "", "genesis": 0, "period_s": 3}
)
OWN = replace(PUBLIC, scheme=VRF_SCHEME)


@pytest.fixture(scope="module")
def committed():
    """An inspection of which nothing is drawn yet."""
    world = World().settles()
    assert world.registers("acme", "acme:S1").admitted
    assert world.commits("watch", "watch/i", "acme").admitted
    return world.door.get(INSPECTIONS, "watch/i")


@pytest.mark.parametrize(
    ("changes", "beacon", "said"),
    [
        ({}, PUBLIC, []),
        ({"timely": "timely"}, PUBLIC, []),
        ({"timely": "unwitnessed"}, PUBLIC, ["unwitnessed"]),
        ({"timely": "late"}, PUBLIC, ["void"]),
        ({"timely": "not_shown"}, PUBLIC, ["void"]),
        ({"timely": "unwitnessed"}, OWN, ["unwitnessed", "own_vrf"]),
        ({"timely": "timely", "withheld": 1}, PUBLIC, ["withheld"]),
        ({"verdict": "withheld"}, PUBLIC, ["withheld"]),
        ({"verdict": "void_beacon"}, PUBLIC, ["void_beacon"]),
    ],
)
def test_a_verdict_bears_its_labels(committed, changes, beacon, said):
    assert labels(replace(committed, **changes), beacon) == said


def test_before_a_draw_there_is_no_progress_and_a_draw_is_due(committed):
    assert progress_object(committed, ()) is None
    due = due_object(committed, (), PUBLIC)
    assert (due["what"], due["stage"], due["open"]) == ("draw", 1, 2)


def test_what_was_given_up_undrawn_stays_due_for_ever_and_what_was_settled_does_not(committed):
    for verdict, owed in (("withheld", True), ("void_beacon", True), ("clean", False)):
        due = due_object(replace(committed, state="closed", verdict=verdict), (), PUBLIC)
        assert (due is not None and due["what"] == "draw" and due["by"] is None) is owed
