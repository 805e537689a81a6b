"""A server with two snapshots of a world with faults planted in it, and browsers that were let in.

The world's log is not the server's: pages of reports are of snapshots, and these two say more than a server's
first hour.
"""

import re
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx

from analytics.follower import Follower
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from api.analysis import SNAPSHOTS_FOLDER
from ledger.log.proofs import HashSource, root_at
from tests.analytics.wider_world import WiderWorld
from tests.browser import follow, watched_page
from tests.http.trading import enrolment, make_folder, serving

SEED = 7
EARLIER = 200  # entries
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WITHOUT_SCRIPTS = {"java_script_enabled": False}
PHONE = {"viewport": {"width": 360, "height": 700}, "is_mobile": True, "has_touch": True}
REPORTS = (
    "unaccounted", "capacity", "overdue", "balance", "fabrication", "claims", "changes", "export_class",
    "losses", "undeclared",
)  # fmt: skip


def publish(folder, world=None):
    """Snapshots of the world at two sizes; the later."""
    world = world or WiderWorld(SEED)
    hashes = HashSource(world.store.tile)
    snapshots = Snapshots(folder / SNAPSHOTS_FOLDER)
    warehouse = Warehouse(folder / "other-warehouse")
    for size in (EARLIER, world.size):
        Follower(world.store, warehouse).follow(size, root_at(size, hashes))
        last = snapshots.publish(warehouse)
    warehouse.close()
    return last


@contextmanager
def made(path):
    """The server; `post.size` is the later snapshot's."""
    folder = make_folder(path)
    last = publish(folder.warehouse)
    with serving(folder) as post:
        for party, role in (("quant", "analyst"), ("outsider", "holder")):
            assert post.send(enrolment(party, role)).status_code == 201
        post.size, post.snapshot = last.size, last
        yield post


def link(post, party="quant"):
    """A link that lets a browser in once."""
    answer = post.http.post("/sessions", headers={"Authorization": f"Bearer {post.token(party)}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["path"]


@contextmanager
def let_in(post, party="quant"):
    """A client that reads as a party by its cookie, and asks as browsers do."""
    with httpx.Client(base_url=post.http.base_url, headers=HTML, trust_env=False, timeout=60) as client:
        code = re.search(r'name="code" value="([^"]+)"', client.get(link(post, party)).text)[1]
        begun = client.post("/session", data={"code": code}, headers={"Sec-Fetch-Site": "same-origin"})
        assert begun.status_code == 303
        yield client


def planned(**asked):
    """The address of a plan."""
    return f"/plan?{urlencode({'planner': 'presence', 'frame': '10000', 'beta_ppm': '50000', **asked})}"


def asked(query, size=None):
    """The address of a question in SQL."""
    return f"{'/sql' if size is None else f'/at/{size}/sql'}?{urlencode({'q': query})}"


@contextmanager
def opened(post, party="quant", **context):
    """A real browser that came in by a link and its button."""
    with watched_page(base_url=str(post.http.base_url), **context) as watched:
        watched.page.goto(link(post, party))
        follow(watched.page.get_by_role("button", name="Begin"))
        yield watched


def complaints(watched):
    """What a browser says of its pages, but for the statuses that were meant."""
    return [each for each in watched.errors if "the server responded with a status of 4" not in each]


def went_outside(watched, post):
    """What a browser asked of anybody but our server."""
    return [url for url in watched.requests if not url.startswith(str(post.http.base_url))]
