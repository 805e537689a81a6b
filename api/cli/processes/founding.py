"""The work of `init`: open a ledger in a folder, and say what its readers must know."""

import time
from pathlib import Path

from api.cli.paperwork.headers import header_of
from api.cli.paperwork.keychain import ask_password
from api.cli.processes.handover import Request, carry_out
from api.cli.screen.terminal import Ended, err, facts_of, out, say, wrong_usage
from ledger.book.identifiers import ORIGIN
from ledger.book.records.opening import Waits, Witness
from ledger.folder import LedgerFolder
from ledger.opening import NotOpened, Registrar, Terms, open_ledger
from signing.note import ED25519, make_vkey, parse_vkey
from signing.signer import SeedSigner, new_seed


def found(request: Request) -> None:
    """Make the ledger; `Ended` where it cannot be."""
    origin, folder = request["origin"], LedgerFolder(Path(request["folder"]))
    if not ORIGIN.fullmatch(origin):
        raise wrong_usage(
            f"{origin[:80]!r} is no origin", "a name without a scheme, such as example.org/chips"
        )
    if folder.log_key.exists() or folder.database.exists():
        raise Ended(f"there is a ledger in {folder.path} already", "choose another folder: a log begins once")
    header = header_of(Path(request["registrar_key"]), request["registrar"], origin, request["occurred_at"])
    registrar = Registrar(
        request["registrar"], request["registrar_name"], request["registrar_country"], header.signer
    )
    witnesses = [Witness(parse_vkey(vkey).name, vkey, parse_vkey(vkey).name) for vkey in request["witnesses"]]
    terms = Terms(Waits(*request["waits"]), request["quorum"], witnesses)
    password = (
        None if request["unencrypted"] else ask_password("New password for the log's key: ", twice=True)
    )
    seed = new_seed()
    try:
        open_ledger(
            folder,
            origin=origin,
            registrar=registrar,
            log_seed=seed,
            log_key_password=password,
            terms=terms,
            occurred_at=header.occurred_at,
            expires_at=header.expires_at,
            clock=lambda: time.time_ns() // 1_000_000,
        )
    except NotOpened as refused:
        raise Ended(str(refused), "correct the options; nothing was made") from None
    vkey = make_vkey(origin, ED25519, SeedSigner(seed).public_key.octets).text()
    (folder.path / "log.vkey").write_text(vkey + "\n", encoding="utf-8")
    say(f"[green]made[/] [bold]{folder.path}[/], with entry 0")
    err.print(facts_of("", {"origin": origin, "registrar": request["registrar"]}))
    say("the log's verifier key, for everybody who checks receipts (also in log.vkey):")
    out.print(vkey, markup=False, soft_wrap=True)


if __name__ == "__main__":
    carry_out(found)
