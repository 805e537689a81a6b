"""What may be told of an inspection, and who could be drawn?

The state of an inspection, its sample by rank with the tickets recomputed from the seeds, and frames at any
size. Nothing of it exists for a prover before a stage is drawn. Knows no HTTP.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec
import pyarrow.compute as pc  # type: ignore[import-untyped]

from ledger.book.frame import Frame
from ledger.book.identifiers import is_chip, is_named, prefix_of
from ledger.book.records.inspections import Stratum
from ledger.book.registry import FrameKey
from ledger.book.rows import Inspection, SampledChip
from ledger.book.rules.conclusions import sample_size
from ledger.book.rules.directions import BOOK_TO_FLOOR, FLOOR_TO_BOOK, PARTS
from ledger.book.rules.frames import listing_of, root_of_listing
from ledger.book.rules.inspections import commitment_of
from ledger.book.tables import BEACONS, INSPECTIONS, PARTIES, SAMPLED
from ledger.inspection.draw import ticket
from ledger.lookup.answers import Object, Page, Window, page
from ledger.lookup.progress import due_object, labels, progress_object
from ledger.storage.store import Store
from ledger.viewer import Viewer, sees_inspection, sees_whole_sample

WHOLE_FRAME = (Stratum("all"),)
ROWS_ASKED = 10_000  # of a sample at a time


class Inspections:
    """Reads of inspections for a viewer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def inspection(self, viewer: Viewer, inspection: str, at: int) -> Object | None:
        """An inspection as it had come by a size, its progress, and what is due next."""
        versions = self._versions(viewer, inspection, at)
        if not versions:
            return None
        row = versions[-1]
        rows = self._rows(inspection, at)
        (beacon,) = self._store.find(BEACONS, {"beacon": row.beacon}, at, None, 1)
        return {
            **inspection_object(row),
            "labels": labels(row, beacon),
            "progress": progress_object(row, rows),
            "due": due_object(row, rows, beacon),
        }

    def inspections(
        self, viewer: Viewer, window: Window, *, series: str | None = None, state: str | None = None
    ) -> Page | None:
        """Inspections by id, of a series or in a state where given; None for who may not see every one."""
        if not viewer.sees_all:
            return None
        given = {"series": series, "state": state}
        where = {name: value for name, value in given.items() if value is not None}
        rows = self._store.find(INSPECTIONS, where, window.at, window.after, window.limit + 1)
        return page([inspection_object(row) for row in rows], [row.inspection for row in rows], window.limit)

    def sample(self, viewer: Viewer, inspection: str, at: int) -> Object | None:
        """What was drawn by a size, by stage, stratum and rank, each with its ticket and what was found.

        `beside` are things inspectors came upon that nobody drew, for those who see all. One of several
        provers is told of what was its own when the inspection was committed, or is now.
        """
        versions = self._versions(viewer, inspection, at)
        if not versions:
            return None
        row, rows = versions[-1], self._rows(inspection, at)
        seeds = enumerate(map(bytes.fromhex, row.seeds.split()), start=1)
        items = [item for stage, seed in seeds for item in _drawn(row, rows, stage, seed)]
        if not sees_whole_sample(viewer, row):
            own = self._own(viewer, row, [each.item for each in rows], at)
            items = [item for item in items if item.get("chip", item.get("position")) in own]
        shown = rows if viewer.sees_all else []
        beside = [_beside(row, each) for each in shown if not each.stages and each.result]
        return {"items": items, "next": None, "beside": beside}

    def _rows(self, inspection: str, at: int) -> list[SampledChip]:
        """All that an inspection had drawn or come upon by a size, by name."""
        rows: list[SampledChip] = []
        after = None
        while found := self._store.find(SAMPLED, {"inspection": inspection}, at, after, ROWS_ASKED):
            rows += found
            after = (inspection, found[-1].item)
        return rows

    def _own(self, viewer: Viewer, row: Inspection, items: Sequence[str], at: int) -> set[str]:
        """Of things drawn those the viewer had, or has, to show."""
        if row.direction == FLOOR_TO_BOOK:
            return {item for item in items if prefix_of(item) in viewer.speaks_for}
        then, now = (self._store.chips_as_of(items, size) for size in (row.born, at))
        return {
            chip
            for chip in items
            if any(chip in book and book[chip].custodian in viewer.speaks_for for book in (then, now))
        }

    def _versions(self, viewer: Viewer, inspection: str, at: int) -> list[Inspection]:
        versions = self._store.history(INSPECTIONS, inspection) if is_named(inspection) else []
        if not versions or not sees_inspection(viewer, versions[-1]):
            return []
        return [row for row in versions if row.changed < at]

    def frame(
        self,
        viewer: Viewer,
        provers: Sequence[str],
        at: int,
        strata: Sequence[Stratum] = WHOLE_FRAME,
        direction: str = BOOK_TO_FLOOR,
    ) -> Object | None:
        """How many chips, or positions, of these provers could be drawn in the book of a size, and the root.

        `sites` are those whose positions could be, and how many. The last stratum must take the rest. None
        where a prover is not there to be seen.
        """
        frame = self.frame_columns(viewer, provers, at, direction)
        if frame is None:
            return None
        listing = listing_of(frame, strata)
        return {
            "provers": sorted(provers),
            "at": at,
            "count": len(listing),
            "direction": direction,
            "root": root_of_listing(listing, direction),
            "strata": [{"name": name, "count": count} for name, count in listing.counts.items()],
            "sites": _floors(frame) if direction == FLOOR_TO_BOOK else None,
        }

    def frame_columns(
        self, viewer: Viewer, provers: Sequence[str], at: int, direction: str = BOOK_TO_FLOOR
    ) -> Frame | None:
        """The frame itself, whatever its size; None where a prover is not there, or for who sees only some.

        Working it out costs what all of the provers' chips cost: nobody else may ask for that.
        """
        if not viewer.sees_all:
            return None
        if not all(self._store.find(PARTIES, {"party": prover}, at, None, 1) for prover in provers):
            return None
        return self._store.frame(FrameKey(tuple(sorted(provers)), at, PARTS[direction]))


def _floors(frame: Frame) -> list[Object]:
    """The sites of a frame of positions, and how many each has."""
    there = {each["values"].as_py(): each["counts"].as_py() for each in pc.value_counts(frame.codes)}
    found = {frame.places[code].site or "": count for code, count in there.items()}
    return [{"site": site, "positions": count} for site, count in sorted(found.items())]


def _drawn(row: Inspection, rows: Sequence[SampledChip], stage: int, seed: bytes) -> list[Object]:
    """The selection of one stage, in rank order."""
    order = {stratum.name: place for place, stratum in enumerate(commitment_of(row).strata)}
    drawn = [
        (order[each.stratum], ticket(seed, each.item).hex(), each)
        for each in rows
        if str(stage) in each.stages.split()
    ]
    drawn.sort(key=lambda one: (one[0], one[1], one[2].item))
    what = "position" if row.direction == FLOOR_TO_BOOK else "chip"
    ranks: Counter[str] = Counter()
    items: list[Object] = []
    for _, number, each in drawn:
        ranks[each.stratum] += 1
        named = {"inspection": row.inspection, what: each.item, "stratum": each.stratum, "ticket": number}
        items.append({**named, "rank": ranks[each.stratum], "stage": stage, "result": each.result})
    return items


def _beside(row: Inspection, each: SampledChip) -> Object:
    """What inspectors came upon and nobody drew."""
    what = "chip" if is_chip(each.item) else "position"
    return {"inspection": row.inspection, what: each.item, "result": each.result}


def inspection_object(row: Inspection) -> Object:
    """An inspection's state, with what was committed."""
    commitment = commitment_of(row)
    drawn = max(row.stages_drawn - 1, 0)
    missing = commitment.parameters.get("missing")
    return {
        "inspection": row.inspection,
        "series": row.series,
        "number": row.number,
        "verifier": row.verifier,
        "statement": row.statement,
        "provers": row.provers.split(),
        "planner": commitment.planner,
        "direction": commitment.direction,
        "at_index": row.born,
        "n_frame": row.frame_count,
        "frame_root": row.frame_root,
        "n_sample": sample_size(row),
        "d": missing if isinstance(missing, int) else None,
        "beta_ppm": commitment.beta_ppm,
        "beacon": row.beacon,
        "round": commitment.stages[drawn].round,
        "stages": [msgspec.to_builtins(stage) for stage in commitment.stages],
        "strata": [msgspec.to_builtins(stratum) for stratum in commitment.strata],
        "stages_drawn": row.stages_drawn,
        "timely": row.timely,
        "withheld": bool(row.withheld),
        "state": row.state,
        "verdict": row.verdict,
        "counts": None if row.counts is None else msgspec.json.decode(row.counts),
        "upper_bound": row.upper_bound,
        "known_missing": row.known_missing,
        "off_book": row.off_book,
        "draw": None if row.draws is None else {"k": row.number, "m": row.draws},
        "entry_index": row.changed,
    }
