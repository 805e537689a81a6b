"""What does a team's laptop need to check offline what a chip answers?

A JSON file beside the sheets with, for each line, the nonce in full. It names chips by reference only, so it
may lie where the sheets lie: whoever knows a chip's id finds its line, and nobody reads serials out of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from api.cli.field.masking import is_reference_of
from api.cli.field.visits import Sheet, Trip
from signing.canonical import TooLarge, Unreadable

FORMAT = "chipledger-worksheet-1"
SIDECAR_BYTES_MAX = 64 * 1024 * 1024


class _Line(msgspec.Struct, frozen=True):
    """A line of a sheet as far as evidence is concerned."""

    reference: str
    nonce: str


class _Sheet(msgspec.Struct, frozen=True):
    lines: list[_Line]


class _Sidecar(msgspec.Struct, frozen=True):
    format: str
    inspection: str
    statement: str
    sheets: list[_Sheet]


@dataclass(frozen=True, slots=True)
class Nonces:
    """Which nonce each drawn chip of an inspection must answer."""

    inspection: str
    statement: str
    by_reference: dict[str, str]

    def of(self, chip: str) -> str | None:
        """The chip's nonce in hex; None where it was not drawn."""
        named = (name for name in self.by_reference if is_reference_of(name, self.statement, chip))
        return self.by_reference.get(next(named, ""))


def sidecar_text(trip: Trip, sheets: Sequence[Sheet]) -> str:
    """The file: inspection, commitment, and every sheet with its lines."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "inspection": trip.name,
        "statement": trip.inspection["statement"],
        "found_by": trip.found_by,
        "sheets": [_sheet_object(sheet) for sheet in sheets],
    }
    return json.dumps(told, indent=1) + "\n"


def _sheet_object(sheet: Sheet) -> dict[str, Any]:
    lines = [
        {
            "k": k,
            "reference": visit.reference,
            "draw": visit.token,
            "place": visit.place,
            "remark": visit.remark,
            "nonce": visit.ticket,
        }
        for k, visit in enumerate(sheet.visits, start=1)
    ]
    return {"site": sheet.group, "team": sheet.team, "teams": sheet.teams, "lines": lines}


def read_sidecar(path: Path) -> Nonces:
    """The nonces of a worksheet's JSON file; `Unreadable` where it is none."""
    if path.stat().st_size > SIDECAR_BYTES_MAX:
        raise TooLarge(str(path), f"over {SIDECAR_BYTES_MAX:,} bytes")
    try:
        told = msgspec.json.decode(path.read_bytes(), type=_Sidecar)
        bytes.fromhex(told.statement)
    except (msgspec.MsgspecError, UnicodeError, ValueError, RecursionError):
        raise Unreadable(str(path), "is no worksheet of inspect worksheet") from None
    if told.format != FORMAT:
        raise Unreadable(str(path), f"is not in the form {FORMAT}")
    nonces = {line.reference: line.nonce for sheet in told.sheets for line in sheet.lines}
    return Nonces(told.inspection, told.statement, nonces)
