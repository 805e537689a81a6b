"""What did the beacon say in the round that was committed to?

From the server the beacon is listed with, from a file that somebody else fetched, or proved by the verifier's
own key; verified here whatever it came from. Waits for a round that is not due where it is told to. Clock,
sleep and network come as arguments; knows no frame and no secret.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.cli.draws.beacons import Rules
from api.cli.paperwork.keychain import open_seed
from api.cli.remote.beacon_fetch import NotPublished, fetch_pulse, read_pulse_file
from api.cli.screen.terminal import Ended, progress, say, wrong_usage
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.inspection.beacon import AnyPulse, Beacon, due_at, verify_pulse
from ledger.inspection.vrf import PROOF_BYTES, VrfPulse, prove, public_key_of, vrf_input
from signing.canonical import TooLarge, Unreadable, read_object

TICK_S = 0.5
CLOCKS_APART_S = 1  # the log must find the round due by its own clock
PUBLISHED_SECONDS_MAX = 120  # beacons publish some seconds after a round is due
FETCH_AGAIN_S = 3
PROOF_FILE_BYTES_MAX = 4 * 1024


@dataclass(frozen=True, slots=True)
class PulseSource:
    """Where the pulse comes from, each where it is told, and whether to wait for a round that is to come.

    `server` is asked in place of the one the beacon is listed with.
    """

    file: Path | None = None
    vrf_key: Path | None = None
    server: str | None = None
    wait: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, in Unix seconds, and the wait."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


REAL_TIME = Timing()


def pulse_of_round(
    rules: Rules, round_number: int, leaf: bytes, source: PulseSource, timing: Timing = REAL_TIME
) -> AnyPulse:
    """The verified pulse of a round; `leaf` is the leaf hash of the commitment's entry.

    `Ended` where the round is not due and nobody waits, where no pulse is to be had, and where it does not
    verify.
    """
    if source.vrf_key is not None and not rules.is_own:
        raise wrong_usage(f"{rules.beacon.name} is a public beacon", "leave --vrf-key away")
    address = source.server or rules.source
    if not rules.is_own and source.file is None and not address.startswith(("http://", "https://")):
        raise wrong_usage(
            f"{rules.beacon.name} is listed with no address to fetch from: {address}",
            f"--pulse FILE with its round {round_number}, or --source ADDRESS",
        )
    _await_round(rules.beacon, round_number, source, timing)
    if rules.is_own:
        return _own_pulse(rules.beacon, round_number, leaf, source)
    if source.file is not None:
        return read_pulse_file(rules.beacon, round_number, source.file)
    return _fetched(rules, round_number, source, timing)


def _await_round(beacon: Beacon, number: int, source: PulseSource, timing: Timing) -> None:
    """Come back once the round is due; `Ended` where it is not and nobody wants to wait."""
    due = due_at(beacon, number)
    left = due - timing.now()
    if left <= 0:
        return
    told = f"round {number} of {beacon.name} is due {format_seconds(due)}, in {spoken(left)}"
    if not source.wait:
        raise Ended(told, "draw then, or let this command wait: --wait")
    say(told)
    start, until = timing.now(), due + CLOCKS_APART_S
    with progress("waiting for the round", int(until - start)) as bar:
        while timing.now() < until:
            timing.sleep(min(TICK_S, max(until - timing.now(), 0)))
            bar.at(int(timing.now() - start))


def spoken(seconds: float) -> str:
    """A wait as a person says it."""
    for unit, length in (("days", DAY_SECONDS), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def _fetched(rules: Rules, number: int, source: PulseSource, timing: Timing) -> AnyPulse:
    """From a server; while told to wait, asked again for a round that is due and not published yet."""
    until = due_at(rules.beacon, number) + PUBLISHED_SECONDS_MAX
    while True:
        try:
            return fetch_pulse(rules.beacon, source.server or rules.source, number)
        except NotPublished:
            if not source.wait or timing.now() >= until:
                raise
        timing.sleep(FETCH_AGAIN_S)


def _own_pulse(beacon: Beacon, number: int, leaf: bytes, source: PulseSource) -> VrfPulse:
    """By the key the log lists: proved here, or from a file {round, proof} of the machine that holds it."""
    alpha = vrf_input(beacon.name, number, leaf)
    if source.vrf_key is not None:
        seed = open_seed(source.vrf_key)
        if public_key_of(seed) != beacon.public_key:
            raise Ended(f"{source.vrf_key} is not the key that {beacon.name} is listed with")
        pulse = VrfPulse(number, prove(seed, alpha), leaf)
    elif source.file is not None:
        pulse = VrfPulse(number, _proof(source.file, number), leaf)
    else:
        raise wrong_usage(
            f"{beacon.name} is a verifier's own key, and no server can be asked",
            f"--vrf-key FILE, or --pulse with its proof of {alpha.hex()}",
        )
    if verify_pulse(beacon, pulse) is None:
        raise Ended(f"the proof is not one by {beacon.name} for this commitment", f"prove {alpha.hex()}")
    return pulse


def _proof(path: Path, number: int) -> bytes:
    if path.stat().st_size > PROOF_FILE_BYTES_MAX:
        raise TooLarge(str(path), f"over {PROOF_FILE_BYTES_MAX:,} bytes")
    told = read_object(path.read_bytes(), str(path))
    try:
        proof = bytes.fromhex(str(told.get("proof")))
    except ValueError:
        proof = b""
    if told.get("round") != number or len(proof) != PROOF_BYTES:
        raise Unreadable(str(path), f"holds no proof of {2 * PROOF_BYTES} hex digits for round {number}")
    return proof
