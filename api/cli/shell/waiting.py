"""How is a question put, and what is seen while it is answered?

Always as a body: what is typed may be longer than an address. While it lasts the server is asked how far it
is; whoever presses Ctrl-C has it ended there, too.
"""

import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import httpx

from api.cli.remote.client import LedgerClient, ProblemAnswer
from api.cli.screen.terminal import Ended, err

QUERY_BYTES_MAX = 64 * 1024
LOOK_SECONDS = 0.5
QUESTION_RANDOM_BYTES = 8


def put(client: LedgerClient, query: str, form: str, at: int | None, question: str | None = None) -> bytes:
    """The answer's bytes. `Ended` and `ProblemAnswer` as of `put_whole`."""
    return put_whole(client, query, form, at, question).content


def put_whole(
    client: LedgerClient, query: str, form: str, at: int | None, question: str | None = None
) -> httpx.Response:
    """The answer with its headers. `Ended` where the query is too long, `ProblemAnswer` for a no."""
    size = len(query.encode())
    if size > QUERY_BYTES_MAX:
        raise Ended(
            f"the query has {size:,} bytes, and a query has at most {QUERY_BYTES_MAX:,}",
            "shorten it: lists of many values are often an answer to another question",
        )
    path = "/sql" if at is None else f"/at/{at}/sql"
    return client.post(path, {"q": query, "format": form}, question)


def put_and_watch(
    client: LedgerClient, watcher: LedgerClient, query: str, form: str, at: int | None
) -> bytes:
    """The same; how far it is stands on the terminal meanwhile. `watcher` is another client of the asker."""
    question = secrets.token_hex(QUESTION_RANDOM_BYTES)
    with ThreadPoolExecutor(1) as aside:
        asked = aside.submit(put, client, query, form, at, question)
        try:
            if not wait([asked], LOOK_SECONDS).done:
                _watch(asked, lambda: percent_of(watcher, question))
        except KeyboardInterrupt:
            _end(watcher, question)
        return asked.result()


def percent_of(client: LedgerClient, question: str) -> int:
    """How much of a question of one's own is done, in hundredths; -1 where nobody knows."""
    try:
        items = client.get_json("/sql/questions").get("items", [])
    except (ProblemAnswer, httpx.HTTPError):
        return -1
    return next((each["percent"] for each in items if each["question"] == question), -1)


def _watch(asked: Future[bytes], percent: Callable[[], int]) -> None:
    with err.status("asking … Ctrl-C ends it") as shown:
        while not wait([asked], LOOK_SECONDS).done:
            done = percent()
            shown.update(f"asking … {done} % done; Ctrl-C ends it" if done >= 0 else "asking …")


def _end(client: LedgerClient, question: str) -> None:
    try:
        client.delete(f"/sql/questions/{question}")
    except (ProblemAnswer, httpx.HTTPError):
        return  # it has ended by itself
