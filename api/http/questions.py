"""Which questions in SQL are being answered just now, how far are they, and who may end them?

A question is known by the request's id (`X-Request-Id`), to the party that asked it and to nobody else. It
ends early when that party says so or when the connection it was asked on is closed. Used from the event
loop only.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from starlette.requests import Request

from analytics.asking import Asking
from api.http.body import Gone
from api.http.crew import Crew
from api.http.problems import bad_parameter

QUERY_CHARACTERS_SHOWN = 500
T = TypeVar("T")


class Questions:
    """The questions under way of one application."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], Asking] = {}

    @contextmanager
    def one(self, party: str, question: str, asking: Asking) -> Iterator[None]:
        """Known while it lasts."""
        if (party, question) in self._running:
            raise bad_parameter("X-Request-Id: a question of this id is being answered")
        self._running[party, question] = asking
        try:
            yield
        finally:
            del self._running[party, question]

    def of(self, party: str) -> list[dict[str, Any]]:
        """A party's questions, the oldest first."""
        return [
            {
                "question": question,
                "size": asking.size,
                "seconds": round(asking.seconds, 1),
                "percent": -1 if asking.progress is None else int(asking.progress),
                "query": asking.query[:QUERY_CHARACTERS_SHOWN],
            }
            for (asker, question), asking in self._running.items()
            if asker == party
        ]

    def cancel(self, party: str, question: str) -> bool:
        """Whether the party has such a question; it is being ended then."""
        asking = self._running.get((party, question))
        if asking is not None:
            asking.cancel()
        return asking is not None


async def while_connected(request: Request, crew: Crew, asking: Asking, work: Callable[[], T]) -> T:
    """What `work` returns, done by the crew; where the client leaves it is told to end: `Gone`."""
    doing = asyncio.ensure_future(crew.do(work))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        asking.cancel()
        await doing
        raise Gone
    finally:
        asking.cancel()  # where this was cancelled itself, nobody waits for the answer
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
