"""How does a command say one thing to the ledger: sign it, keep it in a file, send it, keep the receipt?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from api.cli.checks.log_keys import read_log_key
from api.cli.delivery.sending import SEND_WAIT_S, pinned_key, send_files
from api.cli.paperwork.headers import Header
from api.cli.paperwork.proofreading import proofread
from api.cli.paperwork.signing_desk import Row, sign_statement, write_bundles
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import EXIT_REFUSED, Ended, say


def sign_into(
    file: Path,
    header: Header,
    kind: str,
    body: Mapping[str, Any],
    *,
    rows: Sequence[Row] | None = None,
    reference: str | None = None,
) -> None:
    """Sign a statement into a file; `Ended` with the law's fault, where it finds one, and nothing written."""
    times = header.occurred_at, header.expires_at
    bundle = sign_statement(header.signer, header.log, kind, header.party, body, rows, *times, reference)
    faults = proofread(bundle, ())
    if faults:
        raise Ended(faults[0].detail, "correct the options; nothing was signed")
    write_bundles(file, [bundle])
    say(f"[green]signed[/] [bold]{file}[/]")


def send_now(
    client: LedgerClient,
    file: Path,
    log_key: str | None,
    *,
    wait_s: float = SEND_WAIT_S,
    quiet: bool = False,
) -> None:
    """Send a file of one statement; the command ends where it is refused."""
    pinned = pinned_key(client, file) if log_key is None else read_log_key(log_key)
    if send_files(client, [file], pinned, wait_s=wait_s, quiet=quiet).refused:
        raise typer.Exit(EXIT_REFUSED)
