"""How is an inspection planned, committed to and drawn? The commands `inspect …`.

The draw is computed here from the log's own frame, and the log computes it again: any other selection is
refused.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.delivery.saying import send_now, sign_into
from api.cli.delivery.sending import SEND_WAIT_S
from api.cli.draws.beacons import read_pulse
from api.cli.draws.committing import Intent, own_name, prepare
from api.cli.draws.drawing import SecretFile, draw_sample
from api.cli.draws.planning import PPM, Demand, planned, risks_around
from api.cli.paperwork.headers import header_of
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Json, Key, Log, LogKey, Party, Url, WaitS, help_of
from api.cli.screen.terminal import facts_of, out, print_json, say, table_of
from ledger.book.times import format_seconds
from ledger.inspection.plan import Infeasible, Planned, decimal_text

SAMPLE_SHOWN_MAX = 12

Missing = Annotated[int, typer.Option(min=0, help="Chips gone, at least: what must not be missed.")]
Beta = Annotated[int, typer.Option("--beta-ppm", min=0, max=PPM, help="Risk of missing that, in millionths.")]
Accept = Annotated[int, typer.Option(min=0, help="How many found missing are still acceptable.")]
TestMiss = Annotated[
    int, typer.Option("--test-miss-ppm", min=0, max=PPM, help="How often the test overlooks a missing chip.")
]
Name = Annotated[str, typer.Argument(metavar="INSPECTION", help="<verifier>/<name>, or a name of your own.")]
Lead = Annotated[
    int | None, typer.Option(min=1, help="Seconds until the round. Default: the log's lead, and 5.")
]
Series = Annotated[str | None, typer.Option(help="The series it counts in. Default: its own name.")]
Secret = Annotated[Path | None, typer.Option(help="Where the secret goes. Default: NAME.secret.json")]

inspect = typer.Typer(help="Plan an inspection, commit to it, draw the sample.", no_args_is_help=True)


def plan(
    frame: Annotated[int, typer.Option(min=1, help="Chips on the book.")],
    missing: Missing,
    beta_ppm: Beta = 50_000,
    accept: Accept = 0,
    test_miss_ppm: TestMiss = 0,
    *,
    as_json: Json = False,
) -> None:
    """How many chips must be visited? Needs no ledger; exact, no approximation.

    \b
    chipledger inspect plan --frame 10000 --missing 100
    chipledger inspect plan --frame 24576 --missing 256 --beta-ppm 10000 --test-miss-ppm 100000
    """
    demand = Demand(missing, beta_ppm, accept, test_miss_ppm)
    result, said = planned(frame, demand)
    told: dict[str, Any] = {"sentence": said}
    match result:
        case Planned(n, miss, less):
            told = {"status": "ok", "n": n, "miss": decimal_text(miss), **told}
            told["miss_one_less"] = None if less is None else decimal_text(less)
        case Infeasible(best):
            told = {"status": "infeasible", "n": None, "miss": decimal_text(best), **told}
    if as_json:
        print_json(told)
    else:
        out.print(said, markup=False)
        rows: list[tuple[str, str, str]] = []
        if isinstance(result, Planned):
            for visits, risk in risks_around(frame, demand, result.n):
                rows.append((f"{visits:,}", decimal_text(risk), "planned" if visits == result.n else ""))
        out.print(table_of("", ("visits", "chance to miss", ""), rows))
    if isinstance(result, Infeasible):
        raise typer.Exit(1)


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


for command in (plan, commit, draw):
    inspect.command(help=help_of(command))(command)
