"""What stands in a replay file?

The first line is the header, one object of canonical JSON; each further line is a leaf of the frame's tree,
by chip or position, and nothing else. The header holds the log's entries with their proofs, and for people
and short programs the same draw again in plain words. Readers raise `Unreadable`, for any other spelling too,
so that no two programs can read two things. Judges nothing. docs/replay.md is the page of it.
"""

import re
from typing import Final

import msgspec

from signing.canonical import TooLarge, Unreadable, decode

FORMAT: Final = "chipledger-replay-v1"
HEADER_BYTES_MAX: Final = 128 * 1024 * 1024  # a sample of 100,000 in every detail takes a third of it
LINE_BYTES_MAX: Final = 512
ENTRIES_MAX: Final = 100_000

# Behind WHAT stands chip or position. Names stand for themselves inside JSON.
LINE: Final = rb'^\{"WHAT":"([A-Za-z0-9._:/#-]{1,200})","stratum":"([A-Za-z0-9._-]{1,200})"\}$'


class EntryText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An entry of the log: its place, when it was admitted, its envelope, the proof that it is in the tree.

    `manifest`: the lines that travelled with it. `unknown`: of the chips confirmed in it at positions, those
    that the book did not know then; that is the log's word.
    """

    index: int
    admitted_at: str
    envelope: msgspec.Raw
    proof: list[str]
    manifest: list[msgspec.Raw] | None = None
    unknown: list[str] | None = None


class DrawnText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One that was drawn: a chip or a position, its stratum, its rank in it from 1, its hex ticket."""

    stratum: str
    rank: int
    ticket: str
    chip: str | None = None
    position: str | None = None


class StageText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One draw in plain words; all but `randomness`, `seed` and tickets is said in signed statements too."""

    stage: int
    beacon: str
    round: int
    pulse: msgspec.Raw
    randomness: str
    secret: str
    strata: list[str]
    sizes: list[int]
    seed: str
    selection: list[DrawnText]


class FrameText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many lines follow, and the hex root over them."""

    count: int
    root: str


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The first line. `log_key`: the vkey the file claims; `checkpoint`: a note that covers every entry.

    `frame` is absent, and no line follows, where no stage is drawn.
    """

    format: str
    log: str
    log_key: str
    inspection: str
    checkpoint: str
    entries: list[EntryText]
    stages: list[StageText]
    frame: FrameText | None = None


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Header)


def header_bytes(header: Header) -> bytes:
    """The header's line with its line feed; whatever is raw in it must be canonical already."""
    return _encoder.encode(header) + b"\n"


def read_header(line: bytes) -> Header:
    """The header of a first line; `Unreadable` for any other shape or spelling."""
    if len(line) > HEADER_BYTES_MAX:
        raise TooLarge("header", f"the first line has over {HEADER_BYTES_MAX:,} bytes")
    if not line.endswith(b"\n"):
        raise Unreadable("header", "the first line has no end: the file is cut off")
    try:
        header = _decoder.decode(line)
    except RecursionError:
        raise Unreadable("header", "nested too deep") from None
    except (msgspec.MsgspecError, UnicodeError) as fault:
        raise Unreadable("header", str(fault)) from None
    if header.format != FORMAT:
        raise Unreadable("header", f"format is not {FORMAT}")
    if len(header.entries) > ENTRIES_MAX:
        raise TooLarge("header", f"over {ENTRIES_MAX:,} entries")
    # One comparison for spaces, order and repeated names; what is raw is held to it piece by piece.
    for entry in header.entries:
        for raw in (entry.envelope, *(entry.manifest or ())):
            decode(bytes(raw), f"entry {entry.index}")
    for stage in header.stages:
        decode(bytes(stage.pulse), f"stage {stage.stage}: pulse")
    if header_bytes(header) != line:
        raise Unreadable("header", "not spelled the one way (RFC 8785)")
    return header


def line_of(what: str, item: str, stratum: str) -> bytes:
    """A leaf of the frame, `what` being `chip` or `position`. Names stand for themselves inside JSON."""
    return f'{{"{what}":"{item}","stratum":"{stratum}"}}'.encode("ascii")


def is_hash(text: str) -> bool:
    """64 lower-case hexadecimal digits."""
    return _HASH.fullmatch(text) is not None


_HASH = re.compile(r"[0-9a-f]{64}")
