"""Do the devices that were examined stand together as the book says?

On a baseboard GPUs name the switches they are wired to, and switches name GPUs, each inside its own signed
report. A name one side gives is a claim; given from both sides it is confirmed. Devices are named by PDI,
and `systems` maps the PDI of a device to the system the book has it in. A device that names nobody proves
nothing, and neither does a report without a nonce of ours: whoever compares has checked that before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ledger.device.evidence import Examined, Kind


@dataclass(frozen=True, slots=True)
class Edge:
    """A device's signed word that it is wired to another: `reporter` and `names` are PDIs."""

    reporter: str
    reporter_kind: Kind
    names: str
    peer_examined: bool
    peer_names_back: bool


class Misfit(Enum):
    """How signed reports and the claimed systems can disagree."""

    TWO_SYSTEMS = "two_systems"
    """Two devices of one confirmed board, and the book has them in different systems."""
    NO_COMMON_BOARD = "no_common_board"
    """Two GPUs of one system name switches, and no wire anybody names leads from one to the other."""
    NOT_NAMED_BACK = "not_named_back"
    """A device names another, whose own reports name devices, but not this one."""
    STRANGER = "stranger"
    """A switch names a GPU that is in no system of the book."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two devices, by PDI, about which the reports and the book disagree."""

    misfit: Misfit
    device: str
    other: str


def edges(examined: Sequence[Examined]) -> tuple[Edge, ...]:
    """Every name given, report by report in their order, then by the named PDI.

    Two reports of one device each give their edges; a peer names back if any of its reports does.
    """
    named = _named(examined)
    return tuple(
        Edge(one.pdi, one.kind, peer, peer in named, one.pdi in named.get(peer, frozenset()))
        for one in examined
        if one.pdi
        for peer in one.neighbours
    )


def boards(examined: Sequence[Examined]) -> tuple[frozenset[str], ...]:
    """The groups of PDIs that names given from both sides hold together, largest first, loners left out."""
    groups = _groups((edge.reporter, edge.names) for edge in edges(examined) if edge.peer_names_back)
    return tuple(sorted(set(groups.values()), key=lambda members: (-len(members), min(members))))


def disagreements(examined: Sequence[Examined], systems: Mapping[str, str]) -> tuple[Disagreement, ...]:
    """What the book's systems and the signed reports do not agree on, sorted by kind of misfit and PDIs.

    A device without a system is compared with nothing. That the book has more devices in a system than
    reports name is no disagreement: they may not have been asked. Switches may be missing from the book.
    """
    found = _split(examined, systems) + _apart(examined, systems)
    named = _named(examined)
    for edge in edges(examined):
        if named.get(edge.names) and not edge.peer_names_back:
            found.append(Disagreement(Misfit.NOT_NAMED_BACK, edge.reporter, edge.names))
        if edge.reporter_kind is Kind.SWITCH and edge.names not in systems:
            found.append(Disagreement(Misfit.STRANGER, edge.reporter, edge.names))
    order = list(Misfit)
    return tuple(sorted(set(found), key=lambda one: (order.index(one.misfit), one.device, one.other)))


def _split(examined: Sequence[Examined], systems: Mapping[str, str]) -> list[Disagreement]:
    """The devices of a confirmed board in another system than its first."""
    found: list[Disagreement] = []
    for board in boards(examined):
        known = sorted(pdi for pdi in board if pdi in systems)
        found += [
            Disagreement(Misfit.TWO_SYSTEMS, known[0], pdi)
            for pdi in known
            if systems[pdi] != systems[known[0]]
        ]
    return found


def _apart(examined: Sequence[Examined], systems: Mapping[str, str]) -> list[Disagreement]:
    """The GPUs of a system that no named wire joins to the system's first."""
    groups = _groups((edge.reporter, edge.names) for edge in edges(examined))
    first: dict[str, str] = {}
    found: list[Disagreement] = []
    for pdi in sorted({one.pdi for one in examined if one.kind is Kind.GPU and one.pdi and one.neighbours}):
        if pdi in systems:
            other = first.setdefault(systems[pdi], pdi)
            if pdi not in groups[other]:
                found.append(Disagreement(Misfit.NO_COMMON_BOARD, other, pdi))
    return found


def _groups(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Device -> all that pairs join to it, itself among them."""
    groups: dict[str, set[str]] = {}
    for one, other in pairs:
        here, there = groups.setdefault(one, {one}), groups.setdefault(other, {other})
        if here is there:
            continue
        larger, smaller = (here, there) if len(here) >= len(there) else (there, here)
        larger |= smaller
        groups |= dict.fromkeys(smaller, larger)
    return {device: frozenset(members) for device, members in groups.items()}


def _named(examined: Sequence[Examined]) -> dict[str, frozenset[str]]:
    """Device -> the PDIs that any of its reports names."""
    named: dict[str, frozenset[str]] = {}
    for one in examined:
        if one.pdi:  # a certificate in an unknown form names no device
            named[one.pdi] = named.get(one.pdi, frozenset()) | frozenset(one.neighbours)
    return named
