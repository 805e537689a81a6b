"""The evidence others published and the cases made from it, as the shared folder keeps them."""

import csv
import json
from pathlib import Path

from tests.shared import shared

ROOT_SPKI_SHA256 = "a90c4eb5acfd3e3d03a25db6a26b84f720ad0503196c627c21ddd48dd85b06a4"
PINNED = frozenset({ROOT_SPKI_SHA256})
GH100, LS10 = "nv-gh100-2921ce551e4eeda3-434af6fe", "nv-ls10-203eb31ad9ed0008-352fc991"
GB100 = "nv-gb100-e6de55c3bdc14277-5fec340f"


def folder() -> Path:
    """Where it all is."""
    return shared("data", "nvidia")


def files(kind: str) -> list[Path]:
    """The files of `evidence` or `negative`, by name."""
    return sorted((folder() / kind).glob("*.json"))


def record(name: str) -> dict:
    """A record by its id, wherever it lies."""
    kind = "negative" if "--" in name else "evidence"
    return json.loads((folder() / kind / f"{name}.json").read_bytes())


def piece(name: str, **changed) -> bytes:
    """The evidence of a record as a file, with members changed."""
    told = record(name)
    return json.dumps(
        {"cert_chain_pem": told["cert_chain_pem"], "report_hex": told["report_hex"]} | changed
    ).encode()


def table() -> dict[str, dict[str, str]]:
    """The rows of verified_evidence.csv by id."""
    with (folder() / "verified_evidence.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}
