"""How long does one statement of each family take, by its number of lines?

A lot of chips lives through everything that can be said of it, statement by statement, a ledger per size.
Beside each: reading as many rows by key, changing them and keeping a version of each, bare, in one commit.
What a statement costs besides its lines (signature, sequencer, fsync) shows at 8, what a line costs at
50,000.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from api.cli.bench import bare
from api.cli.bench.measures import Measure
from api.cli.bench.workload import FAB, HALL, HOLDER, MAKER, REGISTRAR, World, new_ledger, now_ms, serials
from api.settings import Settings
from api.wiring import Ledger
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.outcome import Admitted

SIZES = {8: 24, 1_000: 5, 50_000: 1}  # lines a statement: statements measured of each family
# Every lot is sighted twice by one party in one day: the bound on disputes stays at work, out of the way.
DISPUTED_MAX = 10_000_000
ANNEX = f"{HOLDER}/annex"
EVIDENCE = sha256(b"a photograph").hexdigest()

Row = dict[str, object]


@dataclass(slots=True)
class _Life:
    """One lot of chips, and the names of what was said of it."""

    world: World
    tag: str
    chips: list[str]
    told: dict[str, Admitted] = field(default_factory=dict)  # step -> what its speaker was told

    @property
    def rows(self) -> list[Row]:
        """A line a chip, in nothing but its name."""
        return [{"chip": chip} for chip in self.chips]

    def dispatch(self, name: str) -> bytes:
        """The lot sets out to the holder."""
        due = format_seconds(self.world.today + 20 * DAY_SECONDS)
        body = {"shipment": f"{MAKER}/{name}-{self.tag}", "to": HOLDER, "country": "US", "due_by": due}
        return self.world.bundle(MAKER, "shipment.dispatched", body | {"title": "kept"}, self.rows)

    def discrepancy(self, step: str) -> str:
        """What a step opened."""
        return f"{self.told[step].index}.0"


def _placed(life: _Life, room: str) -> bytes:
    rows: list[Row] = [
        {"chip": chip, "system": f"{room}{life.tag}", "slot": str(place)}
        for place, chip in enumerate(life.chips)
    ]
    return life.world.bundle(MAKER, "chips.placed", {"site": FAB}, rows)


def _corrected(life: _Life, step: str) -> bytes:
    body = {"corrects": life.told[step].statement, "reason": "another rack"}
    return life.world.bundle(MAKER, "statement.corrected", body)


def _offered(life: _Life) -> bytes:
    body = {"transfer": f"{MAKER}/T-{life.tag}", "to": HOLDER}
    return life.world.bundle(MAKER, "title.offered", body, life.rows)


def _accepted(life: _Life) -> bytes:
    return life.world.bundle(HOLDER, "title.accepted", {"transfer": f"{MAKER}/T-{life.tag}"})


def _cancelled(life: _Life) -> bytes:
    body = {"shipment": f"{MAKER}/S-{life.tag}", "reason": "another carrier"}
    return life.world.bundle(MAKER, "shipment.cancelled", body, life.rows)


def _arrived(life: _Life) -> bytes:
    body = {"shipment": f"{MAKER}/T-{life.tag}", "site": HALL, "evidence": "scanned"}
    rows: list[Row] = [{"chip": chip, "condition": "received"} for chip in life.chips]
    return life.world.bundle(HOLDER, "shipment.arrived", body, rows)


def _counted(life: _Life) -> bytes:
    body = {"stocktake": f"{HOLDER}/C-{life.tag}", "scope": "partial", "site": HALL}
    return life.world.bundle(HOLDER, "stocktake.declared", body, life.rows)


def _sighted(life: _Life, site: str = ANNEX) -> bytes:
    return life.world.bundle(MAKER, "chips.sighted", {"place": "a shelf", "site": site}, life.rows)


def _conceded(life: _Life) -> bytes:
    body = {"discrepancy": life.discrepancy("chips.sighted"), "text": "they are there", "concedes": True}
    return life.world.bundle(HOLDER, "discrepancy.answered", body)


def _resolved(life: _Life) -> bytes:
    body = {"discrepancy": life.discrepancy("sighted again"), "outcome": "observation_stands"}
    return life.world.bundle(REGISTRAR, "discrepancy.resolved", body)


def _declared(life: _Life) -> bytes:
    return life.world.bundle(HOLDER, "chips.declared", {"basis": "recovered", "site": HALL}, life.rows)


def _registered(life: _Life) -> bytes:
    return next(life.world.registrations(life.chips))


def _dispatched(life: _Life) -> bytes:
    return life.dispatch("S")


def _sent(life: _Life) -> bytes:
    return life.dispatch("T")


def _retired(life: _Life) -> bytes:
    return life.world.bundle(HOLDER, "chips.retired", {"reason": "lost"}, life.rows)


Step = tuple[str, Callable[[_Life], bytes]]

STEPS: tuple[Step, ...] = (
    ("chips.registered", _registered),
    ("chips.placed", partial(_placed, room="a")),
    ("chips.placed again", partial(_placed, room="b")),
    ("statement.corrected", partial(_corrected, step="chips.placed again")),
    ("title.offered", _offered),
    ("title.accepted", _accepted),
    ("shipment.dispatched", _dispatched),
    ("shipment.cancelled", _cancelled),
    ("dispatched again", _sent),
    ("shipment.arrived", _arrived),
    ("stocktake.declared", _counted),
    ("chips.sighted", _sighted),
    ("discrepancy.answered", _conceded),
    ("sighted again", partial(_sighted, site=HALL)),
    ("discrepancy.resolved", _resolved),
    ("chips.retired", _retired),
    ("chips.declared", _declared),
)
AGAIN = "again"  # steps that only lead to the next are not shown


def by_family(place: Path, sizes: Mapping[int, int] = SIZES) -> Iterator[Measure]:
    """A row for each family and size; the ratio is that of the bare rows' time to ours."""
    for lines, lives in sizes.items():
        seconds = _seconds(place / f"families-{lines}", lines, lives)
        rows = bare.rows_read_and_written(place / f"families-{lines}.db", lines, max(lives, 3))
        for step, took in seconds.items():
            if step.endswith(AGAIN):
                continue
            yield Measure(
                f"{step}, {lines:,} chips",
                f"{took * 1e3:,.1f} ms, {took / lines * 1e6:,.1f} µs a line",
                f"rows read and written {rows * 1e3:,.1f} ms",
                rows / took,
                None,
            )


def _seconds(path: Path, lines: int, lives: int) -> dict[str, float]:
    """The median time of each step, signing not counted."""
    world = World()
    settings = Settings(snapshot_seconds=0, discrepancies_per_party_day=DISPUTED_MAX)
    ledger = Ledger.open(new_ledger(path, world.today), settings, now_ms)
    annex = world.bundle(HOLDER, "site.declared", {"site": ANNEX, "name": "annex", "country": "US"})
    for raw in (*world.settings(), annex):
        _timed(ledger, raw)
    took: dict[str, list[float]] = {step: [] for step, _ in STEPS}
    chips = serials("F", lines * lives)
    for number in range(lives):
        life = _Life(world, str(number), chips[number * lines : (number + 1) * lines])
        for step, say in STEPS:
            seconds, life.told[step] = _timed(ledger, say(life))
            took[step].append(seconds)
    ledger.close()
    return {step: statistics.median(times) for step, times in took.items()}


def _timed(ledger: Ledger, raw: bytes) -> tuple[float, Admitted]:
    began = time.perf_counter()
    (outcome,) = ledger.admission.admit([raw])
    took = time.perf_counter() - began
    assert isinstance(outcome, Admitted), outcome
    return took, outcome
