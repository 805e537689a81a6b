"""What do the published bytes of entries, manifests and evidence say, and are they spelled the one way?

Reads bundle after bundle into values, with each entry's fault beside it: nothing here stops at a bad
entry, and nothing missing is passed over. Knows no book, key or tree.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from ledger.audit.published import Published
from ledger.book.encoding import ManifestText
from ledger.book.times import parse_milliseconds
from ledger.log.merkle import TILE_WIDTH
from ledger.log.tiles import unpack_entries
from signing.canonical import Unreadable, to_base64
from signing.envelope import STATEMENT_TYPE, Envelope, read_envelope_bytes

BEFORE_TIME: Final = b'{"admitted_at":"'
BEFORE_ENVELOPE: Final = b'","envelope":'
TIME_BYTES: Final = 24
TIME_AT: Final = len(BEFORE_TIME)
ENVELOPE_AT: Final = TIME_AT + TIME_BYTES + len(BEFORE_ENVELOPE)

# A quotation mark within a text is written behind a backslash, so no text can pass for this member.
_EVIDENCE = re.compile(rb'"attestation_sha256":"([0-9a-f]{64})"')


class _Claim(msgspec.Struct):
    manifest: ManifestText | None = None


_claims = msgspec.json.Decoder(_Claim)


class EntryRead(NamedTuple):
    """An entry taken apart. statement: hex id; pae: what its signature is over; manifest: claimed lines."""

    admitted_at: int  # Unix milliseconds
    envelope: Envelope
    pae: bytes
    statement: str
    manifest: ManifestText | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """One bundle: its entries' bytes from index `first` on, what each says, and the manifests claimed.

    fault: why entries are missing at its end, None where all are there.
    """

    first: int
    raws: Sequence[bytes]
    entries: Sequence[EntryRead | Unreadable]
    manifests: dict[str, bytes | None]
    fault: str | None


def read_chunks(published: Published, size: int) -> Iterator[Chunk]:
    """Every bundle of a log of `size` entries, up to the first that is not whole."""
    for first in range(0, size, TILE_WIDTH):
        chunk = read_chunk(published, first // TILE_WIDTH, min(TILE_WIDTH, size - first))
        yield chunk
        if chunk.fault is not None:
            return


def read_chunk(published: Published, number: int, width: int) -> Chunk:
    """A bundle and the manifests its entries claim, each asked for once."""
    raw = published.entry_bundle(number, width)
    fault, raws = None, list[bytes]()
    if raw is None:
        fault = f"bundle {number} of {width} entries is missing"
    else:
        try:
            raws = unpack_entries(raw)
        except Unreadable as error:
            fault = f"bundle {number}: {error}"
        else:
            if len(raws) != width:
                fault = f"bundle {number} holds {len(raws)} entries, {width} are claimed"
                raws = raws[:width]
    entries = [_read_or_fault(entry) for entry in raws]
    wanted: dict[str, int] = {}
    for index, entry in enumerate(entries, start=number * TILE_WIDTH):
        if isinstance(entry, EntryRead) and entry.manifest is not None:
            wanted.setdefault(entry.statement, index)
    found = published.manifests(wanted) if wanted else ()
    return Chunk(number * TILE_WIDTH, raws, entries, dict(zip(wanted, found, strict=True)), fault)


def read_published_entry(raw: bytes) -> EntryRead:
    """An entry's parts; Unreadable unless rebuilding it from them gives the same bytes."""
    envelope = read_envelope_bytes(raw[ENVELOPE_AT:-1], STATEMENT_TYPE)
    time = raw[TIME_AT : TIME_AT + TIME_BYTES]
    admitted_at = parse_milliseconds(time.decode("ascii", "replace"), "admitted_at")
    if _rebuilt(time, envelope) != raw:
        raise Unreadable("entry", "not spelled the one way: rebuilt from its parts it has other bytes")
    pae = envelope.pae()
    return EntryRead(admitted_at, envelope, pae, sha256(pae).hexdigest(), _claim(envelope.payload))


def manifest_lines(raw: bytes) -> list[bytes]:
    """The lines of a manifest file; Unreadable unless there is one and each has its line end."""
    if not raw.endswith(b"\n"):
        raise Unreadable("manifest", "breaks off: the last line has no end")
    return raw[:-1].split(b"\n")


def evidence_named(manifest: bytes) -> list[str]:
    """The hex hashes of evidence that a manifest's lines refer to, sorted."""
    return sorted({name.decode() for name in _EVIDENCE.findall(manifest)})


def _read_or_fault(raw: bytes) -> EntryRead | Unreadable:
    try:
        return read_published_entry(raw)
    except Unreadable as error:
        return error


def _rebuilt(time: bytes, envelope: Envelope) -> bytes:
    """The entry as `entry_bytes` spells it. Nothing in it needs an escape, so no encoder is asked."""
    return (
        (
            f'"envelope":{{"payload":"{to_base64(envelope.payload)}","payloadType":"{envelope.payload_type}",'
            f'"signatures":[{{"keyid":"{envelope.key_id}","sig":"{to_base64(envelope.signature)}"}}]}}}}'
        )
        .encode("ascii")
        .join((BEFORE_TIME + time + b'",', b""))
    )


def _claim(payload: bytes) -> ManifestText | None:
    """The manifest a payload claims; None too where it is unreadable, which reading the statement says."""
    try:
        return _claims.decode(payload).manifest
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
