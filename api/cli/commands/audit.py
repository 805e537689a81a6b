"""Is everything this ledger says still what was signed? The command `audit`.

Checks a ledger's folder or a server again from published bytes alone, and says in one line whether all is
well; every finding is listed with the entry it concerns. Where the folder holds the database too, the book in
it is compared with the one the entries give, and every refusal its journal keeps is judged again.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.panel import Panel

from api.cli.checks.auditing import audit_folder, audit_server
from api.cli.checks.log_keys import read_log_key
from api.cli.remote.reading import open_client
from api.cli.screen.audit_table import folded
from api.cli.screen.options import Json, LogKey, ReaderKey, ReaderParty
from api.cli.screen.terminal import EXIT_REFUSED, out, print_json, say, table_of
from ledger.audit.report import AuditReport, Check
from ledger.folder import LedgerFolder


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
            report, notes = audit_server(client, known, named=party is not None)
    else:
        report, notes = audit_folder(LedgerFolder(Path(where)), known)
    if as_json:
        print_json(_as_object(report, notes))
    else:
        _show(report, notes)
    if not report.clean:
        raise typer.Exit(EXIT_REFUSED)


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
