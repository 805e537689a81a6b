"""What does a file of rows stand for, a year later on somebody else's desk?

Beside each file that a question's answer is saved in lies another, `NAME.provenance.json`: the log, the size
and root that the rows trace to, the question with its parameters, whether rows were cut off, and the file's
own SHA-256. Whoever has both can ask the same again and compare. A file is written whole or not at all, and
takes the place of another only if that one is an answer too, unchanged since.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from api.cli.loading import Later
from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended, say, warn, wrong_usage

SIDECAR_SUFFIX = ".provenance.json"
SIDECAR_BYTES_MAX = 1 << 20
REPORT_HEADER = "X-Chipledger-Report"
CAUTION = "X-Chipledger-Caution"  # where day, time and book of a report do not meet
STANDING = "SELECT log, log_size, root, admitted_until, views_version FROM snapshot"
MEDIA_TYPES = Later("analytics.formats", "MEDIA_TYPES")  # with them come engines: only who saves pays
SNAPSHOT_NAME = Later("analytics.snapshots", "NAME")
IS_NO_LEDGER = "is --url the address of `chipledger serve`?"


def format_of(out: Path, form: str | None) -> str:
    """The format that is meant for a file: the one said, or the one its name ends in."""
    meant = form or out.suffix.removeprefix(".").lower()
    media_types = MEDIA_TYPES.load()
    if meant not in media_types:
        raise wrong_usage(
            f"{out} does not say in which format",
            f"say --format, or end the name in {', '.join(media_types)}",
        )
    return meant


def may_be_written(out: Path) -> None:
    """`Ended` where a file is there that is no answer of ours, or was changed since."""
    if out.exists() and _told_of(out).get("sha256") != sha256(out.read_bytes()).hexdigest():
        raise Ended(f"{out} is there already", "choose another --out, or take it away")


def save_answer(
    client: LedgerClient, answer: httpx.Response, out: Path, form: str, question: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the rows and what they stand for; gives the latter. `question`: what was asked, in its words."""
    name = answer.headers.get("X-Chipledger-Snapshot", "")
    named = SNAPSHOT_NAME.load().fullmatch(name)
    if named is None:
        raise Ended("the answer does not say which snapshot it is of", IS_NO_LEDGER)
    standing = client.get_json(f"/at/{named['size']}/sql", asked(q=STANDING, format="json"))
    try:
        (row,) = standing["rows"]
        traced = {"log": row["log"], "snapshot": name, "size": row["log_size"], "root": row["root"]}
        traced |= {"admitted_until": row["admitted_until"], "views_version": row["views_version"]}
    except (KeyError, TypeError, ValueError):
        raise Ended("the answer is not what a ledger gives", IS_NO_LEDGER) from None
    truncated = answer.headers.get("X-Chipledger-Truncated") == "true"
    told = {
        **{"file": out.name, "format": form, "bytes": len(answer.content)},
        "sha256": sha256(answer.content).hexdigest(),
        **traced,
        **question,
        **_told_by(answer),
        "truncated": truncated,
    }
    if CAUTION in answer.headers:
        told["caution"] = answer.headers[CAUTION]
    warn_of(answer)
    _write(out, answer.content)
    _write(sidecar_of(out), json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n")
    if truncated:
        warn("there were more rows than one answer may have: the file has the first of them")
    say(f"[green]written[/] [bold]{out}[/], and what it stands for: {sidecar_of(out).name}")
    return told


def _told_by(answer: httpx.Response) -> dict[str, Any]:
    """What a report says of itself: parameters in force with defaults, moment, grouping, rows in all."""
    head = answer.headers.get(REPORT_HEADER)
    if head is None:
        return {}
    try:
        told = json.loads(head)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Ended("the answer is not what a ledger gives", IS_NO_LEDGER)
    return told


def warn_of(answer: httpx.Response) -> None:
    """Say what day, time and book of a report do not tell each other, where the rows alone cannot."""
    if CAUTION in answer.headers:
        warn(answer.headers[CAUTION])


def sidecar_of(out: Path) -> Path:
    """The file beside a file of rows."""
    return out.with_name(out.name + SIDECAR_SUFFIX)


def _told_of(out: Path) -> dict[str, Any]:
    """What the file beside this one says; nothing where there is none that can be read."""
    try:
        with sidecar_of(out).open("rb") as file:
            told = json.loads(file.read(SIDECAR_BYTES_MAX))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _write(path: Path, content: bytes) -> None:
    """Under its name once it is whole."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
