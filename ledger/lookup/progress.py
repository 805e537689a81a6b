"""How far has an inspection come, and what is to be done next?

What was drawn and visited, by stratum, what that leaves possible, under which words the verdict must be read,
and what is due by when: told from rows, in whole numbers and texts. Knows no store, no viewer and no clock:
whether a day is past is for the reader to see.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ledger.book.rows import BeaconRow, Inspection, SampledChip
from ledger.book.rules.beacons import beacon_of
from ledger.book.rules.conclusions import Conclusion, conclude
from ledger.book.rules.draws import DRAWN_ALL_THE_SAME
from ledger.book.rules.inspections import CLOSED, FOUND_BY, NOTICE_BY, commitment_of
from ledger.book.rules.tallies import NOT_VISITED
from ledger.book.rules.timeliness import UNTIMELY, UNWITNESSED
from ledger.book.times import format_seconds
from ledger.inspection.beacon import due_at

OWN_KEY_SCHEMES = "ecvrf-"  # begins the schemes by which a verifier draws with a key of its own
OWN_VRF = "own_vrf"
WITHHELD, VOID_BEACON, VOID = "withheld", "void_beacon", "void"
CONCLUSIONS_KEPT = 64  # of inspections that are asked about again and again

DRAW, VISITS, CLOSING = "draw", "visits", "closing"


def progress_object(row: Inspection, rows: Sequence[SampledChip]) -> dict[str, Any] | None:
    """What was drawn, by result and stratum; `upper_bound` counts what was not visited yet as missing.

    `verdict` is what the findings so far give, None while a further stage is due. None before a draw.
    """
    if row.strata_counts is None:
        return None
    told = _concluded(row, tuple(rows))
    counts = msgspec.to_builtins(told.counts)
    return {
        "drawn": told.drawn,
        "visited": told.visited,
        "counts": counts,
        "strata": _strata(row, rows),
        "upper_bound": told.upper_bound,
        "verdict": told.verdict,
        "off_book": told.off_book,
    }


@lru_cache(maxsize=CONCLUSIONS_KEPT)
def _concluded(row: Inspection, rows: tuple[SampledChip, ...]) -> Conclusion:
    return conclude(row, rows)


def _strata(row: Inspection, rows: Sequence[SampledChip]) -> list[dict[str, Any]]:
    found = {stratum.name: Counter[str]() for stratum in commitment_of(row).strata}
    for each in rows:
        if each.stages:
            found[each.stratum][each.result or NOT_VISITED] += 1
    frames = map(int, (row.strata_counts or "").split())
    return [
        {
            "name": name,
            "frame": frame,
            "drawn": counts.total(),
            "visited": counts.total() - counts[NOT_VISITED],
            "counts": dict(sorted(counts.items())),
        }
        for (name, counts), frame in zip(found.items(), frames, strict=True)
    ]


def labels(row: Inspection, beacon: BeaconRow) -> list[str]:
    """The words without which the verdict must not be repeated."""
    said = []
    if row.timely == UNWITNESSED:
        said.append(UNWITNESSED)
    if row.timely in UNTIMELY:
        said.append(VOID)
    if beacon.scheme.startswith(OWN_KEY_SCHEMES):
        said.append(OWN_VRF)
    if row.withheld or row.verdict == WITHHELD:
        said.append(WITHHELD)
    if row.verdict == VOID_BEACON:
        said.append(VOID_BEACON)
    return said


def due_object(row: Inspection, rows: Sequence[SampledChip], beacon: BeaconRow) -> dict[str, Any] | None:
    """What is due next: a `draw` or `visits` of a stage, or the `closing`; from when and by when, where there
    is such a time. None once nothing is."""
    stages, drawn = commitment_of(row).stages, row.stages_drawn
    if row.state == CLOSED:
        owed = row.verdict in DRAWN_ALL_THE_SAME and drawn < len(stages)
        return {**_draw(row, beacon), "by": None} if owed else None
    if drawn == 0:
        return _draw(row, beacon)
    told = _concluded(row, tuple(rows))
    if told.visited < told.drawn:
        by = getattr(stages[drawn - 1], FOUND_BY)
        return {"what": VISITS, "stage": drawn, "from": None, "by": by, "open": told.drawn - told.visited}
    if told.verdict is None:
        return _draw(row, beacon)
    return {"what": CLOSING, "stage": drawn, "from": None, "by": None, "open": 0}


def _draw(row: Inspection, beacon: BeaconRow) -> dict[str, Any]:
    stage = commitment_of(row).stages[row.stages_drawn]
    begins = format_seconds(due_at(beacon_of(beacon), stage.round))
    by = getattr(stage, NOTICE_BY)
    return {"what": DRAW, "stage": row.stages_drawn + 1, "from": begins, "by": by, "open": sum(stage.sizes)}
