"""A NIST beacon of one's own for tests: a real pulse's fields under a test key."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512

from ledger.inspection.beacon import Beacon, round_due_after
from ledger.inspection.moments import unix_milliseconds
from ledger.inspection.nist import NIST_SCHEME, output_value, read_published, serialised
from tests.inspection.own_keys import modulus_of, rsa_key
from tests.shared import vectors

GENESIS = 1_514_764_800  # 2018-01-01T00:00:00Z


def published():
    return json.loads(vectors("randomness", "nist_beacon_v2.json").read_text())


def beacon_of(chain, number=0):
    return Beacon("nist", NIST_SCHEME, modulus_of(rsa_key(number)), GENESIS, 60, str(chain))


def signed(pulse, number=0, digest=None):
    message = serialised(pulse)
    return replace(pulse, signature=rsa_key(number).sign(message, PKCS1v15(), digest or SHA512()))


def own_pulse(which=1):
    """The fields of a real pulse under the tests' key, and the beacon that would have published it."""
    told = published()[which]["pulse"]
    beacon = beacon_of(told["chainIndex"])
    number = round_due_after(beacon, unix_milliseconds(told["timeStamp"]) // 1000)
    return beacon, signed(read_published(number, told))


def published_at(due, number, period_s=60):
    """A pulse of the tests' own for the moment of a round, as the server sends the object under `pulse`."""
    told = published()[1]["pulse"]
    stamp = f"{datetime.fromtimestamp(due, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    fields = {"time_stamp": stamp, "period_ms": 1000 * period_s}
    pulse = signed(replace(read_published(number, told), **fields))
    proof = {
        "signatureValue": pulse.signature.hex().upper(),
        "outputValue": output_value(pulse).hex().upper(),
    }
    return {**told, "timeStamp": stamp, "period": 1000 * period_s, **proof}
