"""Does an inspection stand up, with no ledger to ask? The command `inspect replay`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.checks.log_keys import read_log_key
from api.cli.remote.reading import open_client
from api.cli.screen.options import Json, LogKey, ReaderKey, ReaderParty
from api.cli.screen.terminal import Ended, out, print_json, say, wrong_usage
from ledger.book.identifiers import is_named
from ledger.replay.check import Report
from ledger.replay.check import replay as replay_file
from ledger.replay.flaws import FAILED, PROVED

MARKS = {PROVED: "✓", FAILED: "✗"}
OF_OTHERS = "•"  # on somebody's word


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The replay file, or where to keep it.")],
    *,
    log_key: LogKey = None,
    beacon_key: Annotated[
        str | None, typer.Option(help="The beacon's public key in hex, from its own publisher.")
    ] = None,
    fetch: Annotated[
        str | None, typer.Option(metavar="INSPECTION", help="Download it into FILE first: <verifier>/<name>.")
    ] = None,
    url: Annotated[str | None, typer.Option(envvar="CHIPLEDGER_URL", help="The ledger, for --fetch.")] = None,
    party: ReaderParty = None,
    key: ReaderKey = None,
    as_json: Json = False,
) -> None:
    """Redo an inspection from its replay file, and say what each step means.

    Needs no ledger and no network, but for --fetch. A tick is computed here; a dot is somebody's word, which
    the sentence names; the first thing that does not hold gets a cross, and ends the check.

    \b
    chipledger inspect replay visit-1.replay.jsonl --fetch agency/visit-1 --url http://127.0.0.1:8440 \\
        --party agency --key agency.pem
    chipledger inspect replay visit-1.replay.jsonl --log-key log.vkey --beacon-key 83cf0f…
    node docs/replay.mjs visit-1.replay.jsonl
    """
    if fetch is not None:
        _download(fetch, file, url, party, key)
    elif not file.is_file():
        raise wrong_usage(f"{str(file)!r} is no file", "--fetch INSPECTION --url downloads it first")
    known = None if log_key is None else read_log_key(log_key)
    with file.open("rb") as opened:
        report = replay_file(opened, known, None if beacon_key is None else beacon_key.lower())
    if as_json:
        print_json(_as_object(report))
    else:
        _show(report)
    if report.broken is not None:
        raise Ended(
            f"{report.broken.flaw.value}: {report.broken.detail}",
            "keep the file, and show it to whoever gave it to you and to another verifier",
        )


def _download(inspection: str, file: Path, url: str | None, party: str | None, key: Path | None) -> None:
    if url is None or not is_named(inspection):
        raise wrong_usage(
            "--fetch takes <verifier>/<name>, and --url the ledger", "chipledger inspect replay --help"
        )
    part = file.with_name(f"{file.name}.part")
    with open_client(url, party, key) as client, part.open("wb") as opened:
        size = client.save(f"/inspections/{inspection}/bundle", opened)
    part.replace(file)  # what is under the name is whole
    say(f"fetched {size:,} bytes into {file}")


def _show(report: Report) -> None:
    for step in report.steps:
        out.print(f"{MARKS.get(step.status, OF_OTHERS)} {step.name}: {step.sentence}", markup=False)
    broken = report.broken
    if broken is not None:
        out.print(f"{MARKS[FAILED]} {broken.name}: {broken.meaning}", markup=False)
    else:
        out.print(f"{report.inspection} holds.", markup=False)


def _as_object(report: Report) -> dict[str, Any]:
    steps = [{"step": step.name, "status": step.status, "sentence": step.sentence} for step in report.steps]
    told: dict[str, Any] = {"inspection": report.inspection, "log": report.log, "steps": steps}
    broken = report.broken
    if broken is not None:
        steps.append({"step": broken.name, "status": FAILED, "sentence": broken.meaning})
        told["flaw"] = {"reason": broken.flaw.value, "detail": broken.detail, "meaning": broken.meaning}
    return {**told, "holds": broken is None}
