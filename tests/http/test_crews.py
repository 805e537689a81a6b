"""Who waits for whom at the door: nobody with a small body while the manifests of others are hashed."""

import asyncio
from threading import Event, Semaphore

import httpx
import pytest

from api.http.app import create_app
from api.settings import Settings
from ledger.admission import SMALL_BODY_BYTES_MAX
from ledger.book.rejection import Reason, Rejection
from ledger.outcome import Refused
from tests.http.trading import JSON

LARGE = 12
THREADS = 2
ANSWER_SECONDS = 120
HELD_SECONDS = 1  # long enough to see that there is no answer


class HeldDoor:
    """Holds every large body until it is let go; answers small ones at once."""

    def __init__(self):
        self.go, self.inside = Event(), Semaphore(0)

    def admit(self, raws):
        if any(len(raw) > SMALL_BODY_BYTES_MAX for raw in raws):
            self.inside.release()
            assert self.go.wait(600)
        return [Refused(Rejection(Reason.MALFORMED, "no bundle"))] * len(raws)


async def asked(app, door, seconds):
    """The status of a small body while large ones are held, None where it had to wait; theirs at the end."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ledger") as client:
        large = b" " * (SMALL_BODY_BYTES_MAX + 1)
        held = [
            asyncio.create_task(client.post("/statements", content=large, headers=JSON)) for _ in range(LARGE)
        ]
        for _ in range(THREADS):
            assert await asyncio.to_thread(door.inside.acquire, timeout=ANSWER_SECONDS)
        small = asyncio.create_task(client.post("/statements", content=b"{}", headers=JSON))
        done, _ = await asyncio.wait([small], timeout=seconds)
        seen = small.result().status_code if done else None
        door.go.set()
        return seen, [answer.status_code for answer in await asyncio.gather(*held)]


@pytest.mark.parametrize("one_crew", [False, True], ids=["two crews", "the control: one crew"])
def test_a_small_body_is_answered_while_large_ones_are_held(post, one_crew):
    door = HeldDoor()
    parts = {name: getattr(post.ledger, name) for name in post.ledger.__slots__}
    settings = Settings(write_threads=THREADS, large_threads=THREADS)
    app = create_app(type(post.ledger)(**{**parts, "admission": door, "settings": settings}))
    (submission,) = (route.app for route in app.router.routes if getattr(route, "path", "") == "/statements")
    if one_crew:
        submission._crews = submission._crews._replace(large=submission._crews.small)
    seen, of_large = asyncio.run(asked(app, door, HELD_SECONDS if one_crew else ANSWER_SECONDS))
    assert seen == (None if one_crew else 400)
    assert of_large == [400] * LARGE
