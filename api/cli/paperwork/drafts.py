"""What would this file say, if it were signed?

From the rows of a sheet to the bodies and lines of statements. Promises that every bad row is named with
the number its reader sees, before anything is signed; a column nobody knows is a fault, never left out in
silence. Takes no key, clock or network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from api.cli.paperwork.attestations import EVIDENCE_COLUMN, EvidenceFolder, bearer_of
from api.cli.paperwork.columns import Column, columns_of, other_spellings, put
from api.cli.paperwork.doubts import serial_fault
from api.cli.paperwork.sheets import Row, RowFault, Sheet
from api.cli.paperwork.signing_desk import line_key
from ledger.book.identifiers import first_bad_chip, is_chip
from ledger.book.records.form import Form
from signing.canonical import Unreadable, read_object

# New ids bear the speaker's prefix, so a bare name can only mean one of its own.
OWN_IDS = {
    "site.declared": "site",
    "model.listed": "model",
    "beacon.listed": "beacon",
    "shipment.dispatched": "shipment",
    "shipment.cancelled": "shipment",
    "title.offered": "transfer",
    "title.withdrawn": "transfer",
    "stocktake.declared": "stocktake",
    "lot.produced": "lot",
}
LISTS_ALWAYS_THERE = {"model.listed": "part_numbers", "party.enrolled": "keys"}
NO_SALT = "0" * 32  # stands in while a line's shape is looked at


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its salt, and the row it comes from."""

    number: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement of a row of its own."""

    number: int
    body: dict[str, Any]
    reference: str | None


def own_id(kind: str, party: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body, its new id completed with the speaker's prefix where it is a bare name."""
    field = OWN_IDS.get(kind)
    name = body.get(field or "")
    if field is not None and isinstance(name, str) and name and "/" not in name:
        return {**body, field: f"{party}/{name}"}
    return body


def draft_lines(
    sheet: Sheet,
    form: Form,
    maker: str | None,
    each: Mapping[str, Any],
    evidence: EvidenceFolder | None = None,
) -> tuple[list[Line], list[RowFault]]:
    """The manifest's lines in the sheet's order, and every bad row.

    `maker` completes serials to chip ids; `each` are fields that every row has unless it says otherwise.
    What `evidence` proves of a row's chip is filled in.
    """
    assert form.line is not None
    columns = {name: column for name, column in columns_of(form.line).items() if name != "salt"}
    known = columns | other_spellings(form.line)
    bearer = bearer_of(form)
    extras = ("serial", "maker") if evidence is None else ("serial", "maker", EVIDENCE_COLUMN)
    faults = _unknown_columns(sheet, known, extras)
    if evidence is None and bearer is not None and EVIDENCE_COLUMN in sheet.columns:
        faults.append(RowFault(1, "the column evidence names files: say in which folder, --evidence DIR"))
    if "chip" not in sheet.columns and "serial" not in sheet.columns:
        faults.append(RowFault(1, "there is no column chip, nor serial"))
    if faults:
        return [], faults
    faults, lines = list(sheet.faults), []
    for row in sheet.rows:
        try:
            fields = _read_cells(sheet, row, known, each, extras)
            fields["chip"] = _chip(row, maker)
            if not sheet.is_text or not all(isinstance(cell, str) for cell in row.cells.values()):
                _check_shape({**fields, "salt": NO_SALT}, form.line)
            if evidence is not None and bearer is not None:
                named = row.cells.get(EVIDENCE_COLUMN)
                shown = evidence.filled(row.number, fields["chip"], fields.get(bearer), named)
                fields |= {bearer: shown} if shown else {}
        except Unreadable as fault:
            faults.append(RowFault(row.number, f"{fault.field}: {fault.detail}"))
        else:
            lines.append(Line(row.number, fields))
    faults += _missing(lines, columns)
    faults += _bad_chips(lines)
    faults += _repeated(lines, by_seen="seen" in form.line.__struct_fields__)
    return lines, sorted(faults)


def draft_bodies(
    sheet: Sheet, form: Form, party: str, settings: Mapping[str, Any], folder: Path
) -> tuple[list[Draft], list[RowFault]]:
    """A statement for each row, in the sheet's order, and every bad row. `proof` files lie in `folder`."""
    known = {**columns_of(form.body), **other_spellings(form.body)}
    extras = ("reference", "proof") if "keys" in known else ("reference",)
    faults = _unknown_columns(sheet, known, extras)
    if faults:
        return [], faults
    faults, drafts = list(sheet.faults), []
    for row in sheet.rows:
        try:
            body = _read_cells(sheet, row, known, settings, extras)
            listed = LISTS_ALWAYS_THERE.get(form.kind)
            if listed is not None:
                body.setdefault(listed, [])
            if "proof" in row.cells and "proof" in extras:
                body["keys"] = [
                    *body["keys"],
                    read_proof(folder / str(row.cells["proof"]), body.get("party")),
                ]
            if form.kind == "model.listed":
                body.setdefault("gflops", {})
            body = own_id(form.kind, party, with_proof(body, folder))
            _check_shape(body, form.body)
        except Unreadable as fault:
            faults.append(RowFault(row.number, f"{fault.field}: {fault.detail}"))
        else:
            drafts.append(Draft(row.number, body, row.cells.get("reference")))
    return drafts, sorted(faults)


def with_proof(body: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The body of `key.added` with what its proof file says; every other body as it is."""
    if not isinstance(body.get("proof"), str):
        return body
    return {**body, **read_proof(folder / body["proof"], body.get("party"))}


def read_proof(path: Path, party: object) -> dict[str, Any]:
    """The key and its proof from a file of `keygen`; Unreadable where it is none, or another party's."""
    try:
        found = read_object(path.read_bytes(), str(path))
    except OSError as fault:
        raise Unreadable(str(path), fault.strerror or "cannot be read") from None
    if found.keys() != {"party", "proof", "public_key"}:
        raise Unreadable(str(path), "not a proof file of `chipledger keygen`")
    if party is not None and found["party"] != party:
        raise Unreadable(str(path), f"the proof is of {found['party']!r}, not of {party!r}")
    return {"public_key": found["public_key"], "proof": found["proof"]}


def _unknown_columns(sheet: Sheet, known: Mapping[str, Column], extras: Sequence[str]) -> list[RowFault]:
    tops = {name.partition(".")[0] for name in known} if not sheet.is_text else set()
    unknown = [
        name for name in sheet.columns if name not in known and name not in extras and name not in tops
    ]
    if not unknown:
        return _spoiled_columns(sheet, known)
    there = ", ".join([*extras, *known])
    return [RowFault(1, f"no column is called {', '.join(map(repr, unknown))}; there are {there}")]


def _spoiled_columns(sheet: Sheet, known: Mapping[str, Column]) -> list[RowFault]:
    """Columns under two names of one field: which is meant? Texts kept as numbers."""
    fields: dict[str, str] = {}
    faults = []
    for name in sheet.columns:
        field = known[name].field if name in known else name
        before = fields.setdefault(field, name)
        if before != name:
            faults.append(RowFault(1, f"the columns {before!r} and {name!r} say the same: keep one"))
        is_text = name not in known or known[name].read is str
        if name in sheet.numbers and is_text:
            faults.append(
                RowFault(1, f"the column {name!r} holds numbers, which keep no leading zeros: make it text")
            )
    return faults


def _read_cells(
    sheet: Sheet, row: Row, known: Mapping[str, Column], given: Mapping[str, Any], extras: Sequence[str]
) -> dict[str, Any]:
    # What every row is given is copied: a row's own cells are put into it.
    fields = {name: dict(value) if isinstance(value, dict) else value for name, value in given.items()}
    if not sheet.is_text:
        return fields | {name: value for name, value in row.cells.items() if name not in extras}
    for name, cell in row.cells.items():
        column = known.get(name)
        if column is None:
            continue
        try:
            # Parquet has lists of its own; their shape is looked at with the whole row.
            value = cell if column.read is str or not isinstance(cell, str) else column.read(cell)
        except Unreadable as fault:
            raise Unreadable(name, fault.detail) from None
        if "." in column.field:
            put(fields, column.field, value)
        else:
            fields[column.field] = value
    return fields


def _chip(row: Row, maker: str | None) -> str:
    """The chip's id: given, or its maker's name and its serial."""
    chip, serial = row.cells.get("chip"), row.cells.get("serial")
    if isinstance(serial, int | float):
        raise Unreadable("serial", "a number keeps no leading zeros: write it in quotes, as text")
    if chip is not None and serial is None:
        return str(chip)
    if serial is None:
        raise Unreadable("chip", "there is neither chip nor serial")
    whose = row.cells.get("maker", maker)
    if chip is not None:
        raise Unreadable("serial", "there are both chip and serial: one says it")
    if whose is None:
        raise Unreadable("serial", "whose? Give the column maker, the option --maker, or chip ids")
    return f"{whose}:{serial}"


def _check_shape(value: Mapping[str, Any], shape: type[msgspec.Struct]) -> None:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as fault:
        raise Unreadable("row", str(fault)) from None


def _missing(lines: Sequence[Line], known: Mapping[str, Column]) -> list[RowFault]:
    must = [name for name, column in known.items() if column.required and name != "chip"]
    return [
        RowFault(line.number, f"{name} is missing")
        for line in lines
        for name in must
        if name not in line.fields
    ]


def _bad_chips(lines: Sequence[Line]) -> list[RowFault]:
    chips = [line.fields["chip"] for line in lines]
    spoiled = [serial_fault(chip.partition(":")[2] or chip) for chip in chips]
    faults = [RowFault(line.number, why) for line, why in zip(lines, spoiled, strict=True) if why is not None]
    if first_bad_chip(chips) is None:
        return faults
    for line, why in zip(lines, spoiled, strict=True):
        chip = line.fields["chip"]
        if why is None and not is_chip(chip):
            party, _, serial = chip.partition(":")
            better = (
                f"; did you mean {party}:{serial.upper()}?" if is_chip(f"{party}:{serial.upper()}") else ""
            )
            faults.append(
                RowFault(line.number, f"{chip[:80]!r} is no <maker>:<serial> (A-Z, 0-9, . _ -){better}")
            )
    return faults


def _repeated(lines: Sequence[Line], *, by_seen: bool) -> list[RowFault]:
    first: dict[Any, int] = {}
    faults = []
    for line in lines:
        key = line_key(line.fields) if by_seen else line.fields["chip"]
        before = first.setdefault(key, line.number)
        if before != line.number:
            faults.append(RowFault(line.number, f"{line.fields['chip']} stands in row {before} already"))
    return faults
