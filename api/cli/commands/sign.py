"""How does a person's file become signed statements, without a network?

`sign KIND FILE`: reads rows, reports every bad one by the number a spreadsheet shows, signs only when none is
left, and writes what `send` posts. The time of what happened is always told, never taken from the clock
unasked; the same file, key and times give the same bytes.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.paperwork.attestations import Asked, EvidenceFolder, bearer_of, open_evidence
from api.cli.paperwork.batch import Batch, Signed, sign_alone, sign_lines, sign_rows
from api.cli.paperwork.columns import columns_of, parse_settings
from api.cli.paperwork.drafts import with_proof
from api.cli.paperwork.headers import header_of
from api.cli.paperwork.known_heads import known_head
from api.cli.paperwork.outbox import put_out
from api.cli.paperwork.template_page import show_template
from api.cli.paperwork.templates import NOT_FOR_FILES, TEMPLATES
from api.cli.screen.terminal import err, facts_of, progress, warn, wrong_usage
from ledger.book.encoding import MANIFEST_LINES_MAX, HeadText
from ledger.book.kinds import FORMS
from ledger.book.records.form import Form, Use
from signing.canonical import read_object

LEFT_NAMED_MAX = 5

Maker = Annotated[
    str | None, typer.Option(help="Whose serials the column serial holds. Default: yours, when you register.")
]
Lines = Annotated[
    int,
    typer.Option(
        min=1, max=MANIFEST_LINES_MAX, help="Split registrations, placements, stocktakes by so many rows."
    ),
]
Template = Annotated[
    str | None, typer.Option(metavar="KIND", help="Print an example file for a kind, and stop.")
]
KnownHead = Annotated[
    str | None,
    typer.Option(
        "--head",
        metavar="FILE|SIZE:ROOT",
        help="A head of the log you knew: a checkpoint, a receipt, or device nonce --json.",
    ),
]
Evidence = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        metavar="DIR",
        file_okay=False,
        exists=True,
        help="Evidence of the chips: files called <chip>.json, or named in a column evidence.",
    ),
]


def sign(
    kind: Annotated[str | None, typer.Argument(help="What is said, such as chips.registered.")] = None,
    file: Annotated[Path | None, typer.Argument(help="CSV, JSON lines or Parquet.", dir_okay=False)] = None,
    *,
    key: Annotated[Path | None, typer.Option(envvar="CHIPLEDGER_KEY", help="Key file (PKCS#8 PEM).")] = None,
    party: Annotated[str, typer.Option(envvar="CHIPLEDGER_PARTY", help="Who speaks.")] = "",
    log: Annotated[str, typer.Option(envvar="CHIPLEDGER_LOG", help="The log's origin.")] = "",
    occurred_at: Annotated[
        str, typer.Option(help="When it happened: YYYY-MM-DDTHH:MM:SSZ, a day, or now. Never guessed.")
    ] = "",
    expires_at: Annotated[
        str | None, typer.Option(help="After this it is not admitted. Default: 90 days on.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day you sign, for the default of --expires-at.")
    ] = None,
    reference: Annotated[str | None, typer.Option(help="Your own number for it: a PO, an ASN.")] = None,
    settings: Annotated[list[str], typer.Option("--set", help="A field of the body: field=value.")] = [],  # noqa: B006
    body: Annotated[Path | None, typer.Option(help="The body as a JSON file; --set adds to it.")] = None,
    each: Annotated[list[str], typer.Option(help="A field that every row has: field=value.")] = [],  # noqa: B006
    maker: Maker = None,
    head: KnownHead = None,
    evidence: Evidence = None,
    lines: Lines = MANIFEST_LINES_MAX,
    out: Annotated[Path | None, typer.Option(help="NAME of NAME.bundle.json. Default: the file's.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite another signed file.")] = False,
    template: Template = None,
) -> None:
    """Sign a file of rows, offline.

    Everything is read as text, so leading zeros stay. Every bad row is listed by its number in the
    spreadsheet, and nothing is signed until none is left. Signing again gives the same bytes.

    \b
    chipledger sign --template chips.registered > chips.csv
    chipledger sign chips.registered chips.csv --key acme.pem --party acme --log example.org/chips \\
        --occurred-at 2026-11-20 --set site=acme/fab-18
    chipledger sign shipment.arrived --set evidence=as_dispatched --set shipment=acme/PO-1 \\
        --set site=north/hall-1 --out arrival --key north.pem --party north --occurred-at now
    chipledger sign chips.sighted seen.csv --set "place=a test bench" --head checkpoint --evidence answers
    """
    if template is not None:
        show_template(template)
        return
    form = _form(kind)
    if file is None and (out is None or form.manifest is Use.ALWAYS):
        raise wrong_usage("there is no FILE", f"an example: chipledger sign --template {form.kind}")
    header = header_of(key, party, log, occurred_at, expires_at=expires_at, as_of=as_of)
    given = parse_settings(settings, form.body) if body is None else _body(body, settings, form)
    if file is None:
        given = with_proof(given, Path())
    if file is None or form.line is not None:  # else rows fill the body
        _refuse_gaps(form, given)
    shared = {} if form.line is None else parse_settings(each, form.line)
    known = None if head is None else known_head(head, log, form.kind)
    shown = _evidence(evidence, Asked(log, known, form.kind), form, file)
    batch = Batch(header, form, given, shared, maker, lines, reference, known, shown)
    with progress("signing", None):
        signed = _sign(batch, file)
    name = out if out is not None else None if file is None else file.with_suffix("")
    assert name is not None, "without a file there is --out"
    put_out(name, [one.bundle for one in signed], replace=replace)
    _report(form, signed)
    if shown is not None:
        _report_evidence(shown, known)


def _evidence(folder: Path | None, asked: Asked, form: Form, file: Path | None) -> EvidenceFolder | None:
    if folder is None:
        return None
    if bearer_of(form) is None or file is None:
        raise wrong_usage(
            f"--evidence is of the chips in a FILE, and {form.kind} names none in lines that take it",
            f"it goes with {', '.join(kind for kind in TEMPLATES if bearer_of(FORMS[kind]))}",
        )
    return open_evidence(folder, asked)


def _sign(batch: Batch, file: Path | None) -> list[Signed]:
    if file is None:
        return sign_alone(batch)
    return sign_rows(batch, file) if batch.form.line is None else sign_lines(batch, file)


def _form(kind: str | None) -> Form:
    kinds = ", ".join(TEMPLATES)
    if kind is None:
        raise wrong_usage("which KIND?", f"one of {kinds}")
    if kind in NOT_FOR_FILES:
        raise wrong_usage(f"{kind} is not signed from a file", f"use: {NOT_FOR_FILES[kind]}")
    if kind not in TEMPLATES:
        raise wrong_usage(f"there is no kind {kind!r}", f"one of {kinds}")
    return FORMS[kind]


def _refuse_gaps(form: Form, given: dict[str, Any]) -> None:
    """`Ended` with the options to add, where the body lacks what it must have."""
    missing = [
        name for name, column in columns_of(form.body).items() if column.required and not _has(given, name)
    ]
    if not missing:
        return
    examples = dict(shlex.split(option)[1].split("=", 1) for option in TEMPLATES[form.kind].options)
    said = [f"--set {name}={'<party>/<name>' if '/' in examples.get(name, '') else '…'}" for name in missing]
    shown = " ".join(f"--set {name}={examples[name]}" for name in missing if name in examples)
    such = f", such as {shown}" if shown else ""
    raise wrong_usage(f"the body has no {' and no '.join(missing)}", f"add {' '.join(said)}{such}")


def _has(tree: Any, name: str) -> bool:
    for part in name.split("."):
        if not isinstance(tree, dict) or part not in tree:
            return False
        tree = tree[part]
    return True


def _body(path: Path, settings: list[str], form: Form) -> dict[str, Any]:
    given = read_object(path.read_bytes(), str(path))
    for name, value in parse_settings(settings, form.body).items():
        before = given.get(name)
        given[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return given


def _report(form: Form, signed: Sequence[Signed]) -> None:
    facts: dict[str, Any] = {"kind": form.kind, "statements": len(signed)}
    if len(signed) == 1:
        facts["statement"] = signed[0].bundle.envelope.id()
    chips = [
        _chip_of(one.bundle.manifest[place]) for one in signed if one.bundle.manifest for place in (0, -1)
    ]
    if chips:
        facts["chips"] = f"{sum(len(one.bundle.manifest or ()) for one in signed):,}"
        facts["first"], facts["last"] = min(chips), max(chips)
    err.print(facts_of("", facts))


def _report_evidence(shown: EvidenceFolder, head: HeadText | None) -> None:
    """What became of the files of evidence; doubts about what they will be worth."""
    err.print(facts_of("", {"evidence": f"{shown.taken:,} files", "under the root": " ".join(shown.roots)}))
    left = shown.left
    if left:
        named = ", ".join(left[:LEFT_NAMED_MAX]) + (", …" if len(left) > LEFT_NAMED_MAX else "")
        warn(f"{len(left):,} files of the folder are for no row ({named})")
    if head is None and shown.taken:
        warn("without --head evidence is kept, but makes no chip class A: it must answer a nonce of a head")


def _chip_of(line: bytes) -> str:
    return str(read_object(line, "line")["chip"])
