"""What does an honest verifier say, from the commitment to the verdict?

Statements ready to be made in an arena, every number taken from what the ledger itself keeps. A cheat starts
from them and changes one thing. Knows no attack.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from api.cli.redteam.arena import BEACON, BEACON_LEAD_S, HALL, PERIOD_S, PROVER, VERIFIER, Arena, Said, key_of
from ledger.book.frame import Frame, FrameChip
from ledger.book.frame_columns import frame_of_chips
from ledger.book.rows import Inspection, SampledChip
from ledger.book.rules.conclusions import conclude
from ledger.book.rules.directions import BOOK_TO_FLOOR, frame_key
from ledger.book.rules.frames import listing_of, root_of_listing, selection, word_of
from ledger.book.rules.inspections import commitment_of
from ledger.book.tables import INSPECTIONS, SAMPLED, SERIES
from ledger.book.times import format_seconds
from ledger.inspection.draw import draw_seed
from ledger.log.proofs import HashSource, inclusion_proof
from signing.note import append_signature, cosign

SERIES_NAME = f"{VERIFIER}/series"
NOTICE_S, FOUND_S = 2 * 86_400, 4 * 86_400
BETA_PPM = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an inspection asks for. `stages` are (sizes by stratum, accept, reject)."""

    name: str
    number: int
    stages: tuple[tuple[tuple[int, ...], int, int], ...]
    provers: tuple[str, ...] = (PROVER,)
    direction: str = BOOK_TO_FLOOR
    strata: tuple[str, ...] = ("all",)
    beacon: str = BEACON


def secret_of(name: str, stage: int = 0) -> bytes:
    """The verifier's secret of a stage; here it comes from the name."""
    return sha256(f"secret of {name} {stage}".encode()).digest()


def visiting(name: str, number: int, n: int, **more: Any) -> Wanted:
    """One stage, `n` of all, none of them missing."""
    return Wanted(f"{VERIFIER}/{name}", number, (((n,), 0, 1),), **more)


def committing(arena: Arena, wanted: Wanted) -> Said:
    """A commitment to rounds just far enough ahead, each stage's after the findings of the one before."""
    due, stages = arena.now_s + BEACON_LEAD_S + PERIOD_S, []
    for place, (sizes, accept, reject) in enumerate(wanted.stages):
        number = arena.round_at(due)
        secret = sha256(secret_of(wanted.name, place)).hexdigest()
        stage = {"round": number, "secret_sha256": secret, "sizes": list(sizes)}
        stage |= {"notice_by": format_seconds(due + NOTICE_S), "found_by": format_seconds(due + FOUND_S)}
        stages.append(stage | {"accept": accept, "reject": reject})
        due += FOUND_S + PERIOD_S
    body = {"inspection": wanted.name, "series": SERIES_NAME, "number": wanted.number}
    body |= {"provers": sorted(wanted.provers), "direction": wanted.direction, "planner": "presence"}
    body |= {"strata": [{"name": name} for name in wanted.strata], "parameters": {}, "beta_ppm": BETA_PPM}
    return Said(VERIFIER, "inspection.committed", {**body, "beacon": wanted.beacon, "stages": stages})


def commits(arena: Arena, wanted: Wanted) -> Inspection:
    """Committed, and as the book has it."""
    arena.must(committing(arena, wanted))
    return arena.get(INSPECTIONS, wanted.name)


def comes(arena: Arena, name: str) -> Inspection:
    """The next stage's round is due."""
    inspection = arena.get(INSPECTIONS, name)
    stage = commitment_of(inspection).stages[inspection.stages_drawn]
    arena.waits(max(0, arena.due_at(stage.round) - arena.now_s))
    return inspection


def drawing(
    arena: Arena, inspection: Inspection, *, frame: Sequence[FrameChip] | None = None, **body: Any
) -> Said:
    """The draw of the next stage, from the log's frame unless another is given."""
    commitment, place = commitment_of(inspection), inspection.stages_drawn
    stage, secret = commitment.stages[place], secret_of(inspection.inspection, place)
    signature = arena.dice.pulse(stage.round)
    known = arena.store.frame(frame_key(inspection)) if frame is None else frame
    framed = known if isinstance(known, Frame) else frame_of_chips(known)
    statement = bytes.fromhex(inspection.statement)
    seed = draw_seed(inspection.beacon, stage.round, sha256(signature).digest(), statement, secret)
    drawn = selection(framed, commitment.strata, seed, stage.sizes)
    what = word_of(inspection.direction)
    rows = [{what: ticket.chip} for tickets in drawn.values() for ticket in tickets]
    said = {"inspection": inspection.inspection, "beacon": inspection.beacon, "round": stage.round}
    said |= {"pulse": {"round": stage.round, "signature": signature.hex()}, "secret": secret.hex()}
    root = root_of_listing(listing_of(framed, commitment.strata), inspection.direction)
    said |= {"frame": {"count": len(framed), "root": root}}
    return Said(VERIFIER, "inspection.drawn", said | body, rows or None)


def draws(arena: Arena, name: str, **body: Any) -> list[str]:
    """Drawn once its round is due; what was drawn, by name."""
    arena.must(drawing(arena, comes(arena, name), **body))
    return sample(arena, name)


def sample(arena: Arena, name: str) -> list[str]:
    """What has been drawn so far."""
    return [row.item for row in arena.group(SAMPLED, name) if row.stages]


def finding(arena: Arena, name: str, results: Mapping[str, str], *, site: str = HALL, **line: Any) -> Said:
    """A visit to one site: a result for each chip, or position, found now."""
    rows = []
    for item, result in results.items():
        what = "position" if "#" in item else "chip"
        rows.append({what: item, "result": result, "found_at": arena.today(), **line})
    return Said(VERIFIER, "inspection.found", {"inspection": name, "site": site}, rows)


def finds(
    arena: Arena, name: str, items: Iterable[str], amiss: Mapping[str, str], *, site: str = HALL
) -> None:
    """Everything is confirmed but what is amiss."""
    arena.must(finding(arena, name, {item: amiss.get(item, "confirmed") for item in items}, site=site))


def rows_of(arena: Arena, name: str) -> list[SampledChip]:
    """All that was drawn and come upon."""
    return arena.group(SAMPLED, name)


def closing(arena: Arena, name: str, verdict: str, **body: Any) -> Said:
    """A closing whose numbers are the log's; only the verdict is the speaker's."""
    inspection = arena.get(INSPECTIONS, name)
    told = conclude(inspection, rows_of(arena, name))
    series = arena.get(SERIES, inspection.series)
    said: dict[str, Any] = {"inspection": name, "verdict": verdict}
    said["counts"] = msgspec.to_builtins(told.counts)
    said |= {"known_missing": told.known_missing, "off_book": told.off_book}
    said["draw"] = {"k": inspection.number, "m": series.number}
    return Said(VERIFIER, "inspection.closed", said | body)


def verdict_of(arena: Arena, name: str) -> str | None:
    """The only verdict there can be now."""
    return conclude(arena.get(INSPECTIONS, name), rows_of(arena, name)).verdict


def witnessed(arena: Arena, name: str, times: Mapping[str, int]) -> dict[str, Any]:
    """`timely`: the log's newest checkpoint, seen by these witnesses when their own clocks said so."""
    size = arena.store.head().size
    note = arena.store.checkpoint(size)
    assert note is not None, size
    text = note.split("\n\n")[0] + "\n"
    for witness, time in times.items():
        note = append_signature(note, cosign(text, key_of(witness), f"{witness}.example", time))
    born = arena.get(INSPECTIONS, name).born
    proof = inclusion_proof(born, size, HashSource(arena.store.tile))
    return {"checkpoint": note, "proof": [step.hex() for step in proof]}
