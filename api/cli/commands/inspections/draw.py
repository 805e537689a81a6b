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
from api.cli.draws.drawing import Drawn, SecretFile, draw_sample
from api.cli.draws.naming import own_name
from api.cli.draws.pulses import PulseSource
from api.cli.paperwork.headers import header_of
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, Key, Log, LogKey, Party, Url, WaitS
from api.cli.screen.terminal import out, print_json, say, table_of

SAMPLE_SHOWN_MAX = 12

PulseFile = Annotated[
    Path | None,
    typer.Option(help="The round's pulse as its beacon publishes it, in a file. Default: it is fetched."),
]
VrfKey = Annotated[
    Path | None, typer.Option(help="Your own key, where the commitment names it for a beacon (ECVRF).")
]
Server = Annotated[
    str | None, typer.Option("--source", help="Fetch the pulse below this address, not the listed one.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for a round that is not due yet.")]
Cosigned = Annotated[
    Path | None,
    typer.Option(help="A checkpoint with witnesses' cosignatures, which shows that they saw the commitment."),
]
StageSecrets = Annotated[Path | None, typer.Option(help="The secrets of `commit`. Default: NAME.secret.json")]


def draw(
    name: Name,
    *,
    key: Key,
    party: Party,
    log: Log,
    url: Url,
    pulse: PulseFile = None,
    vrf_key: VrfKey = None,
    source: Server = None,
    wait: Wait = False,
    cosigned: Cosigned = None,
    secret: StageSecrets = None,
    occurred_at: Annotated[str, typer.Option(help="When: a time, a day, or now.")] = "now",
    log_key: LogKey = None,
    wait_s: WaitS = SEND_WAIT_S,
    as_json: Json = False,
) -> None:
    """Draw the next stage of an inspection, and publish it.

    Fetches the beacon's pulse, or reads it from a file, or proves it by your own key; verifies it under the
    listed key; takes the frame as the log had it at the commitment; computes every ticket, signs the
    selection with the stage's secret and sends it. The log does it all again.

    \b
    chipledger inspect draw visit-1 --wait --key agency.pem --party agency \\
        --log example.org/chips --url http://127.0.0.1:8440
    chipledger inspect draw visit-1 --pulse round-1234.json --cosigned checkpoint.txt …
    """
    name = own_name(name, party)
    bare = name.partition("/")[2]
    header = header_of(key, party, log, occurred_at)
    kept = SecretFile.read(secret or Path(f"{bare}.secret.json"), name)
    wanted = PulseSource(pulse, vrf_key, source, wait)
    with LedgerClient(url, party, header.signer, wait_s=wait_s, origin=log) as client:
        drawn = draw_sample(client, name, kept, wanted, cosigned=cosigned, origin=log)
        stage = drawn.inspection["stages_drawn"]
        file = Path(f"{bare}.drawn.bundle.json" if stage == 0 else f"{bare}.drawn-{stage + 1}.bundle.json")
        sign_into(file, header, "inspection.drawn", drawn.body, rows=drawn.rows() or None)
        send_now(client, file, log_key, wait_s=wait_s)
    _show(name, drawn, as_json=as_json)


def _show(name: str, drawn: Drawn, *, as_json: bool) -> None:
    sample, sentences = drawn.sample(), list(drawn.sentences())
    if as_json:
        told = {"inspection": name, "stage": drawn.inspection["stages_drawn"] + 1, "source": drawn.source}
        told |= {"frame": drawn.frame.claim, "sample": sample, "sentence": " ".join(sentences)}
        print_json(told)
        return
    columns = ["rank", drawn.frame.word, "stratum", "site", "ticket"]
    if len(drawn.tickets) == 1:
        columns.remove("stratum")
    shown = [{**one, "ticket": one["ticket"][:16]} for one in sample[:SAMPLE_SHOWN_MAX]]
    out.print(table_of(f"drawn for {name}", columns, [[one[column] for column in columns] for one in shown]))
    if len(sample) > SAMPLE_SHOWN_MAX:
        say(
            f"{len(sample):,} drawn, {SAMPLE_SHOWN_MAX} of them shown; all: chipledger show inspection {name}"
        )
    for sentence in sentences:
        out.print(sentence, markup=False)
