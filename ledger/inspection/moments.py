"""Which millisecond does a beacon's time stamp name?

Beacons that sign their time write it one way, `YYYY-MM-DDTHH:MM:SS.mmmZ`; other spellings are no time stamp.
Knows no clock.
"""

import re
from datetime import UTC, datetime, timedelta

TIME_STAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z", re.ASCII
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def unix_milliseconds(text: str) -> int | None:
    """Unix milliseconds of a time stamp; None for another spelling and for days that do not exist."""
    if TIME_STAMP.fullmatch(text) is None:
        return None
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
    except ValueError:
        return None
