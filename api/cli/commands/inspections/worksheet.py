"""What do inspectors carry? The command `inspect worksheet`."""

import re
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Name
from api.cli.draws.naming import own_name
from api.cli.field.masking import SALT_BYTES
from api.cli.field.titles import read_titles
from api.cli.field.visits import Sheet
from api.cli.field.walking import sheets_of
from api.cli.field.whereabouts import read_trip
from api.cli.loading import Later
from api.cli.remote.reading import open_client
from api.cli.screen.options import Json, Key, Party, Url
from api.cli.screen.terminal import Ended, out, print_json, say, table_of, wrong_usage

PACK = Later("api.cli.field.packing", "pack")  # fonts and printing, which only sheets need
TEAM = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})")


def worksheet(
    name: Name,
    *,
    key: Key,
    party: Party,
    url: Url,
    team: Annotated[
        str, typer.Option(metavar="N/M", help="Only team N of M; 0/M makes the sheets of all M.")
    ] = "1/1",
    site: Annotated[list[str] | None, typer.Option(help="Only this site, or in-transit.")] = None,
    outstanding: Annotated[
        bool, typer.Option("--outstanding", help="Only what has no result in the ledger yet.")
    ] = False,
    sites: Annotated[
        Path | None, typer.Option(metavar="CSV", help="What sites are called: columns site and name.")
    ] = None,
    font: Annotated[Path | None, typer.Option(help="A TrueType font for letters of your own.")] = None,
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")] = Path("."),
    as_json: Json = False,
) -> None:
    """Make the sheets that inspectors carry: on paper, on a phone, and as CSV.

    One set of files for each site and team, in walking order, with serials masked: what is seen is read off
    the chip. Chips that moved since the frame stand with the site they are at now; those on their way have a
    sheet of their own. The JSON file holds the nonces that chips answer, for device verify --worksheet.

    \b
    chipledger inspect worksheet visit-1 --out sheets --url http://127.0.0.1:8440
    chipledger inspect worksheet visit-1 --team 0/3 --site north-dc/hall --sites names.csv --out sheets
    """
    inspection = own_name(name, party)
    number, teams = _team(team)
    titles = read_titles(sites)
    with open_client(url, party, key) as client:
        trip = read_trip(client, inspection)
    if outstanding:
        trip = type(trip)(trip.inspection, tuple(visit for visit in trip.visits if visit.result is None))
    groups = {visit.group for visit in trip.visits}
    absent = sorted(set(site or ()) - groups)
    if absent:
        raise wrong_usage(
            f"nothing to visit at {', '.join(absent)}", f"there is at {', '.join(sorted(groups))}"
        )
    sheets = [sheet for sheet in sheets_of(trip, teams, titles) if _wanted(sheet, number, site)]
    if not sheets:
        raise Ended("there is nothing to visit", "chipledger inspect progress")
    pack = PACK.load()
    files = pack(folder, trip, sheets, _now(), font=font, salt_of=lambda _: secrets.token_bytes(SALT_BYTES))
    if as_json:
        print_json({"inspection": inspection, "files": [str(path) for path in files]})
        return
    rows = [(one.group, one.team, len(one.visits), sum(bool(v.remark) for v in one.visits)) for one in sheets]
    out.print(table_of(f"sheets of {inspection}", ("site", "team", "to visit", "remarks"), rows))
    say(f"{len(files):,} files in {folder}; all to be visited before {trip.found_by}")
    say("findings come back as CSV: chipledger inspect record")


def _team(text: str) -> tuple[int, int]:
    """Which team of how many; 0 for all of them."""
    found = TEAM.fullmatch(text.replace("0/", "1/", 1) if text.startswith("0/") else text)
    if found is None or int(found[1]) > int(found[2]):
        raise wrong_usage(
            f"--team {text!r} is not N/M", "such as 2/3 for the second team of three, 0/3 for all"
        )
    return (0 if text.startswith("0/") else int(found[1])), int(found[2])


def _wanted(sheet: Sheet, number: int, sites: list[str] | None) -> bool:
    return number in (0, sheet.team) and (not sites or sheet.group in sites)


def _now() -> datetime:
    return datetime.fromtimestamp(int(time.time()), UTC)
