"""Where does a command get the key it signs with, and the password of that key?

From a PKCS#8 PEM file; the password from `CHIPLEDGER_KEY_PASSWORD` or, where a person is there to ask, from a
prompt that shows nothing. A password is never an option, for options are seen by every process.
"""

import getpass
import os
import sys
from pathlib import Path

from api.cli.screen.terminal import Ended, wrong_usage
from signing.canonical import Unreadable
from signing.signer import SeedSigner, key_file_is_encrypted, read_seed

PASSWORD_VARIABLE = "CHIPLEDGER_KEY_PASSWORD"


def open_key(path: Path) -> SeedSigner:
    """The signer of a key file; `Ended` with what to do where it does not open."""
    return SeedSigner(open_seed(path))


def open_seed(path: Path) -> bytes:
    """The seed in a key file, for proofs that are no signatures; `Ended` as in `open_key`."""
    try:
        password = ask_password(f"Password of {path}: ") if key_file_is_encrypted(path) else None
        return read_seed(path, password)
    except FileNotFoundError:
        raise wrong_usage(
            f"there is no key file {path}", "make one: chipledger keygen --party P --log ORIGIN"
        ) from None
    except Unreadable as fault:
        raise Ended(
            f"{path}: {fault.detail}",
            "key files are Ed25519 keys as PKCS#8 PEM, of `chipledger keygen` or "
            f"`openssl genpkey -algorithm ed25519`; the password comes from {PASSWORD_VARIABLE} or a prompt",
        ) from None


def ask_password(prompt: str, *, twice: bool = False) -> bytes:
    """The password from the environment, or from a prompt; asked for twice where it is new."""
    told = os.environ.get(PASSWORD_VARIABLE)
    if told:
        return told.encode()
    if not sys.stdin.isatty():
        raise wrong_usage(
            "the key file needs a password and nobody is here to type it",
            f"set {PASSWORD_VARIABLE}, or use an unencrypted key",
        )
    typed = getpass.getpass(prompt)
    if twice and getpass.getpass("The same again: ") != typed:
        raise wrong_usage("the two passwords differ")
    if not typed:
        raise wrong_usage("an empty password protects nothing", "choose one, or say --unencrypted")
    return typed.encode()
