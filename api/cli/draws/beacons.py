"""Which beacon does the log list, how long must an inspector wait, and what did the beacon say?

Reads `beacon.listed` and the waits of entry 0 from the log's own entries, as a verifier sees them, and pulses
from files, for an inspectorate may be offline. Randomness is derived from a pulse's signature, never taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended
from ledger.book.records.beacons import BeaconListed
from ledger.book.records.inspections import PulseText
from ledger.book.records.opening import LogOpened
from ledger.book.times import parse_seconds
from ledger.inspection.beacon import Beacon, Pulse
from signing.canonical import Unreadable, from_base64, read_object

ENTRIES_PER_REQUEST = 1_000
PULSE_BYTES_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class Rules:
    """What the log says about draws: the beacon that was asked for, and the wait before its round."""

    beacon: Beacon
    beacon_lead_s: int
    quorum: int


def rules_of(client: LedgerClient, beacon: str) -> Rules:
    """The rules for draws by this beacon; `Ended` where the log lists no such beacon."""
    opened: LogOpened | None = None
    listed: list[str] = []
    for kind, body in _bodies(client):
        if kind == "log.opened":
            opened = msgspec.convert(body, LogOpened)
        if kind == "beacon.listed":
            row = msgspec.convert(body, BeaconListed)
            listed.append(row.beacon)
            if row.beacon == beacon and opened is not None:
                genesis = parse_seconds(row.genesis, "genesis")
                known = Beacon(row.beacon, row.scheme, bytes.fromhex(row.public_key), genesis, row.period_s)
                return Rules(known, opened.waits.beacon_lead_s, opened.quorum)
    there = ", ".join(listed) or "none that you may see"
    raise Ended(
        f"the log lists no beacon {beacon}; there are {there}", "only verifiers and the registrar see them"
    )


def read_pulse(path: Path) -> PulseText:
    """A pulse as drand's API gives it, in a file: round, signature, previous_signature where chained."""
    if path.stat().st_size > PULSE_BYTES_MAX:
        raise Unreadable(str(path), f"over {PULSE_BYTES_MAX:,} bytes")
    told = read_object(path.read_bytes(), str(path))
    said = {name: told[name] for name in ("round", "signature", "previous_signature") if name in told}
    try:
        return msgspec.convert(said, PulseText)
    except msgspec.ValidationError as fault:
        raise Unreadable(str(path), str(fault)) from None


def pulse_of(text: PulseText) -> Pulse:
    """The pulse in octets; Unreadable where it is not hex."""
    try:
        previous = None if text.previous_signature is None else bytes.fromhex(text.previous_signature)
        return Pulse(text.round, bytes.fromhex(text.signature), previous)
    except ValueError:
        raise Unreadable("pulse", "signatures are hex") from None


def _bodies(client: LedgerClient) -> Iterator[tuple[str, Any]]:
    """Kind and body of every entry, from the first on."""
    for entry in client.items("/entries", {"limit": ENTRIES_PER_REQUEST}):
        if entry["kind"] in ("log.opened", "beacon.listed"):
            payload = from_base64(entry["envelope"]["payload"], "payload")
            yield entry["kind"], read_object(payload, "payload")["body"]
