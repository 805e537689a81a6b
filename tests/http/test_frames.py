"""What could be drawn, and what was: frames of books and floors, and a sample by rank."""

import json

import pyarrow.ipc

from ledger.book.frame_columns import frame_of_batches
from ledger.book.records.inspections import Stratum
from ledger.book.rules.frames import listing_of, root_of_listing
from ledger.inspection.draw import tree_root
from tests.http.scene import CHIPS
from tests.http.test_reads import told


def test_a_frame_is_what_an_inspection_would_draw_from(post):
    frame = told(post.ask("watch", "/inspections/frame?provers=holder"))
    assert (frame["count"], frame["strata"]) == (2, [{"name": "all", "count": 2}])
    drawn = told(post.ask("watch", "/inspections/watch/i1"))
    at = drawn["at_index"]
    assert (
        told(post.ask("watch", f"/inspections/frame?provers=holder&at={at}"))["root"] == drawn["frame_root"]
    )
    assert (frame["direction"], frame["sites"]) == ("book_to_floor", None)
    strata = json.dumps([{"name": "hall", "site": "holder/hall"}, {"name": "rest"}])
    split = told(post.ask("watch", "/inspections/frame", params={"provers": "holder", "strata": strata}))
    assert [stratum["count"] for stratum in split["strata"]] == [2, 0]


def test_a_frame_of_floors_is_every_position_of_the_provers_sites(post):
    """The root is that of the lines written here by hand."""
    ask = {"provers": "holder,maker", "direction": "floor_to_book"}
    floors = told(post.ask("watch", "/inspections/frame", params=ask))
    named = sorted(f"{party}/hall#{number}" for party in ("holder", "maker") for number in range(1, 7))
    lines = [f'{{"position":"{place}","stratum":"all"}}'.encode() for place in named]
    assert (floors["count"], floors["root"]) == (12, tree_root(lines).hex())
    assert floors["sites"] == [{"site": f"{party}/hall", "positions": 6} for party in ("holder", "maker")]
    assert told(post.ask("watch", "/inspections/frame", params={**ask, "at": 1}), 404)
    ask["strata"] = json.dumps([{"name": "h", "site": "holder/hall"}, {"name": "rest"}])
    assert [
        each["count"] for each in told(post.ask("watch", "/inspections/frame", params=ask))["strata"]
    ] == [6, 6]
    for wrong in ({"strata": '[{"name":"b","class":"B"},{"name":"rest"}]'}, {"direction": "sideways"}):
        assert post.ask("watch", "/inspections/frame", params=ask | wrong).status_code == 422


def test_a_sample_comes_by_rank_with_its_tickets(post):
    sample = told(post.ask("holder", "/inspections/watch/i1/sample"))["items"]
    assert [item["rank"] for item in sample] == [1, 2]
    assert sorted(item["chip"] for item in sample) == CHIPS[:2]
    assert [item["ticket"] for item in sample] == sorted(item["ticket"] for item in sample)


def test_a_frame_comes_whole_in_columns(post):
    """What a verifier puts into strata itself; its root is the one that is told."""
    for direction in ("book_to_floor", "floor_to_book"):
        ask = {"provers": "holder,maker", "direction": direction}
        answer = post.ask("watch", "/inspections/frame", params=ask | {"format": "arrow"})
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        frame = frame_of_batches(pyarrow.ipc.open_stream(answer.content))
        strata = (Stratum("hall", site="holder/hall"), Stratum("rest"))
        listing = listing_of(frame, strata)
        ask["strata"] = json.dumps([{"name": "hall", "site": "holder/hall"}, {"name": "rest"}])
        whole = told(post.ask("watch", "/inspections/frame", params=ask))
        assert root_of_listing(listing, direction) == whole["root"] and len(frame) == whole["count"] > 0
        assert listing.counts == {one["name"]: one["count"] for one in whole["strata"]}
    nobody = {"provers": "nobody", "format": "arrow"}
    assert post.ask("watch", "/inspections/frame", params=nobody).status_code == 404
    assert post.ask("holder", "/inspections/frame", params=ask | {"format": "arrow"}).status_code == 404
