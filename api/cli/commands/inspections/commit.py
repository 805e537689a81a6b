"""How does a verifier bind itself to a draw? The command `inspect commit`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Accept, Beta, Missing, Name, Secret, TestMiss
from api.cli.delivery.saying import send_now, sign_into
from api.cli.delivery.sending import SEND_WAIT_S
from api.cli.draws.committing import Intent, own_name, prepare
from api.cli.draws.planning import Demand
from api.cli.paperwork.headers import header_of
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Key, Log, LogKey, Party, Url, WaitS
from api.cli.screen.terminal import facts_of, out, say
from ledger.book.times import format_seconds

Lead = Annotated[
    int | None, typer.Option(min=1, help="Seconds until the round. Default: the log's lead, and 5.")
]
Series = Annotated[str | None, typer.Option(help="The series it counts in. Default: its own name.")]


def commit(
    name: Name,
    provers: Annotated[str, typer.Option(help="Who is inspected: party ids, commas between.")],
    beacon: Annotated[str, typer.Option(help="A beacon the log lists: <registrar>/<name>.")],
    *,
    missing: Missing,
    key: Key,
    party: Party,
    log: Log,
    url: Url,
    beta_ppm: Beta = 50_000,
    accept: Accept = 0,
    test_miss_ppm: TestMiss = 0,
    series: Series = None,
    number: Annotated[int, typer.Option(min=1, help="Its number in the series.")] = 1,
    lead_s: Lead = None,
    occurred_at: Annotated[str, typer.Option(help="When: a time, a day, or now.")] = "now",
    secret: Secret = None,
    log_key: LogKey = None,
    wait_s: WaitS = SEND_WAIT_S,
) -> None:
    """Bind yourself to a draw before anybody can know it.

    Plans the sample at the present size of the book, writes a new secret into a file only you can read, picks
    the first round of the beacon that is far enough ahead, signs and sends. Keep the secret until the draw:
    without it there is none.

    \b
    chipledger inspect commit visit-1 --provers north-dc --beacon registry/quicknet --missing 64 \\
        --key agency.pem --party agency --log example.org/chips --url http://127.0.0.1:8440
    """
    name = own_name(name, party)
    bare = name.partition("/")[2]
    header = header_of(key, party, log, occurred_at)
    who = tuple(sorted({prover.strip() for prover in provers.split(",")} - {""}))
    in_series = name if series is None else own_name(series, party)
    demand = Demand(missing, beta_ppm, accept, test_miss_ppm)
    intent = Intent(name, in_series, number, who, beacon, demand)
    secret = secret or Path(f"{bare}.secret.json")
    with LedgerClient(url, party, header.signer, wait_s=wait_s, origin=log) as client:
        commitment = prepare(client, intent, secret, lead_s)
        file = Path(f"{bare}.committed.bundle.json")
        sign_into(file, header, "inspection.committed", commitment.body)
        send_now(client, file, log_key, wait_s=wait_s)
    out.print(commitment.sentence, markup=False)
    due = format_seconds(commitment.due)
    facts = {"inspection": name, "round": commitment.round, "due": due, "secret": str(secret)}
    out.print(facts_of("committed", facts))
    say(f"next: fetch round {commitment.round} of {beacon}, due {due}, into a file PULSE.json;")
    say(f"then: chipledger inspect draw {bare} --pulse PULSE.json")
