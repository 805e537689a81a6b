"""How are signed files checked against a ledger, sent to it, and what comes back?

`check` asks whether each statement would be admitted and writes nothing; `send` delivers, verifies every
receipt under the log's key and keeps it beside the file. The log's key is pinned: told by --log-key, or
remembered from the first time in NAME.log.vkey, which is said aloud.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.advice import advice_for
from api.cli.client import LedgerClient, ProblemAnswer
from api.cli.courier import BAD_RECEIPT, Courier, Delivery, Refused, read_parcels, reason_of
from api.cli.doubts import doubts, serial_fault
from api.cli.options import Json, LogKey, Url, WaitS
from api.cli.receipt_check import ReceiptCheck, ReceiptFile, read_log_key
from api.cli.terminal import err, facts_of, out, print_json, progress, say, table_of, warn, wrong_usage
from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from ledger.book.statement import Statement
from signing.canonical import Unreadable
from signing.note import VerifierKey, parse_vkey

SEND_WAIT_S = 60
REFUSALS_SHOWN_MAX = 100
ENDINGS = (".bundle.json", ".ndjson", ".jsonl", ".json")

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
    as_json: Json = False,
) -> None:
    """Would these statements be admitted? A dry run: nothing is written anywhere.

    Reads each statement as the door does and, with --url, has the ledger judge it against the book as it is.
    Statements that stand on one another in one file are judged one by one, so later ones may be refused here
    and admitted when sent in order.

    \b
    chipledger check shipment.bundle.json --url http://127.0.0.1:8440
    """
    found: list[dict[str, Any]] = []
    delivery = Delivery()
    parcels = [parcel for file in files for parcel in read_parcels(file, delivery)]
    found += [_verdict(one.file, one.line, one.statement, one.reason, one.detail) for one in delivery.refused]
    client = None if url is None else LedgerClient(url)
    with progress("checking", len(parcels)) as bar:
        for parcel in parcels:
            fault = _look(parcel.raw)
            opened = None
            if fault is None and client is not None:
                fault, opened = _ask(client, parcel.raw)
            reason, detail = fault or ("", "")
            verdict = _verdict(parcel.file, parcel.line, parcel.envelope.id(), reason, detail)
            found.append(verdict if opened is None else verdict | {"discrepancies": opened})
            bar.advance()
    if client is not None:
        client.close()
    bad = [one for one in found if one["would"] == "refused"]
    if as_json:
        print_json({"statements": found})
    else:
        _show_check(found, bad, asked=url is not None)
    if bad:
        raise typer.Exit(1)


def send_files(
    client: LedgerClient,
    files: Sequence[Path],
    log_key: VerifierKey | None,
    *,
    wait_s: float = SEND_WAIT_S,
    quiet: bool = False,
) -> Delivery:
    """Deliver files and tell what became of them; the refused are in the answer."""
    delivery = Delivery()
    loads = [(file, read_parcels(file, delivery)) for file in files]
    with progress("sending", sum(len(parcels) for _, parcels in loads)) as bar:
        for file, parcels in loads:
            check = ReceiptCheck(log_key or pinned_key(client, file))
            courier = Courier(client, check, wait_s=wait_s)
            courier.deliver(parcels, ReceiptFile(receipts_path(file)), delivery, bar.advance)
    if not quiet:
        _show_delivery(files, delivery)
    return delivery


def stem_of(file: Path) -> str:
    """NAME of NAME.bundle.json, NAME.ndjson."""
    ending = next((ending for ending in ENDINGS if file.name.endswith(ending)), "")
    return file.name.removesuffix(ending)


def receipts_path(file: Path) -> Path:
    """Where a sent file's receipts are kept."""
    return file.with_name(f"{stem_of(file)}.receipts.jsonl")


def pinned_key(client: LedgerClient, file: Path) -> VerifierKey:
    """The key remembered beside a file; the first time the server's word is taken, and written down."""
    path = file.with_name(f"{stem_of(file)}.log.vkey")
    if path.exists():
        return read_log_key(str(path))
    key = server_key(client)
    path.write_text(key.text() + "\n", encoding="utf-8")
    warn(f"no --log-key: trusting {client.url} that its key is {key.text()}; remembered in {path}")
    return key


def server_key(client: LedgerClient) -> VerifierKey:
    """The log's key as the server tells it."""
    try:
        told = client.get("/log.vkey").text.strip()
    except ProblemAnswer:
        raise wrong_usage(
            "this server does not tell its log key", "ask the operator for the vkey and give it as --log-key"
        ) from None
    return parse_vkey(told)


def _look(raw: bytes) -> tuple[str, str] | None:
    """What is wrong with a bundle before any book is asked; doubts are said on the way."""
    try:
        statement = read_statement(read_bundle(raw))
    except Unreadable as fault:
        return reason_of(fault), str(fault)
    _doubt(statement)
    rejection = statement.fault
    return None if rejection is None else (rejection.reason.value, rejection.detail)


def _doubt(statement: Statement) -> None:
    serials = [line.chip.partition(":")[2] for line in statement.lines]
    for doubt in [why for serial in serials if (why := serial_fault(serial))][:REFUSALS_SHOWN_MAX]:
        warn(doubt)
    for doubt in doubts(serials):
        warn(doubt)


def _ask(client: LedgerClient, raw: bytes) -> tuple[tuple[str, str] | None, int | None]:
    """Why the ledger would refuse, or how many discrepancies admission would open."""
    status, answer = client.post_bundle(raw, dry_run=True)
    if "would" in answer:
        return None, (answer.get("discrepancies") or {}).get("count", 0)
    return (str(answer.get("reason", status)), str(answer.get("detail", ""))), None


def _verdict(file: Path, line: int, statement: str, reason: str, detail: str) -> dict[str, Any]:
    verdict = {
        "file": str(file),
        "line": line,
        "statement": statement,
        "would": "refused" if reason else "admitted",
    }
    return verdict | ({"reason": reason, "detail": detail} if reason else {})


def _show_check(found: list[dict[str, Any]], bad: list[dict[str, Any]], *, asked: bool) -> None:
    if bad:
        rows = [(one["file"], one["line"], one["reason"], one["detail"]) for one in bad[:REFUSALS_SHOWN_MAX]]
        out.print(table_of("would be refused", ("file", "line", "reason", "detail"), rows))
        _advise({one["reason"] for one in bad})
    how = "would be admitted now" if asked else "read well; no ledger was asked (--url)"
    opened = sum(one.get("discrepancies", 0) for one in found)
    opening = f", and would open {opened:,} discrepanc{'y' if opened == 1 else 'ies'}" if opened else ""
    say(f"{len(found) - len(bad):,} of {len(found):,} statements {how}{opening}")


def _show_delivery(files: Sequence[Path], delivery: Delivery) -> None:
    facts: dict[str, Any] = {"admitted": f"{delivery.admitted:,}"}
    more = {
        "already in the log": delivery.known,
        "receipts held before": delivery.held,
        "discrepancies opened": delivery.discrepancies,
        "refused": len(delivery.refused),
    }
    facts |= {name: f"{count:,}" for name, count in more.items() if count}
    err.print(facts_of("", facts))
    if delivery.refused:
        out.print(refusal_table(delivery.refused))
        _advise({one.reason for one in delivery.refused})
    if delivery.admitted or delivery.known:
        kept = ", ".join(str(receipts_path(file)) for file in files)
        say(f"[green]every receipt verified[/]; kept in {kept}")


def refusal_table(refused: Sequence[Refused]) -> Any:
    """The statements that are not in the log, and why."""
    rows = [(one.file.name, one.line, one.reason, one.detail) for one in refused[:REFUSALS_SHOWN_MAX]]
    return table_of(f"{len(refused):,} refused", ("file", "line", "reason", "detail"), rows)


def _advise(reasons: set[str]) -> None:
    for reason in sorted(reasons):
        advice = advice_for(reason)
        if reason == BAD_RECEIPT:
            advice = "keep the file and tell the operator and a verifier: the server's proof does not hold"
        if advice:
            err.print(f"[bold]{reason}[/]: {advice}")


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
