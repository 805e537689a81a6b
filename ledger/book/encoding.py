"""Which bytes make a statement, an entry and a bundle, and how are they read back?

Promises one spelling: what these readers accept is what the writers produce, byte for byte, except
for the outer bundle and envelope, whose white space and key order belong to other people's
libraries. Raises `Unreadable` (`malformed`) and `TooLarge` (`too_large`), nothing else. Judges
nothing: whether a value makes sense is `law.check`'s question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ledger.book.times import format_milliseconds, parse_milliseconds
from signing.canonical import STRING_CHARACTERS_MAX, TooLarge, Unreadable, decode, encode, read_object
from signing.envelope import STATEMENT_TYPE, Envelope, read_envelope, read_envelope_bytes

BODY_BYTES_MAX = 32 * 1024 * 1024 + 128 * 1024
MANIFEST_BYTES_MAX = 32 * 1024 * 1024
MANIFEST_LINES_MAX = 100_000
ENTRY_BYTES_MAX = 65_535
NOTE_CHARACTERS_MAX = 8_192  # a checkpoint with the cosignatures of many witnesses
NOTES = frozenset({"payload.body.timely.checkpoint"})


class HeadText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`head` as written: a checkpoint the speaker knew."""

    size: int
    root: str


class ManifestText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`manifest` as written: how many lines, and the hex root over them."""

    count: int
    root: str


class StatementText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement's members as written; `body` still without its kind's shape."""

    log: str
    kind: str
    party: str
    occurred_at: str
    expires_at: str
    body: dict[str, Any]
    reference: str | None = None
    head: HeadText | None = None
    manifest: ManifestText | None = None


class _BundleText(msgspec.Struct, forbid_unknown_fields=True):
    envelope: msgspec.Raw
    manifest: list[msgspec.Raw] | None = None
    attestations: dict[str, str] | None = None


_bundle_decoder = msgspec.json.Decoder(_BundleText)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a client sends: the envelope, each manifest line's bytes, evidence by its hash."""

    envelope: Envelope
    manifest: tuple[bytes, ...] | None
    attestations: Mapping[str, str] | None

    def raw(self) -> bytes:
        """The bundle as a client would write it, compact."""
        parts = []
        if self.attestations:
            parts.append(b'"attestations":' + encode(dict(self.attestations)))
        parts.append(b'"envelope":' + self.envelope.as_bytes())
        if self.manifest is not None:
            parts.append(b'"manifest":[' + b",".join(self.manifest) + b"]")
        return b"{" + b",".join(parts) + b"}"


def read_bundle(raw: bytes) -> Bundle:
    """A request body or one NDJSON line. `Unsigned` where the envelope carries no signature.

    The lines of its manifest are looked at only when the signature was found good (`read_lines`).
    """
    if len(raw) > BODY_BYTES_MAX:
        raise TooLarge("body", f"over {BODY_BYTES_MAX} bytes")
    try:
        text = _bundle_decoder.decode(raw)
    except RecursionError as error:
        raise Unreadable("body", "nested too deep") from error
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        # The strict reader says more precisely what is wrong, where it finds something too.
        read_object(raw, "body")
        raise Unreadable("body", str(error)) from error
    lines = None if text.manifest is None else tuple(map(bytes, text.manifest))
    envelope_bytes = bytes(text.envelope)
    if not _is_compact(raw, envelope_bytes, lines, text.attestations):
        read_object(raw, "body")  # repeated members and whatever else the fast decoder lets pass
    envelope = read_envelope_bytes(envelope_bytes, STATEMENT_TYPE)
    return Bundle(envelope, lines, text.attestations)


def _is_compact(
    raw: bytes, envelope: bytes, lines: tuple[bytes, ...] | None, attestations: dict[str, str] | None
) -> bool:
    """Equal to our own spelling, so that no member can be hidden in it. The lines are read later."""
    if attestations is not None:
        return False
    if lines is None:
        return raw == b'{"envelope":' + envelope + b"}"
    size = len(envelope) + sum(map(len, lines)) + max(len(lines) - 1, 0) + len(b'{"envelope":,"manifest":[]}')
    return len(raw) == size and raw.startswith(b'{"envelope":' + envelope + b',"manifest":[')


def read_statement_text(payload: bytes) -> StatementText:
    """A payload's members; canonical, no unknown or missing fields. Texts may be over-long still."""
    try:
        return msgspec.convert(decode(payload, "payload"), StatementText)
    except msgspec.ValidationError as error:
        raise Unreadable("payload", str(error)) from error


def refuse_large_statement(text: StatementText) -> None:
    """TooLarge for a text in it that is over its limit. Asked after every shape: `malformed` comes first."""
    refuse_long_texts(msgspec.to_builtins(text), "payload")


def refuse_long_texts(value: Any, what: str) -> None:
    """TooLarge for any text over its limit, however deep. The depth is bounded before."""
    if isinstance(value, str):
        limit = NOTE_CHARACTERS_MAX if what in NOTES else STRING_CHARACTERS_MAX
        if len(value) > limit:
            raise TooLarge(what[:80], f"a text of {len(value)} characters, at most {limit}")
    elif isinstance(value, dict):
        for name, member in value.items():
            refuse_long_texts(member, f"{what}.{name}")
    elif isinstance(value, list):
        for member in value:
            refuse_long_texts(member, what)


def entry_bytes(admitted_at_ms: int, envelope: Envelope) -> bytes:
    """The log's leaf: canonical `{"admitted_at", "envelope"}`, rebuilt from its parts."""
    time = format_milliseconds(admitted_at_ms).encode("ascii")
    return b'{"admitted_at":"%b","envelope":%b}' % (time, envelope.as_bytes())


def read_entry(raw: bytes) -> tuple[int, Envelope]:
    """(admitted_at in Unix milliseconds, envelope) of a leaf; Unreadable unless spelled the one way."""
    if len(raw) > ENTRY_BYTES_MAX:
        raise TooLarge("entry", f"over {ENTRY_BYTES_MAX} bytes")
    value = decode(raw, "entry")
    if not isinstance(value, dict) or set(value) != {"admitted_at", "envelope"}:
        raise Unreadable("entry", "an entry has exactly admitted_at and envelope")
    admitted_at, envelope = value["admitted_at"], value["envelope"]
    if not isinstance(admitted_at, str) or not isinstance(envelope, dict):
        raise Unreadable("entry", "admitted_at is a text, envelope an object")
    return parse_milliseconds(admitted_at, "admitted_at"), read_envelope(envelope, STATEMENT_TYPE)
