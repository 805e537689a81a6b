"""What does an inspection come to? The command `inspect close`."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Name
from api.cli.delivery.saying import send_now, sign_into
from api.cli.delivery.sending import SEND_WAIT_S
from api.cli.draws.naming import own_name
from api.cli.paperwork.headers import header_of
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, Key, Log, LogKey, Party, Url, WaitS
from api.cli.screen.terminal import Ended, out, print_json, say, table_of, warn
from api.cli.verdicts.case import Case, fetch_case
from api.cli.verdicts.closing import GIVEN_UP, Closing, closing_of
from api.cli.verdicts.wording import results_table


def close(
    name: Name,
    *,
    key: Key,
    party: Party,
    log: Log,
    url: Url,
    verdict: Annotated[
        str | None,
        typer.Option(help=f"Only to give a stage up that is not drawn: {' or '.join(GIVEN_UP)}."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign although something is undone.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Sign nothing, only say it.")] = False,
    occurred_at: Annotated[str, typer.Option(help="When: a time, a day, or now.")] = "now",
    log_key: LogKey = None,
    wait_s: WaitS = SEND_WAIT_S,
    as_json: Json = False,
) -> None:
    """Reckon the verdict on this machine, say it, sign it and send it.

    Every number follows from the log: results, upper bound, known missing and off-book apart, draw k of m.
    The log reckons them again and refuses any other. What is undone is said first, and asked about.

    \b
    chipledger inspect close visit-1 --dry-run --key agency.pem --party agency \\
        --log example.org/chips --url http://127.0.0.1:8440
    """
    name = own_name(name, party)
    bare = name.partition("/")[2]
    header = header_of(key, party, log, occurred_at)
    with LedgerClient(url, party, header.signer, wait_s=wait_s, origin=log) as client:
        case = fetch_case(client, name)
        closing = closing_of(case, verdict, int(time.time()))
        if not as_json:
            _show(case, closing)
        if not dry_run:
            _ask(closing, yes=yes)
            file = Path(f"{bare}.closed.bundle.json")
            sign_into(file, header, "inspection.closed", closing.body)
            send_now(client, file, log_key, wait_s=wait_s, quiet=as_json)
    if as_json:
        said = {"inspection": name, "verdict": closing.verdict, "sentence": closing.sentence}
        print_json(said | {"undone": list(closing.undone), "signed": not dry_run, "body": closing.body})
    elif dry_run:
        say("nothing was signed; without --dry-run it is")


def _show(case: Case, closing: Closing) -> None:
    out.print(table_of(case.row.inspection, *results_table(case)))
    out.print(closing.sentence, markup=False)
    for one in closing.undone:
        warn(one)


def _ask(closing: Closing, *, yes: bool) -> None:
    """Go on where nothing is undone, or a person says so; `Ended` where nobody is there to ask."""
    if yes or not closing.undone:
        return
    if not sys.stdin.isatty():
        raise Ended(
            f"not signed, for something is undone: {'; '.join(closing.undone)}", "--yes signs all the same"
        )
    if not typer.confirm("Sign all the same?"):
        raise Ended("not signed", "do what is undone, and close then")
