"""A verifier draws: by every beacon, fetched or from a file, waited for, by stages, shown to be timely."""

import json
import re
import time

import pytest

from ledger.book.times import format_seconds
from ledger.inspection.vrf import prove
from tests.cli.drawing_ledger import CHIPS, GENESIS_S, OWN_SEED, POSITIONS, PUBLISHED, drawing_ledger

FETCHED = {f"from-{beacon}": beacon for beacon in PUBLISHED}
FILED = {f"file-{beacon}": beacon for beacon in PUBLISHED}
SEEN = {"timely": ("clean", "void"), "late": ("void", "clean"), "not_shown": ("void", "clean")}
VOID = "a verdict on this draw will be void"


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    with drawing_ledger(tmp_path_factory.mktemp("draws")) as drawing:
        # Committed together, so that there is one wait for all of them.
        for name, beacon in (*FETCHED.items(), *FILED.items(), *((name, "drand") for name in SEEN)):
            (drawing.stages[name],) = drawing.commit(name, beacon)
        yield drawing


def answer(result):
    assert result.exit_code == 0, result.stdout + result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("beacon", PUBLISHED)
def test_a_pulse_is_fetched_from_where_its_beacon_is_listed(drawing, beacon):
    drawing.publishes(beacon, drawing.stages[f"from-{beacon}"]["round"])
    told = answer(drawing.draw(f"from-{beacon}", "--wait", "--json"))
    assert (told["source"], len(told["sample"]), told["frame"]["count"]) == ("beacon", 2, CHIPS)
    shown = drawing.shown(f"from-{beacon}")
    assert shown["inspection"]["state"] == "drawn"
    drawn = [(item["chip"], item["ticket"]) for item in told["sample"]]
    assert [(item["chip"], item["ticket"]) for item in shown["sample"]] == drawn


def test_a_pulse_comes_from_a_file_of_any_beacon(drawing):
    """Files as the servers send them; for CURBy-RNG the pulse and the one before it."""
    for name, beacon in FILED.items():
        told = [value for _, value in PUBLISHED[beacon](drawing.stages[name]["round"])]
        file = drawing.folder / f"{beacon}.pulse.json"
        file.write_text(json.dumps(told if len(told) > 1 else told[0]))
        assert len(answer(drawing.draw(name, "--pulse", file, "--wait", "--json"))["sample"]) == 2
        again = drawing.draw(name, "--pulse", file)
        assert again.exit_code == 1 and "every stage of" in again.stderr


def test_a_round_that_is_to_come_is_told_with_its_time(drawing):
    (stage,) = drawing.commit("later", rounds=(600,))
    early = drawing.draw("later")
    assert early.exit_code == 1
    due = format_seconds(GENESIS_S + stage["round"] - 1)
    said = f"round {stage['round']} of registry/drand is due {due}, in "
    assert re.search(re.escape(said) + "(10|[5-9]) minutes", early.stderr)
    assert "--wait" in early.stderr and drawing.shown("later")["inspection"]["state"] == "committed"


def test_a_round_nobody_published_is_told(drawing):
    drawing.commit("silent", rounds=(5,))
    while True:
        silent = drawing.draw("silent")
        if "is due 20" not in silent.stderr:
            break
    assert silent.exit_code == 1 and "has published no round" in silent.stderr


def test_a_verifiers_own_key_draws_at_once_and_it_is_told_so(drawing):
    drawing.commit("own-1", "own", rounds=(4,))
    wrong = drawing.folder / "agency.pem"
    other = drawing.draw("own-1", "--wait", "--vrf-key", wrong)
    assert other.exit_code == 1 and "is not the key that registry/own is listed with" in other.stderr
    without = drawing.draw("own-1", "--wait")
    assert without.exit_code == 2 and "no server can be asked" in without.stderr
    told = answer(drawing.draw("own-1", "--vrf-key", drawing.folder / "own.pem", "--wait", "--json"))
    assert told["source"] == "own_vrf" and "not by a public beacon" in told["sentence"]
    assert drawing.shown("own-1")["inspection"]["timely"] == "own_vrf"
    drawing.commit("public-1")
    public = drawing.draw("public-1", "--wait", "--vrf-key", drawing.folder / "own.pem")
    assert public.exit_code == 2 and "is a public beacon" in public.stderr


def test_a_proof_of_ones_own_key_may_be_made_elsewhere(drawing):
    (stage,) = drawing.commit("own-2", "own", rounds=(4,))
    file = drawing.folder / "proof.json"
    file.write_text(json.dumps({"round": stage["round"], "proof": "00" * 80}))
    bad = drawing.draw("own-2", "--pulse", file, "--wait")
    assert bad.exit_code == 1 and "is not one by registry/own" in bad.stderr
    alpha = bytes.fromhex(bad.stderr.split("prove ")[1].strip()[:64])
    file.write_text(json.dumps({"round": stage["round"], "proof": prove(OWN_SEED, alpha).hex()}))
    assert answer(drawing.draw("own-2", "--pulse", file, "--json"))["source"] == "own_vrf"


def test_positions_of_a_floor_are_drawn_and_shown(drawing):
    (stage,) = drawing.commit("floor", direction="floor_to_book")
    drawing.publishes("drand", stage["round"])
    table = drawing.draw("floor", "--wait")
    assert table.exit_code == 0, table.stderr
    positions = [item["position"] for item in drawing.shown("floor")["sample"]]
    assert len(positions) == 2 and all(position in table.stdout for position in positions)
    assert f"visit 2 of {POSITIONS} positions" in table.stdout


def test_each_stage_is_drawn_by_its_own_round_and_secret(drawing):
    stages = drawing.commit("staged", rounds=(5, 10))
    for stage in stages:
        drawing.publishes("drand", stage["round"])
    first = answer(drawing.draw("staged", "--wait", "--json"))
    second = answer(drawing.draw("staged", "--wait", "--json"))
    assert (first["stage"], second["stage"]) == (1, 2)
    assert [item["ticket"] for item in first["sample"]] != [item["ticket"] for item in second["sample"]]
    assert drawing.shown("staged")["inspection"]["stages_drawn"] == 2
    assert (drawing.folder / "staged.drawn-2.bundle.json").exists()


def test_another_inspections_secrets_are_not_taken(drawing):
    drawing.commit("secret-a")
    told = json.loads((drawing.folder / "secret-a.secret.json").read_text())
    file = drawing.folder / "secret-a.secret.json"
    for spoiled in ({**told, "inspection": "agency/b"}, {**told, "secrets": []}, {**told, "secrets": ["ab"]}):
        file.write_text(json.dumps(spoiled))
        assert "does not hold the secrets of agency/secret-a" in drawing.draw("secret-a").stderr
    file.write_text(json.dumps({**told, "secrets": ["ab" * 32]}))
    assert "does not hold the secret that stage 1 is bound to" in drawing.draw("secret-a").stderr
    file.unlink()
    assert "without it nothing can be drawn" in drawing.draw("secret-a").stderr


def visited(drawing, name):
    """Every drawn chip is there."""
    now = format_seconds(int(time.time()))
    rows = [
        {"chip": item["chip"], "result": "confirmed", "found_at": now}
        for item in drawing.shown(name)["sample"]
    ]
    drawing.say("inspection.found", {"inspection": f"agency/{name}", "site": "north-dc/hall"}, rows)


def closing(name, verdict):
    counts = dict.fromkeys(("not_found", "refused", "mismatch", "tampered", "inconclusive", "unlisted"), 0)
    body = {"inspection": f"agency/{name}", "verdict": verdict, "counts": {"confirmed": 2, **counts}}
    return body | {"known_missing": 0, "off_book": 0, "draw": {"k": 1, "m": 1}}


@pytest.mark.parametrize("seen", SEEN)
def test_what_witnesses_saw_in_time_decides_whether_a_verdict_is_void(drawing, seen):
    name, stage = seen, drawing.stages[seen]
    due = GENESIS_S + stage["round"] - 1
    drawing.publishes("drand", stage["round"])
    words = []
    if seen != "not_shown":
        words = ["--cosigned", drawing.cosigned(name, due if seen == "timely" else due + 1)]
    result = drawing.draw(name, "--wait", *words)
    assert result.exit_code == 0, result.stderr
    assert (VOID in " ".join(result.stderr.split())) is (seen != "timely")
    assert drawing.shown(name)["inspection"]["timely"] == seen
    visited(drawing, name)
    right, wrong = SEEN[seen]
    drawing.say("inspection.closed", closing(name, wrong), code=1)
    drawing.say("inspection.closed", closing(name, right))
    assert drawing.shown(name)["inspection"]["verdict"] == right


def test_a_checkpoint_that_proves_nothing_is_refused_before_anything_is_signed(drawing):
    before = drawing.cosigned("before", int(time.time()))
    (stage,) = drawing.commit("proofs")
    drawing.publishes("drand", stage["round"])
    none = drawing.draw("proofs", "--wait", "--cosigned", before)
    assert none.exit_code == 1 and "the witnesses must have seen a checkpoint that covers it" in none.stderr
    good = drawing.cosigned("proofs", int(time.time()))
    note = good.read_text()
    lines = note.split("\n")
    for spoiled, sentence in (
        (note.replace(lines[2], "A" * 43 + "="), "does not show the commitment"),
        ("x" + note, "another log"),
        (lines[0], "no signed checkpoint"),
        (note.replace(lines[-2][-10:], "AAAAAAAA=="), "bad"),
        ("x" * 9_000, "over"),
    ):
        good.write_text(spoiled)
        told = drawing.draw("proofs", "--wait", "--cosigned", good)
        assert told.exit_code != 0 and sentence in told.stderr, told.stderr
        assert not (drawing.folder / "proofs.drawn.bundle.json").exists()
    good.write_text(note)
    assert drawing.draw("proofs", "--wait", "--cosigned", good).exit_code == 0
