"""What is known to be somewhere as a count only: dies of no chip, claims beyond the ledger?

A row a thing counted. Claims that are about the same, by whatever name they call their subject, are one row,
enveloped; rows that are about some of the same chips say with how many others, and are never to be added up.
Works on rows; knows no snapshot.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from analytics.reporting.enveloping import EVERYBODY, Row, scope_of

SAME = ("party", "model", "family", "unit", "measure", "since", "as_of")


def gaps(fabs: Iterable[Row], cells: Iterable[Row]) -> list[Row]:
    """Rows of fabs first, then of claims, in the order they come in."""
    told = [_of_fab(row) for row in fabs if row["class_d_dies_high"] > 0]
    about: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for cell in cells:
        if cell["ledger"] is not None:
            about[tuple(cell[name] for name in SAME)].append(cell)
    found = [same for same in about.values() if any(cell["short_high"] for cell in same)]
    return told + [_of_claims(same, found) for same in found]


def _of_fab(row: Row) -> Row:
    return {
        "source": "fab",
        "subject": row["grouped"],
        "unit": "dies",
        "low": max(0, row["class_d_dies_low"]),
        "high": row["class_d_dies_high"],
        "entries": str(row["entry_index"]),
    }


def _of_claims(same: Sequence[Row], found: Sequence[Sequence[Row]]) -> Row:
    """From the least that any of them has beyond the ledger to the most."""
    first = same[0]
    return {
        "source": "claim",
        "subject": first["grouped"] if first["party"] in (None, EVERYBODY) else first["party"],
        **{name: first[name] for name in ("unit", "measure", "model", "family", "since", "as_of")},
        "low": round(min(cell["short_low"] for cell in same)),
        "high": round(max(cell["short_high"] for cell in same)),
        "claims": sum(cell["claims"] for cell in same),
        "overlapping": sum(1 for other in found if other is not same and _may_meet(first, other[0])),
        "entries": " ".join(cell["entries"] for cell in same),
    }


def _may_meet(one: Row, other: Row) -> bool:
    """Whether both may count some of the same chips: what was bought or sold may be what stands there."""
    if one["party"] != other["party"] and EVERYBODY not in (one["party"], other["party"]):
        return False
    first, second = (scope_of(cell["model"], cell["family"]) for cell in (one, other))
    return first is None or second is None or bool(first & second)
