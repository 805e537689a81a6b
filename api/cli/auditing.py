"""Is everything this ledger says still what was signed? The command `audit`.

Checks a ledger's folder or a server again from published bytes alone, and says in one line whether all is
well; every finding is listed with the entry it concerns. Where the folder holds the database too, the book in
it is compared with the one the entries give, and every refusal its journal keeps is judged again.
"""

import json
import subprocess
from base64 import b64decode
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.markup import escape
from rich.panel import Panel

from api.cli.audit_table import folded
from api.cli.client import LedgerClient
from api.cli.handover import words_for
from api.cli.http_published import HttpPublished
from api.cli.options import Json, LogKey, ReaderKey, ReaderParty
from api.cli.reading import open_client
from api.cli.receipt_check import read_log_key
from api.cli.sending import server_key
from api.cli.terminal import EXIT_REFUSED, out, print_json, progress, say, table_of, warn, wrong_usage
from ledger.audit.auditor import audit as audit_log
from ledger.audit.checkpoints import claimed_checkpoint
from ledger.audit.published import FolderPublished, Published
from ledger.audit.refusals import SignedRefusal
from ledger.audit.report import AuditReport, Check
from ledger.folder import LedgerFolder
from ledger.viewer import SEE_ALL
from signing.canonical import Unreadable
from signing.note import VerifierKey

DIGEST_SECONDS_MAX = 3_600
ENTRIES_ALONE_MAX = 5_000  # below, starting a process takes longer than it saves
UNREAD = "the operator's database could not be read: neither its book nor its refusals were checked"
TAKEN_FROM_SERVER = "the log's key was taken from the server that is audited: compare it with one you know"
NO_CHECKPOINT = "the newest checkpoint cannot be read: the stored book was not compared"
GREW = "the log grew while its book was read: the stored book was not compared"


class _Told(NamedTuple):
    """size: of the stored book, None where it moved while it was read; more: not all refusals are here."""

    size: int | None
    digest: str | None
    refusals: list[SignedRefusal]
    more: bool


def audit(
    where: Annotated[
        str, typer.Argument(metavar="DIR|URL", help="A ledger's folder, or a server's address.")
    ],
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    log_key: LogKey = None,
    as_json: Json = False,
) -> None:
    """Check the whole ledger again, trusting nobody: every signature, judgment, hash and account.

    Over HTTP it takes a verifier's or the registrar's key to read entries; with another key or none only hash
    tiles and checkpoints are checked, and the verdict says so. Without --log-key the log vouches for itself:
    the key is taken from entry 0 or from the server, which is said aloud.

    \b
    chipledger audit ledger --log-key ledger/log.vkey
    chipledger audit http://127.0.0.1:8440 --party agency --key agency.pem
    """
    known = None if log_key is None else read_log_key(log_key)
    if where.startswith(("http://", "https://")):
        with open_client(where, party, key) as client:
            report, notes = _over_http(client, known, named=party is not None)
    else:
        report, notes = _in_folder(LedgerFolder(Path(where)), known)
    if as_json:
        print_json(_as_object(report, notes))
    else:
        _show(report, notes)
    if not report.clean:
        raise typer.Exit(EXIT_REFUSED)


def _over_http(
    client: LedgerClient, known: VerifierKey | None, *, named: bool
) -> tuple[AuditReport, list[str]]:
    """With the entries where the asker may read them; else of hashes, under the key the server tells."""
    notes = []
    reads = False
    if named:
        asker = client.get_json("/parties/me")
        reads = not SEE_ALL.isdisjoint(asker["roles"]) and not asker["suspended"]
        if not reads:
            roles = "suspended" if asker["suspended"] else ", ".join(asker["roles"]) or "no role"
            notes.append(f"this key may not read entries ({asker['party']}: {roles}): a verifier's may")
    if reads or known is not None:
        report, more = _run(HttpPublished(client, shows_entries=reads), known, None)
        return report, notes + more
    told = server_key(client)
    warn(f"no --log-key: trusting {client.url} that its key is {told.text()}; compare it with one you know")
    report, more = _run(HttpPublished(client, shows_entries=False), told, None)
    return replace(report, log_key_given=False), [*notes, TAKEN_FROM_SERVER, *more]


def _in_folder(folder: LedgerFolder, known: VerifierKey | None) -> tuple[AuditReport, list[str]]:
    if not folder.public.is_dir():
        raise wrong_usage(f"{folder.path} is no ledger folder", "it has a folder public, as `init` makes it")
    private = folder.private if folder.private.is_dir() else None
    if private is None and known is None:
        raise wrong_usage("under which key? Entry 0, which names it, is not in this folder", "give --log-key")
    return _run(FolderPublished(folder.public, private), known, folder.database)


def _run(
    published: Published, log_key: VerifierKey | None, database: Path | None
) -> tuple[AuditReport, list[str]]:
    """The report, and what there is to say besides. The database's book counts only at the audited size."""
    if database is None or not database.exists():
        return _audit(published, log_key, None, None), []
    told = _told_by(database)
    if told is None:
        return _audit(published, log_key, None, None), [UNREAD]
    claimed = _claimed_size(published)
    comparable = told.size is not None and told.size == claimed
    report = _audit(published, log_key, told.digest if comparable else None, told.refusals)
    if comparable and report.size != told.size:  # it grew between those two looks
        comparable, claimed = False, report.size
        report = _audit(published, log_key, None, told.refusals)
    notes = [f"refusals read from the operator's own database: {len(told.refusals):,}"]
    if told.more:
        notes.append("it keeps more refusals than are read: the later ones were not judged again")
    if claimed is None:
        notes.append(NO_CHECKPOINT)
    elif told.size is None:
        notes.append(GREW)
    elif not comparable:
        sizes = f"of size {told.size:,}, the newest checkpoint of size {claimed:,}"
        notes.append(f"the stored book is {sizes}: they were not compared")
    return report, notes


def _audit(
    published: Published,
    log_key: VerifierKey | None,
    digest: str | None,
    refusals: list[SignedRefusal] | None,
) -> AuditReport:
    with progress("audit", None) as bar, ExitStack() as stack:
        workers = None
        if (_claimed_size(published) or 0) > ENTRIES_ALONE_MAX:
            # Another interpreter verifies while this one reads and judges: threads would wait for each other.
            workers = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
        return audit_log(
            published,
            log_key=log_key,
            stored_digest=digest,
            refusals=refusals,
            progress=lambda stage, done, total: bar.at(done, total, f"audit: {stage}"),
            workers=workers,
        )


def _told_by(database: Path) -> _Told | None:
    """What the operator's database says, by a process that knows databases; None where it failed."""
    words = words_for("stored_book", {"database": str(database)})
    asked = subprocess.run(words, capture_output=True, check=False, timeout=DIGEST_SECONDS_MAX)
    try:
        told = json.loads(asked.stdout)
    except ValueError:
        return None
    refusals = [SignedRefusal(note.encode(), b64decode(bundle)) for note, bundle in told["refusals"]]
    return _Told(told["size"], told.get("digest"), refusals, told["more"])


def _claimed_size(published: Published) -> int | None:
    try:
        note = published.checkpoint()
        return None if note is None else claimed_checkpoint(note).size
    except Unreadable:
        return None


def _show(report: AuditReport, notes: list[str]) -> None:
    if not report.clean:
        rows = folded(report.findings)
        out.print(table_of("findings", ("check", "entry", "what is wrong"), rows))
        if report.findings_count > len(rows):
            say(f"{report.findings_count:,} findings in {len(rows)} rows; --json lists them one by one")
    for note in (*report.notes, *notes):
        say(f"[yellow]note:[/] {escape(note)}")
    checks = ", ".join(check.value for check in report.checks_run)
    left = ", ".join(check.value for check in Check if check not in report.checks_run)
    lines = [] if report.first_bad_entry is None else [f"first bad entry: {report.first_bad_entry}"]
    lines += [f"size {report.size:,}, {report.entries_read:,} entries read", f"checked: {checks}"]
    if left:
        lines.append(f"not checked: {left}")
    if report.log_key is not None:
        taken = "the server that is audited" if report.limited else "entry 0"
        whose = "given" if report.log_key_given else f"taken from {taken}"
        lines.append(f"log key, {whose}: {report.log_key}")
    out.print(Panel(escape("\n".join(lines)), title=_verdict(report), border_style=_colour(report)))


def _verdict(report: AuditReport) -> str:
    if report.clean:
        return "[bold green]CLEAN[/]" + (", as far as it was shown" if report.limited else "")
    findings = "FINDING" if report.findings_count == 1 else "FINDINGS"
    return f"[bold red]{report.findings_count:,} {findings}[/]"


def _colour(report: AuditReport) -> str:
    return "green" if report.clean else "red"


def _as_object(report: AuditReport, notes: list[str]) -> dict[str, Any]:
    return {
        "clean": report.clean,
        "size": report.size,
        "entries_read": report.entries_read,
        "findings_count": report.findings_count,
        "first_bad_entry": report.first_bad_entry,
        "findings": [
            {"check": one.check.value, "entry": one.index, "detail": one.detail} for one in report.findings
        ],
        "checks_run": [check.value for check in report.checks_run],
        "limited": report.limited,
        "log_key": report.log_key,
        "log_key_given": report.log_key_given,
        "notes": [*report.notes, *notes],
    }
