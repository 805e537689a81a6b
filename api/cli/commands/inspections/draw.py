"""How is the sample drawn and published? The command `inspect draw`.

The draw is computed here from the log's own frame, and the log computes it again: any other selection is
refused.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Name
from api.cli.delivery.saying import send_now, sign_into
from api.cli.delivery.sending import SEND_WAIT_S
from api.cli.draws.beacons import read_pulse
from api.cli.draws.committing import own_name
from api.cli.draws.drawing import SecretFile, draw_sample
from api.cli.paperwork.headers import header_of
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, Key, Log, LogKey, Party, Url, WaitS
from api.cli.screen.terminal import out, print_json, say, table_of

SAMPLE_SHOWN_MAX = 12


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
        drawn = draw_sample(client, name, said_pulse, kept)
        file = Path(f"{bare}.drawn.bundle.json")
        rows = [{"chip": ticket.chip} for ticket in drawn.tickets] or None  # nothing selected: no manifest
        sign_into(file, header, "inspection.drawn", drawn.body, rows=rows)
        send_now(client, file, log_key, wait_s=wait_s)
    sample = drawn.sample()
    if as_json:
        frame = drawn.frame.count_and_root()
        print_json({"inspection": name, "frame": frame, "sample": sample, "sentence": drawn.sentence()})
        return
    rows_shown = [(one["rank"], one["chip"], one["site"], str(one["ticket"])[:16]) for one in sample]
    out.print(
        table_of(f"drawn for {name}", ("rank", "chip", "site", "ticket"), rows_shown[:SAMPLE_SHOWN_MAX])
    )
    if len(sample) > SAMPLE_SHOWN_MAX:
        say(
            f"{len(sample):,} drawn, {SAMPLE_SHOWN_MAX} of them shown; all: chipledger show inspection {name}"
        )
    out.print(drawn.sentence(), markup=False)
