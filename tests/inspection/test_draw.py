"""Draws agree with the golden ones, with a plain sort, and notice every change that matters."""

import json
from hashlib import sha256
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.inspection.draw import (
    Ticket,
    draw,
    draw_seed,
    draw_strata,
    frame_leaf,
    frame_root,
    seed_from_hex,
    ticket,
    tree_root,
)
from tests.shared import vectors

SEED = sha256(b"seed").digest()


def ids_of(params):
    if "ids" in params:
        return params["ids"]
    rule = params["id_rule"]
    numbers = range(rule["start"], rule["start"] + rule["count"])
    return [f"{rule['prefix']}{number:0{rule['width']}d}" for number in numbers]


def id_root(ids):
    return tree_root(sorted(name.encode() for name in ids)).hex()


def drawn(params):
    ids = ids_of(params)
    try:
        tickets = draw(seed_from_hex(params["seed"]), ids, params["n"])
    except ValueError:
        return {"error": "invalid"}
    return {
        "frame_size": len(ids),
        "frame_root": id_root(ids),
        "selected": [each.chip for each in tickets],
        "last_ticket": tickets[-1].ticket.hex() if tickets else None,
    }


def drawn_in_strata(params):
    frame = [(chip, stratum["name"]) for stratum in params["strata"] for chip in ids_of(stratum)]
    sizes = {stratum["name"]: stratum["n"] for stratum in params["strata"]}
    try:
        tickets = draw_strata(seed_from_hex(params["seed"]), frame, sizes)
    except ValueError:
        return {"error": "invalid"}
    return {
        "strata": [
            {
                "name": stratum["name"],
                "frame_root": id_root(ids_of(stratum)),
                "selected": [each.chip for each in tickets[stratum["name"]]],
            }
            for stratum in params["strata"]
        ],
        "all_root": id_root(chip for chip, _ in frame),
    }


def expected(run):
    return {key: value for key, value in run["expect"].items() if key != "why"}


def test_every_golden_draw_is_reproduced():
    ran = refused = 0
    for case in json.loads(vectors("sampling", "draw.json").read_text())["cases"]:
        assert drawn(case["params"]) == expected(case), case["id"]
        ran += 1
        refused += "error" in case["expect"]
    assert (ran, refused) == (46, 11)


def test_every_golden_relation_between_draws_is_reproduced():
    ran = {"draw": 0, "draw_strata": 0}
    cases = json.loads(vectors("sampling", "draw_properties.json").read_text())["cases"]
    for case in cases:
        for run in case["runs"]:
            got = drawn(run["params"]) if run["family"] == "draw" else drawn_in_strata(run["params"])
            assert got == expected(run), (case["id"], case["statement"])
            ran[run["family"]] += 1
    assert len(cases) == 11
    assert ran == {"draw": 22, "draw_strata": 6}


def test_ten_thousand_fixed_seeds_find_exactly_as_often_as_the_table_says():
    """One long draw a seed: the rank of the first missing chip says from which n on it is found."""
    table = json.loads(vectors("sampling", "coverage.json").read_text())
    run = table["fixed_seed_run"]
    ids = ids_of(run)
    missing = set(run["diverted_ids"])
    first_found = [0] * (len(ids) + 1)
    included = dict.fromkeys(ids, 0)
    for number in range(run["first_seed"], run["first_seed"] + run["R"]):
        order = [each.chip for each in draw(number.to_bytes(32, "big"), ids, len(ids))]
        first_found[next(at for at, chip in enumerate(order, 1) if chip in missing)] += 1
        for chip in order[:20]:
            included[chip] += 1
    found = list(accumulate(first_found))[1:]
    assert found == run["detections_for_n_1_to_N"]
    assert list(included.values()) == run["inclusion_counts_n_20"]
    assert (run["R"], len(found)) == (10_000, 200)
    bands = [c for c in table["cases"] if c["family"] == "coverage_band" and c["params"]["N"] == len(ids)]
    for case in bands:
        assert case["params"]["R"] == run["R"]
        assert case["params"]["d"] == len(missing)
        assert case["expect"]["low"] <= found[case["params"]["n"] - 1] <= case["expect"]["high"], case
    assert len(bands) == 57


def slow_draw(seed, chips, n):
    tickets = [Ticket(sha256(seed + chip.encode()).digest(), chip) for chip in chips]
    return sorted(tickets, key=lambda each: (each.ticket, each.chip.encode()))[:n]


@given(st.sets(st.text(min_size=1, max_size=6).filter(str.isprintable), max_size=60), st.data())
def test_a_draw_is_the_head_of_the_sorted_tickets(chips, data):
    chips = [chip for chip in chips if not any(0xD800 <= ord(c) < 0xE000 for c in chip)]
    n = data.draw(st.integers(0, len(chips)))
    assert draw(SEED, chips, n) == slow_draw(SEED, chips, n)
    assert draw(SEED, sorted(chips), n) == slow_draw(SEED, chips, n)


def test_the_filter_keeps_enough_for_every_length_of_draw():
    chips = [f"acme:H{number:05d}" for number in range(5000)]
    order = slow_draw(SEED, chips, len(chips))
    for n in [*range(60), 700, 2500, 4900, 4999, 5000]:
        assert draw(SEED, chips, n) == order[:n], n


def test_the_filter_widens_when_too_few_pass():
    """Chips picked for large tickets: none passes the first limits, and the draw is right all the same."""
    many = [f"acme:L{number}" for number in range(30_000)]
    late = sorted(many, key=lambda chip: ticket(SEED, chip))[-600:]
    assert ticket(SEED, late[0])[0] > 0xF0
    assert draw(SEED, late, 5) == slow_draw(SEED, late, 5)


def test_leaving_one_drawn_chip_out_of_the_frame_changes_the_draw_and_the_root():
    chips = [f"acme:H{number:03d}" for number in range(200)]
    honest = draw(SEED, chips, 20)
    root = frame_root((chip, "all") for chip in chips)
    for hidden in honest:
        rest = [chip for chip in chips if chip != hidden.chip]
        assert draw(SEED, rest, 20) != honest
        assert frame_root((chip, "all") for chip in rest) != root
    undrawn = next(chip for chip in chips if chip not in {each.chip for each in honest})
    rest = [chip for chip in chips if chip != undrawn]
    assert draw(SEED, rest, 20) == honest  # the control: only the root shows that this one was left out
    assert frame_root((chip, "all") for chip in rest) != root


def test_the_seed_depends_on_every_part_and_on_where_each_ends():
    parts = {
        "beacon": "quicknet",
        "round_number": 123,
        "randomness": b"r" * 32,
        "commitment": b"c" * 32,
        "secret": b"s" * 32,
    }
    framed = b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (b"chipledger-draw-v1", b"quicknet", b"123", b"r" * 32, b"c" * 32, b"s" * 32)
    )
    assert draw_seed(**parts) == sha256(framed).digest()
    others = [
        {"beacon": "quicknet1"},
        {"round_number": 124},
        {"randomness": b"R" * 32},
        {"commitment": b"C" * 32},
        {"secret": b"S" * 32},
        {"beacon": "quicknet1", "round_number": 23},  # the same letters, cut elsewhere
    ]
    assert len({draw_seed(**{**parts, **other}) for other in [{}, *others]}) == 7


def test_the_seed_is_pinned():
    seed = draw_seed("quicknet", 123, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
    assert seed.hex() == "0769a5900d319588ad6911759648441021ec6ad7844521a7e4d7e272f7115cf2"
    assert ticket(seed, "acme:H100-1") == sha256(seed + b"acme:H100-1").digest()


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("beacon", {"beacon": ""}),
        ("beacon", {"beacon": "quìcknet"}),
        ("round_number", {"round_number": 0}),
        ("round_number", {"round_number": True}),
        ("randomness", {"randomness": b""}),
        ("commitment", {"commitment": b"c" * 64}),
        ("secret", {"secret": b"s" * 31}),
    ],
)
def test_a_wrong_part_of_the_seed_is_named(name, part):
    parts = {
        "beacon": "quicknet",
        "round_number": 1,
        "randomness": b"r",
        "commitment": b"c" * 32,
        "secret": b"s" * 32,
    }
    with pytest.raises(ValueError, match=f"^{name} "):
        draw_seed(**{**parts, **part})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("seed", (b"short", ["a"], 1)),
        ("seed", ("1" * 32, ["a"], 1)),
        ("n", (SEED, ["a"], 2)),
        ("n", (SEED, ["a"], -1)),
        ("n", (SEED, ["a"], True)),
        ("chips", (SEED, ["a", ""], 1)),
        ("chips", (SEED, ["b", "a", "b"], 1)),
        ("chips", (SEED, ["a", "a"], 1)),
    ],
)
def test_a_wrong_draw_is_refused_by_name(name, arguments):
    with pytest.raises(ValueError, match=f"^{name} "):
        draw(*arguments)


def test_a_size_above_its_stratum_means_all_of_it():
    frame = [("acme:1", "big"), ("acme:2", "big"), ("acme:3", "small")]
    got = draw_strata(SEED, frame, {"small": 9, "big": 1, "empty": 3})
    assert list(got) == ["small", "big", "empty"]
    assert [each.chip for each in got["small"]] == ["acme:3"]
    assert got["big"] == slow_draw(SEED, ["acme:1", "acme:2"], 1)
    assert got["empty"] == []


def test_strata_refuse_a_chip_twice_an_unnamed_stratum_and_a_negative_size():
    with pytest.raises(ValueError, match="twice"):
        draw_strata(SEED, [("a", "x"), ("a", "y")], {"x": 1, "y": 1})
    with pytest.raises(ValueError, match=r"^sizes names no stratum 'y'"):
        draw_strata(SEED, [("a", "x"), ("b", "y")], {"x": 1})
    with pytest.raises(ValueError, match=r"^sizes"):
        draw_strata(SEED, [("a", "x")], {"x": -1})


def slow_root(leaves):
    if len(leaves) < 2:
        return sha256(b"\x00" + leaves[0]).digest() if leaves else sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def test_the_root_agrees_with_the_slow_twin_at_every_small_size():
    leaves = [str(number).encode() for number in range(130)]
    for size in range(len(leaves) + 1):
        assert tree_root(leaves[:size]) == slow_root(leaves[:size]), size


def test_a_frame_line_is_canonical_json_and_the_root_is_over_the_lines_by_chip():
    assert frame_leaf("acme:H-1", "all") == b'{"chip":"acme:H-1","stratum":"all"}'
    line = {"chip": "acme:H-1", "stratum": "hall 2"}
    canonical = json.dumps(line, sort_keys=True, separators=(",", ":")).encode()
    assert frame_leaf(line["chip"], line["stratum"]) == canonical
    frame = [("acme:2", "b"), ("acme:1", "a"), ("acme:10", "a")]
    lines = [frame_leaf(chip, stratum) for chip, stratum in sorted(frame)]
    assert frame_root(frame) == frame_root(frame[::-1]) == slow_root(lines)


@pytest.mark.parametrize("chip", ['a"b', "a\\b", "a\nb", "é", ""])
def test_a_name_that_would_need_escaping_never_gets_into_a_line(chip):
    with pytest.raises(AssertionError):
        frame_leaf(chip, "all")


def test_a_frame_with_a_chip_twice_has_no_root():
    with pytest.raises(ValueError, match="twice"):
        frame_root([("acme:1", "a"), ("acme:1", "b")])
