"""Which options do many commands share?

One spelling, one environment variable and one sentence for each. Knows no command.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

KEPT_AS_IT_STANDS = "\b"

Url = Annotated[
    str,
    typer.Option(
        "--url", envvar="CHIPLEDGER_URL", help="The ledger's address, such as http://127.0.0.1:8440."
    ),
]
Party = Annotated[
    str, typer.Option("--party", envvar="CHIPLEDGER_PARTY", help="Who you are: the party that speaks.")
]
Key = Annotated[
    Path, typer.Option("--key", envvar="CHIPLEDGER_KEY", help="The party's key file (PKCS#8 PEM).")
]
Log = Annotated[
    str,
    typer.Option(
        "--log", envvar="CHIPLEDGER_LOG", help="The origin of the log, which every statement names."
    ),
]
LogKey = Annotated[
    str | None,
    typer.Option(
        "--log-key",
        envvar="CHIPLEDGER_LOG_KEY",
        help="The log's verifier key (vkey), or a file that holds it.",
    ),
]
ReaderParty = Annotated[
    str | None,
    typer.Option("--party", envvar="CHIPLEDGER_PARTY", help="Who asks: what you may see depends on it."),
]
ReaderKey = Annotated[
    Path | None, typer.Option("--key", envvar="CHIPLEDGER_KEY", help="The asking party's key file.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
At = Annotated[int | None, typer.Option("--at", min=1, help="The book as it was when the log had this size.")]
WaitS = Annotated[
    int, typer.Option("--wait-s", min=0, help="How long to wait for a server that is down, in seconds.")
]

SignedFiles = Annotated[
    list[Path], typer.Argument(help="NAME.bundle.json or NAME.ndjson of `sign`.", dir_okay=False)
]


def help_of(command: Callable[..., None]) -> str:
    """A command's docstring as help: paragraphs flow, those after a mark stay as they are."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(
        one if one.startswith(KEPT_AS_IT_STANDS) else one.replace("\n", " ") for one in paragraphs
    )
