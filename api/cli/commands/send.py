"""How are signed files checked against a ledger, and sent to it? The commands `check` and `send`.

`check` asks whether each statement would be admitted and writes nothing; `send` delivers, verifies every
receipt under the log's key and keeps it beside the file.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.checks.log_keys import read_log_key
from api.cli.delivery.courier import Delivery, bundle_texts
from api.cli.delivery.dry_run import dry_run
from api.cli.delivery.sending import REFUSALS_SHOWN_MAX, SEND_WAIT_S, advise, send_files
from api.cli.paperwork.outbox import chips_of, warn_if_shrunk
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, LogKey, Url, WaitS
from api.cli.screen.terminal import out, print_json, say, table_of

Files = Annotated[
    list[Path], typer.Argument(help="NAME.bundle.json or NAME.ndjson of `sign`.", dir_okay=False)
]


def send(
    files: Files, url: Url, log_key: LogKey = None, wait_s: WaitS = SEND_WAIT_S, as_json: Json = False
) -> None:
    """Send signed files, and keep a verified receipt for every statement.

    May be interrupted and started again: statements whose receipts are in NAME.receipts.jsonl are skipped,
    and sending one twice only gives its receipt again. If the server goes away, send waits for it.
    The log's key is taken from --log-key, or trusted on first use and remembered in NAME.log.vkey.

    \b
    chipledger send chips.bundle.json --url http://127.0.0.1:8440 --log-key example.org/chips+0a1b2c3d+AZ…
    """
    told = None if log_key is None else read_log_key(log_key)
    with LedgerClient(url, wait_s=wait_s) as client:
        delivery = send_files(client, files, told, wait_s=wait_s, quiet=as_json)
    if as_json:
        print_json(_as_object(delivery))
    if delivery.refused:
        raise typer.Exit(1)


def check(
    files: Files,
    url: Annotated[
        str | None,
        typer.Option(envvar="CHIPLEDGER_URL", help="Ask this ledger too; without it, only the file is read."),
    ] = None,
    before: Annotated[
        Path | None, typer.Option(help="An earlier signed file: warn where these name fewer chips.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Would these statements be admitted? A dry run: nothing is written anywhere.

    Reads each statement as the door does and, with --url, has the ledger judge it against the book as it is.
    Statements that stand on one another in one file are judged one by one, so later ones may be refused here
    and admitted when sent in order.

    \b
    chipledger check shipment.bundle.json --url http://127.0.0.1:8440
    """
    if before is not None:
        now = chips_of([raw for file in files for _, raw in bundle_texts(file)])
        warn_if_shrunk(chips_of([raw for _, raw in bundle_texts(before)]), now, before)
    found = dry_run(files, url)
    bad = [one for one in found if one["would"] == "refused"]
    if as_json:
        print_json({"statements": found})
    else:
        _show_check(found, bad, asked=url is not None)
    if bad:
        raise typer.Exit(1)


def _show_check(found: list[dict[str, Any]], bad: list[dict[str, Any]], *, asked: bool) -> None:
    if bad:
        rows = [(one["file"], one["line"], one["reason"], one["detail"]) for one in bad[:REFUSALS_SHOWN_MAX]]
        out.print(table_of("would be refused", ("file", "line", "reason", "detail"), rows))
        advise({one["reason"] for one in bad})
    how = "would be admitted now" if asked else "read well; no ledger was asked (--url)"
    opened = sum(one.get("discrepancies", 0) for one in found)
    opening = f", and would open {opened:,} discrepanc{'y' if opened == 1 else 'ies'}" if opened else ""
    say(f"{len(found) - len(bad):,} of {len(found):,} statements {how}{opening}")


def _as_object(delivery: Delivery) -> dict[str, Any]:
    return {
        "admitted": delivery.admitted,
        "known": delivery.known,
        "held": delivery.held,
        "discrepancies": delivery.discrepancies,
        "refused": [
            {
                "file": str(one.file),
                "line": one.line,
                "statement": one.statement,
                "reason": one.reason,
                "detail": one.detail,
            }
            for one in delivery.refused
        ],
    }
