"""Which statements does a person's file become?

A file of chips is one statement, or several where the kind may be said in parts; a file of other things is a
statement for each row. Every bad row ends the work with a table, before anything is signed; what the law
would refuse by its looks is never given out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.cli.paperwork.attestations import EvidenceFolder, bearer_of, refuse_heavy
from api.cli.paperwork.doubts import doubts
from api.cli.paperwork.drafts import Line, draft_bodies, draft_lines, own_id
from api.cli.paperwork.files import read_sheet
from api.cli.paperwork.headers import Header
from api.cli.paperwork.proofreading import proofread
from api.cli.paperwork.sheets import RowFault
from api.cli.paperwork.signing_desk import line_key, sign_statement
from api.cli.screen.terminal import Ended, err, table_of, warn, wrong_usage
from ledger.book.encoding import MANIFEST_LINES_MAX, Bundle, HeadText
from ledger.book.records.form import Form

FAULTS_SHOWN_MAX = 100
SPLIT_KINDS = ("chips.registered", "chips.placed")  # say the same in any number of statements
IN_PARTS = "stocktake.declared"  # says which part of how many it is


@dataclass(frozen=True, slots=True)
class Signed:
    """A bundle, with the rows its lines come from in their order."""

    bundle: Bundle
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What was asked for besides the rows. `each`: fields of every row, `body`: of every statement."""

    header: Header
    form: Form
    body: Mapping[str, Any]
    each: Mapping[str, Any]
    maker: str | None
    lines_max: int
    reference: str | None
    head: HeadText | None = None
    evidence: EvidenceFolder | None = None


def sign_lines(batch: Batch, file: Path) -> list[Signed]:
    """The statement about the chips of a file; registrations and placements in parts of `lines_max` rows."""
    form, party = batch.form, batch.header.party
    maker = batch.maker or (party if form.kind == "chips.registered" else None)
    lines, faults = draft_lines(read_sheet(file), form, maker, batch.each, batch.evidence)
    refuse_rows(faults, file)
    for doubt in doubts([line.fields["chip"].partition(":")[2] for line in lines]):
        warn(doubt)
    parts = [lines]
    if form.kind in SPLIT_KINDS or (form.kind == IN_PARTS and "part" not in batch.body):
        parts = [lines[start : start + batch.lines_max] for start in range(0, len(lines), batch.lines_max)]
    elif len(lines) > MANIFEST_LINES_MAX:
        raise Ended(
            f"{len(lines):,} rows are more than one {form.kind} can hold ({MANIFEST_LINES_MAX:,})",
            "split the file and give each part its own id: a truck, a pallet, a lot",
        )
    numbered = batch.reference is not None and len(parts) > 1
    counted = form.kind == IN_PARTS and len(parts) > 1
    return _proofread(
        [
            _sign(
                batch,
                {**batch.body, "part": place, "parts": len(parts)} if counted else batch.body,
                part,
                f"{batch.reference}-{place}" if numbered else batch.reference,
            )
            for place, part in enumerate(parts, start=1)
        ]
    )


def sign_rows(batch: Batch, file: Path) -> list[Signed]:
    """A statement for each row of a file."""
    sheet = read_sheet(file)
    drafts, faults = draft_bodies(sheet, batch.form, batch.header.party, batch.body, file.parent)
    refuse_rows(faults, file)
    if batch.reference is not None and len(drafts) > 1:
        raise wrong_usage("one --reference for several statements", "give the file a column reference")
    signed = [_sign(batch, draft.body, None, draft.reference or batch.reference) for draft in drafts]
    return _proofread(
        [Signed(one.bundle, (draft.number,)) for one, draft in zip(signed, drafts, strict=True)]
    )


def sign_alone(batch: Batch) -> list[Signed]:
    """The statement that the options say by themselves."""
    return _proofread([_sign(batch, batch.body, None, batch.reference)])


def _sign(
    batch: Batch, body: Mapping[str, Any], lines: Sequence[Line] | None, reference: str | None
) -> Signed:
    header, head = batch.header, batch.head
    ordered = sorted(lines or (), key=lambda line: line_key(line.fields))
    bundle = sign_statement(
        header.signer,
        header.log,
        batch.form.kind,
        header.party,
        own_id(batch.form.kind, header.party, dict(body)),
        rows=None if lines is None else [line.fields for line in ordered],
        occurred_at=header.occurred_at,
        expires_at=header.expires_at,
        reference=reference,
        head=None if head is None else {"size": head.size, "root": head.root},
    )
    bearer = bearer_of(batch.form)
    if batch.evidence is not None and bearer is not None:
        carried = batch.evidence.carried_by([line.fields for line in ordered], bearer)
        bundle = replace(bundle, attestations=carried or None)
        refuse_heavy(bundle)
    return Signed(bundle, tuple(line.number for line in ordered))


def _proofread(signed: list[Signed]) -> list[Signed]:
    """The same, unless the law finds fault with one of them."""
    faults: list[RowFault] = []
    for one in signed:
        found = proofread(one.bundle, one.numbers)
        # A statement of a row of its own: the whole is that row.
        alone = one.numbers[0] if one.bundle.manifest is None and one.numbers else 0
        faults += [RowFault(fault.number or alone, fault.detail) for fault in found]
    refuse_rows(faults)
    return signed


def refuse_rows(faults: Sequence[RowFault], file: Path | None = None) -> None:
    """`Ended` with a table of every bad row, unless there is none."""
    if not faults:
        return
    where = f" in {file}" if file is not None else ""
    shown = sorted(faults)[:FAULTS_SHOWN_MAX]
    err.print(table_of("", ("row", "what is wrong"), [(row or "all", why) for row, why in shown]))
    more = f", the first {len(shown):,} shown" if len(shown) < len(faults) else ""
    raise Ended(
        f"{len(faults):,} fault{'s' if len(faults) > 1 else ''}{where}{more}; nothing was signed",
        "correct the rows (row 1 of a CSV is its header) or the options, and sign again",
    )
