"""How is a moment written, and which moment is it?

One spelling each: statements say whole seconds (`YYYY-MM-DDTHH:MM:SSZ`), entries say when they were
admitted to the millisecond. Inside, a statement's time is an integer of Unix seconds and an
admission an integer of Unix milliseconds. Knows no clock.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from signing.canonical import Unreadable

# No 24:00 and no second 60, on any version of Python.
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
SECONDS = re.compile(_TIME + "Z", re.ASCII)
MILLISECONDS = re.compile(_TIME + r"\.[0-9]{3}Z", re.ASCII)
DAY_SECONDS = 86_400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)  # a batch says the same few seconds over and over
def parse_seconds(text: str, what: str) -> int:
    """Unix seconds of a statement's time; Unreadable for any other spelling or no such day."""
    if SECONDS.fullmatch(text) is None:
        raise Unreadable(what, "a time is written YYYY-MM-DDTHH:MM:SSZ")
    try:
        moment = datetime.fromisoformat(text)  # far faster than strptime; the pattern has fixed the spelling
    except ValueError as error:
        raise Unreadable(what, f"no such time: {text}") from error
    return int((moment - _EPOCH).total_seconds())


def format_seconds(unix_seconds: int) -> str:
    """The one spelling of a moment given in Unix seconds."""
    return (_EPOCH + timedelta(seconds=unix_seconds)).isoformat()[:19] + "Z"


def parse_milliseconds(text: str, what: str) -> int:
    """Unix milliseconds of an `admitted_at`; Unreadable for any other spelling."""
    if MILLISECONDS.fullmatch(text) is None:
        raise Unreadable(what, "an admission is written YYYY-MM-DDTHH:MM:SS.mmmZ")
    return parse_seconds(text[:19] + "Z", what) * 1000 + int(text[20:23])


@lru_cache(maxsize=1024)  # a batch is admitted at one time
def format_milliseconds(unix_milliseconds: int) -> str:
    """The one spelling of an `admitted_at` given in Unix milliseconds."""
    seconds, rest = divmod(unix_milliseconds, 1000)
    return f"{format_seconds(seconds)[:-1]}.{rest:03d}Z"
