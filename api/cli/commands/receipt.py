"""Is a statement in the log, and can that be proved? The command `receipt`.

For a file: the receipts that lie beside it, each verified anew without asking anybody. For a statement's id:
the receipt the server gives now, verified under the log's key.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.checks.log_keys import read_log_key, server_key
from api.cli.checks.receipt_check import ReceiptCheck, ReceiptFile
from api.cli.delivery.courier import Delivery, read_parcels
from api.cli.delivery.sending import receipts_path, stem_of
from api.cli.remote.reading import open_client
from api.cli.screen.options import Json, LogKey, ReaderKey, ReaderParty
from api.cli.screen.terminal import Ended, facts_of, out, print_json, table_of, wrong_usage
from ledger.book.identifiers import is_sha256
from signing.envelope import STATEMENT_TYPE, read_envelope


def receipt(
    what: Annotated[
        str, typer.Argument(metavar="STATEMENT|FILE", help="A statement's id, or a file that was sent.")
    ],
    url: Annotated[
        str | None, typer.Option(envvar="CHIPLEDGER_URL", help="The ledger, for a statement's id.")
    ] = None,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    log_key: LogKey = None,
    as_json: Json = False,
) -> None:
    """Prove that a statement is in the log.

    A FILE needs no server: its receipts lie beside it, and each is verified again: leaf, proof, checkpoint.

    \b
    chipledger receipt chips.bundle.json
    chipledger receipt 9f86d0…0f00a08 --url http://127.0.0.1:8440 --party acme --key acme.pem
    """
    if is_sha256(what):
        if url is None:
            raise wrong_usage("which ledger?", "say --url, or name the file that was sent")
        _ask(what, url, party, key, log_key=log_key, as_json=as_json)
    else:
        _look(Path(what), log_key, as_json=as_json)


def _look(file: Path, log_key: str | None, *, as_json: bool) -> None:
    if not file.is_file():
        raise wrong_usage(f"{str(file)!r} is no file", "name a statement's id, or the file that was sent")
    remembered = file.with_name(f"{stem_of(file)}.log.vkey")
    if log_key is None and not remembered.exists():
        raise wrong_usage("under which key?", f"say --log-key; there is no {remembered}")
    check = ReceiptCheck(read_log_key(log_key or str(remembered)))
    unreadable = Delivery()
    parcels = read_parcels(file, unreadable)
    held = ReceiptFile(receipts_path(file)).read()
    found: list[dict[str, Any]] = []
    for parcel in parcels:
        statement = parcel.envelope.id()
        kept = held.get(statement)
        fault = "no receipt is held" if kept is None else check.fault(parcel.envelope, kept)
        found.append({"line": parcel.line, "statement": statement, "receipt": kept, "fault": fault})
    found += [
        {"line": bad.line, "statement": None, "receipt": None, "fault": bad.detail}
        for bad in unreadable.refused
    ]
    if as_json:
        print_json({"receipts": found})
    else:
        rows = [
            (one["line"], one["statement"], (one["receipt"] or {}).get("index"), one["fault"] or "proved")
            for one in found
        ]
        out.print(table_of(str(file), ("line", "statement", "entry", "receipt"), rows))
    bad = [one for one in found if one["fault"] is not None]
    if bad:
        raise Ended(f"{len(bad):,} of {len(found):,} statements are not proved", "send the file (again)")


def _ask(
    statement: str, url: str, party: str | None, key: Path | None, *, log_key: str | None, as_json: bool
) -> None:
    with open_client(url, party, key) as client:
        told = client.get_json(f"/statements/{statement}")
        check = ReceiptCheck(server_key(client) if log_key is None else read_log_key(log_key))
    envelope = read_envelope(told.get("envelope", {}), STATEMENT_TYPE)
    fault = "it is another statement" if envelope.id() != statement else check.fault(envelope, told)
    if as_json:
        print_json({"receipt": told, "fault": fault})
    else:
        facts = {
            name: told.get(name) for name in ("index", "statement", "admitted_at", "leaf_hash", "status")
        }
        out.print(facts_of("", facts | {"receipt": fault or f"proved under {check.log_key.text()}"}))
    if fault is not None:
        raise Ended(f"the receipt does not hold: {fault}", "keep it, and tell a verifier")
