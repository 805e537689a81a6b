"""How does a party come into the ledger?

`keygen` makes its key and the proof that it holds it; `enrol` has the registrar say who it is, with that
proof. The private key never leaves the machine it was made on.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.delivery.saying import send_now, sign_into
from api.cli.paperwork.drafts import read_proof
from api.cli.paperwork.headers import header_of
from api.cli.paperwork.keychain import ask_password
from api.cli.paperwork.signing_desk import proven_key
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Key, Log, Party
from api.cli.screen.terminal import Ended, err, facts_of, say, wrong_usage
from ledger.book.identifiers import PARTY
from signing.canonical import encode, read_object
from signing.signer import SeedSigner, new_seed, write_key_file


def keygen(
    party: Annotated[str, typer.Option(envvar="CHIPLEDGER_PARTY", help="The party whose key it will be.")],
    log: Log,
    out: Annotated[Path, typer.Option(help="The folder to write into.", file_okay=False)] = Path(),
    unencrypted: Annotated[
        bool,
        typer.Option("--unencrypted", help="Without a password: for machines that guard the file otherwise."),
    ] = False,
) -> None:
    """Make a party's key, and the proof that it holds it.

    P.pem stays with you: it is the only thing that can speak for you. P.proof.json goes to the registrar, who
    enrols you with it. The password comes from CHIPLEDGER_KEY_PASSWORD or a prompt.

    \b
    chipledger keygen --party north-dc --log example.org/chips
    """
    if not PARTY.fullmatch(party):
        raise wrong_usage(f"{party!r} is no party id", "2 to 63 of a-z, 0-9 and -, such as north-dc")
    key_file, proof_file = out / f"{party}.pem", out / f"{party}.proof.json"
    for path in (key_file, proof_file):
        if path.exists():
            raise Ended(
                f"{path} is there already", "a key is never overwritten: move it away, or choose --out"
            )
    out.mkdir(parents=True, exist_ok=True)
    password = None if unencrypted else ask_password(f"New password for {key_file}: ", twice=True)
    seed = new_seed()
    signer = SeedSigner(seed)
    write_key_file(key_file, seed, password)
    proof_file.write_bytes(encode({"party": party, **proven_key(signer, log, party)}) + b"\n")
    say(f"[green]made[/] [bold]{key_file}[/] (keep it) and [bold]{proof_file}[/] (for the registrar)")
    err.print(facts_of("", {"party": party, "log": log, "public key": signer.public_key.hex}))


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
