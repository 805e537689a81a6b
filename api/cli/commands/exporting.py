"""How does what a party may see leave as a document others can read? The command `export`.

Reads the entries and manifests the asker may see, and writes them as events of EPCIS 2.0.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.epcis.exporting import CORRECTION, WRITERS, Entry, document_of, export_entries
from api.cli.epcis.mapping import read_mapping
from api.cli.epcis.names import Names
from api.cli.paperwork.keychain import open_key
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, Key, Party, Url
from api.cli.screen.terminal import Ended, err, facts_of, print_json, progress, say, wrong_usage
from signing.canonical import read_object
from signing.envelope import STATEMENT_TYPE, read_envelope


def export(
    *,
    epcis: Annotated[bool, typer.Option("--epcis", help="Write an EPCIS 2.0 document.")] = False,
    url: Url,
    party: Party,
    key: Key,
    out: Annotated[Path, typer.Option(help="The document to write.")] = Path("export.json"),
    mapping: Annotated[
        Path | None, typer.Option("--map", help="Identifiers to write in place of our names (TOML).")
    ] = None,
    after: Annotated[int | None, typer.Option(min=0, help="Only entries after this index.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write the entries you may see as EPCIS 2.0 events.

    The document is valid under the GS1 schema. A statement that was corrected is there with its
    error declaration, under the same id; kinds that EPCIS has no words for (parties, models, claims) are
    counted and left out. `chipledger import --epcis` reads it back.

    \b
    chipledger export --epcis --out 2026.json --url http://127.0.0.1:8440 --party acme --key acme.pem
    """
    if not epcis:
        raise wrong_usage("say --epcis", "rows of the book: chipledger report, chipledger sql")
    if out.exists() and not replace:
        raise Ended(f"{out} is there already", "choose another --out, or say --replace")
    with LedgerClient(url, party, open_key(key)) as client:
        entries = list(_entries(client, after))
        if not entries:
            raise Ended(
                "there is no entry that you may see", "check --after, and who asks (--party and --key)"
            )
        names = Names(read_mapping(mapping, entries[0][1]))
        events, untold = export_entries([entry for entry, _ in entries], names)
    created = entries[-1][0].admitted_at
    written = document_of(events, names, created)
    out.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    facts: dict[str, Any] = {"file": str(out), "entries": len(entries), "events": len(events)}
    if as_json:
        print_json({**facts, "untold": untold})
        return
    err.print(facts_of("", facts | {f"no event for {kind}": count for kind, count in untold.items()}))
    say(f"[green]written[/] [bold]{out}[/]")


def _entries(client: LedgerClient, after: int | None) -> Iterator[tuple[Entry, str]]:
    """Every entry the asker may see, with the log it is of."""
    asked = {} if after is None else {"after": after}
    with progress("reading", None) as bar:
        for item in client.items("/entries", asked):
            said = read_object(read_envelope(item["envelope"], STATEMENT_TYPE).payload, "payload")
            wanted = item["kind"] in WRITERS and said.get("manifest") is not None
            raw = client.get(f"/manifests/{item['statement']}").content if wanted else b""
            lines = [read_object(line, "line") for line in raw.split(b"\n") if line]
            entry = Entry(
                item["entry_index"],
                item["statement"],
                item["kind"],
                item["party"],
                item["occurred_at"],
                item["admitted_at"],
                said["body"],
                lines,
            )
            yield entry, said["log"]
            bar.advance()


assert CORRECTION not in WRITERS
