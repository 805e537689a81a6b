"""What does the report on unaccounted chips find of known diversions, and whom does it accuse wrongly?

Worlds are folded, published and asked; counts are added up over worlds, by route of diversion. A class may be
taken out of the report's text, to see what is found without it.
"""

from dataclasses import dataclass
from fractions import Fraction as F

from analytics.follower import Follower
from analytics.report import run_report
from analytics.reporting.questions import text_of
from analytics.snapshots import Snapshots, open_snapshot
from analytics.warehouse import Warehouse
from ledger.inspection.binomial import chance_lower, chance_upper
from tests.analytics.summed_anew import summed_anew
from tests.statistics.diversions import ACCUSED, CAUGHT, HOLDERS, Diversions

SEEDS = range(1, 13)
SOURCE, GROUPED = "FROM said AS s", "\n    GROUP BY s.chip\n"
SIDE = F(1, 40)


@dataclass(frozen=True)
class World:
    """A world and what was said of it: rows and totals of the report, and the file it was asked of."""

    truth: Diversions
    snapshot: object
    as_of_s: int
    rows: tuple
    totals: tuple

    @property
    def named(self):
        """The chips that the report names."""
        return {row["chip"] for row in self.rows}


def asked(seed, folder):
    """A world of this seed, followed into a file, and the report on it."""
    truth, warehouse = Diversions(seed), Warehouse(folder / "w")
    Follower(truth.store, warehouse).follow(truth.size, truth.root)
    snapshot = Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()
    report = run_report(snapshot, "unaccounted", given={"beside": "none"})
    last = -(-truth.entries[-1].admitted_at // 1000)
    return World(truth, snapshot, last, tuple(report.as_object()["rows"]), report.totals)


def named_without(world, letter, folder):
    """The chips that the report would name if it knew nothing of one class; O hangs on the hour alone."""
    spoiled = f"{SOURCE} WHERE s.evidence <> '{letter}'"
    blind = summed_anew(world.snapshot, folder, "evidence", SOURCE + GROUPED, spoiled + GROUPED)
    text = text_of("unaccounted")
    as_of_s = 0 if letter == "O" else world.as_of_s
    values = {"grouping": "liable", "as_of_s": as_of_s, "basis": "registered"}
    with open_snapshot(blind.path, "500MB", 1) as connection:
        found = connection.execute(text, values)
        place = [column[0] for column in found.description].index("chip")
        named = {row[place] for row in found.fetchall()}
    blind.path.unlink()
    return named


@dataclass(frozen=True)
class Tally:
    """Of one route, over all worlds: diverted chips and those named; honest chips and those accused."""

    route: str
    gone: int
    found: int
    honest: int
    accused: int
    found_without: int | None


def tallies(worlds, blind):
    """One a route; `blind` are, by class, the chips named without it, a set a world."""
    for route in HOLDERS:
        gone = [set(world.truth.gone[route]) for world in worlds]
        honest = [set(world.truth.honest[route]) for world in worlds]
        without = None
        if route in blind:
            without = sum(len(seen & here) for seen, here in zip(blind[route], gone, strict=True))
        found = sum(len(world.named & here) for world, here in zip(worlds, gone, strict=True))
        accused = sum(len(world.named & here) for world, here in zip(worlds, honest, strict=True))
        yield Tally(route, sum(map(len, gone)), found, sum(map(len, honest)), accused, without)


def table(counted):
    """The cells as `docs/detection.md` has them."""
    return [
        [
            tally.route if tally.route == "none" else f"`{tally.route}`",
            f"{tally.found} of {tally.gone}",
            interval(tally.gone, tally.found),
            percent(CAUGHT[tally.route]),
            "" if tally.found_without is None else f"{tally.found_without} of {tally.gone}",
            f"{tally.accused} of {tally.honest}",
            interval(tally.honest, tally.accused),
            percent(ACCUSED[tally.route]),
        ]
        for tally in counted
    ]


def interval(trials, found):
    """Clopper and Pearson's, at 95 %."""
    low, high = chance_lower(trials, found, SIDE) if found else F(0), chance_upper(trials, found, SIDE)
    return f"{float(100 * low):.1f} to {float(100 * high):.1f} %"


def percent(chance):
    """Tenths of a percent."""
    return f"{float(100 * chance):.1f} %"
