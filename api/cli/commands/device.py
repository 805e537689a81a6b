"""What does a chip prove, and what is it to be asked? The commands `device …`.

`verify` explains a file of evidence without a ledger or a network; `nonce` makes the challenge that evidence
must answer to count in a log, so that a report captured for something else does not; `boards` compares whom
many devices name with the systems a list has them in.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from api.cli.checks.board_membership import (
    MEANING,
    Membership,
    Reports,
    Systems,
    device_rows,
    membership_facts,
    membership_of,
    read_reports,
    read_systems,
)
from api.cli.checks.device_evidence import (
    PUBLISHED_ROOT,
    Explained,
    device_facts,
    expected_of,
    explain,
    read_evidence_file,
    read_hex,
    read_responses,
    read_time,
    roots_of,
)
from api.cli.checks.heads import read_head
from api.cli.field.sidecar import read_sidecar
from api.cli.screen.options import At, Json, LogKey
from api.cli.screen.terminal import EXIT_REFUSED, facts_of, out, print_json, say, table_of, wrong_usage
from ledger.book.identifiers import is_chip
from ledger.book.kinds import FORMS
from ledger.device.evidence import Check
from ledger.device.nonces import SEED_BYTES, inspection_nonce, registration_nonce

EVIDENT_KINDS = sorted(
    kind
    for kind, form in FORMS.items()
    if form.line is not None and {"identity", "seen"} & set(form.line.__struct_fields__)
)
"""Kinds whose lines can name evidence."""

Root = Annotated[
    list[str] | None,
    typer.Option("--root", help="A root to trust: hex SHA-256 of its SPKI. Default: NVIDIA's own."),
]


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="One device's evidence: report_hex, cert_chain_pem.")
    ],
    root: Root = None,
    nonce: Annotated[
        str | None, typer.Option("--nonce", help="The nonce that was asked. Default: what FILE states.")
    ] = None,
    *,
    worksheet: Annotated[
        Path | None,
        typer.Option(
            metavar="JSON", help="The worksheet of an inspection, which knows the nonce; with --chip."
        ),
    ] = None,
    chip: Annotated[
        str | None, typer.Option("--chip", help="The drawn chip that was asked: <maker>:<serial>.")
    ] = None,
    valid_at: Annotated[
        str | None, typer.Option("--valid-at", help="Also: were all certificates valid at this time?")
    ] = None,
    ocsp: Annotated[
        list[Path] | None,
        typer.Option("--ocsp", help="An OCSP response (DER) fetched for the chain; goes with --valid-at."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a piece of evidence and explain it: which chip, proved by what, wired to whom.

    Needs no ledger and no network. The checks run in a fixed order and stop at the first that fails. The
    identity is that of the key burnt into the chip, which a change of firmware does not change. A nonce that
    only FILE states proves nothing about when the report was made. For a chip that an inspection drew, the
    JSON file of inspect worksheet knows the nonce, without any network. Whether certificates were revoked is
    asked only with --ocsp, of responses fetched elsewhere.

    \b
    chipledger device verify gpu-0.json
    chipledger device verify gpu-0.json --nonce "$(cat nonce.hex)" --json
    chipledger device verify gpu-0.json --worksheet visit-1.worksheet.json --chip acme:000123
    """
    if ocsp and valid_at is None:
        raise wrong_usage("--ocsp goes with --valid-at", "say when the certificates had to stand")
    if (worksheet is None) != (chip is None) or (worksheet is not None and nonce is not None):
        raise wrong_usage("--worksheet goes with --chip, and instead of --nonce")
    if worksheet is not None and chip is not None:
        nonce = _nonce_of(worksheet, chip)
    evidence = read_evidence_file(file)
    expected = expected_of(evidence, root or (), nonce)
    at = None if valid_at is None else read_time(valid_at, "--valid-at")
    explained = explain(evidence, expected, at, read_responses(ocsp or ()))
    if as_json:
        print_json(_as_object(explained))
    else:
        _show(str(file), explained)
    if not root:
        say(f"[yellow]note:[/] trusted here: the root NVIDIA publishes, {PUBLISHED_ROOT}")
    if nonce is None and expected.nonce is not None:
        say("[yellow]note:[/] the nonce is the one the file states; --nonce tells the one you asked")
    if not explained.passed:
        raise typer.Exit(EXIT_REFUSED)


def _nonce_of(worksheet: Path, chip: str) -> str:
    """The nonce an inspection asks of a chip; wrong usage where the chip was not drawn."""
    nonces = read_sidecar(worksheet)
    found = nonces.of(chip)
    if found is None:
        raise wrong_usage(
            f"{chip} was not drawn for {nonces.inspection}", "or not for this worksheet's sheets"
        )
    return found


def nonce(
    chip: Annotated[str, typer.Option("--chip", help="The chip that is to answer: <maker>:<serial>.")],
    kind: Annotated[
        str, typer.Option("--kind", help="The kind of statement that will carry the evidence.")
    ] = "chips.registered",
    checkpoint: Annotated[
        str | None,
        typer.Option("--checkpoint", metavar="FILE|DIR|URL", help="The log's checkpoint to bind it to."),
    ] = None,
    *,
    at: At = None,
    log_key: LogKey = None,
    seed: Annotated[
        str | None, typer.Option("--seed", help="Of a drawn inspection, in hex, instead of a checkpoint.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the nonce a chip must answer, bound to log, checkpoint, chip and kind of statement.

    The statement that carries the evidence must name the same checkpoint as its `head`. For a chip that an
    inspection drew, the nonce comes from the seed of the draw. The nonce alone goes to standard output.

    \b
    chipledger device nonce --chip acme:000123 --checkpoint http://127.0.0.1:8440
    chipledger device nonce --chip acme:000123 --kind chips.sighted --checkpoint ledger --at 4217
    chipledger device nonce --chip acme:000123 --seed 5e884898…1542d8
    """
    if not is_chip(chip):
        raise wrong_usage(f"{chip!r} is no chip", "a chip is <maker>:<serial>, the serial in capitals")
    if (seed is None) == (checkpoint is None):
        raise wrong_usage("bound to what?", "say --checkpoint, or --seed for a chip that was drawn")
    if kind not in EVIDENT_KINDS:
        raise wrong_usage(f"no line of {kind!r} carries evidence", f"one of {', '.join(EVIDENT_KINDS)}")
    if checkpoint is None:
        made = inspection_nonce(read_hex(seed or "", SEED_BYTES, "--seed"), chip)
        told: dict[str, Any] = {"nonce": made.hex(), "chip": chip}
    else:
        head = read_head(checkpoint, log_key, at)
        made = registration_nonce(head.origin, head.size, head.root, chip, kind)
        named = {"size": head.size, "root": head.root.hex()}
        told = {"nonce": made.hex(), "chip": chip, "kind": kind, "log": head.origin, "head": named}
    if as_json:
        print_json(told)
        return
    out.print(told["nonce"], markup=False)
    if checkpoint is not None:
        say(f"the statement, of kind {kind} in {escape(told['log'])}, must have this head:")
        say(escape(f'{{"size": {told["head"]["size"]}, "root": "{told["head"]["root"]}"}}'))


def boards(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Evidence, one device a file.", dir_okay=False)
    ],
    systems: Annotated[
        Path | None,
        typer.Option(
            "--systems",
            metavar="CSV",
            dir_okay=False,
            help="Which device is said to stand in which system: columns pdi or chip, and system.",
        ),
    ] = None,
    root: Root = None,
    *,
    as_json: Json = False,
) -> None:
    """Do GPUs and switches stand together as a list says? Whom each names in its own signed report.

    A name one side gives is a claim, given from both sides it makes a board. A chip on the list is the device
    whose evidence lies in <chip>.json; a file of chips.placed will do. Exits with 1 where reports and list
    disagree, or evidence does not hold. When the reports were made is not asked: device verify --nonce does.

    \b
    chipledger device boards evidence/*.json
    chipledger device boards evidence/*.json --systems placed.csv --json
    """
    reports = read_reports(files, roots_of(root or ()))
    told = None if systems is None else read_systems(systems, reports)
    found = membership_of(reports.examined, None if told is None else told.by_pdi)
    if as_json:
        print_json(membership_facts(found, reports, told))
    else:
        _show_boards(found, reports, told)
    if found.disagreements or reports.failed:
        raise typer.Exit(EXIT_REFUSED)


def _show_boards(found: Membership, reports: Reports, systems: Systems | None) -> None:
    columns = ("board", "device", "kind", "system", "names", "named back by")
    out.print(table_of("devices", columns, device_rows(found, reports, systems)))
    if found.disagreements:
        told = [(one.device, one.other, MEANING[one.misfit]) for one in found.disagreements]
        out.print(table_of("disagreements", ("device", "other", "what is wrong"), told))
    if reports.failed:
        bad = [(name, one.check.value, one.detail) for name, one in reports.failed.items()]
        out.print(table_of("evidence that does not hold, left out", ("file", "check", "why"), bad))
    if systems is None:
        say("[yellow]note:[/] no list to compare with: --systems tells who is said to stand where")
    elif systems.unanswered:
        say(f"[yellow]note:[/] {len(systems.unanswered):,} chips of the list have no evidence here")
    say(f"{len(found.boards):,} boards, {len(found.disagreements):,} disagreements")


def _show(name: str, explained: Explained) -> None:
    rows = [(step.meaning, step.result, step.why) for step in explained.steps]
    out.print(table_of(name, ("check", "result", "why"), rows))
    if explained.device is not None:
        title = "the device" if explained.passed else "what it says; not proved to you"
        facts = device_facts(explained.device)
        out.print(facts_of(title, facts | {"names": " ".join(explained.device.neighbours) or "nobody"}))
    failed = explained.failed
    if failed is not None and failed.check is Check.ROOT_PINNED and explained.device is not None:
        say("the root is not trusted here: --root tells one that is; a log trusts those in its device_roots")


def _as_object(explained: Explained) -> dict[str, Any]:
    failed = explained.failed
    return {
        "passed": explained.passed,
        "failed": None if failed is None else failed.check.value,
        "detail": None if failed is None else failed.detail,
        "checks": [asdict(step) for step in explained.steps],
        "device": None if explained.device is None else device_facts(explained.device),
    }
