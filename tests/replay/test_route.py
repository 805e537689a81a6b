"""Who is given the file, in what form, and who is told that there is none."""

import json

import pytest

from ledger.replay.form import read_header
from tests.replay.inspected import ALL, DRAWN, FLOOR, PLAIN, POOLED, UNDRAWN, WHOLE, file_of
from tests.world import REGISTRAR
from tests.world_http import WATCH

VARYING = {"x-request-id", "date"}


def ask(world, party, inspection, **headers):
    return world.door.ask(party, f"/inspections/{inspection}/bundle", **headers)


def test_verifiers_and_the_registrar_have_every_file_and_a_prover_its_own(inspected):
    world, _ = inspected
    for inspection in ALL:
        seen = {
            party for party in (WATCH, REGISTRAR, "acme", "oslo", "lima")
            if ask(world, party, inspection).status_code == 200
        }  # fmt: skip
        own = {"acme"} if inspection in DRAWN and inspection != POOLED else set()
        assert seen == {WATCH, REGISTRAR} | own, inspection


@pytest.mark.parametrize("inspection", [PLAIN, UNDRAWN, POOLED])
def test_what_is_not_ones_own_is_told_as_what_is_not_there(inspected, inspection):
    world, _ = inspected
    asker = {PLAIN: "lima", UNDRAWN: "acme", POOLED: "oslo"}[inspection]
    told, nothing = ask(world, asker, inspection), ask(world, asker, f"{WATCH}/nowhere")
    assert told.status_code == nothing.status_code == 404 and told.content == nothing.content
    plain = [{k: v for k, v in answer.headers.items() if k not in VARYING} for answer in (told, nothing)]
    assert plain[0] == plain[1]
    assert ask(world, None, inspection).status_code == 401
    assert ask(world, WATCH, inspection, at=1).status_code == 422


@pytest.mark.parametrize("inspection", [PLAIN, FLOOR, WHOLE, UNDRAWN])
def test_the_file_has_a_length_and_a_name_by_which_it_is_not_sent_twice(inspected, inspection):
    world, folder = inspected
    answer = ask(world, WATCH, inspection)
    assert answer.content == file_of(folder, inspection).read_bytes()  # nothing was added to it since
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert "private" in answer.headers["cache-control"]
    tags = {ask(world, WATCH, each).headers["etag"] for each in ALL}
    assert answer.headers["etag"] in tags and len(tags) == len(ALL)


def test_a_file_that_is_known_is_not_sent_again(inspected):
    world, _ = inspected
    tag = ask(world, WATCH, PLAIN).headers["etag"]
    headers = {"Authorization": f"Bearer {world.door._token(WATCH)}"}
    for known, status in ((tag, 304), ('"other"', 200), (f'"other", {tag}', 304)):
        answer = world.door._http.get(
            f"/inspections/{PLAIN}/bundle", headers={**headers, "If-None-Match": known}
        )
        assert answer.status_code == status and answer.headers["etag"] == tag
        assert bool(answer.content) is (status == 200)


def test_before_a_draw_there_is_the_commitment_and_nothing_that_could_be_drawn(inspected):
    _, folder = inspected
    (line,) = file_of(folder, UNDRAWN).read_bytes().splitlines(keepends=True)
    header = read_header(line)
    assert header.frame is None and header.stages == []
    assert not {"secret", "seed"} & set(json.loads(line))


def test_the_frame_is_told_line_by_line_in_order(inspected):
    _, folder = inspected
    for inspection, what, count in ((PLAIN, "chip", 60), (FLOOR, "position", 12), (POOLED, "chip", 60)):
        first, *lines = file_of(folder, inspection).read_bytes().splitlines()
        items = [json.loads(line)[what] for line in lines]
        assert len(items) == count == json.loads(first)["frame"]["count"] and items == sorted(set(items))
