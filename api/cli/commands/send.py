"""How are signed files sent to a ledger? The command `send`.

Delivers, verifies every receipt under the log's key, and keeps it beside the file.
"""

from typing import Any

import typer

from api.cli.checks.log_keys import read_log_key
from api.cli.delivery.courier import Delivery
from api.cli.delivery.sending import SEND_WAIT_S, send_files
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, LogKey, SignedFiles, Url, WaitS
from api.cli.screen.terminal import print_json


def send(
    files: SignedFiles, url: Url, log_key: LogKey = None, wait_s: WaitS = SEND_WAIT_S, as_json: Json = False
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
