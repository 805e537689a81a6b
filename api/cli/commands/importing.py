"""How do others' records become signed statements? The command `import`.

Translates EPCIS 2.0 documents by a mapping and tables of outside estimates as claims. Of documents it reports
every event it does not understand, and signs for every party whose key it is given: one file for `send`, in
the order of what happened. Offline.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.epcis.document import EventFault
from api.cli.epcis.importing import Reading, read_documents
from api.cli.epcis.mapping import read_mapping
from api.cli.epcis.signed_events import SignedEvents, Speakers, sign_said
from api.cli.estimates.importing import import_estimates, show_estimates, write_estimates
from api.cli.estimates.reading import Naming
from api.cli.paperwork.columns import read_time
from api.cli.paperwork.headers import header_of
from api.cli.paperwork.keychain import open_key
from api.cli.paperwork.outbox import put_out
from api.cli.screen.terminal import Ended, err, facts_of, print_json, table_of, wrong_usage
from ledger.book.times import parse_seconds

FAULTS_SHOWN_MAX = 100

Documents = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="EPCIS 2.0 documents (JSON, JSON-LD), or one table of estimates (CSV).",
        dir_okay=False,
        exists=True,
    ),
]


Claims = Annotated[
    bool, typer.Option("--claims", help="The file is a table of outside estimates: a claim a row.")
]
Subjects = Annotated[
    list[str], typer.Option("--subject", metavar="OWNER=PARTY", help="Of claims: who an owner is here.")
]
Models = Annotated[str | None, typer.Option(help="Of claims: the registrar whose list has the models named.")]
Only = Annotated[
    list[str], typer.Option("--only", metavar="SOURCE", help="Of claims: rows of this source alone.")
]
Noted = Annotated[str, typer.Option(help="Of claims: when they were noted; a day, or now.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Of claims: show what would be signed, and stop.")]
Speak = Annotated[
    list[str], typer.Option("--speak", metavar="PARTY=KEY.pem", help="Sign for this party; repeat it.")
]
Mapping = Annotated[
    Path | None, typer.Option("--map", help="Which of our names their identifiers mean (TOML).")
]
After = Annotated[
    list[Path], typer.Option("--after", help="A document imported before: read for what it tells.")
]
SignedBefore = Annotated[
    list[Path], typer.Option("--signed", help="What was signed then, for corrections to name.")
]


def import_(
    files: Documents,
    *,
    epcis: Annotated[bool, typer.Option("--epcis", help="The documents are EPCIS 2.0.")] = False,
    claims: Claims = False,
    subject: Subjects = [],  # noqa: B006
    models: Models = None,
    only: Only = [],  # noqa: B006
    occurred_at: Noted = "",
    dry_run: DryRun = False,
    speak: Speak = [],  # noqa: B006
    key: Annotated[Path | None, typer.Option(envvar="CHIPLEDGER_KEY", help="Key file (PKCS#8 PEM).")] = None,
    party: Annotated[str, typer.Option(envvar="CHIPLEDGER_PARTY", help="Who speaks.")] = "",
    log: Annotated[str, typer.Option(envvar="CHIPLEDGER_LOG", help="The log's origin.")] = "",
    mapping: Mapping = None,
    after: After = [],  # noqa: B006
    signed: SignedBefore = [],  # noqa: B006
    as_of: Annotated[
        str | None, typer.Option(help="The day you sign: statements may be admitted for 90 days from it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="NAME of NAME.ndjson. Default: the last file's.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite another signed file.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was read as JSON for programs.")
    ] = False,
) -> None:
    """Sign what EPCIS documents tell, each event by the party it happened at.

    Statements come in the order of the events' times. An event that is declared wrong in the same documents
    is left out; one imported before is taken back. Every event that is not understood is listed by its place
    in the list, and nothing is signed until none is left. The same documents give the same bytes.

    \b
    chipledger import may.json --epcis --map names.toml --party acme --key acme.pem --log example.org/chips
    chipledger import june.json --epcis --map names.toml --after may.json --signed may.ndjson \\
        --speak acme=acme.pem --speak north=north.pem --log example.org/chips --as-of 2026-11-21
    chipledger import claims.csv --claims --dry-run
    chipledger import claims.csv --claims --subject "Microsoft=microsoft" --party quill --key quill.pem \\
        --log example.org/chips --occurred-at now
    """
    if claims and not epcis:
        naming = Naming(dict(_pair(one, "OWNER=PARTY") for one in subject), models, frozenset(only))
        found = import_estimates(files, naming)
        show_estimates(found, as_json=as_json)
        if not dry_run:
            header = header_of(key, party, log, occurred_at, as_of=as_of)
            write_estimates(found, header, out or files[0].with_suffix(""), replace=replace)
        return
    if not epcis:
        raise wrong_usage(
            "say --epcis or --claims", "other files hold one kind each: chipledger sign KIND FILE"
        )
    if not log:
        raise wrong_usage("--log is missing", "the log's origin, such as example.org/chips")
    pairs = (_pair(one, "PARTY=KEY.pem") for one in speak)
    keys = {name: Path(path) for name, path in pairs} | ({party: key} if party and key is not None else {})
    if not keys:
        raise wrong_usage("who speaks?", "--party and --key, or --speak PARTY=KEY.pem for each party")
    day = None if as_of is None else parse_seconds(read_time(as_of), "--as-of")
    speakers = Speakers({name: open_key(path) for name, path in keys.items()}, log, day)
    reading = read_documents(files, after, read_mapping(mapping, log))
    _refuse(reading.faults)
    done = sign_said(reading.said, speakers, signed)
    _refuse(done.faults)
    _report(reading, done, as_json=as_json)
    if done.bundles:
        put_out(out or files[-1].with_suffix(""), done.bundles, replace=replace)


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise wrong_usage(f"{text[:80]!r} is no {form}")
    return name, value


def _refuse(faults: tuple[EventFault, ...]) -> None:
    if not faults:
        return
    shown = sorted(faults)[:FAULTS_SHOWN_MAX]
    err.print(table_of("", ("document", "event", "field", "what is wrong"), shown))
    raise Ended(
        f"{len(faults):,} fault{'s' if len(faults) > 1 else ''} in what was read; nothing was signed",
        "event 0 is the first of eventList; name things in --map, or correct the document",
    )


def _report(reading: Reading, done: SignedEvents, *, as_json: bool) -> None:
    others = len(reading.said) - len(done.said)
    if as_json:
        statements = [
            {"kind": one.kind, "party": one.party, "document": one.event.document}
            | {"event": one.event.index, "reference": one.reference, "statement": name}
            for one, name in zip(done.said, done.ids, strict=True)
        ]
        silent = [
            {"document": event.document, "event": event.index, "why": why} for event, why in reading.silent
        ]
        left_out = [{"document": event.document, "event": event.index} for event in reading.left_out]
        told = {"statements": statements, "others": others, "silent": silent, "left_out": left_out}
        print_json({**told, "state": reading.state})
        return
    facts: dict[str, Any] = {}
    for one in done.said:
        facts[one.kind] = facts.get(one.kind, 0) + 1
    facts |= {
        "of parties you do not sign for": others,
        "events without a statement": len(reading.silent),
        "events declared wrong, left out": len(reading.left_out),
    }
    err.print(facts_of("", {name: f"{count:,}" for name, count in facts.items()}))
