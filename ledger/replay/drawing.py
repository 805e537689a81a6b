"""Was the sample the one that was promised?

The commitment, its beacon, whether witnesses had seen it, and of each draw the secret, the pulse, the seed,
the frame and the selection: all computed again. The plain words of a file are held against what was signed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

from ledger.book.records.inspections import InspectionCommitted, InspectionDrawn, Stage
from ledger.book.registry import Registry
from ledger.book.rows import BeaconRow
from ledger.book.rules.beacons import beacon_of
from ledger.book.rules.directions import FLOOR_TO_BOOK
from ledger.book.rules.inspections import refuse_days
from ledger.book.rules.items import fits_direction, items_of
from ledger.book.rules.pulses import randomness_of
from ledger.book.statement import Entry
from ledger.book.tables import BEACONS
from ledger.book.times import format_milliseconds, format_seconds
from ledger.inspection.beacon import CHAINED_SCHEME, QUICKNET_SCHEME, due_at, is_own
from ledger.inspection.draw import draw_seed
from ledger.inspection.public_chains import public_rounds
from ledger.replay.entries import COMMITTED, DRAWN, OF_AN_INSPECTION, Known
from ledger.replay.flaws import PROVED, TOLD, Broken, Flaw, Step, Told
from ledger.replay.form import DrawnText, Header, StageText
from ledger.replay.frames import Draw, Framed, read_frame
from signing.canonical import Unreadable, encode

KEY_DIGITS_SHOWN = 16
DRAND_SCHEMES = (QUICKNET_SCHEME, CHAINED_SCHEME)


@dataclass(slots=True)
class Redrawn:
    """The draws as they were done again. `draws` and `selections` are by stage."""

    committed: Entry | None = None
    beacon: BeaconRow | None = None
    draws: list[Draw] = field(default_factory=list)
    framed: Framed | None = None

    @property
    def commitment(self) -> InspectionCommitted:
        """What was committed to; only asked once it is known."""
        assert self.committed is not None
        body: InspectionCommitted = self.committed.body
        return body

    def selection(self, stage: int) -> dict[str, str]:
        """Stratum by what a stage drew, stages from 0."""
        assert self.framed is not None
        found = self.framed.selections[stage]
        return {item.decode(): name for name, some in found.items() for _, item in some}


def check_draws(
    header: Header, file: BinaryIO, known: Known, redrawn: Redrawn, beacon_key: str | None
) -> Iterator[Told]:
    """Fills `redrawn` with what holds."""
    yield from _commitment(header, known, redrawn)
    yield from _beacon(known, redrawn, beacon_key)
    for number, (entry, text) in enumerate(zip(known.of(DRAWN), header.stages, strict=True)):
        yield from _seed(known, redrawn, entry, number, text)
    yield from _frame(header, file, known, redrawn)
    for number, (entry, text) in enumerate(zip(known.of(DRAWN), header.stages, strict=True)):
        yield from _selection(redrawn, entry, number, text)


def _commitment(header: Header, known: Known, redrawn: Redrawn) -> Iterator[Told]:
    name = "commitment"
    own = [entry for entry in known.entries if entry.statement.kind in OF_AN_INSPECTION]
    if not own or own[0].statement.kind != COMMITTED or len(known.of(COMMITTED)) > 1:
        yield Broken(name, Flaw.WRONG_STATEMENT, "there is not one commitment, and all else after it")
        return
    committed, draws = own[0], known.of(DRAWN)
    for entry in own:
        if entry.body.inspection != header.inspection or entry.party != committed.party:
            yield Broken(name, Flaw.WRONG_STATEMENT, f"entry {entry.index} is not about {header.inspection}")
            return
    stages = committed.body.stages
    if len(draws) > len(stages) or len(draws) != len(header.stages):
        yield Broken(name, Flaw.WRONG_STATEMENT, f"{len(draws)} draws for {len(stages)} stages")
        return
    if (header.frame is None) is not (not draws):
        yield Broken(name, Flaw.WRONG_STATEMENT, "there is a frame where something is drawn, and only there")
        return
    redrawn.committed = committed
    body = redrawn.commitment
    yield Step(
        name,
        PROVED,
        f"{committed.party} bound itself to {body.inspection} with entry {committed.index}, admitted "
        f"{format_milliseconds(committed.admitted_at)}: number {body.number} of {body.series}, of "
        f"{', '.join(body.provers)}, {body.direction.replace('_', ' ')}. Its statement id is "
        f"{committed.statement.statement_id}.",
    )


def _beacon(known: Known, redrawn: Redrawn, beacon_key: str | None) -> Iterator[Told]:
    name, body, committed = "beacon", redrawn.commitment, redrawn.committed
    assert committed is not None
    row = known.listed.get(body.beacon)
    if row is None or row.born > committed.index:
        yield Broken(name, Flaw.WRONG_STATEMENT, f"no entry before the commitment lists {body.beacon}")
        return
    redrawn.beacon = row
    if beacon_key is not None and beacon_key != row.public_key:
        yield Broken(name, Flaw.OTHER_BEACON_KEY, f"{body.beacon} is listed with {row.public_key}")
        return
    first = f"round 1 due {format_seconds(row.genesis)}, one more every {row.period_s:,} s"
    said = f"{body.beacon} ({row.scheme}; {first}) is listed by entry {row.born}"
    if beacon_key is not None:
        # drand's pulses tell no time: when they were due is known of its public chains alone.
        unknown = row.scheme in DRAND_SCHEMES and not public_rounds(row.public_key)
        times = " Compare its times with its publisher's." if unknown else ""
        yield Step(name, PROVED, f"{said} with the key you gave.{times}")
    elif is_own(row.scheme):
        yield Step(
            name, TOLD, f"{said}: a key of the verifier's own, {row.public_key}, and no public beacon."
        )
    else:
        yield Step(name, TOLD, f"{said} with {row.public_key}. Compare it with its publisher's: {row.source}")
    registry = Registry()
    registry.put(BEACONS, [row])
    fault = refuse_days(registry, committed)
    if fault is not None:
        yield Broken("round", Flaw.TOO_EARLY, fault.detail)
        return
    settings, beacon = known.settings_at(committed.index), beacon_of(row)
    if is_own(row.scheme):
        yield Step(
            "round", PROVED, "The value depends on the admitted commitment itself: nobody knew it before."
        )
        return
    due = due_at(beacon, body.stages[0].round)
    ahead = due - -(-committed.admitted_at // 1000)
    if ahead < settings.beacon_lead_s:
        yield Broken(
            "round", Flaw.TOO_EARLY, f"round {body.stages[0].round} was due {ahead} s after admission"
        )
        return
    yield Step(
        "round",
        PROVED,
        f"Round {body.stages[0].round} was due {format_seconds(due)}, {ahead:,} s after the log took the "
        f"commitment; {settings.beacon_lead_s:,} s are asked. The time of admission is the operator's word.",
    )


def _seed(known: Known, redrawn: Redrawn, entry: Entry, number: int, text: StageText) -> Iterator[Told]:
    body: InspectionDrawn = entry.body
    commitment, row, committed = redrawn.commitment, redrawn.beacon, redrawn.committed
    assert row is not None and committed is not None
    stage, said = commitment.stages[number], f"stage {number + 1}"
    if (body.beacon, body.round) != (commitment.beacon, stage.round):
        yield Broken("draw", Flaw.WRONG_ROUND, f"{said} is by round {body.round} of {body.beacon}")
        return
    if due_at(beacon_of(row), stage.round) * 1000 > entry.admitted_at:
        yield Broken("draw", Flaw.TOO_EARLY, f"{said} was drawn before its round was due")
        return
    secret = bytes.fromhex(body.secret)
    if sha256(secret).hexdigest() != stage.secret_sha256:
        yield Broken("secret", Flaw.WRONG_SECRET, f"SHA-256 of it is not {stage.secret_sha256}")
        return
    yield Step("secret", PROVED, f"The secret of {said} is the one that was committed to.")
    leaf = bytes.fromhex(known.leaves[committed.index])
    randomness = randomness_of(row, body.pulse, leaf)
    if randomness is None:
        yield Broken("pulse", Flaw.BAD_PULSE, f"round {body.round} of {body.beacon} does not verify")
        return
    yield Step(
        "pulse",
        PROVED,
        f"The pulse of round {body.round} verifies under that key; it gives {randomness.hex()}.",
    )
    seed = draw_seed(
        body.beacon, body.round, randomness, bytes.fromhex(committed.statement.statement_id), secret
    )
    redrawn.draws.append(Draw(seed, _sizes(commitment, stage)))
    computed = {"stage": number + 1, "randomness": randomness.hex(), "seed": seed.hex()}
    other = _told_otherwise(text, body, commitment, computed)
    if other is not None:
        yield Broken("seed", Flaw.TOLD_OTHERWISE, f"{said}: {other} is another")
        return
    yield Step("seed", PROVED, f"These give the seed of {said}: {seed.hex()}.")


def _sizes(commitment: InspectionCommitted, stage: Stage) -> dict[str, int]:
    return {stratum.name: size for stratum, size in zip(commitment.strata, stage.sizes, strict=True)}


def _told_otherwise(
    text: StageText, body: InspectionDrawn, commitment: InspectionCommitted, computed: Mapping[str, object]
) -> str | None:
    """The first plain word of the file that is not what was signed or computed."""
    ours = {
        **computed,
        "beacon": body.beacon,
        "round": body.round,
        "pulse": encode(body.pulse),
        "secret": body.secret,
        "strata": [stratum.name for stratum in commitment.strata],
        "sizes": commitment.stages[text.stage - 1].sizes if text.stage == computed["stage"] else None,
    }
    told = {name: getattr(text, name) for name in ours} | {"pulse": bytes(text.pulse)}
    return next((name for name in ours if told[name] != ours[name]), None)


def _frame(header: Header, file: BinaryIO, known: Known, redrawn: Redrawn) -> Iterator[Told]:
    name, commitment = "frame", redrawn.commitment
    what = "position" if commitment.direction == FLOOR_TO_BOOK else "chip"
    strata = [stratum.name for stratum in commitment.strata]
    try:
        framed = read_frame(file, what, strata, redrawn.draws)
    except Unreadable as fault:
        yield Broken(name, Flaw.BAD_FRAME, str(fault))
        return
    redrawn.framed = framed
    if header.frame is None:
        if framed.count:
            yield Broken(name, Flaw.BAD_FRAME, "nothing is drawn, and yet lines follow")
            return
        yield Step(name, TOLD, "Nothing is drawn yet: nobody knows the frame or the sample.")
        return
    for entry in known.of(DRAWN):
        claim = entry.body.frame
        if (claim.count, claim.root) != (framed.count, framed.root):
            yield Broken(
                name,
                Flaw.WRONG_FRAME,
                f"{framed.count:,} lines, root {framed.root}; signed were {claim.count:,}, {claim.root}",
            )
            return
    if (header.frame.count, header.frame.root) != (framed.count, framed.root):
        yield Broken(name, Flaw.TOLD_OTHERWISE, "the header's frame is another")
        return
    split = ", ".join(f"{stratum} {framed.strata[stratum]:,}" for stratum in strata)
    yield Step(
        name,
        PROVED,
        f"The {framed.count:,} lines of the file ({split}) have the root that was signed, {framed.root}. "
        "That they are all the book had just before the commitment the log's judge saw to, as an audit does.",
    )


def _selection(redrawn: Redrawn, entry: Entry, number: int, text: StageText) -> Iterator[Told]:
    name, said, commitment = "selection", f"stage {number + 1}", redrawn.commitment
    assert redrawn.framed is not None
    drawn = redrawn.selection(number)
    if not fits_direction(entry.lines, commitment.direction) or sorted(drawn) != items_of(entry.lines):
        yield Broken(name, Flaw.WRONG_SELECTION, f"{said}: the manifest is not what the seed gives")
        return
    ours = _ranked(redrawn.framed, number, commitment)
    if text.selection != ours:
        yield Broken(name, Flaw.TOLD_OTHERWISE, f"{said}: the selection told is another than the one signed")
        return
    first = f", the first of them {ours[0].chip or ours[0].position}" if ours else ""
    yield Step(
        name,
        PROVED,
        f"Every line's ticket was computed; the smallest {len(ours):,} are those told for {said}{first}.",
    )


def _ranked(framed: Framed, number: int, commitment: InspectionCommitted) -> list[DrawnText]:
    """A stage's selection by stratum and rank."""
    told = []
    for stratum in commitment.strata:
        for rank, (ticket, item) in enumerate(framed.selections[number][stratum.name], start=1):
            chip, position = item.decode(), None
            if commitment.direction == FLOOR_TO_BOOK:
                told.append(DrawnText(stratum.name, rank, ticket.hex(), position, chip))
            else:
                told.append(DrawnText(stratum.name, rank, ticket.hex(), chip, position))
    return told
