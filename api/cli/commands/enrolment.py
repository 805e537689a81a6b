"""How does a party come into the ledger? The command `enrol`.

The registrar says who it is, with the proof that the party made of its key (`keygen`).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.delivery.saying import send_now, sign_into
from api.cli.paperwork.drafts import read_proof
from api.cli.paperwork.headers import header_of
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Key, Log, Party
from api.cli.screen.terminal import wrong_usage
from signing.canonical import read_object


def enrol(
    proof: Annotated[
        Path | None, typer.Argument(help="P.proof.json; none for a party that keeps silent.")
    ] = None,
    *,
    name: Annotated[str, typer.Option(help="The party's name, as people know it.")],
    roles: Annotated[str, typer.Option(help="maker, fab, holder, verifier, analyst; several with commas.")],
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2, such as NO.")],
    key: Key,
    party: Party,
    log: Log,
    occurred_at: Annotated[str, typer.Option(help="When: a time, a day, or now.")] = "now",
    new_party: Annotated[
        str | None, typer.Option("--as", help="The party's id, where there is no proof.")
    ] = None,
    parent: Annotated[str | None, typer.Option(help="The party it belongs to.")] = None,
    url: Annotated[str | None, typer.Option(envvar="CHIPLEDGER_URL", help="Send it to this ledger.")] = None,
    log_key: Annotated[str | None, typer.Option(envvar="CHIPLEDGER_LOG_KEY", help="The log's vkey.")] = None,
    out: Annotated[Path | None, typer.Option(help="Only sign, into this file.")] = None,
) -> None:
    """Enrol a party, as the registrar: sign its name, roles and key, and send.

    \b
    chipledger enrol north-dc.proof.json --name "North Data Centres" --roles holder --country NO \\
        --key registrar.pem --party registry --log example.org/chips --url http://127.0.0.1:8440
    chipledger enrol --as oldmaker --name "A silent maker" --roles maker --country US --out old.json …
    """
    who, keys = _whom(proof, new_party)
    if out is None and url is None:
        raise wrong_usage("where to?", "--url sends it, --out writes it into a file")
    header = header_of(key, party, log, occurred_at)
    body: dict[str, Any] = {
        "party": who,
        "name": name,
        "roles": sorted({role.strip() for role in roles.replace(";", ",").split(",")} - {""}),
        "country": country,
        "keys": keys,
    }
    if parent is not None:
        body["parent"] = parent
    file = out if out is not None else Path(f"{who}.enrolled.bundle.json")
    sign_into(file, header, "party.enrolled", body)
    if out is None and url is not None:
        with LedgerClient(url) as client:
            send_now(client, file, log_key)


def _whom(proof: Path | None, told: str | None) -> tuple[str, list[dict[str, Any]]]:
    """The party to enrol, and its keys."""
    if proof is None:
        if told is None:
            raise wrong_usage("whom?", "name a P.proof.json, or --as PARTY for a party without keys")
        return told, []
    party = str(read_object(proof.read_bytes(), str(proof)).get("party"))
    if told is not None and told != party:
        raise wrong_usage(f"the proof is of {party}, not of {told}")
    return party, [read_proof(proof, party)]
