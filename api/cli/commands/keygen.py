"""How does a party get its key? The command `keygen`.

Makes the key, and the proof that the party holds it, with which the registrar enrols it. The private key
never leaves the machine it was made on. Asks no ledger.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.paperwork.keychain import ask_password
from api.cli.paperwork.signing_desk import proven_key
from api.cli.screen.options import Log
from api.cli.screen.terminal import Ended, err, facts_of, say, wrong_usage
from ledger.book.identifiers import PARTY
from signing.canonical import encode
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
