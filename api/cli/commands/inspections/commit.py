"""How does a verifier bind itself to a draw? The command `inspect commit`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands.inspections.options import Accept, Beta, Name, Secret, TestMiss
from api.cli.commands.inspections.planning_options import (
    Budget,
    ChipRate,
    ChipsOwned,
    ClassMisses,
    FrameChips,
    Gone,
    LongestDays,
    Model,
    PeriodDays,
    Planner,
    RunDays,
    RunFlop,
    Sizes,
    SnapshotsPerDay,
    StageRules,
    StratumPredicates,
)
from api.cli.delivery.saying import send_now, sign_into
from api.cli.delivery.sending import SEND_WAIT_S
from api.cli.draws.committing import Calendar, Commitment, prepare, provers_of
from api.cli.draws.intending import Intent
from api.cli.draws.naming import own_name
from api.cli.paperwork.headers import header_of
from api.cli.remote.client import LedgerClient
from api.cli.screen.options import Key, Log, LogKey, Party, Url, WaitS
from api.cli.screen.terminal import facts_of, out, say, table_of, warn
from api.cli.verdicts.pools import affiliates_left_out
from ledger.book.times import format_seconds
from ledger.planning.demand import BOOK_TO_FLOOR
from ledger.planning.reading import PRESENCE

NOTICE_DAYS = 2.0
FOUND_DAYS = 14.0

Provers = Annotated[str, typer.Option(help="Who is inspected, pooled as one: party ids, commas between.")]
BeaconName = Annotated[
    str, typer.Option(help="A beacon the log lists: <registrar>/<name>, or a key of your own.")
]
Lead = Annotated[
    int | None, typer.Option(min=1, help="Seconds until the round. Default: the log's lead, and 5.")
]
Series = Annotated[str | None, typer.Option(help="The series it counts in. Default: its own name.")]
Number = Annotated[
    int | None, typer.Option(min=1, help="Its number in the series. Default: one more than the last.")
]
Notice = Annotated[float, typer.Option(min=0, help="Days from a round in which it must be drawn.")]
Found = Annotated[float, typer.Option(min=0, help="Days from a round in which findings are due.")]
Way = Annotated[str, typer.Option(help="book_to_floor, or floor_to_book for positions.")]


def commit(
    name: Name,
    provers: Provers,
    beacon: BeaconName,
    *,
    missing: Gone = None,
    key: Key,
    party: Party,
    log: Log,
    url: Url,
    beta_ppm: Beta = 50_000,
    accept: Accept = 0,
    test_miss_ppm: TestMiss = 0,
    class_miss_ppm: ClassMisses = None,
    stratum: StratumPredicates = None,
    stage: StageRules = None,
    direction: Way = BOOK_TO_FLOOR,
    planner: Planner = PRESENCE,
    frame: FrameChips = None,
    sizes: Sizes = None,
    budget: Budget = None,
    run_flop: RunFlop = None,
    run_days: RunDays = None,
    chip_flop_per_day: ChipRate = None,
    model: Model = None,
    chips: ChipsOwned = None,
    period_days: PeriodDays = None,
    snapshots_per_day: SnapshotsPerDay = None,
    longest_days: LongestDays = None,
    series: Series = None,
    number: Number = None,
    lead_s: Lead = None,
    notice_days: Notice = NOTICE_DAYS,
    found_days: Found = FOUND_DAYS,
    occurred_at: Annotated[str, typer.Option(help="When: a time, a day, or now.")] = "now",
    secret: Secret = None,
    log_key: LogKey = None,
    wait_s: WaitS = SEND_WAIT_S,
) -> None:
    """Bind yourself to a draw before anybody can know it.

    Plans the sample at the present size of the book, writes new secrets, one a stage, into a file only you
    can read, picks the first rounds of the beacon that are far enough ahead, signs and sends. Keep the
    secrets: without them there is no draw.

    \b
    chipledger inspect commit visit-1 --provers north-dc --beacon registry/quicknet --missing 64 \\
        --key agency.pem --party agency --log example.org/chips --url http://127.0.0.1:8440
    """
    name, inputs = own_name(name, party), {
        **{"missing": missing, "frame": frame, "sizes": sizes, "budget": budget, "accept": accept or None},
        **{"test_miss_ppm": test_miss_ppm or None, "run_flop": run_flop, "run_days": run_days},
        **{"chip_flop_per_day": chip_flop_per_day, "model": model, "chips": chips},
        **{"period_days": period_days, "snapshots_per_day": snapshots_per_day, "longest_days": longest_days},
    }  # fmt: skip
    in_series = name if series is None else own_name(series, party)
    strata, misses, stages = (tuple(each or ()) for each in (stratum, class_miss_ppm, stage))
    who = provers_of(provers)
    intent = Intent(
        *(name, in_series, number, who, beacon, direction, planner, beta_ppm, strata, misses, stages, inputs)
    )
    header, bare = header_of(key, party, log, occurred_at), name.partition("/")[2]
    secret = secret or Path(f"{bare}.secret.json")
    with LedgerClient(url, party, header.signer, wait_s=wait_s, origin=log) as client:
        commitment = _prepared(client, intent, secret, Calendar.of(lead_s, notice_days, found_days))
        file = Path(f"{bare}.committed.bundle.json")
        sign_into(file, header, "inspection.committed", commitment.body)
        send_now(client, file, log_key, wait_s=wait_s)
    _told(name, beacon, commitment, secret)


def _prepared(client: LedgerClient, intent: Intent, secret: Path, calendar: Calendar) -> Commitment:
    """The commitment. Warns of affiliates left out: a prover could borrow chips from them for the day."""
    left = affiliates_left_out(client, intent.provers)
    if left:
        pooled = ",".join(intent.provers)
        warn(f"affiliates are left out: {', '.join(left)}; pool them: --provers {pooled},...")
    return prepare(client, intent, secret, calendar)


def _told(name: str, beacon: str, commitment: Commitment, secret: Path) -> None:
    """What was committed to, and what comes next."""
    told, bare = commitment.told, name.partition("/")[2]
    out.print(told.sentence, markup=False)
    for note in told.notes:
        out.print(note, markup=False)
    if len(commitment.body["strata"]) > 1:
        out.print(table_of("", told.table.columns, told.table.rows))
    number, due_s = commitment.rounds[0]
    due = format_seconds(due_s)
    facts: dict[str, object] = {"inspection": name, "round": number, "due": due, "secret": str(secret)}
    for stage, (later, at) in enumerate(commitment.rounds[1:], start=2):
        facts[f"stage {stage}"] = f"round {later}, due {format_seconds(at)}"
    if commitment.body["series"] != name:
        facts["series"] = f"{commitment.body['series']}, number {commitment.body['number']}"
    if commitment.own_vrf:
        facts["drawn by"] = "the verifier's own key, no public beacon"
    if commitment.overridden:
        said = ", ".join(
            f"{each} {commitment.body['parameters'].get(each, '')}".strip() for each in commitment.overridden
        )
        facts["said otherwise than the book"] = said
        warn(f"committed for all to see: {said} said otherwise than the book and the planner give")
    out.print(facts_of("committed", facts))
    if commitment.own_vrf:
        say(f"next: chipledger inspect draw {bare} --vrf-key KEY, with the key that {beacon} lists")
        return
    say(f"next: fetch round {number} of {beacon}, due {due}:")
    say(f"      chipledger inspect draw {bare} --wait, or --pulse FILE where it comes as a file")
