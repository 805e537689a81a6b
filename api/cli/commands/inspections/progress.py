"""How far are the inspectors? The command `inspect progress`."""

import time
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Name
from api.cli.draws.naming import own_name
from api.cli.field.headway import headway_object, headway_of, left_in_words, seconds_left
from api.cli.field.whereabouts import read_trip
from api.cli.remote.reading import open_client
from api.cli.screen.options import Json, Key, Party, Url
from api.cli.screen.terminal import out, print_json, say, table_of

OUTSTANDING_SHOWN_MAX = 30
TEAMS_MAX = 999


def progress(
    name: Name,
    *,
    key: Key,
    party: Party,
    url: Url,
    teams: Annotated[int, typer.Option(min=1, max=TEAMS_MAX, help="How many teams share each site.")] = 1,
    as_json: Json = False,
) -> None:
    """How many were visited, with which results, and what is left, by site and team.

    Counts what the ledger has: findings that are still on paper are not in it.

    \b
    chipledger inspect progress visit-1 --teams 2 --url http://127.0.0.1:8440
    """
    with open_client(url, party, key) as client:
        trip = read_trip(client, own_name(name, party))
    parts, now = headway_of(trip, teams), int(time.time())
    if as_json:
        print_json(headway_object(trip, parts, now))
        return
    rows = [
        (
            part.site,
            f"{part.team} of {teams}",
            f"{part.visited} of {len(part.visits)}",
            ", ".join(f"{count} {word}" for word, count in part.results.items()),
            len(part.outstanding),
            part.remarks,
        )
        for part in parts
    ]
    columns = ("site", "team", "visited", "results", "outstanding", "moved or ended")
    out.print(table_of(f"progress of {trip.name}", columns, rows))
    left = [(part, visit) for part in parts for visit in part.outstanding]
    if left:
        shown = [
            (part.site, visit.place, visit.item, visit.reference, visit.remark)
            for part, visit in left[:OUTSTANDING_SHOWN_MAX]
        ]
        out.print(table_of("outstanding", ("site", "place", "item", "reference", "remark"), shown))
    if len(left) > OUTSTANDING_SHOWN_MAX:
        say(f"{len(left):,} outstanding, {OUTSTANDING_SHOWN_MAX} of them shown; all: --json")
    visited = sum(part.visited for part in parts)
    out.print(
        f"{visited:,} of {len(trip.visits):,} visited; all before {trip.found_by}: "
        f"{left_in_words(seconds_left(trip, now))}",
        markup=False,
    )
