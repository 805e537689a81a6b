"""Which of the keys I trust signed this text?

C2SP signed notes (c2sp.org/signed-note) and the cosignatures of witnesses (c2sp.org/tlog-cosignature).
Promises: a note opens only when every line is well formed, at least one signature is by a given key, and none
by a given key is bad; signatures of other keys are passed over. Only U+000A ends a line. Refuses to know what
the text says, and which keys ought to be trusted.

Checks run in this order: size, UTF-8, control characters, the last blank line, every signature line, then the
signatures of known keys as they stand.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.canonical import TooLarge, Unreadable, from_base64, to_base64
from signing.keys import Signer, is_sound, verify

ED25519 = 0x01
ECDSA_P256 = 0x02  # logs of others only: the key is a DER SubjectPublicKeyInfo, the signature DER
COSIGNATURE_V1 = 0x04

NOTE_BYTES_MAX = 1_000_000
SIGNATURES_MAX = 100
NAME_CHARACTERS_MAX = 256
KEY_HASH_BYTES = 4
TIMESTAMP_BYTES = 8
TIME_SECONDS_MAX = 2**63 - 1

DASH = "\u2014"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
KEY_HASH_HEX = re.compile(r"[0-9a-f]{8}")


class NoKnownSignature(Unreadable):
    """A well-formed note, none of whose signatures is by a key that was asked for."""


class BadSignature(Unreadable):
    """A signature by a key that was asked for does not fit the text."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key. public_key: 32 octets, for ECDSA_P256 DER; key_hash: 4 bytes, its short name."""

    name: str
    algorithm: int
    public_key: bytes
    key_hash: bytes

    def text(self) -> str:
        """The vkey line: name, hex key hash, base64 of algorithm and key."""
        return f"{self.name}+{self.key_hash.hex()}+{to_base64(bytes([self.algorithm]) + self.public_key)}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A verified signature. time: whole seconds since 1970 for a cosignature, else None."""

    name: str
    key_hash: bytes
    time: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified note. text: up to and with its last newline; signatures: one a known key, as they stood."""

    text: str
    signatures: tuple[NoteSignature, ...]


def make_vkey(name: str, algorithm: int, public_key: bytes) -> VerifierKey:
    """The verifier key of a name and a key; Unreadable for a bad name, an unsound key, another algorithm."""
    _check_name(name, "vkey")
    if algorithm in (ED25519, COSIGNATURE_V1):
        if not is_sound(public_key):
            raise Unreadable("vkey", "not a canonical Ed25519 point of the prime-order group")
        key_hash = _key_hash(name, algorithm, public_key)
    elif algorithm == ECDSA_P256:
        _ecdsa_key(public_key)
        key_hash = sha256(public_key).digest()[:KEY_HASH_BYTES]
    else:
        raise Unreadable("vkey", f"algorithm 0x{algorithm:02x} is not one this can verify")
    return VerifierKey(name, algorithm, public_key, key_hash)


def parse_vkey(text: str) -> VerifierKey:
    """The verifier key in `name+hash+base64`; Unreadable unless it is spelled as `text()` spells it."""
    parts = text.split("+", 2)  # base64 may hold a plus, a name may not
    if len(parts) != 3 or not KEY_HASH_HEX.fullmatch(parts[1]):
        raise Unreadable("vkey", "not name+hash+base64")
    octets = from_base64(parts[2], "vkey")
    if not octets:
        raise Unreadable("vkey", "there is no key in it")
    key = make_vkey(parts[0], octets[0], octets[1:])
    if key.key_hash.hex() != parts[1]:
        raise Unreadable("vkey", "the hash is not that of this name and key")
    return key


def sign_note(text: str, signer: Signer, name: str) -> str:
    """The note of `text`, which ends in a newline, with one Ed25519 signature under `name`."""
    _check_text(text)
    return f"{text}\n{_line(text.encode(), signer, name, ED25519, b'')}"


def cosign(text: str, signer: Signer, name: str, time: int) -> str:
    """A witness's signature line, newline included, saying it saw `text` at `time` (seconds since 1970)."""
    _check_text(text)
    assert 0 <= time <= TIME_SECONDS_MAX
    return _line(_cosigned(text, time), signer, name, COSIGNATURE_V1, struct.pack(">Q", time))


def append_signature(note: str, line: str) -> str:
    """`note` with one more signature line, as `cosign` makes it; Unreadable if either is not well formed."""
    added = note + line
    if not line.endswith("\n") or "\n" in line[:-1]:
        raise Unreadable("signature", "not one line")
    _take_apart(added.encode("utf-8", "surrogatepass"))
    return added


def open_note(note: bytes, keys: Sequence[VerifierKey]) -> Opened:
    """The text of a note and who of `keys` signed it.

    Raises Unreadable for a malformed note, BadSignature where a signature of a given key is bad, even beside
    good ones, NoKnownSignature where no given key signed. A repeated signature counts once.
    """
    text, lines = _take_apart(note)
    known: dict[tuple[str, bytes], list[VerifierKey]] = {}
    for key in keys:
        known.setdefault((key.name, key.key_hash), []).append(key)
    good: dict[tuple[str, bytes], NoteSignature] = {}
    for name, octets in lines:
        who = (name, octets[:KEY_HASH_BYTES])
        candidates = known.get(who, [])
        if not candidates:
            continue
        proof = octets[KEY_HASH_BYTES:]
        # Four bytes of hash can collide, so a line may belong to any key of that name and hash.
        signers = [key for key in candidates if _is_good(key, text, proof)]
        if not signers:
            raise BadSignature("signature", f"that of {name} does not fit the text")
        timed = signers[0].algorithm == COSIGNATURE_V1
        time = int.from_bytes(proof[:TIMESTAMP_BYTES], "big") if timed else None
        good.setdefault(who, NoteSignature(name, who[1], time))
    if not good:
        raise NoKnownSignature("signature", "none is by a known key")
    return Opened(text, tuple(good.values()))


def _take_apart(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text and, for each signature line, the name and the bytes (key hash, then signature)."""
    if len(note) > NOTE_BYTES_MAX:
        raise TooLarge("note", f"over {NOTE_BYTES_MAX} bytes")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("note", "not UTF-8") from None
    if CONTROL.search(whole):
        raise Unreadable("note", "a control character")
    text, blank, signed = whole.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise Unreadable("note", "no blank line and signature lines at its end")
    lines = signed[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise TooLarge("note", f"over {SIGNATURES_MAX} signatures")
    return text + "\n", [_read_line(line) for line in lines]


def _read_line(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH:
        raise Unreadable("signature", "not a dash, a name and base64, one space between")
    _check_name(parts[1], "signature")
    octets = from_base64(parts[2], "signature")
    if len(octets) <= KEY_HASH_BYTES:
        raise Unreadable("signature", "nothing after the key hash")
    return parts[1], octets


def _is_good(key: VerifierKey, text: str, proof: bytes) -> bool:
    if key.algorithm == ED25519:
        return verify(key.public_key, text.encode(), proof)
    if key.algorithm == COSIGNATURE_V1:
        time = int.from_bytes(proof[:TIMESTAMP_BYTES], "big")
        return verify(key.public_key, _cosigned(text, time), proof[TIMESTAMP_BYTES:])
    try:
        _ecdsa_key(key.public_key).verify(proof, text.encode(), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _line(message: bytes, signer: Signer, name: str, algorithm: int, before: bytes) -> str:
    _check_name(name, "name")
    key_hash = _key_hash(name, algorithm, signer.public_key.octets)
    return f"{DASH} {name} {to_base64(key_hash + before + signer.sign(message))}\n"


def _key_hash(name: str, algorithm: int, public_key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key).digest()[:KEY_HASH_BYTES]


def _ecdsa_key(der: bytes) -> EllipticCurvePublicKey:
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise Unreadable("vkey", "not a DER public key") from None
    if not isinstance(key, EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise Unreadable("vkey", "not a P-256 key")
    return key


def _check_name(name: str, what: str) -> None:
    if not 0 < len(name) <= NAME_CHARACTERS_MAX:
        raise Unreadable(what, f"a name has 1 to {NAME_CHARACTERS_MAX} characters")
    if "+" in name or CONTROL.search(name) or any(character.isspace() for character in name):
        raise Unreadable(what, "a name has no plus and no white space")
    if not name.isascii():
        _refuse_surrogates(name, what)


def _check_text(text: str) -> None:
    if not text.endswith("\n") or CONTROL.search(text):
        raise Unreadable("text", "must end in a newline and hold no control character")
    _refuse_surrogates(text, "text")


def _refuse_surrogates(text: str, what: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable(what, "a lone surrogate has no UTF-8") from None
