"""What does an audit of a ledger's folder, or of a server, find?

Re-checks all of it from published bytes alone. Where the folder holds the database too, the book in it is
compared with the one the entries give, and every refusal its journal keeps is judged again. An answer is a
report and, in words, what its reader must know besides.
"""

import json
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from api.cli.checks.log_keys import server_key
from api.cli.processes.handover import words_for
from api.cli.remote.client import LedgerClient
from api.cli.remote.http_published import HttpPublished
from api.cli.screen.terminal import Ended, progress, warn, wrong_usage
from ledger.audit.auditor import audit
from ledger.audit.checkpoints import claimed_checkpoint
from ledger.audit.published import FolderPublished, Published
from ledger.audit.refusals import SignedRefusal
from ledger.audit.report import AuditFinding, AuditReport, Check
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


def audit_server(
    client: LedgerClient, known: VerifierKey | None, *, named: bool
) -> tuple[AuditReport, list[str]]:
    """With the entries where the asker may read them; else of hashes, under the key the server tells."""
    notes = []
    reads = False
    if named:
        asker = client.get_json("/parties/me")
        reads = _reads_entries(asker)
        if not reads:
            roles = "suspended" if asker["suspended"] else ", ".join(asker["roles"]) or "no role"
            notes.append(f"this key may not read entries ({asker['party']}: {roles}): a verifier's may")
    if reads or known is not None:
        report, more = _run(HttpPublished(client, shows_entries=reads), known, None)
        if reads and not report.clean and not _reads_entries(client.get_json("/parties/me")):
            raise Ended(
                "this key lost its right to read entries while it was audited, so that things seemed missing",
                "audit again, with the key of a verifier in good standing",
            )
        return report, notes + more
    told = server_key(client)
    warn(f"no --log-key: trusting {client.url} that its key is {told.text()}; compare it with one you know")
    report, more = _run(HttpPublished(client, shows_entries=False), told, None)
    return replace(report, log_key_given=False), [*notes, TAKEN_FROM_SERVER, *more]


def _reads_entries(asker: Mapping[str, Any]) -> bool:
    return not SEE_ALL.isdisjoint(asker["roles"]) and not asker["suspended"]


def audit_folder(folder: LedgerFolder, known: VerifierKey | None) -> tuple[AuditReport, list[str]]:
    """With all that lies in the folder; `Ended` where it is none, or nothing in it names a key."""
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
    if told.size is not None and report.beyond > told.size:
        report = _held_against(database, report)
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


def _held_against(database: Path, report: AuditReport) -> AuditReport:
    """With a finding where the record, looked at again, still has less than the log signed: it went back."""
    told = _told_by(database)  # again: it may have grown since, and published what was found
    if told is None or told.size is None or told.size >= report.beyond:
        return report
    detail = f"checkpoints/{report.beyond} is kept, but the operator's database went back to {told.size}"
    finding = AuditFinding(Check.CHECKPOINTS, None, detail)
    return replace(report, findings=(*report.findings, finding), findings_count=report.findings_count + 1)


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
        return audit(
            published,
            log_key=log_key,
            stored_digest=digest,
            refusals=refusals,
            progress=lambda stage, done, total: bar.at(done, total, f"audit: {stage}"),
            workers=workers,
        )


def _told_by(database: Path) -> _Told | None:
    """What the operator's database says, by a process that knows databases; None where it failed."""
    words = words_for("checks.stored_book", {"database": str(database)})
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
