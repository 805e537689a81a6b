"""Which beacon does the log list, and by which waits and witnesses is a draw judged?

Reads `beacon.listed` and the settings, as they were opened and changed since, from the log's own entries, as
a verifier sees them. Knows no pulse and no draw.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended
from ledger.book.records.beacons import BeaconListed
from ledger.book.records.opening import LogChanged, LogOpened
from ledger.book.times import parse_seconds
from ledger.inspection.beacon import Beacon, is_own
from signing.canonical import from_base64, read_object
from signing.note import VerifierKey, parse_vkey

ENTRIES_PER_REQUEST = 1_000
KINDS_READ = ("log.opened", "log.changed", "beacon.listed")


@dataclass(frozen=True, slots=True)
class Rules:
    """The beacon that was asked for, where its pulses are had, and the log's settings for draws by it.

    `beacon_lead_s` is the wait before a round: none for a verifier's own key, which is bound to the
    commitment's own entry. A draw is timely where `quorum` of the witnesses had seen the commitment
    `timely_lead_s` before its first round.
    """

    beacon: Beacon
    source: str
    beacon_lead_s: int
    timely_lead_s: int
    quorum: int
    witnesses: tuple[VerifierKey, ...]

    @property
    def is_own(self) -> bool:
        """Whether the value is the verifier's own, by its key."""
        return is_own(self.beacon.scheme)


def rules_of(client: LedgerClient, beacon: str) -> Rules:
    """The rules for draws by this beacon; `Ended` where the log lists no such beacon."""
    listed: dict[str, BeaconListed] = {}
    settings: dict[str, Any] = {}
    for kind, body in _bodies(client):
        if kind == "beacon.listed":
            row = msgspec.convert(body, BeaconListed)
            listed[row.beacon] = row
        else:
            said = msgspec.convert(body, LogOpened if kind == "log.opened" else LogChanged)
            named = {name: getattr(said, name) for name in ("waits", "quorum", "witnesses")}
            settings |= {name: value for name, value in named.items() if value is not None}
    if beacon not in listed or not settings:
        there = ", ".join(listed) or "none that you may see"
        raise Ended(
            f"the log lists no beacon {beacon}; there are {there}",
            "only verifiers and the registrar see them",
        )
    known, waits = _beacon(listed[beacon]), settings["waits"]
    witnesses = tuple(parse_vkey(witness.vkey) for witness in settings["witnesses"])
    lead_s = 0 if is_own(known.scheme) else waits.beacon_lead_s
    return Rules(known, listed[beacon].source, lead_s, waits.timely_lead_s, settings["quorum"], witnesses)


def _beacon(row: BeaconListed) -> Beacon:
    key, genesis = bytes.fromhex(row.public_key), parse_seconds(row.genesis, "genesis")
    return Beacon(row.beacon, row.scheme, key, genesis, row.period_s, row.chain or "")


def _bodies(client: LedgerClient) -> Iterator[tuple[str, Any]]:
    """Kind and body of the entries about settings and beacons, from the first on."""
    for entry in client.items("/entries", {"limit": ENTRIES_PER_REQUEST}):
        if entry["kind"] in KINDS_READ:
            payload = from_base64(entry["envelope"]["payload"], "payload")
            yield entry["kind"], read_object(payload, "payload")["body"]
