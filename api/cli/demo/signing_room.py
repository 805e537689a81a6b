"""How do the parties of the demo sign what they say, offline and in processes of their own?

Each job takes one party's acts of one stage and writes one file for `send`. A job is a function of the key
file, the log's name and the acts: no server is asked.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

from api.cli.demo.backstage import Backstage
from api.cli.demo.cast import ORIGIN
from api.cli.demo.scenario import EXPIRES_DAYS, Act, Scenario
from api.cli.paperwork.signing_desk import sign_statement, write_bundles
from ledger.book.encoding import Bundle
from signing.envelope import Envelope
from signing.signer import read_key_file


def sign_acts(key: Path, acts: Sequence[tuple[Act, str, str]], path: Path) -> int:
    """Sign acts (with their times as written) into a file; how many lines travel with them."""
    signer = read_key_file(key, None)
    bundles = []
    for act, occurred_at, expires_at in acts:
        bundle = sign_statement(
            signer, ORIGIN, act.kind, act.party, act.body, act.rows, occurred_at, expires_at, act.reference
        )
        bundles.append(_spoil(bundle) if act.spoiled else bundle)
    write_bundles(path, bundles)
    return sum(len(bundle.manifest or ()) for bundle in bundles)


def _spoil(bundle: Bundle) -> Bundle:
    """The same statement with one bit of its signature turned."""
    old = bundle.envelope
    octets = bytearray(old.signature)
    octets[0] ^= 1
    envelope = Envelope(old.payload_type, old.payload, old.key_id, bytes(octets))
    return Bundle(envelope, bundle.manifest, bundle.attestations)


def sign_stage(
    pool: Executor, backstage: Backstage, scenario: Scenario, stage: str
) -> list[tuple[Path, Future[int]]]:
    """Start one job a party of the stage; the files they will write."""
    by_party: dict[str, list[tuple[Act, str, str]]] = {}
    expires = scenario.day(EXPIRES_DAYS)
    for act in scenario.stages[stage]:
        by_party.setdefault(act.party, []).append((act, scenario.day(act.day), expires))
    jobs = []
    for party, acts in by_party.items():
        path = backstage.outbox / f"{stage.replace(' ', '-')}.{party}.ndjson"
        jobs.append((path, pool.submit(sign_acts, backstage.key(party), acts, path)))
    return jobs
