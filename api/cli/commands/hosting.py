"""How does a ledger begin, and how is it served? The commands `init` and `serve`.

`init` makes a folder with the log's key and entry 0, signed by the registrar; `serve` runs it on this machine
until it is told to stop. Both are done by processes of their own (`processes.founding`, `processes.serving`).
"""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.processes.handover import become, have_done
from api.cli.screen.terminal import wrong_usage

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The ledger's folder.", file_okay=False)]


def init(
    folder: Folder,
    origin: Annotated[str, typer.Option(help="The log's name for ever, such as example.org/chips.")],
    registrar: Annotated[str, typer.Option(help="The registrar's party id.")],
    registrar_key: Annotated[Path, typer.Option(help="The registrar's key file; it signs entry 0.")],
    *,
    registrar_name: Annotated[str | None, typer.Option(help="As people know it. Default: its id.")] = None,
    registrar_country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2.")] = "CH",
    beacon_lead_s: Annotated[
        int, typer.Option(min=1, help="From a commitment to its round, in seconds.")
    ] = 600,
    timely_lead_s: Annotated[
        int, typer.Option(min=0, help="From cosignatures to the round, in seconds.")
    ] = 60,
    key_delay_s: Annotated[
        int, typer.Option(min=0, help="Until a key added by the registrar counts, in seconds.")
    ] = 604_800,
    quorum: Annotated[int, typer.Option(min=0, help="Witnesses that must cosign a timely checkpoint.")] = 0,
    witness: Annotated[list[str], typer.Option(metavar="VKEY", help="A witness; may be repeated.")] = [],  # noqa: B006
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Leave the log's key without a password.")
    ] = False,
    occurred_at: Annotated[str, typer.Option(help="When: a time, a day, or now.")] = "now",
) -> None:
    """Make a new ledger: its folder, the log's key, and entry 0.

    What is said here stands for ever: the origin, the registrar and the waits are in entry 0, for
    everybody to see. The log's key is encrypted with CHIPLEDGER_KEY_PASSWORD or a password you
    type, unless --unencrypted.

    \b
    chipledger keygen --party registry --log example.org/chips
    chipledger init ledger --origin example.org/chips --registrar registry \\
        --registrar-key registry.pem --registrar-name "Chip registry" --registrar-country CH
    """
    request = {
        "folder": str(folder),
        "origin": origin,
        "registrar": registrar,
        "registrar_key": str(registrar_key),
        "registrar_name": registrar_name or registrar,
        "registrar_country": registrar_country,
        "waits": [beacon_lead_s, timely_lead_s, key_delay_s],
        "quorum": quorum,
        "witnesses": witness,
        "unencrypted": unencrypted,
        "occurred_at": occurred_at,
    }
    raise typer.Exit(have_done("processes.founding", request))


def serve(
    folder: Folder,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Default 8440; 0 takes a free one.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on. Default: this machine only.")
    ] = None,
) -> None:
    """Serve a ledger on this machine, with its tiles, follower and SQL console.

    Prints one line of JSON once it listens, for programs; on a terminal a sentence besides. May be stopped,
    killed or cut from power at any moment: what it gave receipts for is there when it starts again. Settings
    are CHIPLEDGER_* variables or the TOML file that CHIPLEDGER_SETTINGS names.

    \b
    chipledger serve ledger --port 8440
    """
    if not (folder / "log.key").exists():
        raise wrong_usage(f"{folder} is no ledger folder", "make one: chipledger init")
    become("processes.serving", {"folder": str(folder), "port": port, "host": host})
