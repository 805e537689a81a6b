"""How far is a visit, site by site and team by team?

Counts what the ledger has of each drawn chip or position: visited, with which result, what is outstanding and
where, what moved. The parts of the teams are those of the sheets, as long as the book stands still.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.cli.field.visits import Trip, Visit
from api.cli.field.walking import by_group, parted
from ledger.book.rules.tallies import BY_BADNESS
from ledger.book.times import DAY_SECONDS, parse_seconds


@dataclass(frozen=True, slots=True)
class Headway:
    """A team at a site: how many of how many, with which results, and what is left."""

    site: str
    team: int
    visits: tuple[Visit, ...]

    @property
    def visited(self) -> int:
        """How many have a result."""
        return sum(visit.result is not None for visit in self.visits)

    @property
    def results(self) -> dict[str, int]:
        """How many have each result, from harmless to grave."""
        counts = Counter(visit.result for visit in self.visits if visit.result is not None)
        return {word: counts[word] for word in BY_BADNESS if counts[word]}

    @property
    def outstanding(self) -> list[Visit]:
        """What nobody has told of yet, in walking order."""
        return [visit for visit in self.visits if visit.result is None]

    @property
    def remarks(self) -> int:
        """How many moved, are on their way or have ended since the frame."""
        return sum(bool(visit.remark) for visit in self.visits)


def headway_of(trip: Trip, teams: int) -> list[Headway]:
    """Every site and team with something to visit."""
    return [
        Headway(site, team, run)
        for site, visits in by_group(trip.visits).items()
        for team, run in enumerate(parted(visits, teams), start=1)
        if run
    ]


def seconds_left(trip: Trip, now: int) -> int:
    """Until `found_by`; below 0 once it is past. `now` in Unix seconds."""
    return parse_seconds(trip.found_by, "found_by") - now


def left_in_words(seconds: int) -> str:
    """Days, or hours on the last one, or that it is over."""
    if seconds < 0:
        return f"over for {-seconds // DAY_SECONDS} days" if seconds <= -DAY_SECONDS else "over"
    if seconds < 2 * DAY_SECONDS:
        return f"{seconds // 3600} hours left"
    return f"{seconds // DAY_SECONDS} days left"


def headway_object(trip: Trip, parts: Sequence[Headway], now: int) -> dict[str, Any]:
    """All of it for programs."""
    return {
        "inspection": trip.name,
        "found_by": trip.found_by,
        "seconds_left": seconds_left(trip, now),
        "visited": sum(part.visited for part in parts),
        "drawn": len(trip.visits),
        "sheets": [
            {
                "site": part.site,
                "team": part.team,
                "visited": part.visited,
                "drawn": len(part.visits),
                "results": part.results,
                "outstanding": [
                    {"item": visit.item, "reference": visit.reference, "place": visit.place}
                    for visit in part.outstanding
                ],
                "remarks": [{"item": v.item, "remark": v.remark} for v in part.visits if v.remark],
            }
            for part in parts
        ],
    }
