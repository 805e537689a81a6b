"""Which public randomness may a draw use? The law of `beacon.listed`."""

from ledger.book.records.beacons import BeaconListed
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import BeaconRow
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_own_id,
    check_text,
    check_word,
    time_or_fault,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import BEACONS
from ledger.book.times import parse_seconds
from ledger.inspection.beacon import CHAINED_SCHEME, QUICKNET_SCHEME, Beacon, read_g1, read_g2

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
    if length is not None and not _is_sound(body.scheme, bytes.fromhex(body.public_key)):
        return bad_field("body.public_key is no point of the group, or not in its one spelling")
    return earliest(
        check_own_id(statement, "beacon", body.beacon),
        check_word("body.scheme", body.scheme, tuple(PUBLIC_KEY_HEX)),
        check_text("body.source", body.source),
        None if body.period_s > 0 else bad_field("body.period_s is 1 or more seconds"),
        genesis if isinstance(genesis, Rejection) else None,
    )


def _is_sound(scheme: str, octets: bytes) -> bool:
    """Pulses under any other key could never verify, and a draw waiting for one would be withheld."""
    return (read_g2(octets) if scheme == QUICKNET_SCHEME else read_g1(octets)) is not None


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
