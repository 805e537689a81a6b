"""Every route answers what its page promises, in the shape the document gives."""

import json

import pytest

from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import verify_consistency, verify_inclusion
from ledger.log.tiles import unpack_entries
from signing.note import parse_vkey
from tests.http.scene import CHIPS
from tests.http.trading import ORIGIN, REGISTRAR

DAY = "2026-11-21"


def told(answer, status=200):
    """The JSON of an answer that went well."""
    assert answer.status_code == status, answer.text
    return answer.json()


def opened(note, key):
    """The checkpoint in a note signed by this key."""
    return open_checkpoint(note.encode(), [key], ORIGIN)


def test_a_chip_is_told_as_it_stands_and_as_it_stood(post, scene):
    now = told(post.ask("watch", f"/chips/{CHIPS[0]}"))
    assert (now["custodian"], now["owner"], now["liable"], now["site"]) == ("holder",) * 3 + ("holder/hall",)
    assert (now["status"], now["class"], now["maker"]) == ("held", "B", "maker")
    before = told(post.ask("watch", f"/chips/{CHIPS[0]}", params={"at": scene.size_before}))
    assert (before["custodian"], before["site"]) == ("maker", "maker/hall")
    assert post.ask("watch", f"/chips/{CHIPS[0]}", params={"at": 1}).status_code == 404
    assert post.ask("watch", f"/chips/{CHIPS[0]}", params={"at": scene.size + 1_000}).status_code == 404


def test_a_date_names_the_size_at_its_end(post):
    today = told(post.ask("watch", "/chips/maker:S0000", params={"date": "2999-01-01"}))
    assert today == told(post.ask("watch", "/chips/maker:S0000"))
    assert post.ask("watch", "/chips/maker:S0000", params={"date": "2001-01-01"}).status_code == 404
    assert post.ask("watch", "/chips/maker:S0000", params={"date": DAY, "at": 5}).status_code == 422


def test_a_chip_has_a_history_with_the_entries_that_made_it(post, scene):
    life = told(post.ask("watch", f"/chips/{CHIPS[0]}/history"))
    assert [event["kind"] for event in life["items"]] == [
        "chips.registered",
        "shipment.dispatched",
        "shipment.arrived",
    ]
    assert [event["counterparty"] for event in life["items"]] == [None, "holder", "maker"]
    assert life["items"][2]["statement"] == scene.arrival
    first = told(post.ask("watch", f"/chips/{CHIPS[0]}/history", params={"limit": 1}))
    rest = told(post.ask("watch", f"/chips/{CHIPS[0]}/history", params={"after": first["next"]}))
    assert first["items"] + rest["items"] == life["items"]
    assert rest["next"] is None


def test_chips_are_found_by_serial_and_looked_up_many_at_once(post):
    assert [chip["chip"] for chip in told(post.ask("maker", "/chips?serial=S0004"))["items"]] == [CHIPS[4]]
    assert told(post.ask("outsider", "/chips?serial=S0004")) == {"items": [], "next": None}
    assert told(post.ask("watch", "/chips?uuid=none&ik=none")) == {"items": [], "next": None}
    asked = {"chips": [CHIPS[4], CHIPS[0], "maker:NONE", CHIPS[0]]}
    headers = {"Authorization": f"Bearer {post.token('maker')}"}
    found = told(post.http.post("/chips/lookup", json=asked, headers=headers))
    assert [chip["chip"] for chip in found["items"]] == [CHIPS[4], CHIPS[0]]
    assert found["unknown"] == ["maker:NONE"]
    headers = {"Authorization": f"Bearer {post.token('outsider')}"}
    found = told(post.http.post("/chips/lookup", json=asked, headers=headers))
    assert found == {"items": [], "unknown": [CHIPS[4], CHIPS[0], "maker:NONE"]}


def test_a_party_reads_itself_as_me(post):
    me = told(post.ask("maker", "/parties/me"))
    assert me == told(post.ask("maker", "/parties/maker"))
    assert {**me, "affiliates": []} == told(post.ask(REGISTRAR, "/parties/maker"))
    assert (me["roles"], len(me["keys"])) == (["maker"], 1)


def test_holdings_come_by_pages(post):
    held = told(post.ask("maker", "/parties/me/holdings"))
    # One is on its way, one was found by the holder although it was not sent, one never left.
    assert [chip["chip"] for chip in held["items"]] == CHIPS[2:]
    assert {chip["status"] for chip in held["items"]} == {"in_transit", "held"}
    first = told(post.ask("maker", "/parties/me/holdings?limit=2"))
    assert [chip["chip"] for chip in first["items"]] == CHIPS[2:4]
    assert (
        told(post.ask("maker", f"/parties/me/holdings?after={first['next']}"))["items"] == held["items"][2:]
    )
    assert told(post.ask("watch", "/parties/holder/holdings?at=5"))["items"] == []


def test_shipments_are_listed_for_both_ends(post, scene):
    shipment = told(post.ask("maker", "/shipments/maker/s1"))
    assert (shipment["sent"], shipment["received"], shipment["short"], shipment["unexpected"]) == (3, 2, 1, 1)
    assert shipment["statement"] == scene.dispatch
    for party, query in (("maker", ""), ("holder", "?to=me&state=open"), ("watch", "?to=holder")):
        assert told(post.ask(party, f"/shipments{query}"))["items"] == [shipment], party
    for party, query in (("outsider", ""), ("maker", "?to=me"), ("holder", "?state=closed")):
        assert told(post.ask(party, f"/shipments{query}"))["items"] == [], party


def test_discrepancies_are_listed_for_those_they_name(post, scene):
    (found,) = told(post.ask("maker", "/discrepancies"))["items"]
    assert (found["kind"], found["party_a"], found["party_b"]) == ("extra", "holder", "maker")
    whole = told(post.ask("holder", f"/discrepancies/{scene.discrepancy}"))
    (line,) = whole.pop("lines")["items"]
    assert (found, line["chip"], line["closed_index"]) == (whole, CHIPS[3], None)
    assert told(post.ask("watch", "/discrepancies?state=open"))["items"] == [found]
    for query, items in (("kind=extra", [found]), ("kind=absent", []), ("party=holder", [found])):
        assert told(post.ask("watch", f"/discrepancies?{query}"))["items"] == items
    for query, items in (("party=me", [found]), ("party=holder", [found]), ("party=outsider", [])):
        assert told(post.ask("maker", f"/discrepancies?{query}"))["items"] == items
    assert told(post.ask("outsider", "/discrepancies"))["items"] == []


def test_a_chip_is_told_with_what_is_open_about_it_to_those_it_names(post, scene):
    for party in ("maker", "watch"):
        about = told(post.ask(party, f"/chips/{CHIPS[3]}"))["discrepancies"]
        assert about == {"count": 1, "first": [scene.discrepancy]}
    before = told(post.ask("maker", f"/chips/{CHIPS[3]}?at={scene.size_before}"))
    assert before["discrepancies"] == {"count": 0, "first": []}


def test_the_sizes_of_checkpoints_are_listed_to_anybody(post, scene):
    first = told(post.http.get("/checkpoints?limit=3"))
    assert len(first["items"]) == 3
    rest = told(post.http.get(f"/checkpoints?after={first['next']}&limit=1000"))
    sizes = [item["size"] for item in first["items"] + rest["items"]]
    assert sizes == sorted(set(sizes)) and sizes[-1] == scene.size and rest["next"] is None
    assert all(post.http.get(f"/checkpoints/{size}").status_code == 200 for size in sizes)


def test_a_statement_comes_with_a_receipt_that_proves_it(post, scene):
    receipt = told(post.ask("maker", f"/statements/{scene.dispatch}"))
    key = parse_vkey(post.http.get("/log.vkey").text.strip())
    checkpoint = opened(receipt["checkpoint"], key)
    proof = [bytes.fromhex(step) for step in receipt["proof"]]
    leaf = bytes.fromhex(receipt["leaf_hash"])
    assert verify_inclusion(leaf, receipt["index"], checkpoint.size, proof, checkpoint.root)
    assert (
        told(post.ask("maker", "/statements?reference=LOT-7"))["items"][0]["index"] == scene.size_before - 1
    )
    assert told(post.ask("holder", "/statements?reference=LOT-7"))["items"] == []


def test_a_manifest_is_given_as_it_was_hashed(post, scene):
    answer = post.ask("holder", f"/manifests/{scene.dispatch}")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["chip"] for line in lines] == CHIPS[:3]


def test_a_refusal_is_told_to_its_author(post, scene):
    refusal = told(post.ask("outsider", f"/refusals/{scene.refusal}"))
    assert (refusal["reason"], refusal["party"]) == (scene.refused, "outsider") == ("not_held", "outsider")
    assert refusal["chips"] == [CHIPS[4]]
    assert refusal["refusal_note"]["payloadType"].endswith("refusal.v1+json")


def test_verifiers_follow_every_entry_and_others_what_concerns_them(post, scene):
    every = told(post.ask("watch", "/entries"))
    assert [entry["entry_index"] for entry in every["items"]] == list(range(scene.size))
    assert (every["next"], every["size"]) == (None, scene.size)
    kinds = {
        party: [e["kind"] for e in told(post.ask(party, "/entries"))["items"]]
        for party in ("holder", "outsider")
    }
    assert kinds["outsider"] == ["party.enrolled"]
    assert kinds["holder"] == [
        "party.enrolled",
        "site.declared",
        "shipment.dispatched",
        "shipment.arrived",
        "inspection.committed",
        "inspection.drawn",
    ]
    part = told(post.ask("watch", "/entries?after=2&limit=3"))
    assert [entry["entry_index"] for entry in part["items"]] == [3, 4, 5]
    assert part["next"] == "5"


def test_a_wait_ends_with_nothing_when_nothing_comes(post, scene):
    assert told(post.ask("watch", f"/entries?after={scene.size - 1}&wait=1"))["items"] == []


def test_tiles_checkpoints_and_proofs_fit_together(post, scene):
    key = parse_vkey(post.http.get("/log.vkey").text.strip())
    newest = post.http.get("/checkpoint")
    assert newest.headers["cache-control"] == "no-cache"
    checkpoint = opened(newest.text, key)
    assert (checkpoint.origin, checkpoint.size) == (ORIGIN, scene.size)
    tile = post.http.get(f"/tile/0/000.p/{scene.size}")
    assert "immutable" in tile.headers["cache-control"]
    assert "public" in tile.headers["cache-control"]
    entries = post.ask("watch", f"/tile/entries/000.p/{scene.size}")
    assert "private" in entries.headers["cache-control"]
    leaves = [leaf_hash(raw) for raw in unpack_entries(entries.content)]
    assert b"".join(leaves) == tile.content
    proof = told(post.http.get("/proofs/inclusion", params={"index": 3, "size": scene.size}))["proof"]
    steps = [bytes.fromhex(step) for step in proof]
    assert verify_inclusion(leaves[3], 3, scene.size, steps, checkpoint.root)
    older = opened(post.http.get(f"/checkpoints/{scene.size - 1}").text, key)
    proof = told(post.http.get("/proofs/consistency", params={"from": older.size, "to": scene.size}))["proof"]
    steps = [bytes.fromhex(step) for step in proof]
    assert verify_consistency(older.size, scene.size, steps, older.root, checkpoint.root)
    assert not verify_consistency(older.size, scene.size, steps, checkpoint.root, checkpoint.root)


@pytest.mark.parametrize(
    "path", ["/tile/0/000.p/256", "/tile/0/0", "/tile/64/000", "/tile/0/x000/000", "/tile/8/../../x"]
)
def test_a_tile_has_one_path(post, path):
    assert post.http.get(path).status_code == 404


def test_what_lies_beyond_the_head_is_not_there(post, scene):
    beyond = scene.size + 1
    assert post.http.get(f"/checkpoints/{beyond}").status_code == 404
    assert post.http.get(f"/proofs/inclusion?index=0&size={beyond}").status_code == 404
    assert post.http.get(f"/proofs/consistency?from=1&to={beyond}").status_code == 404
    assert post.http.get("/proofs/inclusion?index=3&size=3").status_code == 422


def test_the_planner_gives_the_worked_example_to_anybody(post):
    plan = told(post.http.get("/inspections/plan?planner=presence&frame=10000&missing=100&beta_ppm=50000"))
    assert (plan["status"], plan["n"], plan["miss"][:6]) == ("ok", 294, "0.0498")
    test = "/inspections/plan?planner=presence&frame=1000&missing=5&beta_ppm=50000&test_miss_ppm=600000"
    assert told(post.http.get(test))["status"] == "infeasible"


def test_analysts_ask_snapshots(post, scene):
    (snapshot,) = told(post.ask("quant", "/snapshots"))["items"]
    rows = told(post.ask("quant", "/sql", params={"q": "SELECT count(*) AS n FROM chip"}))
    assert (rows["rows"], rows["truncated"], rows["size"]) == ([{"n": 5}], False, scene.size)
    csv = post.ask("quant", f"/at/{scene.size}/sql", params={"q": "SELECT 1 AS one", "format": "csv"})
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert csv.content == b"\xef\xbb\xbfone\r\n1\r\n"
    none = post.ask("quant", "/at/3/sql?q=SELECT 1")
    assert (none.status_code, none.json()["above"]) == (404, scene.size)
    file = post.ask("quant", f"/snapshots/{snapshot['name']}")
    assert (file.status_code, file.content[8:12]) == (200, b"DUCK")
    refused = post.ask("quant", "/sql", params={"q": "COPY chip TO 'x'"})
    assert (refused.status_code, refused.json()["reason"]) == (422, "bad_field")


def test_reports_have_a_head_totals_and_rows(post, scene):
    report = told(post.ask("quant", "/reports/unaccounted?grouping=owner"))
    assert (report["report"], report["size"]) == ("unaccounted", scene.size)
    later = told(post.ask("watch", "/reports/overdue?as_of=2999-01-01T00:00:00Z"))
    assert len(later["rows"]) == 1
    assert post.ask("quant", "/reports/none").status_code == 404
    assert post.ask("quant", "/reports/overdue?grouping=none").status_code == 422


def test_operations_are_open_to_all(post, scene):
    assert told(post.http.get("/healthz"))["status"] == "ok"
    assert told(post.http.get("/readyz")) == {"status": "ok", "faults": []}
    metrics = post.http.get("/metrics").text
    assert f"chipledger_log_size {scene.size}\n" in metrics
    assert "chipledger_follower_lag_entries " in metrics and "chipledger_follower_lag_seconds " in metrics
    assert 'chipledger_statements_total{outcome="not_held"} 1\n' in metrics


def test_the_first_page_shows_that_entries_came_and_not_what_they_say(post, scene):
    page = post.http.get("/").text
    entry = told(post.ask("watch", f"/entries?after={scene.size - 2}"))["items"][0]
    assert entry["leaf_hash"] in page
    for word in (entry["statement"], entry["kind"], "maker", "inspection"):
        assert word not in page
