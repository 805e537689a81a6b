"""How long do drawing, hashing and planning take for ten million chips, and in how much memory?

Each row runs in a process of its own, whose peak it tells; ours and the bare part by turns in that one
process, over the same names. Bare drawing is the engine's own top-n over SHA-256; bare hashing is a plain
loop of as many hashes over as many bytes as the root takes.
"""

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from hashlib import sha256

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from api.cli.bench.alone import MEBIBYTE, alone, mebibytes, peak_bytes
from api.cli.bench.measures import Measure
from ledger.inspection.draw import frame_leaf
from ledger.inspection.engine import ENGINE_THREADS, draw_listing
from ledger.inspection.evasion import Stratum
from ledger.inspection.listing import BLOCK_ROWS, CHIP, NAME_TYPE, STRATUM_TYPE, Listing
from ledger.inspection.plan import presence
from ledger.inspection.stages import plan_stages
from ledger.inspection.strata import plan_strata, within_budget
from ledger.inspection.verdict import upper_bound_of

DRAWN = 1_000
ROUNDS = 3
SEED = sha256(b"chipledger-bench:seed").digest()
ALL = "all"
DRAW_FLOOR = 1 / 1.2  # of a bare draw
ROOT_FLOOR = 1 / 2  # of bare hashing
PLAN_SECONDS_MAX = 1.0
PLAN_SECONDS_GIVEN = 20.0  # whatever takes longer is stopped: how much longer is of no account
PROCESS_BYTES = 512 * MEBIBYTE  # the interpreter, its libraries and the engine's caches, whatever the frame
NAME_BYTES_ALLOWED = 50  # of memory a chip: columns, and what the engine keeps of them
PLANNED_CHIPS = 10_000_000
MISSING = 1_000
BETA = Fraction(5, 100)

Timed = tuple[float, float, int]  # seconds bare, seconds of ours, peak bytes of the process


def by_sampling(chips: int) -> Iterator[Measure]:
    """The rows of draws, roots and plans."""
    bare, ours, peak = _told(alone(draws, chips))
    yield Measure(
        f"draw of {DRAWN:,} from {chips:,}",
        f"{ours:.3f} s, peak {mebibytes(peak)}",
        f"bare top-n {bare:.3f} s",
        bare / ours,
        DRAW_FLOOR,
    )
    yield _memory(f"memory of that draw from {chips:,}", peak, chips)
    bare, ours, peak = _told(alone(roots, chips))
    yield Measure(
        f"frame root of {chips:,}",
        f"{ours:.3f} s, peak {mebibytes(peak)}",
        f"bare hashing {bare:.3f} s",
        bare / ours,
        ROOT_FLOOR,
    )
    yield _memory(f"memory of that root of {chips:,}", peak, chips)
    for name in PLANS:
        timed = alone(plan, name, PLAN_SECONDS_GIVEN)
        ours = PLAN_SECONDS_GIVEN if timed is None else timed[1]
        yield Measure(
            f"{name}, {PLANNED_CHIPS:,} chips",
            f"over {ours:.0f} s" if timed is None else f"{ours:.3f} s, peak {mebibytes(timed[2])}",
            f"at most {PLAN_SECONDS_MAX:.0f} s allowed",
            PLAN_SECONDS_MAX / ours,
            1.0,
        )


def draws(chips: int) -> Timed:
    """A draw from one stratum beside the engine's top-n."""
    listing = _listing(chips)
    table = pa.table({"name": listing.ids})
    top = f"SELECT name, sha256(?::BLOB || name) AS ticket FROM bare ORDER BY ticket, name LIMIT {DRAWN}"

    def bare() -> list[bytes]:
        with duckdb.connect(":memory:", config={"threads": ENGINE_THREADS}) as engine:
            engine.register("bare", table)
            return [name for name, _ in engine.execute(top, [SEED]).fetchall()]

    def ours() -> list[bytes]:
        return [each.chip.encode() for each in draw_listing(SEED, listing, {ALL: DRAWN})[ALL]]

    assert bare() == ours()
    return _by_turns(bare, ours)


def roots(chips: int) -> Timed:
    """The root beside as many hashes of as many bytes."""
    listing = _listing(chips)
    leaf, node = b"\x00" + frame_leaf(_name(0).decode(), ALL), b"\x01" + bytes(64)

    def bare() -> None:
        for _ in range(chips):
            sha256(leaf).digest()
        for _ in range(chips - 1):
            sha256(node).digest()

    def ours() -> bytes:
        return Listing(listing.ids, listing.codes, listing.strata).root(CHIP)

    return _by_turns(bare, ours)


def plan(name: str) -> Timed:
    """One plan, once: nothing is warm for who asks."""
    began = time.perf_counter()
    PLANS[name]()
    return 0.0, time.perf_counter() - began, peak_bytes()


def _strata(count: int) -> list[Stratum]:
    """Sites of very different sizes; their tests miss more or less, and cost more or less."""
    weights = [number + 1 for number in range(count)]
    chips = [PLANNED_CHIPS * weight // sum(weights) for weight in weights]
    chips[-1] += PLANNED_CHIPS - sum(chips)
    misses = (Fraction(0), Fraction(1, 20), Fraction(1, 10))
    return [Stratum(size, misses[place % 3], Fraction(1 + place % 4)) for place, size in enumerate(chips)]


def _bound(strata: int, observed: int, test_miss: Fraction = Fraction(0)) -> int:
    pairs = [(stratum.chips, 300 // strata + 1) for stratum in _strata(strata)]
    return upper_bound_of(pairs, observed, BETA, test_miss)


PLANS: dict[str, Callable[[], object]] = {
    "presence": lambda: presence(PLANNED_CHIPS, MISSING, BETA),
    "presence, 10 accepted": lambda: presence(PLANNED_CHIPS, MISSING, BETA, 10),
    "presence, test misses 10 %": lambda: presence(PLANNED_CHIPS, MISSING, BETA, 0, Fraction(1, 10)),
    "presence, 10 accepted, test misses": lambda: presence(PLANNED_CHIPS, MISSING, BETA, 10, Fraction(1, 10)),
    "4 strata": lambda: plan_strata(_strata(4), MISSING, BETA),
    "64 strata": lambda: plan_strata(_strata(64), MISSING, BETA),
    "4 strata, 2 accepted": lambda: plan_strata(_strata(4), MISSING, BETA, 2),
    "64 strata, 2 accepted": lambda: plan_strata(_strata(64), MISSING, BETA, 2),
    "budget of 400 over 4 strata": lambda: within_budget(_strata(4), Fraction(400), BETA),
    "budget of 4,000 over 64 strata": lambda: within_budget(_strata(64), Fraction(4_000), BETA),
    "3 stages": lambda: plan_stages(PLANNED_CHIPS, MISSING, BETA, [(0, 5), (1, 5), (4, 5)]),
    "upper bound over 4 strata, 3 found": lambda: _bound(4, 3),
    "upper bound over 64 strata, none found": lambda: _bound(64, 0),
    "upper bound over 64 strata, 3 found, test misses": lambda: _bound(64, 3, Fraction(1, 10)),
}


def _told(timed: Timed | None) -> Timed:
    assert timed is not None  # nobody set it a time
    return timed


def _by_turns(bare: Callable[[], object], ours: Callable[[], object]) -> Timed:
    """The round whose ratio is the middle one."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for work in (bare, ours):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        rounds.append((times[0] / times[1], *times))
    middle = sorted(rounds)[ROUNDS // 2]
    return middle[1], middle[2], peak_bytes()


def _listing(chips: int) -> Listing:
    """Names of one maker in one stratum."""
    starts = range(0, chips, BLOCK_ROWS)
    blocks = [range(start, min(start + BLOCK_ROWS, chips)) for start in starts]
    ids = [pa.array([_name(number) for number in block], NAME_TYPE) for block in blocks]
    codes = [pa.array(bytes(len(block)), STRATUM_TYPE) for block in blocks]
    return Listing(pa.chunked_array(ids), pa.chunked_array(codes), (ALL,))


def _name(number: int) -> bytes:
    return b"maker:S%09d" % number


def _memory(what: str, peak: int, chips: int) -> Measure:
    allowed = PROCESS_BYTES + NAME_BYTES_ALLOWED * chips
    return Measure(what, mebibytes(peak), f"at most {mebibytes(allowed)} allowed", allowed / peak, 1.0)
