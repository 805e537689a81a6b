"""What is told of a thing is told in words, and what is empty is not told."""

import pytest

from api.cli.screen.facts import (
    chip_facts,
    discrepancy_facts,
    disputed_table,
    inspection_facts,
    keys_table,
    life_table,
    party_facts,
    sample_table,
    shipment_facts,
    to_second,
)

STAGE = {
    "round": 5,
    "secret_sha256": "af" * 32,
    "notice_by": "2026-11-23T10:43:48Z",
    "accept": 0,
    "reject": 1,
}
STAGE |= {"found_by": "2026-12-05T10:43:48Z", "sizes": [4, 2]}
INSPECTION = {
    **{
        "inspection": "agency/v",
        "series": "agency/v",
        "number": 1,
        "verifier": "agency",
        "planner": "presence",
    },
    **{"provers": ["north-dc", "south-dc"], "direction": "book_to_floor", "at_index": 13, "n_frame": 7},
    **{
        "d": 3,
        "beta_ppm": 12_500,
        "beacon": "registry/b",
        "stages": [STAGE],
        "timely": None,
        "state": "drawn",
    },
    **{"strata": [{"name": "hall", "site": "north-dc/hall-1"}, {"name": "rest"}], "frame_root": "79" * 32},
}


def event(index, party, custodian, status="held", liable=None):
    said = {"entry_index": index, "admitted_at": "2026-11-21T10:43:30.352Z", "kind": "chips.placed"}
    return {
        **said,
        "party": party,
        "custodian": custodian,
        "liable": liable or custodian,
        "status": status,
        "site": "a/b",
    }


def test_a_chip_is_told_with_its_evidence_in_words():
    told = {
        "chip": "a:1",
        "model": None,
        "class": "C",
        "custodian": "north-dc",
        "status": "in_transit",
        "slot": None,
    }
    facts = chip_facts({**told, "identity": {"label": "P-17"}})
    assert facts == {
        "evidence": "declared from a label (class C)",
        "custodian": "north-dc",
        "status": "in transit",
        "label": "P-17",
    }


def test_a_life_names_the_speaker_only_where_it_is_not_the_custodian():
    columns, rows = life_table([event(8, "acme", "acme"), event(9, "acme", "acme", "in_transit")])
    assert columns == ["entry", "admitted", "kind", "custodian", "then at"]
    assert rows[1] == [9, "2026-11-21T10:43:30Z", "chips.placed", "acme", "in transit"]
    columns, rows = life_table([event(8, "registry", "acme", liable="lab")])
    assert columns[-2:] == ["said by", "liable"] and rows[0][-2:] == ["registry", "lab"]


@pytest.mark.parametrize(("count", "told"), [(0, "none"), (1, "1: chipledger"), (1_200, "1,200: chipledger")])
def test_a_party_is_told_how_many_discrepancies_wait(count, told):
    row = {"name": "North", "country": "NO", "roles": ["holder", "maker"], "parent": None, "suspended": False}
    facts = party_facts({**row, "succeeded_by": None, "birth_index": 4, "keys": []}, count)
    assert facts["open discrepancies"].startswith(told)
    assert facts["roles"] == "holder, maker"
    assert facts.keys() == {"name", "country", "roles", "enrolled in entry", "open discrepancies"}
    assert party_facts({**row, "suspended": True}, 0)["suspended"] is True


def test_a_shipment_keeps_its_counts_and_leaves_out_what_did_not_happen():
    told = {
        "state": "open",
        "sender": "a",
        "receiver": "b",
        "licence": None,
        "sent": 8,
        "received": 0,
        "short": 8,
    }
    facts = shipment_facts(
        {**told, "refused": 0, "lost": 2, "title": "passes_on_arrival", "due_by": "2026-12-05"}
    )
    assert facts["received"] == 0, "nothing received is news"
    assert (facts["lost"], facts["title"]) == (2, "passes on arrival")
    assert not {"licence", "refused"} & facts.keys()


def test_a_chip_tells_of_what_is_open_about_it_and_of_nothing_else():
    told = {"status": "held", "discrepancies": {"count": 21, "first": ["23.1", "32.0"]}}
    assert chip_facts(told)["open discrepancies"] == "21: 23.1, 32.0"
    assert "open discrepancies" not in chip_facts({**told, "discrepancies": {"count": 0, "first": []}})


def test_keys_say_how_they_are_narrower_and_from_when_they_count_only_where_one_does():
    wide = {"keyid": "aa", "from_index": 1, "to_index": None, "not_before": None, "until": None}
    wide |= {"kinds": None, "sites": None}
    assert keys_table([wide]) == (["key", "from entry", "to entry"], [["aa", 1, None]])
    clerk = {**wide, "keyid": "bb", "kinds": ["chips.placed", "shipment.arrived"], "sites": ["north/hall"]}
    late = {**wide, "keyid": "cc", "not_before": "2026-11-28T00:00:00Z", "to_index": 9}
    columns, rows = keys_table([wide, clerk, late])
    assert columns[3:] == ["not before", "kinds", "sites"]
    assert rows[1][3:] == [None, "chips.placed, shipment.arrived", "north/hall"]
    assert rows[2] == ["cc", 1, 9, "2026-11-28T00:00:00Z", None, None]


def test_a_discrepancy_names_both_sides_and_each_chip_with_what_was_read_off_it():
    told = {"kind": "identity_differs", "party_a": "north", "party_b": "acme", "chips": 2, "lines_open": 0}
    told |= {"state": "resolved", "outcome": "book_stands", "opened_index": 23, "closed_index": 25}
    facts = discrepancy_facts({**told, "shipment": None, "site": "north/hall"})
    assert (facts["kind"], facts["seen by"], facts["against"]) == ("identity differs", "north", "acme")
    assert facts["still open"] == 0 and facts["outcome"] == "book stands" and "shipment" not in facts
    seen = {"chip": "a:1", "seen": {"uuid": "U-1"}, "closed_index": None}
    columns, rows = disputed_table([seen, {"chip": "a:2", "seen": None, "closed_index": 25}])
    assert columns == ["chip", "seen uuid", "state"]
    assert rows == [["a:1", "U-1", "open"], ["a:2", None, "closed by entry 25"]]


def test_an_inspection_is_told_without_the_shapes_of_its_statement():
    facts = inspection_facts(INSPECTION)
    assert facts["inspected"] == "north-dc, south-dc"
    assert facts["must not go unseen"] == "3 chips or more gone, but for a risk of 1.25 %"
    assert facts["draw"] == "6 chips, by round 5"
    assert facts["strata"] == "hall (site north-dc/hall-1); rest (the rest)"
    assert not any(sign in str(value) for value in facts.values() for sign in "{[")
    assert facts["rule"].endswith("fails") and "verdict" not in facts
    floor = inspection_facts({**INSPECTION, "direction": "floor_to_book"})
    assert floor["must not go unseen"] == "3 positions or more not on the book, but for a risk of 1.25 %"
    assert floor["draw"] == "6 positions, by round 5"
    both = inspection_facts({**INSPECTION, "stages": [STAGE, {**STAGE, "round": 9}]})
    assert both["draw, stage 2"] == "6 chips, by round 9"


PROGRESS = {
    "drawn": 6,
    "visited": 4,
    "counts": {"confirmed": 3, "not_found": 1, "refused": 0, "not_visited": 2},
    "strata": [
        {"name": "hall", "frame": 5, "drawn": 4, "visited": 4, "counts": {}},
        {"name": "rest", "frame": 2, "drawn": 2, "visited": 0, "counts": {}},
    ],
    "upper_bound": 3,
    "verdict": None,
    "off_book": 1,
}


def test_an_inspection_on_its_way_says_how_far_it_is_and_what_is_due():
    due = {"what": "visits", "stage": 1, "from": None, "by": STAGE["found_by"], "open": 2}
    told = {**INSPECTION, "progress": PROGRESS, "due": due, "labels": ["unwitnessed", "own_vrf"]}
    facts = inspection_facts(told)
    assert facts["visited"] == "4 of 6" and facts["found"] == "3 confirmed, 1 not found"
    assert facts["visited by stratum"] == "hall 4 of 4 drawn from 5; rest 0 of 2 drawn from 2"
    assert facts["may be missing"] == ("at most 3, but for a risk of 1.25 %; unvisited ones count as missing")
    assert facts["off the book apart"] == "1" and "known missing apart" not in facts
    assert facts["labelled"] == "unwitnessed, own vrf"
    assert facts["due next"] == "2 visits of stage 1 by 2026-12-05T10:43:48Z"
    draw = {"what": "draw", "stage": 2, "from": "2026-12-06T00:00:00Z", "by": None, "open": 5}
    assert inspection_facts({**told, "due": draw})["due next"] == (
        "draw 5 of stage 2, from 2026-12-06T00:00:00Z, late as it is"
    )
    ended = {**told, "state": "closed", "verdict": "violations", "upper_bound": 2, "draw": {"k": 2, "m": 3}}
    facts = inspection_facts({**ended, "due": None})
    assert facts["verdict given"] == "violations, draw 2 of 3 in its series" and "due next" not in facts
    assert facts["may be missing"] == "at most 2, but for a risk of 1.25 %"


def test_a_sample_of_positions_and_what_was_found_is_shown():
    one = {"stage": 1, "stratum": "all", "rank": 1, "position": "a/hall#1", "ticket": "0a" * 32}
    found = [{**one, "result": "not_found"}, {**one, "position": "a/hall#2", "result": None}]
    columns, rows = sample_table(found)
    assert columns == ["rank", "position", "ticket", "found"]
    assert [row[-1] for row in rows] == ["not found", "to be visited"]


def test_a_sample_shows_stages_and_strata_only_where_there_are_several():
    one = {"stage": 1, "stratum": "all", "rank": 1, "chip": "a:1", "ticket": "0a" * 32}
    assert sample_table([one]) == (["rank", "chip", "ticket"], [[1, "a:1", "0a" * 8]])
    assert sample_table([one, {**one, "stratum": "rest"}])[0][0] == "stratum"
    assert sample_table([]) == (["rank", "chip", "ticket"], [])


def test_times_end_at_the_second():
    assert (
        to_second("2026-11-21T10:43:30.352Z") == to_second("2026-11-21T10:43:30Z") == "2026-11-21T10:43:30Z"
    )
    assert to_second(None) is None
