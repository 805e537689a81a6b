"""How do findings become statements, and what is kept to show later?

One `inspection.found` a site. Each line names, by its hash, the site's evidence: a file that holds the hash
of the returned sheet, the two names, the photographs by hash, notes and readings. The log learns the hash,
never the names. Promises: the same sheet gives the same bytes; what was said before, as the receipts beside
earlier files show, is not said again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from api.cli.checks.receipt_check import ReceiptFile
from api.cli.delivery.sending import receipts_path
from api.cli.field.comparing import Finding
from api.cli.field.returns import Returns
from api.cli.paperwork.attestations import refuse_heavy
from api.cli.paperwork.headers import EXPIRY_DAYS_DEFAULT, Header
from api.cli.paperwork.proofreading import proofread
from api.cli.paperwork.signing_desk import line_key, sign_statement
from api.cli.screen.terminal import Ended
from ledger.book.encoding import Bundle, read_bundle, read_statement_text
from ledger.book.times import DAY_SECONDS, format_seconds, parse_seconds
from signing.canonical import Unreadable, encode, read_object, to_base64

KIND = "inspection.found"
ENDING = ".found.bundle.json"
HASH_DIGITS_IN_NAMES = 8


@dataclass(frozen=True, slots=True)
class Filed:
    """The statement of one site, its evidence (canonical JSON), and what of it is news."""

    site: str
    stem: str
    findings: tuple[Finding, ...]
    evidence: bytes
    bundle: Bundle

    @property
    def evidence_sha256(self) -> str:
        """What each of its lines names."""
        return sha256(self.evidence).hexdigest()


def file_findings(
    header: Header, inspection: str, sheet: bytes, returns: Returns, findings: Sequence[Finding]
) -> list[Filed]:
    """A signed statement for each site with findings, by site. `sheet` is the CSV's bytes as it came."""
    sites: dict[str, list[Finding]] = {}
    for finding in findings:
        sites.setdefault(finding.row.site, []).append(finding)
    return [
        _file(
            header, inspection, site, evidence_of(inspection, site, sheet, returns, sites[site]), sites[site]
        )
        for site in sorted(sites)
    ]


def evidence_of(
    inspection: str, site: str, sheet: bytes, returns: Returns, findings: Iterable[Finding]
) -> bytes:
    """What the two who signed stand for: canonical JSON, to be kept with sheet and photographs."""
    told = {
        "inspection": inspection,
        "site": site,
        "sheet_sha256": sha256(sheet).hexdigest(),
        "signed_by": list(returns.signed[site]),
        "lines": [_evidence_line(finding) for finding in findings],
    }
    return encode(told)


def _evidence_line(finding: Finding) -> dict[str, Any]:
    row = finding.row
    told: dict[str, Any] = {
        "row": row.number,
        "reference": row.reference,
        "item": finding.line.get("position") or finding.line["chip"],
        "result": finding.line["result"],
        "found_at": row.found_at,
        "photos": [{"name": photo.name, "sha256": photo.sha256} for photo in row.photos],
    }
    answer = finding.answer.sha256 if finding.answer is not None else ""
    more = {"read": row.seen, "note": row.note, "device_evidence_sha256": answer}
    return told | {name: value for name, value in more.items() if value}


def _file(header: Header, inspection: str, site: str, evidence: bytes, findings: Sequence[Finding]) -> Filed:
    sha = sha256(evidence).hexdigest()
    rows = [{**finding.line, "evidence_sha256": sha} for finding in findings]
    latest = max(parse_seconds(finding.row.found_at, "found_at") for finding in findings)
    # Told by the findings themselves, so that the same sheet gives the same bytes on any day.
    expires = format_seconds(latest + EXPIRY_DAYS_DEFAULT * DAY_SECONDS)
    times = format_seconds(latest), expires
    body = {"inspection": inspection, "site": site}
    bundle = sign_statement(header.signer, header.log, KIND, header.party, body, rows, *times)
    answers = [finding.answer for finding in findings if finding.answer is not None]
    if answers:
        carried = {answer.sha256: to_base64(answer.octets) for answer in answers}
        bundle = replace(bundle, attestations=carried)
        refuse_heavy(bundle)
    numbers = {line_key(row): finding.row.number for row, finding in zip(rows, findings, strict=True)}
    faults = proofread(bundle, [numbers[key] for key in sorted(numbers)])
    if faults:
        told = "; ".join(f"row {fault.number}: {fault.detail}" for fault in faults)
        raise Ended(told, "correct the sheet; nothing was sent")
    bare = inspection.partition("/")[2]
    stem = f"{bare}.{site.replace('/', '-')}.{sha[:HASH_DIGITS_IN_NAMES]}"
    return Filed(site, stem, tuple(findings), evidence, bundle)


# -- what was said before


def said_before(folder: Path, inspection: str) -> set[bytes]:
    """The findings of this inspection for which receipts lie in the folder."""
    said = set()
    for path in sorted(folder.glob(f"*{ENDING}")):
        try:
            bundle = read_bundle(path.read_bytes())
            statement = read_statement_text(bundle.envelope.payload)
            body: Any = statement.body
            held = ReceiptFile(receipts_path(path)).read()
        except Unreadable:
            continue  # no file of ours: whatever it is, it is no receipt
        if body.get("inspection") == inspection and bundle.envelope.id() in held:
            lines = [read_object(line, str(path)) for line in bundle.manifest or ()]
            said |= {spelled(str(body.get("site")), line) for line in lines}
    return said


def spelled(site: str, line: Mapping[str, Any]) -> bytes:
    """A finding without salt and evidence: what makes two of them one."""
    told = {name: value for name, value in line.items() if name not in ("salt", "evidence_sha256")}
    return encode({"site": site, "line": told})


def news(findings: Iterable[Finding], said: set[bytes]) -> list[Finding]:
    """The findings that were not said before."""
    return [finding for finding in findings if spelled(finding.row.site, finding.line) not in said]
