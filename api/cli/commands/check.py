"""Would these signed files be admitted? The command `check`.

Asks the law that is in this program and, where a ledger is named, that ledger; writes nothing.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.delivery.courier import bundle_texts
from api.cli.delivery.dry_run import dry_run
from api.cli.delivery.sending import REFUSALS_SHOWN_MAX, advise
from api.cli.paperwork.outbox import chips_of, warn_if_shrunk
from api.cli.screen.options import Json, SignedFiles
from api.cli.screen.terminal import out, print_json, say, table_of


def check(
    files: SignedFiles,
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
