"""How does a scanner's list become a signed arrival? The command `receive`.

Compares what was scanned with what the ledger says was dispatched, says what is missing and what is too much,
signs what was found, and sends it where that is asked.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from api.cli.delivery.inbox import Awaited, awaited, inbox
from api.cli.delivery.saying import send_now, sign_into
from api.cli.paperwork.batch import refuse_rows
from api.cli.paperwork.doubts import doubts
from api.cli.paperwork.headers import Header, header_of
from api.cli.paperwork.keychain import open_key
from api.cli.paperwork.scans import Compared, compare, read_scan
from api.cli.remote.client import LedgerClient, ProblemAnswer
from api.cli.remote.reading import show_list
from api.cli.screen.options import Json, Key, LogKey, Party, Url
from api.cli.screen.terminal import Ended, err, facts_of, print_json, say, table_of, warn, wrong_usage
from ledger.book.identifiers import is_named
from ledger.book.kinds import FORMS
from ledger.book.records.arrivals import AS_DISPATCHED, SCANNED

NAMED_MAX = 20  # chips of a sort, in the table
INBOX_COLUMNS = ("shipment", "sender", "country", "due_by", "title", "sent", "received", "short")
KIND = FORMS["shipment.arrived"].kind


def receive(
    shipment: Annotated[
        str | None, typer.Argument(help="<sender>/<name>. Without it: what is on its way to you.")
    ] = None,
    scan: Annotated[
        Path | None,
        typer.Argument(help="The scanner's list: codes, CSV, JSON lines, Parquet.", dir_okay=False),
    ] = None,
    *,
    url: Url,
    party: Party,
    key: Key,
    site: Annotated[str, typer.Option(help="Where it came to: <party>/<name>, or a name of your own.")] = "",
    log: Annotated[str, typer.Option(envvar="CHIPLEDGER_LOG", help="The log's origin.")] = "",
    as_dispatched: Annotated[
        bool, typer.Option("--as-dispatched", help="Take sealed cartons as they were sent; no list.")
    ] = False,
    absent: Annotated[
        bool | None,
        typer.Option("--absent/--later", help="Mark what is missing as absent, or leave it open for later."),
    ] = None,
    unannounced: Annotated[
        bool, typer.Option("--unannounced", help="Sign all the same where the ledger knows no such shipment.")
    ] = False,
    occurred_at: Annotated[str, typer.Option(help="When it came: a time, a day, or now.")] = "now",
    reference: Annotated[str | None, typer.Option(help="Your own number for it.")] = None,
    out: Annotated[Path | None, typer.Option(help="NAME of NAME.bundle.json. Default: by shipment.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite another signed file.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send it at once.")] = False,
    log_key: LogKey = None,
    as_json: Json = False,
) -> None:
    """Receive a shipment by a scanner's list; without arguments, show your inbox.

    Every code is compared with the dispatch: what is missing stays open unless --absent says it did not
    come; what is too much is signed with the rest: an arrival is what you saw. What was scanned twice counts
    once.

    \b
    chipledger receive
    chipledger receive acme-semi/PO-4711 dock.csv --site hall-1 --log example.org/chips --send
    chipledger receive acme-semi/PO-4711 --as-dispatched --site hall-1 --log example.org/chips
    """
    if shipment is None:
        with LedgerClient(url, party, open_key(key)) as client:
            show_list("on the way to you", INBOX_COLUMNS, inbox(client), as_json=as_json)
        return
    _refuse_words(shipment, site, listed=scan is not None, as_dispatched=as_dispatched)
    header = header_of(key, party, log, occurred_at)
    place = site if "/" in site else f"{party}/{site}"
    file = _target(out, shipment, replace=replace)
    with LedgerClient(url, party, header.signer, origin=log) as client:
        coming = _coming(client, shipment, unannounced=unannounced)
        found = None if scan is None else _read(scan, coming, absent=absent)
        evidence = AS_DISPATCHED if found is None else SCANNED
        body = {"shipment": shipment, "site": place, "evidence": evidence}
        _say_doubts(coming, found, quiet=as_json)
        _sign(file, header, body, found, reference, replace=replace)
        if send:
            send_now(client, file, log_key, quiet=as_json)
    if as_json:
        print_json(_as_object(body, coming, found, file))
    elif not send:
        say(f"next: chipledger send {file} --url {url}")


def _refuse_words(shipment: str, site: str, *, listed: bool, as_dispatched: bool) -> None:
    if not is_named(shipment):
        raise wrong_usage(
            f"{shipment[:80]!r} is no <sender>/<name>", "chipledger receive lists what is coming"
        )
    if not site:
        raise wrong_usage("--site is missing", "where did it come to? One of your declared sites")
    if as_dispatched == listed:
        raise wrong_usage("give a scanner's list, or say --as-dispatched", "one of the two is the evidence")


def _coming(client: LedgerClient, shipment: str, *, unannounced: bool) -> Awaited | None:
    """What the ledger expects; None for a shipment it does not know, where that is allowed."""
    try:
        return awaited(client, shipment)
    except ProblemAnswer as said:
        if said.status != httpx.codes.NOT_FOUND:
            raise
        if unannounced:
            return None
        raise Ended(
            f"no shipment {shipment} is on its way to you",
            "chipledger receive lists what is; --unannounced signs that it came all the same",
        ) from None


def _read(scan: Path, coming: Awaited | None, *, absent: bool | None) -> Compared:
    expected = () if coming is None else coming.chips
    lines, repeated, faults = read_scan(scan, expected)
    refuse_rows(faults, scan)
    for doubt in doubts([line.fields["chip"].partition(":")[2] for line in lines]):
        warn(doubt)
    found = compare(lines, repeated, expected, mark_absent=bool(absent))
    if absent is None and found.missing and sys.stdin.isatty():
        marked = typer.confirm(
            f"{len(found.missing):,} did not come. Mark them as absent?", default=False, err=True
        )
        return compare(lines, repeated, expected, mark_absent=marked)
    return found


def _say_doubts(coming: Awaited | None, found: Compared | None, *, quiet: bool) -> None:
    if coming is None:
        warn("the ledger knows no such shipment to you: every chip will be told as too much")
    elif coming.shipment["state"] != "open":
        warn(f"the shipment is {coming.shipment['state']} already")
    if coming is not None and coming.closed_unseen:
        warn(f"{coming.closed_unseen:,} of those missing were refused, cancelled or lost before")
    if quiet:
        return
    facts: dict[str, Any] = {} if coming is None else {"still to come": f"{len(coming.chips):,}"}
    if found is not None:
        facts |= {
            "scanned": f"{len(found.came) + len(found.too_much):,}",
            "as dispatched": f"{len(found.came):,}",
        }
        facts |= {"missing": f"{len(found.missing):,}", "too much": f"{len(found.too_much):,}"}
        facts["scanned twice"] = f"{len(found.repeated):,}"
    err.print(facts_of("", facts))
    if found is None:
        return
    sorts = (("missing", found.missing), ("too much", found.too_much), ("scanned twice", found.repeated))
    rows = [(sort, chip) for sort, chips in sorts for chip in chips[:NAMED_MAX]]
    if rows:
        err.print(table_of("", ("", "chip"), rows))


def _target(out: Path | None, shipment: str, *, replace: bool) -> Path:
    name = out if out is not None else Path(f"{shipment.partition('/')[2]}.arrival")
    file = name.with_name(f"{name.name}.bundle.json")
    if file.exists() and not replace:
        raise Ended(f"{file} is there already", "send it, choose another --out, or say --replace")
    return file


def _sign(
    file: Path,
    header: Header,
    body: dict[str, Any],
    found: Compared | None,
    reference: str | None,
    *,
    replace: bool,
) -> None:
    assert replace or not file.exists()
    rows = None if found is None else [line.fields for line in found.lines]
    sign_into(file, header, KIND, body, rows=rows, reference=reference)


def _as_object(
    body: dict[str, Any], coming: Awaited | None, found: Compared | None, file: Path
) -> dict[str, Any]:
    told: dict[str, Any] = {**body, "file": str(file), "announced": coming is not None}
    told["expected"] = 0 if coming is None else len(coming.chips)
    if found is not None:
        told |= {"came": len(found.came), "missing": list(found.missing), "too_much": list(found.too_much)}
        told["repeated"] = list(found.repeated)
        told["absent"] = [one.fields["chip"] for one in found.lines if one.fields["condition"] == "absent"]
    return told
