"""How does a program speak with a ledger over HTTP?

One connection pool, tokens fetched and renewed by key as they are needed, and patience that is bounded: only
a server that is not there (or says 503) is asked again, until `wait_s` is over. Every request may be sent
twice, because a statement sent again gives the same receipt. Raises `ProblemAnswer` for a refusal of a read
and httpx's own errors for a server that stays away. Trusts nothing it is told: checking is its caller's.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, BinaryIO

import httpx
import msgspec

from signing.canonical import Unreadable, encode
from signing.envelope import TOKEN_REQUEST_TYPE, seal
from signing.signer import Signer

BACKOFF_FIRST_S = 0.1
BACKOFF_LAST_S = 2.0
READ_WAIT_S = 2
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 300.0  # 32 MiB of lines are hashed and judged meanwhile
TOKEN_REUSE_SECONDS = 480  # a token lasts at most 600
NDJSON = "application/x-ndjson"
JSON = "application/json"

Params = Mapping[str, str | int]


class ProblemAnswer(Exception):
    """The server said no: the HTTP status, and the problem (RFC 9457) as an object."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(status, problem)
        self.status = status
        self.problem = problem

    @property
    def reason(self) -> str:
        """The contract's reason, empty where the answer was no problem of ours."""
        return str(self.problem.get("reason", ""))

    def __str__(self) -> str:
        said = self.problem.get("detail") or self.problem.get("title") or "no detail"
        return f"{self.status} {self.reason}: {said}"


class LedgerClient:
    """A client of one ledger. With `party` and `signer` it reads as that party. Threads may share it."""

    def __init__(
        self,
        url: str,
        party: str | None = None,
        signer: Signer | None = None,
        *,
        wait_s: float = READ_WAIT_S,
        origin: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`origin`: the log whose name a challenge must bear; `wait_s`: patience with a server not there."""
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._http = httpx.Client(base_url=url, timeout=timeout, transport=transport, trust_env=False)
        self._party = party
        self._signer = signer
        self._wait_s = wait_s
        self._origin = origin
        self._sleep = sleep
        self._now = now
        self._token: tuple[str, float] | None = None
        self._renewing = Lock()  # of many who need a token one fetches it
        self.url = url

    def __enter__(self) -> "LedgerClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, params: Params | None = None) -> httpx.Response:
        """The answer to a read, whatever its type; `ProblemAnswer` unless it is 2xx."""
        answer = self._ask("GET", path, params, None, None)
        if not answer.is_success:
            raise _problem(answer)
        return answer

    def save(self, path: str, file: BinaryIO) -> int:
        """Write the answer to a read into a file as it comes, however large; how many bytes it had.

        `ProblemAnswer` unless it is 2xx; httpx's own error where it breaks off. Asked once, or once more
        with another token.
        """
        renewed = False
        while True:
            headers = self._headers(path, None, reads=True)
            with self._http.stream("GET", path, headers=headers) as answer:
                if answer.is_success:
                    return sum(map(file.write, answer.iter_bytes()))
                answer.read()
                if renewed or not self._drop_token(answer, headers):
                    raise _problem(answer)
                renewed = True

    def get_json(self, path: str, params: Params | None = None) -> Any:
        """The answer's JSON value."""
        return _json(self.get(path, params))

    def post_json(self, path: str, value: Mapping[str, Any]) -> Any:
        """The JSON answer to a question that is too long for an address."""
        answer = self._ask("POST", path, None, encode(value), JSON, reads=True)
        if not answer.is_success:
            raise _problem(answer)
        return _json(answer)

    def post(self, path: str, value: Mapping[str, Any], request_id: str | None = None) -> httpx.Response:
        """The answer, whatever its type, to a question sent as a body; `ProblemAnswer` unless it is 2xx."""
        content = msgspec.json.encode(value)
        answer = self._ask("POST", path, None, content, JSON, reads=True, request_id=request_id)
        if not answer.is_success:
            raise _problem(answer)
        return answer

    def delete(self, path: str) -> None:
        """End what a path names; `ProblemAnswer` unless the answer is 2xx."""
        answer = self._ask("DELETE", path, None, None, None)
        if not answer.is_success:
            raise _problem(answer)

    def items(
        self, path: str, params: Params | None = None, limit: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page; at most `limit` of them."""
        asked: dict[str, str | int] = dict(params or {})
        given = 0
        while True:
            page = self.get_json(path, asked)
            for item in page["items"]:
                if limit is not None and given >= limit:
                    return
                given += 1
                yield item
            if page.get("next") is None:
                return
            asked["after"] = page["next"]

    def post_bundle(self, raw: bytes, *, dry_run: bool = False) -> tuple[int, dict[str, Any]]:
        """Send one bundle: HTTP status and the receipt, the dry run's answer, or the problem."""
        answer = self._ask("POST", "/statements", {"dry_run": 1} if dry_run else None, raw, JSON)
        value = _json(answer)
        if not isinstance(value, dict):
            raise ProblemAnswer(answer.status_code, {"detail": "the answer is no object"})
        return answer.status_code, value

    def post_lines(self, lines: Sequence[bytes], *, dry_run: bool = False) -> list[dict[str, Any]]:
        """Send bundles in one NDJSON request: an answer for each, in order."""
        answer = self._ask(
            "POST", "/statements", {"dry_run": 1} if dry_run else None, b"\n".join((*lines, b"")), NDJSON
        )
        if not answer.is_success:
            raise _problem(answer)
        try:
            answers = [msgspec.json.decode(line) for line in answer.content.split(b"\n") if line]
        except (msgspec.MsgspecError, RecursionError):
            raise ProblemAnswer(answer.status_code, {"detail": "an answer line is not JSON"}) from None
        if len(answers) != len(lines) or not all(isinstance(one, dict) for one in answers):
            raise ProblemAnswer(
                answer.status_code, {"detail": f"{len(answers)} answers to {len(lines)} statements"}
            )
        return answers

    def _ask(
        self,
        method: str,
        path: str,
        params: Params | None,
        content: bytes | None,
        content_type: str | None,
        *,
        reads: bool = False,
        request_id: str | None = None,
    ) -> httpx.Response:
        """One request, repeated while the server is away or says 503, no longer than the patience lasts.

        Once more where it knows the token no longer: one that was begun anew knows none of its old ones.
        """
        deadline, backoff = self._now() + self._wait_s, BACKOFF_FIRST_S
        renewed = False
        while True:
            pause = backoff
            try:
                headers = self._headers(path, content_type, reads=reads)
                if request_id is not None:
                    headers["X-Request-Id"] = request_id
                answer = self._http.request(method, path, params=params, content=content, headers=headers)
            except httpx.TransportError as fault:
                if isinstance(fault, httpx.UnsupportedProtocol) or self._now() + pause > deadline:
                    raise
            else:
                if not renewed and self._drop_token(answer, headers):
                    renewed = True
                    continue
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return answer
                pause = max(pause, _retry_after(answer))
                if self._now() + pause > deadline:
                    return answer
            self._sleep(pause)
            backoff = min(backoff * 2, BACKOFF_LAST_S)

    def _headers(self, path: str, content_type: str | None, *, reads: bool) -> dict[str, str]:
        headers = {} if content_type is None else {"Content-Type": content_type}
        if (reads or content_type is None) and not path.startswith("/tokens"):
            token = self._bearer()
            if token is not None:
                headers["Authorization"] = f"Bearer {token}"
        return headers

    def _drop_token(self, answer: httpx.Response, headers: Mapping[str, str]) -> bool:
        """Whether the token that was sent is not taken; it is never sent again."""
        sent = headers.get("Authorization")
        if answer.status_code != httpx.codes.UNAUTHORIZED or sent is None:
            return False
        with self._renewing:
            # Another thread may have fetched a new one meanwhile: that one stays.
            if self._token is not None and sent == f"Bearer {self._token[0]}":
                self._token = None
        return True

    def _bearer(self) -> str | None:
        """A token that still lasts; a new one is fetched by answering a challenge with the key."""
        if self._signer is None or self._party is None:
            return None
        with self._renewing:
            if self._token is None or self._now() >= self._token[1]:
                self._token = (self._new_token(self._party, self._signer), self._now() + TOKEN_REUSE_SECONDS)
            return self._token[0]

    def _new_token(self, party: str, signer: Signer) -> str:
        asked = {"party": party, "keyid": signer.public_key.key_id}
        challenge = self._exchange("/tokens/challenge", encode(asked))
        # A challenge for another log would be an answer that somebody else could use there.
        if self._origin is not None and challenge.get("audience") != self._origin:
            raise ProblemAnswer(200, {"detail": f"{self.url} speaks for another log than {self._origin}"})
        try:
            request = {name: challenge[name] for name in ("audience", "nonce")} | {"party": party}
            envelope = seal(signer, TOKEN_REQUEST_TYPE, encode(request))
        except (KeyError, Unreadable):
            raise ProblemAnswer(200, {"detail": "the challenge is not one"}) from None
        return str(self._exchange("/tokens", encode(envelope.as_object())).get("token", ""))

    def _exchange(self, path: str, content: bytes) -> dict[str, Any]:
        answer = self._http.post(path, content=content, headers={"Content-Type": JSON})
        if not answer.is_success:
            raise _problem(answer)
        value = _json(answer)
        if not isinstance(value, dict):
            raise ProblemAnswer(answer.status_code, {"detail": "the answer is no object"})
        return value


def _json(answer: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise ProblemAnswer(
            answer.status_code, {"detail": "the answer is not JSON: is this a ledger?"}
        ) from None


def _problem(answer: httpx.Response) -> ProblemAnswer:
    try:
        told = msgspec.json.decode(answer.content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        told = None
    return ProblemAnswer(answer.status_code, told if isinstance(told, dict) else {})


def _retry_after(answer: httpx.Response) -> float:
    told = answer.headers.get("Retry-After", "")
    return min(float(told), BACKOFF_LAST_S) if told.isascii() and told.isdigit() else 0.0
