"""Following, refreshing, publishing and asking at some sizes: as rows, and as a table of growth.

Every figure is of a process that does nothing else. The ledgers are kept where a folder is named, since ten
million chips take an hour to admit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from api.cli.bench.alone import MEBIBYTE, alone, mebibytes
from api.cli.bench.measures import Measure
from api.cli.bench.scale import asking, following
from api.cli.bench.scale.asking import Asked
from api.cli.bench.scale.following import REFRESHED_CHIPS
from api.cli.bench.scale.generator import generate
from api.cli.screen.terminal import progress

FOLLOW_FLOOR = 0.3  # of a bare append
REFRESH_FLOOR = 4.0  # times as fast as the present chips made anew
PRESENT_FLOOR = 1 / 2  # of a plain scan-and-group
PAST_FLOOR = 1 / 1.2  # of the holder query
MEMORY_BYTES_MAX = 4 << 30
FLOORS_FROM_CHIPS = 10_000_000  # of fewer, what every question costs however few there are counts too much

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Growth:
    """What was measured at one size: a figure by what it is of."""

    chips: int
    figures: dict[str, str] = field(default_factory=dict)


def by_scale(place: Path, sizes: Sequence[int], grown: list[Growth]) -> Iterator[Measure]:
    """The rows at each size, whose figures are also put into `grown`."""
    for chips in sizes:
        growth = Growth(chips)
        grown.append(growth)
        path = place / f"ledger-{chips}"
        with progress(f"statements of {chips:,} chips", None) as bar:
            generate(path, chips, bar.at)
        yield from _followed(path, growth)
        for name in asking.names():
            yield _asked(path, name, growth)


def _followed(path: Path, growth: Growth) -> Iterator[Measure]:
    tag = f"{growth.chips:,} chips"
    ours = _must(following.follow_anew, path)
    bare = _must(following.append_bare, path)
    growth.figures["events"] = f"{ours.count:,}"
    growth.figures["followed in"] = f"{ours.seconds:.1f} s"
    yield Measure(
        f"following {ours.count:,} events of {tag}",
        f"{ours.seconds:.1f} s, {ours.count / ours.seconds:,.0f}/s",
        f"bare append of {bare.count:,} rows {bare.seconds:.1f} s",
        bare.seconds / ours.seconds,
        _floor(growth, FOLLOW_FLOOR),
    )
    yield _memory(f"memory of following {tag}", ours.peak)
    growth.figures["memory of following"] = mebibytes(ours.peak)
    anew = _must(following.refresh, path)
    growth.figures["refreshed in"] = f"{anew.seconds:.2f} s"
    yield Measure(
        f"refresh after {REFRESHED_CHIPS:,} chips of {tag}",
        f"{anew.seconds:.2f} s",
        f"present chips made anew {anew.bare:.2f} s, all followed anew {ours.seconds:.1f} s",
        anew.bare / anew.seconds,
        _floor(growth, REFRESH_FLOOR),
    )
    made = _must(following.publish, path)
    growth.figures["published in"] = f"{made.seconds:.2f} s"
    growth.figures["snapshot"] = mebibytes(made.count)
    yield Measure(
        f"snapshot of {tag} published",
        f"{made.seconds:.2f} s, {mebibytes(made.count)}",
        f"flushed copy {made.bare:.2f} s",
        made.bare / made.seconds,
        None,
    )


def _asked(path: Path, name: str, growth: Growth) -> Measure:
    """The report; what stands beside it too, where that is not a row of its own."""
    found = _must(asking.ask, Asked(path, name))
    growth.figures[name] = found.refused or f"{found.seconds:.2f} s"
    past = asking.is_of_the_past(name)
    plain = "holder query" if past else "scan and group"
    return Measure(
        f"report {name}, {growth.chips:,} chips",
        found.refused or f"{found.seconds:.2f} s, {found.rows:,} rows, peak {mebibytes(found.peak)}",
        f"{plain} {found.bare:.2f} s",
        0.0 if found.refused else found.bare / found.seconds,
        _floor(growth, PAST_FLOOR if past else PRESENT_FLOOR) if asking.has_floor(name) else None,
    )


def _floor(growth: Growth, floor: float) -> float | None:
    return floor if growth.chips >= FLOORS_FROM_CHIPS else None


def _must(work: Callable[[T], R], asked: T) -> R:
    found = alone(work, asked)
    assert found is not None  # nobody set it a time
    return found


def _memory(what: str, peak: int) -> Measure:
    allowed = f"at most {MEMORY_BYTES_MAX // MEBIBYTE:,} MiB allowed"
    return Measure(what, mebibytes(peak), allowed, MEMORY_BYTES_MAX / peak, 1.0)
