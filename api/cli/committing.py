"""How does a verifier bind itself to a draw before anybody can know it? The command `inspect commit`.

The round lies ahead, the secret lies in a file, and both are committed to in the log: nobody, the verifier
included, can choose the sample.
"""

import time
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.beacons import Rules, rules_of
from api.cli.client import LedgerClient
from api.cli.drawing import SecretFile
from api.cli.headers import header_of
from api.cli.options import Key, Log, LogKey, Party, Url, WaitS
from api.cli.planning import PPM, Accept, Beta, Missing, TestMiss, planned
from api.cli.reading import asked
from api.cli.saying import send_now, sign_into
from api.cli.sending import SEND_WAIT_S
from api.cli.terminal import Ended, facts_of, out, say, wrong_usage
from ledger.book.identifiers import is_named
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.inspection.beacon import due_at, round_due_after
from ledger.inspection.plan import Infeasible, sentence

NOTICE_DAYS = 2
FOUND_DAYS = 14
MARGIN_S_DEFAULT = 5  # between signing and admission
PRESENCE_OF_ALL = {"direction": "book_to_floor", "strata": [{"name": "all"}], "planner": "presence"}

Name = Annotated[str, typer.Argument(metavar="INSPECTION", help="<verifier>/<name>, or a name of your own.")]
Lead = Annotated[
    int | None, typer.Option(min=1, help="Seconds until the round. Default: the log's lead, and 5.")
]
Series = Annotated[str | None, typer.Option(help="The series it counts in. Default: its own name.")]
Secret = Annotated[Path | None, typer.Option(help="Where the secret goes. Default: NAME.secret.json")]


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
    who = sorted({prover.strip() for prover in provers.split(",")} - {""})
    with LedgerClient(url, party, header.signer, wait_s=wait_s, origin=log) as client:
        frame = client.get_json("/inspections/frame", asked(provers=",".join(who)))["count"]
        n, said = _plan(frame, missing, beta_ppm, accept, test_miss_ppm)
        rules = rules_of(client, beacon)
        number_of_round, due = _round(rules, lead_s)
        kept = SecretFile.make(secret or Path(f"{bare}.secret.json"), name)
        body = {
            "inspection": name,
            "series": f"{party}/{bare}" if series is None else own_name(series, party),
            "number": number,
            "provers": who,
            "parameters": {
                "accept": accept,
                "frame": frame,
                "missing": missing,
                "test_miss_ppm": test_miss_ppm,
            },
            "beta_ppm": beta_ppm,
            "beacon": beacon,
            "stages": [_stage(number_of_round, due, kept.sha256, n, accept)],
            **PRESENCE_OF_ALL,
        }
        file = Path(f"{bare}.committed.bundle.json")
        sign_into(file, header, "inspection.committed", body)
        send_now(client, file, log_key, wait_s=wait_s)
    out.print(said, markup=False)
    facts = {
        "inspection": name,
        "round": number_of_round,
        "due": format_seconds(due),
        "secret": str(kept.path),
    }
    out.print(facts_of("committed", facts))
    _say_next(bare, beacon, number_of_round, due)


def _say_next(bare: str, beacon: str, number_of_round: int, due: int) -> None:
    say(
        f"next: fetch round {number_of_round} of {beacon}, due {format_seconds(due)}, into a file PULSE.json;"
    )
    say(f"then: chipledger inspect draw {bare} --pulse PULSE.json")


def _plan(frame: int, missing: int, beta_ppm: int, accept: int, test_miss_ppm: int) -> tuple[int, str]:
    """How many to draw, and the sentence about it; `Ended` where no sample is enough."""
    beta, test_miss = Fraction(beta_ppm, PPM), Fraction(test_miss_ppm, PPM)
    result = planned(frame, missing, beta, accept, test_miss)
    said = sentence(frame, missing, beta, result, accept=accept, test_miss=test_miss)
    if isinstance(result, Infeasible):
        raise Ended(said, "ask for less: more chips missing, a higher risk, or a better test")
    return result.n, said


def _round(rules: Rules, lead_s: int | None) -> tuple[int, int]:
    """The first round far enough ahead, and when it is due."""
    wait = rules.beacon_lead_s + MARGIN_S_DEFAULT if lead_s is None else lead_s
    number = round_due_after(rules.beacon, int(time.time()) + wait)
    return number, due_at(rules.beacon, number)


def _stage(number_of_round: int, due: int, secret_sha256: str, n: int, accept: int) -> dict[str, Any]:
    return {
        "round": number_of_round,
        "secret_sha256": secret_sha256,
        "sizes": [n],
        "notice_by": format_seconds(due + NOTICE_DAYS * DAY_SECONDS),
        "found_by": format_seconds(due + FOUND_DAYS * DAY_SECONDS),
        "accept": accept,
        "reject": accept + 1,
    }


def own_name(name: str, party: str) -> str:
    """The name with its owner in front; `Ended` where it is no name, or another's."""
    full = name if "/" in name else f"{party}/{name}"
    if not is_named(full) or not full.startswith(f"{party}/"):
        raise wrong_usage(f"{name[:80]!r} is no name of {party}'s", f"such as {party}/visit-1")
    return full
