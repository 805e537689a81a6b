"""An inspection of two provers: what each is told of it, how far it has come, and what is due."""

from hashlib import sha256

import pytest

from api.cli.demo_beacon import DemoBeaconSigner
from ledger.book.times import format_seconds, parse_seconds
from ledger.inspection.draw import draw_seed, draw_strata, frame_root
from ledger.lookup.inspections import Inspections
from ledger.viewer import Viewer
from tests.http.cost import counted
from tests.http.test_reads import told
from tests.http.test_roles import plain
from tests.http.trading import CLOCK, DAY_S, MODEL, REGISTRAR, enrolment, make_folder, serving

ROLES = {"maker": ("maker",), "left": ("holder",), "right": ("holder",), "watch": ("verifier",)}
ROLES |= {"outsider": ("holder",), "quant": ("analyst",)}
CHIPS = [f"maker:P{number:04}" for number in range(8)]
BEACON = DemoBeaconSigner(9)
SECRET = b"p" * 32
POOLED, HIDDEN = "watch/pool", "watch/later"
FRAME = [(chip, "all") for chip in CHIPS]


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    """Four chips with each of two provers; six are drawn, and a second inspection only committed."""
    with serving(make_folder(tmp_path_factory.mktemp("pool") / "ledger")) as post:
        for party, roles in ROLES.items():
            assert post.send(enrolment(party, *roles)).status_code == 201
        post.say(REGISTRAR, "model.listed", MODEL)
        for party in ("maker", "left", "right"):
            site = {"site": f"{party}/hall", "name": "Hall", "country": "NL"}
            post.say(party, "site.declared", site)
        lines = [{"chip": chip, "model": MODEL["model"]} for chip in CHIPS]
        post.say("maker", "chips.registered", {"site": "maker/hall"}, lines)
        for party, chips in (("left", CHIPS[:4]), ("right", CHIPS[4:])):
            hand_over(post, party, chips)
        genesis = format_seconds(CLOCK.now_s)
        body = {"beacon": "registrar/demo", "scheme": BEACON.scheme, "public_key": BEACON.public_key.hex()}
        post.say(REGISTRAR, "beacon.listed", {**body, "genesis": genesis, "period_s": 1, "source": "a test"})
        commit(post, POOLED, 1, 8)
        CLOCK.forward(10)
        post.drawn, post.sample = draw(post, POOLED)
        post.hidden = commit(post, HIDDEN, 2, 500)["statement"]
        yield post


def hand_over(post, party, chips):
    """The maker ships, the party takes."""
    due = format_seconds(CLOCK.now_s + 10 * DAY_S)
    body = {"shipment": f"maker/{party}", "to": party, "country": "NL", "due_by": due, "title": "kept"}
    lines = [{"chip": chip} for chip in chips]
    post.say("maker", "shipment.dispatched", body, lines)
    body = {"shipment": f"maker/{party}", "site": f"{party}/hall", "evidence": "scanned"}
    post.say(party, "shipment.arrived", body, [{**line, "condition": "received"} for line in lines])


def commit(post, name, number, round_number):
    """Both provers in one frame."""
    later = format_seconds(CLOCK.now_s + DAY_S)
    stage = {"round": round_number, "secret_sha256": sha256(SECRET).hexdigest(), "sizes": [6]}
    stage |= {"notice_by": later, "found_by": later, "accept": 0, "reject": 1}
    body = {"inspection": name, "series": "watch/pools", "number": number, "provers": ["left", "right"]}
    body |= {"direction": "book_to_floor", "strata": [{"name": "all"}], "planner": "presence"}
    body |= {"parameters": {"frame": 8, "missing": 2}, "beta_ppm": 50_000, "beacon": "registrar/demo"}
    return post.say("watch", "inspection.committed", {**body, "stages": [stage]})


def draw(post, name):
    """Six of eight, by the demo's beacon."""
    commitment = told(post.ask("watch", f"/inspections/{name}"))
    pulse = BEACON.pulse(commitment["round"])
    said = bytes.fromhex(commitment["statement"])
    seed = draw_seed("registrar/demo", commitment["round"], sha256(pulse).digest(), said, SECRET)
    chips = [ticket.chip for ticket in draw_strata(seed, FRAME, {"all": 6})["all"]]
    body = {"inspection": name, "beacon": "registrar/demo", "round": commitment["round"]}
    body |= {"pulse": {"round": commitment["round"], "signature": pulse.hex()}, "secret": SECRET.hex()}
    body["frame"] = {"count": 8, "root": frame_root(FRAME).hex()}
    receipt = post.say("watch", "inspection.drawn", body, [{"chip": chip} for chip in sorted(chips)])
    return receipt["statement"], chips


def chips_told(post, party):
    """What a party is told was drawn, by rank."""
    return [item["chip"] for item in told(post.ask(party, f"/inspections/{POOLED}/sample"))["items"]]


def test_each_of_two_provers_is_told_of_its_own_chips_alone(pool):
    assert chips_told(pool, "watch") == pool.sample == chips_told(pool, REGISTRAR)
    left, right = chips_told(pool, "left"), chips_told(pool, "right")
    assert set(left) == set(pool.sample) & set(CHIPS[:4]) and set(right) == set(pool.sample) & set(CHIPS[4:])
    assert left and right and sorted(left + right) == sorted(pool.sample)
    for party in ("left", "right"):
        told_of = told(pool.ask(party, f"/inspections/{POOLED}"))
        assert (told_of["n_frame"], told_of["progress"]["drawn"]) == (8, 6), "the counts are told"


def test_the_lines_of_a_pooled_draw_are_not_a_provers_to_read_though_its_statement_is(pool):
    for party in ("left", "right"):
        assert pool.ask(party, f"/statements/{pool.drawn}").status_code == 200
        answer, nothing = (pool.ask(party, f"/manifests/{each}") for each in (pool.drawn, "0" * 64))
        assert answer.status_code == 404 and plain(answer) == plain(nothing)
    assert pool.ask("watch", f"/manifests/{pool.drawn}").status_code == 200
    assert pool.ask("left", "/inspections/frame?provers=left,right").status_code == 404
    assert pool.ask("left", "/inspections/frame?provers=left").status_code == 404  # it costs too much


def test_who_had_a_chip_when_it_was_committed_and_who_has_it_now_are_both_told(pool):
    """A viewer that speaks for nobody with a chip is told of none: the control."""
    read, size = pool.ledger.lookup.inspections.sample, pool.ledger.lookup.size()
    for party, many in (("left", True), ("elsewhere", False)):
        viewer = Viewer("left", frozenset(), frozenset({party, "right"} if many else {party}))
        shown = read(viewer, POOLED, size)
        assert (shown is not None and len(shown["items"]) == 6) is many


@pytest.mark.parametrize("path", ["", "/sample"])
@pytest.mark.parametrize("party", ["left", "right", "outsider", "quant", "maker"])
def test_before_the_draw_nothing_tells_that_there_is_an_inspection(pool, party, path):
    pool.token(party)
    with counted(pool.ledger.store) as there:
        answer = pool.ask(party, f"/inspections/{HIDDEN}{path}")
    with counted(pool.ledger.store) as nowhere:
        nothing = pool.ask(party, f"/inspections/watch/none{path}")
    assert answer.status_code == 404
    assert (plain(answer), len(there)) == (plain(nothing), len(nowhere)) and len(there) > 0
    for statement in ("/statements/", "/manifests/"):
        assert plain(pool.ask(party, statement + pool.hidden)) == plain(pool.ask(party, statement + "0" * 64))
    listed = [pool.ask(party, f"/inspections?series={name}") for name in ("watch/pools", "watch/none")]
    assert listed[0].status_code == 404 and plain(listed[0]) == plain(listed[1])


class Talkative(Inspections):
    """Looks at the sample before asking who asks."""

    def sample(self, viewer, inspection, at):
        """One question more where there is something."""
        if self._store.history_is_there(inspection):
            self._rows(inspection, at)
        return super().sample(viewer, inspection, at)


class WithHistory:
    """A store that can be asked in a way that tells."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def history_is_there(self, inspection):
        """Without a statement of its own."""
        return inspection == HIDDEN


@pytest.mark.parametrize("spoiled", [False, True])
def test_a_read_that_costs_more_for_what_is_hidden_is_noticed(pool, spoiled):
    store = pool.ledger.store
    reads = Talkative(WithHistory(store)) if spoiled else Inspections(store)
    outsider, size = Viewer("left", frozenset(), frozenset({"left"})), pool.ledger.lookup.size()
    costs = []
    for name in (HIDDEN, "watch/none"):
        with counted(store) as sent:
            assert reads.sample(outsider, name, size) is None
        costs.append(len(sent))
    assert (costs[0] == costs[1]) is not spoiled


def test_a_verifier_lists_its_series_and_pages_through_it(pool):
    every = told(pool.ask("watch", "/inspections?series=watch/pools"))
    assert [one["inspection"] for one in every["items"]] == [HIDDEN, POOLED] and every["next"] is None
    first = told(pool.ask("watch", "/inspections?series=watch/pools&limit=1"))
    rest = told(pool.ask("watch", f"/inspections?series=watch/pools&limit=1&after={first['next']}"))
    assert first["items"] + rest["items"] == every["items"] and rest["next"] is None
    committed = told(pool.ask("watch", "/inspections?state=committed"))["items"]
    assert [one["inspection"] for one in committed] == [HIDDEN]
    assert pool.ask("watch", "/inspections?state=open").status_code == 422
    assert pool.ask(None, "/inspections").status_code == 401


def test_an_inspection_tells_how_far_it_is_and_what_is_due(pool):
    """Told as of the sizes before and after each step: drawing, visiting, closing."""
    hidden = told(pool.ask("watch", f"/inspections/{HIDDEN}"))
    assert hidden["progress"] is None and hidden["labels"] == []
    due = hidden["due"]
    assert (due["what"], due["stage"], due["open"], due["by"]) == (
        "draw",
        1,
        6,
        hidden["stages"][0]["notice_by"],
    )
    assert parse_seconds(due["from"], "from") < parse_seconds(due["by"], "by")
    drawn = told(pool.ask("watch", f"/inspections/{POOLED}"))
    assert drawn["labels"] == ["unwitnessed"] and drawn["upper_bound"] is None
    assert (drawn["due"]["what"], drawn["due"]["open"], drawn["progress"]["visited"]) == ("visits", 6, 0)
    assert drawn["progress"]["upper_bound"] == 8, "whatever was not visited may be gone"
    now = format_seconds(CLOCK.now_s)
    line = {"result": "confirmed", "found_at": now}
    body = {"inspection": POOLED, "site": "left/hall"}
    pool.say("watch", "inspection.found", body, [{**line, "chip": chip} for chip in sorted(pool.sample[:5])])
    stray = {"chip": "nobody:X", "result": "unlisted", "found_at": now}
    lines = [{**line, "chip": pool.sample[5], "result": "not_found"}, stray]
    pool.say("watch", "inspection.found", body, sorted(lines, key=lambda one: one["chip"]))
    found = told(pool.ask("watch", f"/inspections/{POOLED}"))
    progress = found["progress"]
    assert (progress["visited"], progress["off_book"], progress["verdict"]) == (6, 1, "violations")
    assert progress["counts"]["confirmed"] == 5 and progress["counts"]["not_visited"] == 0
    assert progress["strata"] == [
        {"name": "all", "frame": 8, "drawn": 6, "visited": 6, "counts": {"confirmed": 5, "not_found": 1}}
    ]
    assert progress["upper_bound"] == 3, "one seen gone, and two that nobody drew"
    assert found["due"]["what"] == "closing"
    sample = told(pool.ask("watch", f"/inspections/{POOLED}/sample"))
    assert sample["beside"] == [{"inspection": POOLED, "chip": "nobody:X", "result": "unlisted"}]
    assert told(pool.ask("left", f"/inspections/{POOLED}/sample"))["beside"] == []
    results = {item["chip"]: item["result"] for item in sample["items"]}
    assert list(results.values()).count("confirmed") == 5 and results[pool.sample[5]] == "not_found"
    before = told(pool.ask("watch", f"/inspections/{POOLED}?at={found['entry_index'] + 1}"))
    assert before["progress"]["visited"] == 0
