"""What becomes of files that are sent, and where do their receipts lie?

Every receipt is verified under the log's key and kept beside the file. That key is pinned: told by the
caller, or remembered from the first time in NAME.log.vkey, which is said aloud.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.cli.checks.log_keys import read_log_key, server_key
from api.cli.checks.receipt_check import ReceiptCheck, ReceiptFile
from api.cli.delivery.courier import BAD_RECEIPT, Courier, Delivery, Refused, read_parcels
from api.cli.remote.client import LedgerClient
from api.cli.screen.advice import advice_for
from api.cli.screen.terminal import err, facts_of, out, progress, say, table_of, warn
from signing.note import VerifierKey

SEND_WAIT_S = 60
REFUSALS_SHOWN_MAX = 100
ENDINGS = (".bundle.json", ".ndjson", ".jsonl", ".json")


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
        advise({one.reason for one in delivery.refused})
    if delivery.admitted or delivery.known:
        kept = ", ".join(str(receipts_path(file)) for file in files)
        say(f"[green]every receipt verified[/]; kept in {kept}")


def refusal_table(refused: Sequence[Refused]) -> Any:
    """The statements that are not in the log, and why."""
    rows = [(one.file.name, one.line, one.reason, one.detail) for one in refused[:REFUSALS_SHOWN_MAX]]
    return table_of(f"{len(refused):,} refused", ("file", "line", "reason", "detail"), rows)


def advise(reasons: set[str]) -> None:
    """What to do about each of these reasons."""
    for reason in sorted(reasons):
        advice = advice_for(reason)
        if reason == BAD_RECEIPT:
            advice = "keep the file and tell the operator and a verifier: the server's proof does not hold"
        if advice:
            err.print(f"[bold]{reason}[/]: {advice}")
