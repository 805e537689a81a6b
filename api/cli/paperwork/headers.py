"""Who says it, in which log, when, and until when may it be admitted?

What all statements of one call have in common. `occurred_at` is told by a person, who may say `now`; the
clock is never asked otherwise. Without `expires_at` a statement may be admitted for 90 days from the later of
`occurred_at` and the day of signing one is told, so that signing again gives equal bytes.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from api.cli.paperwork.columns import read_time
from api.cli.paperwork.keychain import open_key
from api.cli.screen.terminal import warn, wrong_usage
from ledger.book.times import DAY_SECONDS, format_seconds, parse_seconds
from signing.canonical import Unreadable, read_object
from signing.signer import Signer

EXPIRY_DAYS_DEFAULT = 90
NOW = "now"


@dataclass(frozen=True, slots=True)
class Header:
    """What all statements of one call to `sign` have in common."""

    signer: Signer
    log: str
    party: str
    occurred_at: str
    expires_at: str


def header_of(
    key: Path | None,
    party: str,
    log: str,
    occurred_at: str,
    *,
    expires_at: str | None = None,
    as_of: str | None = None,
) -> Header:
    """The header of options as typed; `Ended` names the one that is missing or wrong."""
    for name, value in (("--key", key), ("--party", party), ("--log", log), ("--occurred-at", occurred_at)):
        if not value:
            advice = (
                "when did it happen? A time, a day, or now" if name == "--occurred-at" else "see sign --help"
            )
            raise wrong_usage(f"{name} is missing", advice)
    assert key is not None
    try:
        occurred = _moment(occurred_at)
        signed = occurred if as_of is None else max(occurred, _moment(as_of))
        default = format_seconds(signed + EXPIRY_DAYS_DEFAULT * DAY_SECONDS)
        expires = default if expires_at is None else read_time(expires_at)
    except Unreadable as fault:
        raise wrong_usage(str(fault), "write 2026-11-21T06:44:00Z, 2026-11-21, or now") from None
    signer = open_key(key)
    _doubt_key(key, signer, party)
    return Header(signer, log, party, format_seconds(occurred), expires)


def _doubt_key(key: Path, signer: Signer, party: str) -> None:
    """Warn where the files beside a key say that it is another party's: the log would refuse it."""
    proof = key.with_name(f"{key.stem}.proof.json")
    try:
        told = read_object(proof.read_bytes(), str(proof))
    except (OSError, Unreadable):
        told = {}
    if told.get("public_key") == signer.public_key.hex:
        whose = told.get("party")
        if whose != party:
            warn(f"{proof.name} says that {key.name} is the key of {whose}, and you sign as {party}")
        return
    own = key.with_name(f"{party}{key.suffix}")
    if not key.stem.startswith(party) and own.exists():
        warn(f"you sign as {party} with {key.name}, and {own.name} lies beside it")


def _moment(text: str) -> int:
    return int(time.time()) if text == NOW else parse_seconds(read_time(text), "time")
