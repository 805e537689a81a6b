"""How does an analyst ask in SQL: one question, a shell, or in a browser? The commands `sql` and `open`."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.analysis import (
    AsFormat,
    Excel,
    Format,
    JsonShort,
    OutFile,
    answered,
    asked_for,
    form_of,
    hand_on,
    kind_for,
)
from api.cli.loading import Later
from api.cli.remote.client import LedgerClient
from api.cli.remote.provenance import save_answer
from api.cli.remote.reading import open_client
from api.cli.screen.options import At, Json, ReaderKey, ReaderParty, Url
from api.cli.screen.terminal import out, print_json, say, wrong_usage
from api.cli.shell.talk import Talk, read_answer, show_answer
from api.cli.shell.waiting import QUERY_BYTES_MAX, put, put_and_watch, put_whole

STANDARD_INPUT = "-"
TALK_AT_TERMINAL = Later("api.cli.shell.prompt", "talk_at_terminal")
HISTORY_OF_THIS_USER = Later("api.cli.shell.prompt", "history_of_this_user")
SCRIPT_CHARACTERS_MAX = 16 * QUERY_BYTES_MAX


def sql(
    url: Url,
    query: Annotated[
        str | None,
        typer.Argument(
            help="One SELECT, or - to read it from standard input, or @FILE; without it, a shell."
        ),
    ] = None,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    at: At = None,
    form: AsFormat = Format.TABLE,
    as_json: JsonShort = False,
    excel: Excel = False,
    out_file: OutFile = None,
) -> None:
    """Ask a question in SQL of a snapshot of the whole ledger; without one, many, in a shell.

    For analysts, verifiers and the registrar. The views are snapshot, entry, party_span, party_ancestor,
    model, site, lot, chip, chip_span, chip_event, shipment, discrepancy, discrepancy_chip, stocktake,
    inspection, inspection_item, claim; DESCRIBE chip lists a view's columns.

    \b
    chipledger sql "SELECT custodian, count(*) AS chips FROM chip GROUP BY 1 ORDER BY 2 DESC"
    chipledger sql @question.sql --format csv > answer.csv
    chipledger sql @question.sql --out answer.parquet
    chipledger sql
    """
    if query is None:
        _shell(url, party, key, at)
        return
    text = _query(query)
    form = form_of(form, as_json=as_json, excel=excel)
    with open_client(url, party, key) as client:
        if out_file is not None:
            kind = kind_for(out_file, form)
            answer = answered(lambda: put_whole(client, text, kind, at))
            save_answer(client, answer, out_file, kind, {"query": text, "parameters": {}})
            return
        raw = answered(lambda: put(client, text, asked_for(form), at))
    if form is not Format.TABLE:
        hand_on(raw, excel=excel)
        return
    show_answer(read_answer(raw))


def open_(
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    browser: Annotated[bool, typer.Option("--browser", help="Open it in this machine's browser.")] = False,
    as_json: Json = False,
) -> None:
    """Let a browser read as you, for an hour: prints a link that is good once, for two minutes.

    The pages for analysts are behind it: questions in SQL, reports. A browser that was let in can look at
    what you may see, and can sign or send nothing.
    """
    if party is None:
        raise wrong_usage("who is to be let in?", "say --party and --key")
    with open_client(url, party, key) as client:
        told = client.post("/sessions", {}).json()
    link = url.rstrip("/") + told["path"]
    if as_json:
        print_json({"link": link, "expires_at": told["expires_at"]})
        return
    out.print(link, soft_wrap=True)
    say(f"good once, until {told['expires_at']}; whoever opens it reads as {party}")
    if browser:
        typer.launch(link)


def _shell(url: str, party: str | None, key: Path | None, at: int | None) -> None:
    with open_client(url, party, key) as client:
        if not sys.stdin.isatty():
            talk = Talk(partial(_plain, client), at)
            talk.take(sys.stdin.read(SCRIPT_CHARACTERS_MAX))
            if talk.faults:
                raise typer.Exit(1)
            return
        with open_client(url, party, key) as watcher:
            talk = Talk(partial(_watched, client, watcher), at)
            TALK_AT_TERMINAL.load()(talk, HISTORY_OF_THIS_USER.load()())


def _plain(client: LedgerClient, query: str, form: str, at: int | None) -> bytes:
    return answered(lambda: put(client, query, form, at))


def _watched(client: LedgerClient, watcher: LedgerClient, query: str, form: str, at: int | None) -> bytes:
    return answered(lambda: put_and_watch(client, watcher, query, form, at))


def _query(text: str) -> str:
    if text == STANDARD_INPUT:
        return sys.stdin.read(SCRIPT_CHARACTERS_MAX)
    if text.startswith("@"):
        return Path(text[1:]).read_text(encoding="utf-8")
    return text
