"""Which public randomness may a draw use? The law of `beacon.listed`."""

from ledger.book.records.beacons import BeaconListed
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import BEACONS, BeaconRow
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_name,
    check_own_id,
    check_word,
    time_or_fault,
)
from ledger.book.statement import Entry, Statement
from ledger.book.times import parse_seconds
from ledger.inspection.beacon import CHAINED_SCHEME, QUICKNET_SCHEME, Beacon

PUBLIC_KEY_HEX = {QUICKNET_SCHEME: 192, CHAINED_SCHEME: 96}  # G2 and G1 points, compressed


def is_hex(text: str, octets: int | None = None) -> bool:
    """Lower-case hexadecimal, not empty, of so many octets where that is asked."""
    spelled = all(digit in "0123456789abcdef" for digit in text) and len(text) % 2 == 0
    return spelled and bool(text) and (octets is None or len(text) == 2 * octets)


def check_beacon(statement: Statement) -> Rejection | None:
    """What needs only the statement: scheme, key of that scheme's length, a period."""
    body = statement.body
    assert isinstance(body, BeaconListed)
    genesis = time_or_fault("body.genesis", body.genesis)
    length = PUBLIC_KEY_HEX.get(body.scheme)
    if length is not None and (not is_hex(body.public_key) or len(body.public_key) != length):
        return bad_field(f"body.public_key of {body.scheme} is {length} hex digits")
    return earliest(
        check_own_id(statement, "beacon", body.beacon),
        check_word("body.scheme", body.scheme, tuple(PUBLIC_KEY_HEX)),
        check_name("body.source", body.source),
        None if body.period_s > 0 else bad_field("body.period_s is 1 or more seconds"),
        genesis if isinstance(genesis, Rejection) else None,
    )


def needs_beacon(statement: Statement) -> Needs:
    """Whether the id is free."""
    body = statement.body
    assert isinstance(body, BeaconListed)
    return Needs().rows(BEACONS, (body.beacon,))


def judge_beacon(registry: Registry, entry: Entry) -> Verdict:
    """A new source of public randomness."""
    body: BeaconListed = entry.body
    if registry.get(BEACONS, body.beacon) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.beacon: {body.beacon} is listed already")
    genesis = parse_seconds(body.genesis, "body.genesis")
    row = BeaconRow(
        body.beacon,
        body.scheme,
        body.public_key,
        genesis,
        body.period_s,
        body.source,
        entry.index,
        entry.index,
    )
    return Changes().put(BEACONS, row)


def beacon_of(row: BeaconRow) -> Beacon:
    """The listed beacon as the arithmetic of draws knows it."""
    return Beacon(row.beacon, row.scheme, bytes.fromhex(row.public_key), row.genesis, row.period_s)


RULES = (Rule("beacon.listed", needs_beacon, judge_beacon, check_beacon, roles=frozenset({"registrar"})),)
