"""By which keys must the log have signed, at which size?

Entry 0 names the first key; from the entry of a `log.changed` that names another on, a checkpoint bears the
signatures of both, the new one's and that of the key before it. So each key is vouched for by the one before.
A caller who knows one of them knows the log. Reads nothing: it is handed what the log said of itself.
"""

from collections.abc import Sequence

from ledger.book.rows import LogSettings
from signing.note import VerifierKey, parse_vkey


class LogKeys:
    """The keys of a log over time. Where nobody could read what it said, the caller's key at every size."""

    def __init__(self, said: Sequence[LogSettings], given: VerifierKey | None) -> None:
        """`said` are the log's settings, in the order of the entries that made them."""
        self._given = given
        named = {settings.log_key for settings in said}
        self.is_known = given is None or not said or given.text() in named
        # A key that the log never named: what was asked is whether that one signed.
        self._terms = tuple((each.changed, _keys_of(each)) for each in said if self.is_known)

    @property
    def first(self) -> VerifierKey | None:
        """The caller's key, else the one entry 0 names; None where there is neither."""
        if self._given is not None:
            return self._given
        return self._terms[0][1][0] if self._terms else None

    def at(self, size: int) -> tuple[VerifierKey, ...]:
        """Every one of these must have signed the checkpoint of this size."""
        if not self._terms:
            assert self._given is not None, "asked of a log of which no key is known"
            return (self._given,)
        begun = [keys for changed, keys in self._terms if changed < size]
        return begun[-1] if begun else self._terms[0][1]


def _keys_of(settings: LogSettings) -> tuple[VerifierKey, ...]:
    key, former = settings.log_key, settings.former_log_key
    return tuple(map(parse_vkey, (key,) if former is None else (key, former)))
