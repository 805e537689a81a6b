"""How is the sample of an inspection drawn and published? The commands `inspect …`.

The draw is computed here from the log's own frame, and the log computes it again: any other selection is
refused.
"""

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.beacons import pulse_of, read_pulse, rules_of
from api.cli.client import LedgerClient
from api.cli.committing import Name, commit, own_name
from api.cli.drawing import SecretFile, drawn_body, fetch_frame, next_stage, select
from api.cli.headers import header_of
from api.cli.options import Json, Key, Log, LogKey, Party, Url, WaitS, help_of
from api.cli.planning import PPM, plan
from api.cli.saying import send_now, sign_into
from api.cli.sending import SEND_WAIT_S
from api.cli.terminal import Ended, out, print_json, say, table_of
from ledger.inspection.beacon import verify_pulse
from ledger.inspection.plan import Planned, miss_probability, sentence

SAMPLE_SHOWN_MAX = 12

inspect = typer.Typer(help="Plan an inspection, commit to it, draw the sample.", no_args_is_help=True)


def draw(
    name: Name,
    pulse: Annotated[Path, typer.Option(help="The round's pulse as a JSON file, as drand's API gives it.")],
    *,
    key: Key,
    party: Party,
    log: Log,
    url: Url,
    secret: Annotated[
        Path | None, typer.Option(help="The secret of `commit`. Default: NAME.secret.json")
    ] = None,
    occurred_at: Annotated[str, typer.Option(help="When: a time, a day, or now.")] = "now",
    log_key: LogKey = None,
    wait_s: WaitS = SEND_WAIT_S,
    as_json: Json = False,
) -> None:
    """Draw the sample of an inspection, and publish it.

    Takes the frame as the log had it at the commitment, verifies the pulse under the beacon's listed key,
    computes every ticket, signs the selection with the secret and sends it. The log does it all again.

    \b
    chipledger inspect draw visit-1 --pulse round-1234.json --key agency.pem --party agency \\
        --log example.org/chips --url http://127.0.0.1:8440
    """
    name = own_name(name, party)
    bare = name.partition("/")[2]
    header = header_of(key, party, log, occurred_at)
    kept = SecretFile.read(secret or Path(f"{bare}.secret.json"), name)
    said_pulse = read_pulse(pulse)
    with LedgerClient(url, party, header.signer, wait_s=wait_s, origin=log) as client:
        told = client.get_json(f"/inspections/{name}")
        rules, stage = rules_of(client, told["beacon"]), next_stage(told)
        if said_pulse.round != stage["round"]:
            raise Ended(f"the pulse is of round {said_pulse.round}, the commitment names {stage['round']}")
        randomness = verify_pulse(rules.beacon, pulse_of(said_pulse))
        if randomness is None:
            raise Ended("the pulse does not verify under the beacon's key", "fetch the round again")
        frame = fetch_frame(client, told)
        tickets = select(frame, told, randomness, kept.secret)
        body = drawn_body(client, told, said_pulse, kept, frame, witnessed=rules.quorum > 0)
        file = Path(f"{bare}.drawn.bundle.json")
        rows = [{"chip": ticket.chip} for ticket in tickets] or None  # nothing selected: no manifest
        sign_into(file, header, "inspection.drawn", body, rows)
        send_now(client, file, log_key, wait_s=wait_s)
    sample = [
        {"rank": rank, "chip": ticket.chip, "site": frame.site_of(ticket.chip), "ticket": ticket.ticket.hex()}
        for rank, ticket in enumerate(tickets, start=1)
    ]
    said = _said(told, len(frame.lines), len(sample))
    if as_json:
        print_json({"inspection": name, "frame": frame.count_and_root(), "sample": sample, "sentence": said})
        return
    rows_shown = [(one["rank"], one["chip"], one["site"], str(one["ticket"])[:16]) for one in sample]
    out.print(
        table_of(f"drawn for {name}", ("rank", "chip", "site", "ticket"), rows_shown[:SAMPLE_SHOWN_MAX])
    )
    if len(sample) > SAMPLE_SHOWN_MAX:
        say(
            f"{len(sample):,} drawn, {SAMPLE_SHOWN_MAX} of them shown; all: chipledger show inspection {name}"
        )
    out.print(said, markup=False)


def _said(told: dict[str, Any], frame: int, n: int) -> str:
    """What the sample gives on the frame there really was."""
    missing, beta = min(told.get("d") or 0, frame), Fraction(told["beta_ppm"], PPM)
    accept = told["stages"][0]["accept"]
    given = Planned(n, miss_probability(frame, missing, n, accept), None)
    return sentence(frame, missing, beta, given, accept=accept)


for command in (plan, commit, draw):
    inspect.command(help=help_of(command))(command)
