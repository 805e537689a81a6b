"""In which order does a team walk, and who takes which part?

Sites by name; within a site system, then slot, numbers by value, so that rack 2 comes before rack 10. A site
is split among teams into runs of the walk as equal as can be, so that two teams never share a row for long.
Same visits, same sheets. Knows no ledger.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from api.cli.field.visits import Sheet, Trip, Visit

DIGITS = re.compile(r"([0-9]+)")

WalkingKey = tuple[tuple[tuple[int, int, str], ...], ...]


def natural(text: str | None) -> tuple[tuple[int, int, str], ...]:
    """A key that orders numbers within names by value; what has no name comes last."""
    if text is None:
        return ((2, 0, ""),)
    parts = DIGITS.split(text)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part)


def walking_key(visit: Visit) -> WalkingKey:
    """System, slot, then the item, which settles what the book leaves open; what travels by shipment."""
    if visit.is_position:
        return (natural(visit.item),)
    # The reference, not the id: the order of serials would tell their order to whoever holds the sheet.
    return natural(visit.shipment or visit.system), natural(visit.slot), ((1, 0, visit.reference),)


def by_group(visits: Iterable[Visit]) -> dict[str, list[Visit]]:
    """The visits of each site in walking order, sites by name."""
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(visit.group, []).append(visit)
    return {group: sorted(groups[group], key=walking_key) for group in sorted(groups)}


def parted(visits: Sequence[Visit], teams: int) -> list[tuple[Visit, ...]]:
    """A walk in as many runs as there are teams, the first ones longer by one where it does not come out."""
    each, more = divmod(len(visits), teams)
    runs, start = [], 0
    for team in range(teams):
        stop = start + each + (team < more)
        runs.append(tuple(visits[start:stop]))
        start = stop
    return runs


def sheets_of(trip: Trip, teams: int, titles: Mapping[str, str]) -> list[Sheet]:
    """Every sheet that has a line on it, by site and team."""
    return [
        Sheet(trip.name, group, team, teams, trip.found_by, run, titles.get(group, ""))
        for group, visits in by_group(trip.visits).items()
        for team, run in enumerate(parted(visits, teams), start=1)
        if run
    ]
