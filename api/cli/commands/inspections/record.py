"""How do findings reach the log? The command `inspect record`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.checks.device_evidence import roots_of
from api.cli.checks.log_keys import read_log_key
from api.cli.commands.inspections.options import Name
from api.cli.delivery.sending import SEND_WAIT_S, send_files
from api.cli.draws.naming import own_name
from api.cli.field.asking import AskedBook
from api.cli.field.comparing import Finding, findings_of
from api.cli.field.enclosures import answers_of, hashed_photos
from api.cli.field.filing import ENDING, Filed, file_findings, news, said_before
from api.cli.field.returns import Returns, read_returns
from api.cli.field.visits import Trip
from api.cli.field.whereabouts import read_trip
from api.cli.paperwork.columns import read_time
from api.cli.paperwork.headers import NOW, header_of
from api.cli.paperwork.sheets import RowFault
from api.cli.paperwork.signing_desk import write_bundles
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, Key, Log, LogKey, Party, Url, WaitS
from api.cli.screen.terminal import (
    EXIT_REFUSED,
    Ended,
    out,
    print_json,
    say,
    table_of,
    warn,
    wrong_usage,
)
from signing.canonical import Unreadable

FAULTS_SHOWN_MAX = 100


def record(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", exists=True, dir_okay=False)],
    *,
    key: Key,
    party: Party,
    log: Log,
    url: Url,
    photos: Annotated[
        Path | None,
        typer.Option(metavar="DIR", exists=True, file_okay=False, help="Where the photographs lie."),
    ] = None,
    device_evidence: Annotated[
        Path | None,
        typer.Option(metavar="DIR", exists=True, file_okay=False, help="Where the chips' answers lie."),
    ] = None,
    root: Annotated[
        list[str] | None,
        typer.Option(help="A root to trust for them: hex SHA-256 of its SPKI. Default: NVIDIA's own."),
    ] = None,
    found_at: Annotated[
        str | None, typer.Option(help="When, for rows that tell no time: a time or a day.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to keep it. Default: beside FILE.csv")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")
    ] = False,
    log_key: LogKey = None,
    wait_s: WaitS = SEND_WAIT_S,
    as_json: Json = False,
) -> None:
    """Tell the log what inspectors found: a statement for each site, signed and sent.

    Reads the CSV of a sheet or of the phone page. Each serial that was read is compared with the chip's, and
    another one is told as a mismatch. Every row that is wrong is named, and nothing is sent unless all is
    right. The same sheet sent again changes nothing; of a fuller one only what is new is sent. The evidence
    file that is written holds the names, readings and hashes: keep it, the sheet and the photographs.

    \b
    chipledger inspect record visit-1 hall.csv --photos pictures --dry-run
    chipledger inspect record visit-1 hall.csv --photos pictures --device-evidence answers
    """
    inspection = own_name(name, party)
    header = header_of(key, party, log, NOW)
    folder = folder or file.parent
    with LedgerClient(url, party, header.signer, wait_s=wait_s, origin=log) as client:
        trip = read_trip(client, inspection)
        returns, faults = read_returns(file, inspection, _time(found_at))
        rows, more = hashed_photos(returns.rows, photos)
        answers, worse = answers_of(trip, rows, device_evidence, roots_of(root or ()))
        if not more:
            found, odd = findings_of(trip, rows, answers, AskedBook(client))
        else:
            found, odd = [], []
        _refuse(file, [*faults, *more, *worse, *odd])
        fresh = news(found, said_before(folder, inspection))
        filed = file_findings(header, inspection, file.read_bytes(), returns, fresh)
        told = _told(trip, returns, found, filed)
        if not as_json:
            _show(trip, returns, found, filed)
        _ask_first(client, filed)
        if not dry_run:
            told["admitted"], told["known"] = _send(client, folder, filed, log_key, wait_s, quiet=as_json)
    if as_json:
        print_json(told | {"sent": not dry_run})
    elif dry_run and filed:
        say("nothing was sent: that was a dry run")


def _time(text: str | None) -> str | None:
    try:
        return None if text is None else read_time(text)
    except Unreadable as fault:
        raise wrong_usage(f"--found-at: {fault}", "write 2026-11-21T06:44:00Z or 2026-11-21") from None


def _refuse(file: Path, faults: Sequence[RowFault]) -> None:
    """`Ended` where a row is wrong, every one of them named first."""
    if not faults:
        return
    shown = sorted(set(faults))
    rows = [(fault.number or "", fault.detail) for fault in shown[:FAULTS_SHOWN_MAX]]
    out.print(table_of(f"wrong in {file.name}: {len(shown):,}", ("row", "what is wrong with it"), rows))
    raise Ended(f"{file} cannot be recorded: nothing was sent", "correct these rows, and record it again")


def _told(trip: Trip, returns: Returns, found: Sequence[Finding], filed: Sequence[Filed]) -> dict[str, Any]:
    sites = [
        {
            "site": one.site,
            "lines": [dict(finding.line) for finding in one.findings],
            "signed_by": list(returns.signed[one.site]),
            "evidence_sha256": one.evidence_sha256,
            "statement": one.bundle.envelope.id(),
        }
        for one in filed
    ]
    remarks = [{"row": finding.row.number, "said": finding.said} for finding in found if finding.said]
    counts = {"findings": len(found), "new": sum(len(one.findings) for one in filed), "blank": returns.blank}
    return {"inspection": trip.name, **counts, "sites": sites, "remarks": remarks}


def _show(trip: Trip, returns: Returns, found: Sequence[Finding], filed: Sequence[Filed]) -> None:
    for finding in found:
        if finding.said:
            warn(f"row {finding.row.number}: {finding.said}")
        if finding.row.found_at > trip.found_by:
            warn(f"row {finding.row.number}: found after {trip.found_by}: it is told, and does not count")
    rows = [(one.site, len(one.findings), " and ".join(returns.signed[one.site])) for one in filed]
    if rows:
        out.print(table_of(f"findings for {trip.name}", ("site", "new findings", "signed off by"), rows))
    before = len(found) - sum(len(one.findings) for one in filed)
    if before:
        say(f"{before:,} of {len(found):,} findings were recorded before: for them nothing changes")
    if returns.blank:
        say(f"rows that say nothing, so were not visited: {returns.blank:,}")


def _ask_first(client: LedgerClient, filed: Sequence[Filed]) -> None:
    """`Ended` where the ledger would refuse one of the statements: then none is sent."""
    for one in filed:
        _, answer = client.post_bundle(one.bundle.raw(), dry_run=True)
        if "reason" in answer:
            said = f"{one.site}: {answer['reason']}: {answer.get('detail', '')}"
            raise Ended(f"the ledger would refuse it: {said}", "nothing was sent")


def _send(
    client: LedgerClient,
    folder: Path,
    filed: Sequence[Filed],
    log_key: str | None,
    wait_s: float,
    *,
    quiet: bool,
) -> tuple[int, int]:
    """Write evidence and statements, send them; how many were admitted, how many were known."""
    if not filed:
        say("there is nothing new in it: nothing was sent, and nothing changes")
        return 0, 0
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for one in filed:
        (folder / f"{one.stem}.evidence.json").write_bytes(one.evidence)
        files.append(folder / f"{one.stem}{ENDING}")
        write_bundles(files[-1], [one.bundle])
    pinned = None if log_key is None else read_log_key(log_key)
    delivery = send_files(client, files, pinned, wait_s=wait_s, quiet=quiet)
    if delivery.refused:
        raise typer.Exit(EXIT_REFUSED)
    if delivery.known or delivery.held:
        say("what was in the log already is as it was: sending it again changed nothing")
    for one in filed:
        say(f"evidence of {one.site}: {folder / one.stem}.evidence.json, SHA-256 {one.evidence_sha256}")
    return delivery.admitted, delivery.known + delivery.held
