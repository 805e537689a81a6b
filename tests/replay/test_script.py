"""The JavaScript twin redoes every draw from the file alone, and nothing doctored gets past it."""

import json
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from tests.replay.doctored import DOCTORED, doctored
from tests.replay.inspected import CLASSICAL, DRAWN, OWN, STAGED, UNDRAWN, file_of
from tests.shared import vectors

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "replay.mjs"
NODE = compute_driver_executable()[0]
SECONDS_MAX = 300
TAKEN = {CLASSICAL, OWN}  # whose randomness is no plain hash
DRAWS_OF_VECTORS = """
import { readFileSync } from "node:fs";
import { Smallest, Tree, sha256 } from "%s";
const answers = JSON.parse(readFileSync(0)).map(({ seed, ids, n }) => {
  const some = new Smallest(Buffer.from(seed, "hex"), n), tree = new Tree();
  for (const id of ids) { some.add(id); tree.add(id); }
  const drawn = some.drawn();
  return { selected: drawn.map((one) => one.item), frame_root: tree.root().toString("hex"),
           last_ticket: drawn.at(-1)?.ticket.toString("hex") };
});
console.log(JSON.stringify(answers));
"""


def node(*words, **more):
    return subprocess.run(
        [NODE, *map(str, words)], capture_output=True, text=True, timeout=SECONDS_MAX, check=False, **more
    )


def told_by(header):
    """What the script ought to print."""
    lines = []
    for stage in header["stages"]:
        lines.append(f"stage {stage['stage']} seed {stage['seed']}")
        for one in stage["selection"]:
            item = one.get("chip") or one["position"]
            lines.append(f"{one['stratum']} {one['rank']} {item} {one['ticket']}")
    return lines


@pytest.mark.parametrize("inspection", [*DRAWN, UNDRAWN])
def test_a_foreign_program_draws_the_same(files, inspection):
    path = file_of(files, inspection)
    ran = node(SCRIPT, path)
    assert ran.returncode == 0, ran.stderr
    header = json.loads(path.read_bytes().split(b"\n")[0])
    assert ran.stdout.splitlines() == told_by(header)
    assert len(header["stages"]) == {STAGED: 2, UNDRAWN: 0}.get(inspection, 1)
    assert ("is taken from the file" in ran.stderr) is (inspection in TAKEN)


@pytest.mark.parametrize("name", [name for name, one in DOCTORED.items() if one.of_the_draw])
def test_it_refuses_what_was_doctored(files, tmp_path, name):
    one = DOCTORED[name]
    path = tmp_path / "file.jsonl"
    path.write_bytes(doctored(file_of(files, one.inspection).read_bytes(), one))
    ran = node(SCRIPT, path)
    assert ran.returncode == 1 and ran.stderr and not ran.stdout, (ran.stdout[:200], ran.stderr)
    assert node(SCRIPT, file_of(files, one.inspection)).returncode == 0  # as it was before


def test_it_draws_as_the_vectors_do(tmp_path):
    asked, wanted = [], []
    for case in json.loads(vectors("sampling", "draw.json").read_text())["cases"]:
        given, expect = case["params"], case["expect"]
        if "error" in expect:
            continue
        rule = given.get("id_rule")
        ids = given.get("ids", [])
        if rule is not None:
            numbers = range(rule["start"], rule["start"] + rule["count"])
            ids = [f"{rule['prefix']}{number:0{rule['width']}}" for number in numbers]
        ids = sorted(ids, key=str.encode)
        asked.append({"seed": given["seed"], "ids": ids, "n": given["n"]})
        wanted.append({name: expect.get(name) for name in ("selected", "frame_root", "last_ticket")})
    script = tmp_path / "vectors.mjs"
    script.write_text(DRAWS_OF_VECTORS % SCRIPT.as_uri())
    ran = node(script, input=json.dumps(asked))
    assert ran.returncode == 0, ran.stderr
    answers = json.loads(ran.stdout)
    assert len(answers) == len(wanted) == 35
    for answer, want in zip(answers, wanted, strict=True):
        for name, value in want.items():
            assert value is None or answer.get(name) == value, name
