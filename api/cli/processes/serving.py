"""The work of `serve`: a ledger, open, behind a port, until a signal ends it."""

import sys
from pathlib import Path

from pydantic import SecretStr, ValidationError
from rich.markup import escape

from api.cli.paperwork.keychain import ask_password
from api.cli.processes.handover import Request, carry_out
from api.cli.screen.terminal import Ended, say, warn, wrong_usage
from api.http.serve import log_operations, print_listening, serve
from api.settings import Settings
from api.wiring import Ledger
from ledger.durability.floor import ReadOnly
from ledger.folder import LedgerFolder
from ledger.storage.database import UnfitDatabase
from signing.signer import key_file_is_encrypted


def serve_folder(request: Request) -> None:
    """Serve until told to stop; `Ended` where the ledger must not or cannot be opened."""
    folder = LedgerFolder(Path(request["folder"]))
    try:
        settings = Settings()
    except ValidationError as fault:
        raise wrong_usage(f"settings: {fault.errors()[0]['loc'][0]}: {fault.errors()[0]['msg']}") from None
    if settings.key_password is None and key_file_is_encrypted(folder.log_key):
        password = ask_password(f"Password of {folder.log_key}: ").decode()
        settings = settings.model_copy(update={"key_password": SecretStr(password)})
    log_operations()  # before the first word of the ledger's: standard output is for one line
    try:
        ledger = Ledger.open(folder, settings)
    except ReadOnly as fault:
        raise Ended(f"the ledger must not go on: {fault}") from None
    except UnfitDatabase as fault:
        raise Ended(str(fault)) from None
    stopped = ledger.sequencer.stopped
    if stopped is not None:
        warn(f"this ledger is only read from and takes no statements. {stopped}")

    def listening(origin: str, host: str, port: int) -> None:
        print_listening(origin, host, port)
        if sys.stderr.isatty():
            size = f"{ledger.head().size:,} entries"
            say(f"serving [bold]{escape(origin)}[/], {size}, on port {port}; Ctrl-C ends it")

    try:
        serve(ledger, request["host"], request["port"], listening)
    finally:
        ledger.close()


if __name__ == "__main__":
    carry_out(serve_folder)
