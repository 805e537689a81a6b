"""`chipledger demo`: the whole main job, on one machine, in about a minute.

Tells a story in eleven scenes; each runs the commands a user would type, in processes of their own, against
a server that is killed half-way. What the demo shows is what the program answered: nothing is rehearsed.
"""

import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from secrets import randbelow
from typing import Annotated

import typer

from api.cli.demo import inspection_scene, reading_scene
from api.cli.demo.backstage import Backstage
from api.cli.demo.cast import ORIGIN, REGISTRAR
from api.cli.demo.delivery import Mail, Sent
from api.cli.demo.opening_acts import ENROL, SITES, make_keys, open_stages
from api.cli.demo.scenario import PLANTED, STAGES, Scenario, play
from api.cli.demo.signing_room import sign_stage
from api.cli.demo.stage_voice import scene, tell
from api.cli.demo_beacon import GROUP_ORDER, DemoBeaconSigner
from api.cli.screen.terminal import Ended, err, out, say, table_of
from ledger.book.times import DAY_SECONDS, format_seconds
from signing.note import ED25519, make_vkey
from signing.signer import read_key_file

SIGNERS = 2  # processes
DISCREPANCIES = 3  # the strays, those nobody registered, those that came to another country
KILL_IN = ("arrive 1", "dispatch 2", "arrive 2", "dispatch 3", "arrive 3")  # the first that lasts long enough
_REGISTRAR = (
    *("--registrar", REGISTRAR, "--registrar-name", "Registrar"),
    *("--registrar-country", "CH", "--registrar-key"),
)
TERMS = ("--unencrypted", "--beacon-lead-s", "2", "--timely-lead-s", "1", "--key-delay-s", "60")


def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep everything in this new folder, and say what to type next.")
    ] = None,
) -> None:
    """Run the whole main job once: 107,192 chips from two makers to five data-centre holders.

    Signs offline, posts over HTTP, kills the server half-way, draws a sample, asks in SQL, audits, flips a
    byte and has the audit name it. Holders, sites and counts are real figures; what they do is made up.
    """
    if keep is not None and keep.exists():
        raise Ended(f"{keep} exists", "name a folder that does not", 2)
    folder = Path(tempfile.mkdtemp(prefix="chipledger-demo-")) if keep is None else keep.absolute()
    backstage = Backstage(folder)
    try:
        _perform(backstage)
        if keep is None:
            say("\nType next:")
            say(f"  [cyan]{_command()} demo --keep DIR[/]  to look around in what was made")
            say(f"  [cyan]{_command()} --help[/]  for every command; docs/tutorial.md walks through them")
        else:
            _say_what_next(backstage)
    finally:
        backstage.server.stop()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _perform(backstage: Backstage) -> None:
    began = time.monotonic()
    today = int(time.time()) // DAY_SECONDS * DAY_SECONDS
    beacon = DemoBeaconSigner(1 + randbelow(GROUP_ORDER - 1))
    scene("1  A ledger folder, and a key for everybody")
    make_keys(backstage)
    tell(
        backstage,
        [
            "init",
            str(backstage.ledger),
            "--origin",
            ORIGIN,
            *_REGISTRAR,
            str(backstage.key(REGISTRAR)),
            *TERMS,
        ],
    )
    backstage.log_key = make_vkey(
        ORIGIN, ED25519, read_key_file(backstage.ledger / "log.key", None).public_key.octets
    ).text()
    say(f"serving at {backstage.server.url} after {backstage.server.start():.1f} s")
    scene("2  Signed offline, sent over HTTP, the server killed half-way")
    scenario = play(today)
    open_stages(backstage, scenario, beacon, format_seconds(today - DAY_SECONDS))
    sent = _send_everything(backstage, scenario)
    _show_refusals(sent)
    reading_scene.show_life(backstage, scenario)
    inspection_scene.inspect(backstage, beacon)
    reading_scene.ask(backstage)
    reading_scene.audit(backstage)
    say(f"\nThe whole job took {time.monotonic() - began:.0f} s.")


def _send_everything(backstage: Backstage, scenario: Scenario) -> list[Sent]:
    """Sign all stages in processes of their own, and send each once the ones before are in."""
    mail, sent, order = Mail(backstage), [], (ENROL, SITES, *STAGES)
    forked = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(SIGNERS, mp_context=forked) as pool:
        jobs = {stage: sign_stage(pool, backstage, scenario, stage) for stage in order}
        rows = []
        for stage in order:
            began = time.monotonic()
            lines = sum(job.result() for _, job in jobs[stage])
            files = [path for path, _ in jobs[stage]]
            signed = time.monotonic()
            entries = len(scenario.stages[stage])
            kill = stage in KILL_IN and mail.killed_at is None
            done = mail.deliver(stage, files, entries, kill=kill)
            sent += done
            seconds = f"{time.monotonic() - signed:.1f}"
            note = f"SIGKILL at {mail.killed_at}, started again" if kill and mail.killed_at else ""
            waited = f"{signed - began:.1f}"
            rows.append((stage, len(files), f"{entries:,}", f"{lines:,}", waited, seconds, note))
            err.print(f"  {stage}: {entries:,} statements, {lines:,} lines in {seconds} s", highlight=False)
    if mail.killed_at is None:
        raise Ended("every stage was over before the server could be killed")
    title = f"{scenario.chips:,} chips, from fab to rack"
    columns = ("stage", "senders", "statements", "lines", "waited for signing s", "sent s", "server")
    out.print(table_of(title, columns, rows))
    return sent


def _show_refusals(sent: Sequence[Sent]) -> None:
    """What the ledger would not admit: the bad signature and the double dispatch, and nothing else."""
    refused = [one for each in sent for one in each.said["refused"]]
    rows = [(Path(one["file"]).stem, one["reason"], one["detail"]) for one in refused]
    out.print(table_of("refused, as it should be", ("file", "reason", "detail"), rows))
    reasons = sorted(one["reason"] for one in refused)
    if reasons != ["bad_signature", "in_transit"]:
        raise Ended(f"expected a bad signature and a double dispatch to be refused, got {reasons}")
    receipts = sum(each.said["admitted"] + each.said["known"] + each.said["held"] for each in sent)
    discrepancies = sum(each.said["discrepancies"] for each in sent)
    if discrepancies != DISCREPANCIES:
        raise Ended(f"expected {DISCREPANCIES} discrepancies to be opened, got {discrepancies}")
    say(f"{receipts:,} receipts verified by the senders; {discrepancies} discrepancies opened. Planted:")
    for planted in PLANTED:
        say(f"  · {planted}")


def _command() -> str:
    """How this user can type the command: by name where the shell finds it."""
    return "chipledger" if shutil.which("chipledger") else str(Path(sys.executable).with_name("chipledger"))


def _say_what_next(backstage: Backstage) -> None:
    say(f"\nThe folder is {backstage.folder}. Type next:")
    for words in (
        f"serve {backstage.ledger} --port 8440",
        "sql 'SELECT * FROM chip LIMIT 5' --url http://127.0.0.1:8440"
        f" --party analyst --key {backstage.key('analyst')}",
        f"audit {backstage.ledger}",
    ):
        say(f"  [cyan]{_command()} {words}[/]")
