"""What did the beacon publish for that round, asked over HTTP or read from a file?

One small fetcher for every scheme that can be verified: drand's HTTP API, NIST's beacon 2.0, CURBy's chains,
each below the `source` a beacon was listed with. What comes back has been verified under the listed key, so
neither server nor file is believed; size and time are bounded, redirects and compression are not followed.
Every failure is an `Ended` that says what to do. Knows no log, no draw and no due date: whether a round may
seed a draw is the law's to say.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from api.cli.screen.terminal import Ended
from ledger.inspection import nist, twine
from ledger.inspection.beacon import (
    CHAINED_SCHEME,
    QUICKNET_SCHEME,
    AnyPulse,
    Beacon,
    Pulse,
    due_at,
    verify_pulse,
)
from ledger.inspection.curby import CURBY_Q_SCHEME, CURBY_RNG_SCHEME, LAST_STAGE, CurbyPulse
from ledger.inspection.moments import unix_milliseconds
from ledger.inspection.nist import NIST_SCHEME

ANSWER_BYTES_MAX = 64 * 1024  # a round of CURBy-Q has three to five pulses of some kilobytes
FETCH_SECONDS_MAX = 30.0  # for the whole of one answer, however slowly it drips
CONNECT_SECONDS_MAX = 5.0
READ_SECONDS_MAX = 10.0
CONNECTIONS_TRIED_AGAIN = 3
NOT_PUBLISHED = (httpx.codes.NOT_FOUND, httpx.codes.TOO_EARLY)
FROM_A_FILE = "a pulse that somebody else fetched can be read from a file"
AS_PUBLISHED = "the file must be the answer of the beacon's server for that very round, as it came"


class NotPublished(Ended):
    """The server answers, and has no such round: it may have it later."""


Reader = Callable[[Beacon, int, Sequence[Any]], AnyPulse | None]


def fetch_pulse(
    beacon: Beacon,
    source: str,
    round_number: int,
    *,
    transport: httpx.BaseTransport | None = None,
    now: Callable[[], float] = time.monotonic,
) -> AnyPulse:
    """The pulse of the round, verified, from the server below `source`.

    `Ended` where nobody answers in time, the round is not published, the answer is too long or unreadable,
    and where it does not verify. Connections that fail are tried again; answers are not.
    """
    chosen = transport or httpx.HTTPTransport(retries=CONNECTIONS_TRIED_AGAIN)
    timeout = httpx.Timeout(READ_SECONDS_MAX, connect=CONNECT_SECONDS_MAX)
    told: list[Any] = []
    with httpx.Client(transport=chosen, timeout=timeout, trust_env=False) as client:
        for path in _paths(beacon, round_number):
            url = source.rstrip("/") + path
            told.append(_parsed(_get(client, url, beacon, round_number, now), url))
    return _verified(beacon, round_number, told, source)


def read_pulse_file(beacon: Beacon, round_number: int, path: Path) -> AnyPulse:
    """The pulse of the round, verified, from a file that holds an answer of the beacon's server.

    For CURBy-RNG a list of the pulse and the one before it. `Ended` as in `fetch_pulse`, OSError where the
    file cannot be read.
    """
    with path.open("rb") as file:
        raw = file.read(ANSWER_BYTES_MAX + 1)
    if len(raw) > ANSWER_BYTES_MAX:
        raise Ended(f"{path}: over {ANSWER_BYTES_MAX:,} bytes", AS_PUBLISHED)
    told = [_parsed(raw, str(path), AS_PUBLISHED)]
    return _verified(beacon, round_number, told, str(path), AS_PUBLISHED)


def _paths(beacon: Beacon, round_number: int) -> tuple[str, ...]:
    """Where below `source` the round is to be had; CURBy-RNG's proof needs the pulse before as well."""
    match beacon.scheme:
        case scheme if scheme in (QUICKNET_SCHEME, CHAINED_SCHEME):
            return (f"/public/{round_number}",)
        case scheme if scheme == NIST_SCHEME:
            return (f"/pulse/time/{1000 * due_at(beacon, round_number)}",)
        case scheme if scheme == CURBY_Q_SCHEME:
            return (f"/round/{round_number}",)
        case scheme if scheme == CURBY_RNG_SCHEME:
            return tuple(f"/chains/{beacon.chain}/pulses/{at}" for at in (round_number - 1, round_number))
    raise _unknown(beacon)


def _get(
    client: httpx.Client, url: str, beacon: Beacon, round_number: int, now: Callable[[], float]
) -> bytes:
    """The answer's body, whole, within bounds."""
    deadline = now() + FETCH_SECONDS_MAX
    body = bytearray()
    try:
        with client.stream("GET", url, headers={"accept-encoding": "identity"}) as answer:
            if answer.status_code in NOT_PUBLISHED:
                raise NotPublished(
                    f"{url}: {beacon.name} has published no round {round_number}",
                    "a round is published when it is due, not before",
                )
            if answer.status_code != httpx.codes.OK or answer.headers.get("content-encoding"):
                raise Ended(f"{url}: answered {answer.status_code}, and not with a pulse", FROM_A_FILE)
            for chunk in answer.iter_raw():
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:
                    raise Ended(f"{url}: the answer is over {ANSWER_BYTES_MAX:,} bytes", FROM_A_FILE)
                if now() > deadline:
                    raise Ended(f"{url}: no whole answer in {FETCH_SECONDS_MAX:.0f} s", FROM_A_FILE)
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise Ended(f"{url}: no answer: {fault}", FROM_A_FILE) from fault
    return bytes(body)


def _parsed(raw: bytes, where: str, advice: str = FROM_A_FILE) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as fault:
        raise Ended(f"{where}: no JSON: {fault}", advice) from fault


def _verified(
    beacon: Beacon, round_number: int, told: Sequence[Any], where: str, advice: str = FROM_A_FILE
) -> AnyPulse:
    reader = READERS.get(beacon.scheme)
    if reader is None:
        raise _unknown(beacon)
    pulse = reader(beacon, round_number, told)
    if pulse is None:
        raise Ended(f"{where}: holds no pulse of {beacon.name} for round {round_number}", advice)
    if verify_pulse(beacon, pulse) is None:
        raise Ended(
            f"{where}: this pulse of round {round_number} is not one that {beacon.name}, as listed, signed",
            "another key, another chain or an altered pulse: ask another server",
        )
    return pulse


def _unknown(beacon: Beacon) -> Ended:
    return Ended(f"no way is known to ask a beacon of scheme {beacon.scheme}")


def _read_drand(_: Beacon, round_number: int, told: Sequence[Any]) -> Pulse | None:
    match told:
        case [{"round": int() as number, "signature": str() as text, **others}] if number == round_number:
            previous = others.get("previous_signature") or None  # unchained: left out, or empty
            if not isinstance(previous, str | None):
                return None
            try:
                return Pulse(
                    number, bytes.fromhex(text), None if previous is None else bytes.fromhex(previous)
                )
            except ValueError:
                return None
    return None


def _read_nist(beacon: Beacon, round_number: int, told: Sequence[Any]) -> AnyPulse | None:
    """The server gives the pulse nearest to the time it is asked for, which may be another minute's."""
    match told:
        case [{"pulse": {"timeStamp": str() as stamp} as published}]:
            pulse = nist.read_published(round_number, published)
            if pulse is not None and unix_milliseconds(stamp) != 1000 * due_at(beacon, round_number):
                raise NotPublished(
                    f"{beacon.name} has no pulse for round {round_number}; the nearest is of {stamp}",
                    "it is not published yet, or the beacon was silent",
                )
            return pulse
    return None


def _read_curby_q(_: Beacon, round_number: int, told: Sequence[Any]) -> CurbyPulse | None:
    last = _with_payload(told, lambda _, payload: payload.get("stage") == LAST_STAGE)
    pulse = None if last is None else twine.read_published(last)
    return None if pulse is None else CurbyPulse(round_number, pulse, None)


def _read_curby_rng(_: Beacon, round_number: int, told: Sequence[Any]) -> CurbyPulse | None:
    found = []
    for index in (round_number, round_number - 1):
        published = _with_payload(told, lambda content, _, at=index: content.get("index") == at)
        found.append(None if published is None else twine.read_published(published))
    pulse, previous = found
    return None if pulse is None or previous is None else CurbyPulse(round_number, pulse, previous)


def _with_payload(told: Iterable[Any], fits: Callable[..., bool]) -> dict[str, Any] | None:
    """The first published object, alone or in a list, whose content and payload fit."""
    for document in told:
        for thing in document if isinstance(document, list) else [document]:
            match thing:
                case {"data": {"content": {"payload": dict() as payload} as content}}:
                    if fits(content, payload):
                        return dict(thing)
    return None


READERS: dict[str, Reader] = {
    QUICKNET_SCHEME: _read_drand,
    CHAINED_SCHEME: _read_drand,
    NIST_SCHEME: _read_nist,
    CURBY_Q_SCHEME: _read_curby_q,
    CURBY_RNG_SCHEME: _read_curby_rng,
}
