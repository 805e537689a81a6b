"""How does a command ask a ledger as a party, and show lists?

Opens the client from the options every reading command has. Knows no route.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from api.cli.paperwork.keychain import open_key
from api.cli.remote.client import LedgerClient, Params
from api.cli.screen.terminal import out, print_json, table_of, wrong_usage

LIST_ITEMS_SHOWN_DEFAULT = 100


def open_client(url: str, party: str | None, key: Path | None) -> LedgerClient:
    """A client that reads as the party, or as nobody where neither party nor key is told."""
    if (party is None) != (key is None):
        raise wrong_usage("--party and --key go together", "CHIPLEDGER_PARTY and CHIPLEDGER_KEY save typing")
    return LedgerClient(url, party, None if key is None else open_key(key))


def asked(**parameters: str | int | None) -> Params:
    """The query of those parameters that are given; a trailing underscore keeps a name from Python."""
    return {name.rstrip("_"): value for name, value in parameters.items() if value is not None}


def show_list(
    title: str, columns: Sequence[str], items: Iterable[Mapping[str, Any]], *, as_json: bool
) -> None:
    """Items as a table of those members that any of them has, or whole as JSON."""
    items = list(items)
    if as_json:
        print_json({"items": items})
        return
    filled = [column for column in columns if any(item.get(column) is not None for item in items)]
    rows = [[item.get(column) for column in filled] for item in items]
    out.print(table_of(f"{title}: {len(items):,}", [column.replace("_", " ") for column in filled], rows))
