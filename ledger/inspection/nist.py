"""Did a NIST-style randomness beacon (format 2.0) publish this pulse, and which value is it?

Writes a pulse's fields as the beacon hashed them, verifies the RSA signature over those bytes, and derives
the value: SHA-512 of the bytes and the signature, never the `outputValue` somebody sent along. Every field is
octets behind a length or an integer of fixed width, so two pulses cannot share a serialisation. Knows no
certificate: `certificate_id` is one more signed field; the key is the one the beacon was listed with.

Format: NIST IR 8213 (draft), as two public pulses bear out: integers big-endian, u64 for the indices and u32
otherwise, texts and octets behind a u32 length, list values without their URIs. Cipher suite 0 is SHA-512
with RSASSA-PKCS1-v1_5.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha512
from typing import Any, TypeVar

from cryptography.hazmat.primitives.hashes import SHA512

from ledger.inspection.moments import unix_milliseconds
from ledger.inspection.rsa import verifies

Field = TypeVar("Field", int, str)

NIST_SCHEME = "nist-beacon-2.0-rsa-sha512"

VERSIONS = ("Version 2.0", "2.0")  # hashed as given: chain 1 said the first, chain 2 says the second
CIPHER_SUITE = 0
HASH_BYTES = 64
LIST_VALUES = ("previous", "hour", "day", "month", "year")
URI_CHARACTERS_MAX = 255
HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*", re.ASCII)
U32_MAX = 2**32 - 1
U64_MAX = 2**64 - 1


@dataclass(frozen=True, slots=True)
class NistPulse:
    """A pulse's signed fields; hashes of 64 bytes, `period_ms` milliseconds, `list_values` as LIST_VALUES.

    `round` counts the beacon's periods from the genesis it was listed with: the pulse of a round is the one
    whose time stamp is the round's due time. `pulse_index` cannot serve, for it does not count missed ones.
    """

    round: int
    uri: str
    version: str
    period_ms: int
    certificate_id: bytes
    chain_index: int
    pulse_index: int
    time_stamp: str
    local_random_value: bytes
    external_source_id: bytes
    external_status_code: int
    external_value: bytes
    list_values: tuple[bytes, ...]
    precommitment_value: bytes
    status_code: int
    signature: bytes


def nist_randomness(modulus: bytes, chain: str, due: int, period_s: int, pulse: NistPulse) -> bytes | None:
    """The pulse's 64-byte output value; None where it is not what that beacon signed for that moment.

    `modulus`: the RSA key; `chain`: the chain's index in decimal, because one key may sign several chains;
    `due`: Unix seconds the time stamp must say, to the millisecond.
    """
    message = serialised(pulse)
    if message is None or str(pulse.chain_index) != chain or pulse.period_ms != 1000 * period_s:
        return None
    if unix_milliseconds(pulse.time_stamp) != 1000 * due:
        return None
    return output_value(pulse) if verifies(modulus, pulse.signature, message, SHA512()) else None


def output_value(pulse: NistPulse) -> bytes | None:
    """SHA-512 over the serialisation and the bare signature; None where the fields do not fit the format."""
    message = serialised(pulse)
    return None if message is None else sha512(message + pulse.signature).digest()


def follows(earlier: NistPulse, later: NistPulse) -> bool:
    """Whether `later` is the pulse of the same chain right after `earlier`, by both of its hash links.

    It names the earlier output as its previous value, and its local random value is the one the earlier
    pulse was committed to: SHA-512 of it was published a period before. Says nothing about signatures.
    """
    previous = output_value(earlier)
    return (
        previous is not None
        and serialised(later) is not None
        and (later.chain_index, later.pulse_index) == (earlier.chain_index, earlier.pulse_index + 1)
        and later.list_values[0] == previous
        and sha512(later.local_random_value).digest() == earlier.precommitment_value
    )


def serialised(pulse: NistPulse) -> bytes | None:
    """The bytes that are signed and hashed; None where a field is out of range or of another length."""
    hashes = (
        *(pulse.certificate_id, pulse.local_random_value, pulse.external_source_id, pulse.external_value),
        *(*pulse.list_values, pulse.precommitment_value),
    )
    numbers = (pulse.period_ms, pulse.external_status_code, pulse.status_code)
    if any(len(value) != HASH_BYTES for value in hashes) or len(pulse.list_values) != len(LIST_VALUES):
        return None
    if not all(0 <= number <= U32_MAX for number in numbers):
        return None
    if not (0 <= pulse.chain_index <= U64_MAX and 0 <= pulse.pulse_index <= U64_MAX):
        return None
    texts = (pulse.uri, pulse.time_stamp)
    if pulse.version not in VERSIONS or not all(t.isascii() and len(t) <= URI_CHARACTERS_MAX for t in texts):
        return None
    return b"".join(
        (
            *(_text(pulse.uri), _text(pulse.version)),
            *(_u32(CIPHER_SUITE), _u32(pulse.period_ms), _octets(pulse.certificate_id)),
            *(_u64(pulse.chain_index), _u64(pulse.pulse_index), _text(pulse.time_stamp)),
            *(_octets(pulse.local_random_value), _octets(pulse.external_source_id)),
            *(_u32(pulse.external_status_code), _octets(pulse.external_value)),
            *map(_octets, pulse.list_values),
            *(_octets(pulse.precommitment_value), _u32(pulse.status_code)),
        )
    )


def read_published(round_number: int, told: Mapping[str, Any]) -> NistPulse | None:
    """The pulse of that round from JSON as the beacon publishes it, the object under `pulse`.

    None where a field is missing or not of the format, where the list values are not the five in order, and
    where an `outputValue` is told that is not the one that follows.
    """
    try:
        listed, external = told["listValues"], told["external"]
        if told["cipherSuite"] != CIPHER_SUITE or [item["type"] for item in listed] != list(LIST_VALUES):
            return None
        pulse = NistPulse(
            round_number,
            _is(str, told["uri"]),
            _is(str, told["version"]),
            _is(int, told["period"]),
            _unhex(told["certificateId"]),
            _is(int, told["chainIndex"]),
            _is(int, told["pulseIndex"]),
            _is(str, told["timeStamp"]),
            _unhex(told["localRandomValue"]),
            _unhex(external["sourceId"]),
            _is(int, external["statusCode"]),
            _unhex(external["value"]),
            tuple(_unhex(item["value"]) for item in listed),
            _unhex(told["precommitmentValue"]),
            _is(int, told["statusCode"]),
            _unhex(told["signatureValue"]),
        )
        claimed = _unhex(told["outputValue"])
    except (KeyError, TypeError, ValueError):
        return None
    return pulse if output_value(pulse) == claimed else None


def published_of(pulse: NistPulse) -> dict[str, Any]:
    """The pulse as the beacon publishes it, but for the addresses of its list values, which nobody signed.

    `read_published` reads it back. The fields must fit the format.
    """
    value = output_value(pulse)
    assert value is not None, "a pulse that verifies fits the format"
    return {
        "uri": pulse.uri,
        "version": pulse.version,
        "cipherSuite": CIPHER_SUITE,
        "period": pulse.period_ms,
        "certificateId": pulse.certificate_id.hex(),
        "chainIndex": pulse.chain_index,
        "pulseIndex": pulse.pulse_index,
        "timeStamp": pulse.time_stamp,
        "localRandomValue": pulse.local_random_value.hex(),
        "external": {
            "sourceId": pulse.external_source_id.hex(),
            "statusCode": pulse.external_status_code,
            "value": pulse.external_value.hex(),
        },
        "listValues": [
            {"type": name, "value": value.hex()}
            for name, value in zip(LIST_VALUES, pulse.list_values, strict=True)
        ],
        "precommitmentValue": pulse.precommitment_value.hex(),
        "statusCode": pulse.status_code,
        "signatureValue": pulse.signature.hex(),
        "outputValue": value.hex(),
    }


def _is(kind: type[Field], told: object) -> Field:
    """A field of that very type: True is no number."""
    if type(told) is not kind:
        raise TypeError
    return told


def _unhex(told: object) -> bytes:
    text = _is(str, told)
    if HEX.fullmatch(text) is None:
        raise ValueError
    return bytes.fromhex(text)


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _octets(value: bytes) -> bytes:
    return _u32(len(value)) + value


def _text(value: str) -> bytes:
    return _octets(value.encode("ascii"))
