"""How does a demo get a beacon round that is due in a minute?

A beacon in drand's unchained scheme with a key of one's own, for demo and test logs, which list it in the
log and say so: whoever holds its secret can compute every round in advance, so it proves nothing to anybody
else. Its pulses verify under the same code as drand's. The secret comes from the caller; the signer knows no
clock, network or file, the commands below it (`python -m api.cli.demo_beacon`) the clock and one file.
"""

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from ledger.book.records.inspections import InspectionCommitted
from ledger.book.times import parse_seconds
from ledger.inspection.beacon import G1_HASH_DOMAIN, QUICKNET_SCHEME, ROUND_MAX
from signing.canonical import Unreadable

GROUP_ORDER = int("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)
SCALAR_BYTES = 32
GENESIS = "2020-01-01T00:00:00Z"
PERIOD_S = 1
SECRET_DEFAULT = 4711
Secret = Annotated[int, typer.Option(min=1, help="The beacon's secret, which here is none.")]


class DemoBeaconSigner:
    """Signs rounds of scheme `bls-unchained-g1-rfc9380`: signatures of 48 bytes in G1, a key of 96 in G2."""

    scheme = QUICKNET_SCHEME

    def __init__(self, secret: int) -> None:
        """`secret` is from 1 to the group order less one; ValueError otherwise."""
        if not 1 <= secret < GROUP_ORDER:
            raise ValueError("secret must lie between 1 and the group order less one")
        self._secret = Scalar.from_be_bytes(secret.to_bytes(SCALAR_BYTES, "big"))
        self.public_key: bytes = bytes((G2Point() * self._secret).to_compressed_bytes())

    def pulse(self, round_number: int) -> bytes:
        """The signature of the round; its SHA-256 is the round's randomness."""
        if not 1 <= round_number <= ROUND_MAX:
            raise ValueError(f"round_number must lie between 1 and {ROUND_MAX}")
        message = sha256(round_number.to_bytes(8, "big")).digest()
        return bytes((G1Point.hash_to_curve(message, G1_HASH_DOMAIN) * self._secret).to_compressed_bytes())


app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A beacon of one's own with a round every second, to try things out: it proves nothing to others.",
)


@app.command("list")
def list_beacon(name: str = "demo", secret: Secret = SECRET_DEFAULT) -> None:
    """Print the file that lists it, for `chipledger sign beacon.listed`."""
    signer = DemoBeaconSigner(secret)
    print("beacon,scheme,public_key,genesis,period_s,source")
    print(f"{name},{signer.scheme},{signer.public_key.hex()},{GENESIS},{PERIOD_S},a demo beacon: no secret")


@app.command()
def pulse(
    which: Annotated[
        str,
        typer.Argument(metavar="ROUND|FILE", help="A round, or NAME.committed.bundle.json that names it."),
    ],
    secret: Secret = SECRET_DEFAULT,
) -> None:
    """Print the pulse of a round once it is due, for `chipledger inspect draw --pulse`."""
    number = int(which) if which.isdecimal() else _round_in(Path(which))
    if not 1 <= number <= ROUND_MAX:
        raise typer.BadParameter(f"a round lies between 1 and {ROUND_MAX}")
    due = parse_seconds(GENESIS, "genesis") + (number - 1) * PERIOD_S
    time.sleep(max(0, due - time.time()))  # no beacon speaks before its time
    print(json.dumps({"round": number, "signature": DemoBeaconSigner(secret).pulse(number).hex()}))


def _round_in(path: Path) -> int:
    """The round of a commitment's first stage."""
    try:
        body = read_statement(read_bundle(path.read_bytes())).body
    except (OSError, Unreadable) as fault:
        raise typer.BadParameter(str(fault)) from None
    if not isinstance(body, InspectionCommitted):
        raise typer.BadParameter(f"{path} holds no inspection.committed")
    return body.stages[0].round


if __name__ == "__main__":
    app()
