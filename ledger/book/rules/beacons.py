"""Which randomness may a draw use? The law of `beacon.listed`."""

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
from ledger.book.times import format_seconds, parse_seconds
from ledger.inspection.beacon import SCHEMES, Beacon, is_sound
from ledger.inspection.public_chains import public_rounds


def is_hex(text: str, octets: int | None = None) -> bool:
    """Lower-case hexadecimal, not empty, of so many octets where that is asked."""
    spelled = all(digit in "0123456789abcdef" for digit in text) and len(text) % 2 == 0
    return spelled and bool(text) and (octets is None or len(text) == 2 * octets)


def check_beacon(statement: Statement) -> Rejection | None:
    """What needs only the statement: a scheme, a key that pulses could verify under, a chain, a period."""
    body = statement.body
    assert isinstance(body, BeaconListed)
    genesis = time_or_fault("body.genesis", body.genesis)
    return earliest(
        check_own_id(statement, "beacon", body.beacon),
        check_word("body.scheme", body.scheme, SCHEMES),
        check_text("body.source", body.source),
        None if body.period_s > 0 else bad_field("body.period_s is 1 or more seconds"),
        _check_key(body),
        genesis if isinstance(genesis, Rejection) else _check_rounds(body, genesis),
    )


def _check_rounds(body: BeaconListed, genesis: int) -> Rejection | None:
    """A public chain listed as later than it is would let a value that is known pass for one to come."""
    rounds = public_rounds(body.public_key)
    if rounds is None or rounds == (genesis, body.period_s):
        return None
    first = format_seconds(rounds.genesis)
    return bad_field(f"body.genesis is {first} and body.period_s {rounds.period_s} for this public key")


def _check_key(body: BeaconListed) -> Rejection | None:
    """Pulses under any other key could never verify, and a draw waiting for one would be withheld."""
    if not is_hex(body.public_key) or body.chain == "":
        return bad_field("body.public_key is hex, body.chain left out where it is empty")
    listed = Beacon(body.beacon, body.scheme, bytes.fromhex(body.public_key), 0, 1, body.chain or "")
    if body.scheme in SCHEMES and not is_sound(listed):
        return bad_field(f"body.public_key and body.chain are none of {body.scheme} in their one spelling")
    return None


def needs_beacon(statement: Statement) -> Needs:
    """Whether the id is free."""
    body = statement.body
    assert isinstance(body, BeaconListed)
    return Needs().rows(BEACONS, (body.beacon,))


def judge_beacon(registry: Registry, entry: Entry) -> Verdict:
    """A new source of randomness."""
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
        body.chain or "",
        entry.index,
        entry.index,
    )
    return Changes().put(BEACONS, row)


def beacon_of(row: BeaconRow) -> Beacon:
    """The listed beacon as the arithmetic of draws knows it."""
    key = bytes.fromhex(row.public_key)
    return Beacon(row.beacon, row.scheme, key, row.genesis, row.period_s, row.chain)


RULES = (Rule("beacon.listed", needs_beacon, judge_beacon, check_beacon, roles=frozenset({"registrar"})),)
