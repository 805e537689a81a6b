"""What is on its way to this party, and which chips of a shipment are still to come?

Asks the ledger as the receiver, and knows no more than the receiver may see: lines that were refused,
cancelled or lost before are told as a number only. Decides nothing.
"""

from dataclasses import dataclass
from typing import Any

from api.cli.remote.client import LedgerClient
from ledger.book.identifiers import is_named
from signing.canonical import read_object

LOOKED_UP_AT_ONCE = 1_000
IN_TRANSIT = "in_transit"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A shipment as the ledger has it, the chips that may still come, and how many of those will not."""

    shipment: dict[str, Any]
    chips: tuple[str, ...]
    closed_unseen: int


def inbox(client: LedgerClient) -> list[dict[str, Any]]:
    """Open shipments to whoever asks."""
    return list(client.items("/shipments", {"to": "me", "state": "open"}))


def awaited(client: LedgerClient, shipment: str) -> Awaited:
    """What is still to come of a shipment; `ProblemAnswer` where it is not the asker's to see."""
    assert is_named(shipment)
    told = client.get_json(f"/shipments/{shipment}")
    raw = client.get(f"/manifests/{told['statement']}").content
    chips = [str(read_object(line, "line")["chip"]) for line in raw.split(b"\n") if line]
    if told["received"]:
        chips = _not_here(client, shipment, chips)
    gone = told["received"] + told["refused"] + told["cancelled"] + told["lost"]
    return Awaited(told, tuple(chips), max(0, len(chips) - (told["sent"] - gone)))


def _not_here(client: LedgerClient, shipment: str, chips: list[str]) -> list[str]:
    """Without those that the asker has received: a chip on its way shows to its sender alone."""
    open_still = []
    for start in range(0, len(chips), LOOKED_UP_AT_ONCE):
        part = chips[start : start + LOOKED_UP_AT_ONCE]
        found = {item["chip"]: item for item in client.post_json("/chips/lookup", {"chips": part})["items"]}
        for chip in part:
            row = found.get(chip)
            if row is None or (row["status"] == IN_TRANSIT and row["shipment"] == shipment):
                open_still.append(chip)
    return open_still
