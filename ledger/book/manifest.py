"""Which lines travel beside a statement, and do they belong to it?

A manifest is 1 to 100,000 lines of canonical JSON, strictly ascending by the kind's key, each with
a salt; its root is the RFC 9162 tree hash with the line's bytes as leaf. Reading raises
`Unreadable` and `TooLarge`; that the lines are not the ones the statement names is a `Rejection`.
Works on whole manifests: no call a line where a call a manifest will do.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ledger.book.encoding import MANIFEST_BYTES_MAX, MANIFEST_LINES_MAX, ManifestText, refuse_long_texts
from ledger.book.identifiers import first_bad_chip, first_bad_salt, is_ascending
from ledger.book.records.form import Form, Line, PlacedLine, Use
from ledger.book.rejection import Reason, Rejection
from ledger.log.merkle import leaf_hashes, root_of
from signing.canonical import STRING_CHARACTERS_MAX, TooLarge, Unreadable, encode_lines

_NOTHING: tuple[Line, ...] = ()


@lru_cache
def _decoder(line: type[Line]) -> msgspec.json.Decoder[list[Any]]:
    return msgspec.json.Decoder(list[line])  # type: ignore[valid-type]


def read_lines(raws: Sequence[bytes], form: Form) -> tuple[Line, ...]:
    """The typed lines of a manifest; each must re-encode to its own bytes. Limits are asked for apart."""
    if form.line is None or not raws:
        return _NOTHING
    try:
        lines = _decoder(form.line).decode(b"[" + b",".join(raws) + b"]")
    except RecursionError as error:
        raise Unreadable("manifest", "nested too deep") from error
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise Unreadable("manifest", str(error)) from error
    if encode_lines(lines) != list(raws):
        raise Unreadable("manifest", f"line {_first_other(lines, raws) + 1} is not canonical JSON")
    return tuple(lines)


def refuse_large_manifest(raws: Sequence[bytes], lines: Sequence[Line]) -> None:
    """TooLarge for too many lines, bytes, or characters in a text. Asked after every shape."""
    if len(raws) > MANIFEST_LINES_MAX:
        raise TooLarge("manifest", f"{len(raws)} lines, at most {MANIFEST_LINES_MAX}")
    if sum(map(len, raws)) > MANIFEST_BYTES_MAX:
        raise TooLarge("manifest", f"over {MANIFEST_BYTES_MAX} bytes")
    if max(map(len, raws), default=0) <= STRING_CHARACTERS_MAX:
        return  # as nearly always: no text of a line is longer than the line
    for number, (raw, line) in enumerate(zip(raws, lines, strict=False), start=1):
        if len(raw) > STRING_CHARACTERS_MAX:
            refuse_long_texts(msgspec.to_builtins(line), f"manifest line {number}")


def _first_other(lines: Sequence[Line], raws: Sequence[bytes]) -> int:
    pairs = enumerate(zip(encode_lines(lines), raws, strict=False))
    return next((place for place, (ours, theirs) in pairs if ours != theirs), len(lines))


def check_values(lines: Sequence[Line]) -> Rejection | None:
    """`bad_field` for a chip id or a salt that is spelled wrong, naming the line."""
    optional = bool(lines) and isinstance(lines[0], PlacedLine)
    named = [line for line in lines if line.chip] if optional else lines
    place = first_bad_chip([line.chip for line in named])
    if place is not None:
        place = lines.index(named[place])
        return Rejection(Reason.BAD_FIELD, f"manifest line {place + 1}: chip is no <maker>:<serial>")
    place = first_bad_salt([line.salt for line in lines])
    if place is not None:
        return Rejection(Reason.BAD_FIELD, f"manifest line {place + 1}: salt is no 32 hex digits")
    return None


def check_whole(
    claim: ManifestText | None, raws: Sequence[bytes] | None, lines: Sequence[Line], form: Form
) -> Rejection | None:
    """`manifest_mismatch` as a whole: missing, superfluous, unsorted, repeated, wrong count or root."""
    if claim is None and raws is None:
        missing = form.manifest is Use.ALWAYS
        return _mismatch(f"{form.kind} needs a manifest") if missing else None
    if form.manifest is Use.NEVER:
        return _mismatch(f"{form.kind} takes no manifest")
    if claim is None or raws is None:
        return _mismatch("the statement and its lines go together: one of them is missing")
    if claim.count < 1 or claim.count != len(raws):
        return _mismatch(f"the statement counts {claim.count} lines, {len(raws)} came")
    if not is_ascending(form.keys_of(lines)):
        return _mismatch("lines are not strictly ascending by their key")
    if root_of(leaf_hashes(raws)).hex() != claim.root:
        return _mismatch("the lines do not hash to the statement's root")
    return None


def _mismatch(detail: str) -> Rejection:
    return Rejection(Reason.MANIFEST_MISMATCH, detail)
