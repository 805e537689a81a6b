"""How do a body and its lines become the bundle that is posted?

Promises: the same key, header and lines give the same bytes on any machine, in any order of the lines; the
lines leave sorted by the kind's key, each with a salt that only the key's holder can compute. Needs no server
and no clock. Does not judge: whether the statement may stand is `law.read_statement`'s question.
"""

import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ledger.book.encoding import MANIFEST_BYTES_MAX, MANIFEST_LINES_MAX, Bundle
from ledger.log.merkle import leaf_hashes, root_of
from signing.canonical import TooLarge, encode, encode_lines
from signing.envelope import KEY_PROOF_TYPE, PAYLOAD_BYTES_MAX, STATEMENT_TYPE, Envelope, seal
from signing.signer import Signer

SALT_BYTES = 16

Row = Mapping[str, Any]


def statement_payload(
    log: str,
    kind: str,
    party: str,
    body: object,
    *,
    occurred_at: str,
    expires_at: str,
    reference: str | None = None,
    head: Mapping[str, Any] | None = None,
    manifest: Mapping[str, Any] | None = None,
) -> bytes:
    """The canonical statement; `body` is a mapping or a struct, times are YYYY-MM-DDTHH:MM:SSZ."""
    statement: dict[str, Any] = {
        "log": log,
        "kind": kind,
        "party": party,
        "occurred_at": occurred_at,
        "expires_at": expires_at,
        "body": body,
    }
    optional = {"reference": reference, "head": head, "manifest": manifest}
    statement |= {name: value for name, value in optional.items() if value is not None}
    return encode(statement)


def line_key(row: Row) -> tuple[str, str]:
    """What tells a line from the others: its chip or position, then canonical `seen` where it has one."""
    seen = row.get("seen")
    return row.get("position") or row["chip"], "" if seen is None else encode(seen).decode()


def sort_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows in the order of their lines."""
    return sorted(rows, key=line_key)


def salted_lines(signer: Signer, header: bytes, rows: Sequence[Row]) -> list[bytes]:
    """The manifest's lines: `rows`, sorted already, each with its salt, in canonical JSON.

    A salt is the first 16 bytes of HMAC-SHA-256(salt secret, header, 0x00, line's key); `header` is the
    statement without its manifest, the key the chip id, followed by 0x00 and `seen` where there is one.
    """
    if len(rows) > MANIFEST_LINES_MAX:
        raise TooLarge("manifest", f"{len(rows):,} lines, at most {MANIFEST_LINES_MAX:,}")
    secret, before = signer.salt_secret(), header + b"\x00"
    salted = []
    for row in rows:
        chip, seen = line_key(row)
        key = f"{chip}\x00{seen}" if seen else chip
        salt = hmac.digest(secret, before + key.encode(), "sha256")[:SALT_BYTES].hex()
        salted.append({**row, "salt": salt})
    lines = encode_lines(salted)
    if sum(map(len, lines)) > MANIFEST_BYTES_MAX:
        raise TooLarge("manifest", f"over {MANIFEST_BYTES_MAX:,} bytes")
    return lines


def sign_statement(  # noqa: PLR0917  (the members of a statement, in their order)
    signer: Signer,
    log: str,
    kind: str,
    party: str,
    body: object,
    rows: Sequence[Row] | None,
    occurred_at: str,
    expires_at: str,
    reference: str | None = None,
    head: Mapping[str, Any] | None = None,
) -> Bundle:
    """The signed bundle. `rows` are lines without salts, in any order; None where the kind has no manifest.

    Raises `Unreadable` for values that JSON of ours cannot say, `TooLarge` for a payload over 45,000 bytes or
    a manifest beyond its limits.
    """

    def payload(manifest: Mapping[str, Any] | None) -> bytes:
        return statement_payload(
            log,
            kind,
            party,
            body,
            occurred_at=occurred_at,
            expires_at=expires_at,
            reference=reference,
            head=head,
            manifest=manifest,
        )

    lines, manifest = None, None
    if rows is not None:
        lines = salted_lines(signer, payload(None), sort_rows(rows))
        manifest = {"count": len(lines), "root": root_of(leaf_hashes(lines)).hex()}
    said = payload(manifest)
    if len(said) > PAYLOAD_BYTES_MAX:
        raise TooLarge("payload", f"{len(said):,} bytes, at most {PAYLOAD_BYTES_MAX:,}")
    envelope = seal(signer, STATEMENT_TYPE, said)
    return Bundle(envelope, None if lines is None else tuple(lines), None)


def prove_key(signer: Signer, log: str, party: str) -> Envelope:
    """The proof of possession: the key says that it is this party's in this log."""
    said = encode({"log": log, "party": party, "public_key": signer.public_key.hex})
    return seal(signer, KEY_PROOF_TYPE, said)


def proven_key(signer: Signer, log: str, party: str) -> dict[str, Any]:
    """The key with its proof, as `party.enrolled` and `log.opened` carry it in `keys`."""
    return {"public_key": signer.public_key.hex, "proof": prove_key(signer, log, party).as_object()}


def write_bundles(path: Path, bundles: Sequence[Bundle]) -> None:
    """A file for `send`: one bundle is the body of a POST, several are a line each."""
    end = b"\n" if len(bundles) > 1 else b""
    path.write_bytes(b"".join(bundle.raw() + end for bundle in bundles))
