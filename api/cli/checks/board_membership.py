"""Which GPUs and switches say of one another that they stand on one board, and does a list agree?

Reads many files of evidence, lets `ledger.device.membership` compare who names whom, and a person's list of
systems with it. Evidence that does not hold is told and left out. No nonce is compared: when the reports were
made is not known here. Takes no log and no clock.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.checks.device_evidence import read_evidence_file
from api.cli.paperwork.files import read_sheet
from ledger.device.evidence import Examined, Expected, Failed
from ledger.device.membership import Disagreement, Edge, Misfit, boards, disagreements, edges
from ledger.device.vendors import examine_all
from signing.canonical import Unreadable

MEANING = {
    Misfit.TWO_SYSTEMS: "they stand on one board, the list has them in two systems",
    Misfit.NO_COMMON_BOARD: "the list has them in one system, and no wire joins them",
    Misfit.NOT_NAMED_BACK: "the one names the other, which names devices, but not this one",
    Misfit.STRANGER: "a switch names a GPU that is in no system of the list",
}


@dataclass(frozen=True, slots=True)
class Reports:
    """Who answered in which file, by its name, and which files' evidence does not hold."""

    files: tuple[str, ...]
    examined: tuple[Examined, ...]
    failed: Mapping[str, Failed]


@dataclass(frozen=True, slots=True)
class Systems:
    """The list: the system of each PDI, and the chips on it whose evidence is not here."""

    by_pdi: Mapping[str, str]
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """What the reports say of one another, and what they and the list do not agree on."""

    edges: tuple[Edge, ...]
    boards: tuple[frozenset[str], ...]
    disagreements: tuple[Disagreement, ...]


def read_reports(paths: Sequence[Path], roots: frozenset[str]) -> Reports:
    """Every file's evidence, held against the roots (hex SHA-256 of their SPKI)."""
    results = examine_all([read_evidence_file(path) for path in paths], Expected(roots))
    sound = [(str(path), one) for path, one in zip(paths, results, strict=True) if isinstance(one, Examined)]
    failed = {str(path): one for path, one in zip(paths, results, strict=True) if isinstance(one, Failed)}
    return Reports(tuple(name for name, _ in sound), tuple(one for _, one in sound), failed)


def read_systems(path: Path, reports: Reports) -> Systems:
    """The list in a file with the columns `system`, and `pdi` or `chip`; other columns are passed over.

    A chip's device is the one whose evidence lies in a file called as the chip is (`<chip>.json`). A row
    without a system says nothing. Raises Unreadable for a list without these columns, for a bad row and for
    a device in two systems.
    """
    sheet = read_sheet(path)
    if "system" not in sheet.columns or not {"pdi", "chip"} & set(sheet.columns):
        raise Unreadable(str(path), "it needs a column system, and a column pdi or chip")
    if sheet.faults:
        raise Unreadable(f"{path}, row {sheet.faults[0].number}", sheet.faults[0].detail)
    answered = {
        Path(name).stem: one.pdi for name, one in zip(reports.files, reports.examined, strict=True) if one.pdi
    }
    systems: dict[str, str] = {}
    unanswered = []
    for row in sheet.rows:
        pdi, chip, system = (row.cells.get(name) for name in ("pdi", "chip", "system"))
        if system is None:
            continue
        if pdi is None and chip is None:
            raise Unreadable(f"{path}, row {row.number}", "it names neither pdi nor chip")
        device = str(pdi).upper() if pdi is not None else answered.get(str(chip))
        if device is None:
            unanswered.append(str(chip))
        elif systems.setdefault(device, str(system)) != str(system):
            raise Unreadable(f"{path}, row {row.number}", f"{device} stands in {systems[device]} already")
    return Systems(systems, tuple(unanswered))


def membership_of(examined: Sequence[Examined], systems: Mapping[str, str] | None) -> Membership:
    """Who names whom; without a list only the names that are not given back are disagreements."""
    found = disagreements(examined, systems or {})
    if systems is None:
        found = tuple(one for one in found if one.misfit is Misfit.NOT_NAMED_BACK)
    return Membership(edges(examined), boards(examined), found)


def membership_facts(found: Membership, reports: Reports, systems: Systems | None) -> dict[str, Any]:
    """The whole of it, for a program."""
    by_pdi = {} if systems is None else systems.by_pdi
    devices = [
        {"file": name, "pdi": one.pdi, "kind": one.kind.value, "identity": one.ik_sha256}
        | ({"system": by_pdi[one.pdi]} if one.pdi in by_pdi else {})
        for name, one in zip(reports.files, reports.examined, strict=True)
    ]
    return {
        "devices": devices,
        "edges": [
            {
                "reporter": edge.reporter,
                "kind": edge.reporter_kind.value,
                "names": edge.names,
                "peer_examined": edge.peer_examined,
                "peer_names_back": edge.peer_names_back,
            }
            for edge in found.edges
        ],
        "boards": [sorted(board) for board in found.boards],
        "disagreements": [
            {"misfit": one.misfit.value, "device": one.device, "other": one.other}
            for one in found.disagreements
        ],
        "failed": [
            {"file": name, "failed": one.check.value, "detail": one.detail}
            for name, one in reports.failed.items()
        ],
        "without_evidence": [] if systems is None else list(systems.unanswered),
    }


def device_rows(found: Membership, reports: Reports, systems: Systems | None) -> list[tuple[Any, ...]]:
    """A row for each device: board (from 1), PDI, kind, system, how many it names and how many confirm it."""
    places = {pdi: number for number, board in enumerate(found.boards, start=1) for pdi in board}
    named = {(edge.reporter, edge.names): edge for edge in found.edges}
    confirmed = Counter(edge.reporter for edge in named.values() if edge.peer_names_back)
    names = Counter(edge.reporter for edge in named.values())
    by_pdi = {} if systems is None else systems.by_pdi
    kinds = {one.pdi: one.kind.value for one in reports.examined if one.pdi}
    order = sorted(kinds, key=lambda pdi: (places.get(pdi, len(places) + 1), kinds[pdi], pdi))
    return [
        (places.get(pdi, ""), pdi, kinds[pdi], by_pdi.get(pdi, ""), names[pdi], confirmed[pdi])
        for pdi in order
    ]
