"""What tests of commands need: keys with fixed seeds, files, and a way to run a command in this process."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from api.cli.main import app
from signing.signer import SeedSigner, write_key_file

LOG = "example.org/chips"


def day(days: int) -> str:
    """The day so many days from today, UTC: ledgers here live by the machine's clock, in whatever year."""
    return (datetime.now(UTC) + timedelta(days)).date().isoformat()


OCCURRED = day(-2)
SEEDS = {"acme-semi": 1, "north-dc": 2, "registry": 3, "agency": 4, "lab": 5, "fab-one": 6}


def signer(party: str) -> SeedSigner:
    """The party's key; the same in every test."""
    return SeedSigner(bytes([SEEDS[party]] * 32))


def key_file(folder: Path, party: str) -> Path:
    """The party's unencrypted key file, made where it is not there."""
    path = folder / f"{party}.pem"
    if not path.exists():
        write_key_file(path, bytes([SEEDS[party]] * 32), None)
    return path


def chipledger(*words: object, stdin: str | None = None, **environment: str):
    """Run a command; `.exit_code`, `.stdout`, `.stderr`. A traceback fails the test."""
    told = {"COLUMNS": "200", "CHIPLEDGER_KEY_PASSWORD": "", **environment}
    result = CliRunner().invoke(app, [str(word) for word in words], input=stdin, env=told)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise AssertionError(f"a traceback: {result.exception!r}") from result.exception
    return result


def speaking(folder: Path, party: str, occurred: str = OCCURRED) -> list[str]:
    """The options that say who speaks, in which log, when."""
    who = ["--key", str(key_file(folder, party)), "--party", party]
    return [*who, "--log", LOG, "--occurred-at", occurred]
