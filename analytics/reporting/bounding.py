"""How little and how much compute may there be, and what could it run?

`low` is what somebody independent saw of late and nothing speaks against, `book` what the book has, `high`
the book with what has left it unaccounted for and with what one claim says beyond the ledger. Days are those
of a run of so many floating-point operations at the 16-bit dense rate and a stated utilisation; a model fits
that has 2 bytes a parameter in memory. Works on rows; knows no snapshot.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any, NamedTuple

from analytics.feeds import H100_SXM_BF16_GFLOPS
from analytics.reporting.enveloping import EVERYBODY

RUNS_FLOP = {"1e25": 10**25, "1e26": 10**26}
SECONDS_PER_DAY = 86_400
FLOP_PER_GFLOP = 10**9
BYTES_PER_PARAMETER = 2  # fp16
BOUNDS = ("low", "book", "high")

Row = dict[str, Any]


class Excess(NamedTuple):
    """What one claim has beyond the ledger of its time, in H100-equivalents and in chips.

    One is worked out of the other at the best rate of the models that the claim is about, so that both are of
    the same claim.
    """

    h100e: float
    chips: int
    as_of: datetime


Excesses = Mapping[str, Excess]  # by party


def excess_by_party(cells: Iterable[Row], since: datetime) -> Excesses:
    """By party: the most that one claim has beyond the ledger.

    Only claims of what is installed, of `since` or later, and of a party's only those of its latest date.
    They are never added up: of two that are not about the same chips only the larger counts.
    """
    installed = [
        cell
        for cell in cells
        if cell["measure"] == "installed"
        and cell["party"] not in (None, EVERYBODY)
        and cell["ledger"] is not None
        and cell["as_of"] >= since
    ]
    latest: dict[str, datetime] = {}
    for cell in installed:
        latest[cell["party"]] = max(cell["as_of"], latest.get(cell["party"], cell["as_of"]))
    found: dict[str, Excess] = {}
    for cell in installed:
        if cell["short_high"] and cell["as_of"] == latest[cell["party"]]:
            more = _excess(cell)
            found[cell["party"]] = max(more, found.get(cell["party"], more))
    return found


def _excess(cell: Row) -> Excess:
    best = cell["best_h100e"] or 0.0
    if cell["unit"] == "chips":
        return Excess(cell["short_high"] * best, round(cell["short_high"]), cell["as_of"])
    worth = float(cell["short_high"])
    return Excess(worth, ceil(worth / best) if best else 0, cell["as_of"])


def by_ultimate(excess: Excesses, ultimate: Mapping[str, str]) -> Excesses:
    """The same by ultimate parent: of a family's claims the largest."""
    found: dict[str, Excess] = {}
    for party, more in excess.items():
        head = ultimate.get(party, party)
        found[head] = max(more, found.get(head, more))
    return found


def bounded(rows: Sequence[Row], excess: Excesses | None, utilisation: int) -> list[Row]:
    """A row a group; `excess` is None where claims are not about this grouping."""
    known = {row["grouped"] for row in rows}
    others = [_nothing(group) for group in sorted((excess or {}).keys() - known)]
    return [_bounded(row, excess, utilisation) for row in (*rows, *others)]


def _bounded(row: Row, excess: Excesses | None, utilisation: int) -> Row:
    more = None if excess is None else excess.get(row["grouped"])
    more_worth, more_chips = (0.0, 0) if more is None else (more.h100e, more.chips)
    chips = {
        "low": row["low_chips"],
        "book": row["book_chips"],
        "high": row["book_chips"] + row["unaccounted_chips"] + more_chips,
    }
    book = row["book_h100e"] or 0.0
    worth = {"low": row["low_h100e"] or 0.0, "book": book}
    worth["high"] = book + (row["unaccounted_h100e"] or 0.0) + more_worth
    rate = {"low": row["low_half_gflops"] or 0, "book": row["book_half_gflops"] or 0}
    rate["high"] = (
        rate["book"] + (row["unaccounted_half_gflops"] or 0) + round(more_worth * H100_SXM_BF16_GFLOPS)
    )
    memory = {"low": row["low_memory_gb"] or 0, "book": row["book_memory_gb"] or 0}
    memory["high"] = memory["book"] + (row["unaccounted_memory_gb"] or 0)
    told: Row = {"grouped": row["grouped"]}
    told |= {f"{bound}_chips": chips[bound] for bound in BOUNDS}
    told |= {f"{bound}_h100e": worth[bound] for bound in BOUNDS}
    told["low_inspected_chips"] = row["low_inspected_chips"]
    told["low_received_chips"] = row["low_chips"] - row["low_inspected_chips"]
    told["unaccounted_chips"] = row["unaccounted_chips"]
    told["claim_excess_chips"] = None if excess is None else more_chips
    told["claim_excess_h100e"] = None if excess is None else more_worth
    told["claim_as_of"] = None if more is None else more.as_of
    told["chips_without_rate"] = row["chips_without_rate"]
    for name, flop in RUNS_FLOP.items():
        told |= {f"{bound}_days_to_{name}_flop": days(flop, rate[bound], utilisation) for bound in BOUNDS}
    told |= {f"{bound}_fp16_parameters": parameters(memory[bound]) for bound in BOUNDS}
    return told


def days(flop: int, gflops: int, utilisation: int) -> float | None:
    """Days of a run of so many operations; None where there is nothing to run it on."""
    if gflops <= 0:
        return None
    return flop * 100 / (gflops * FLOP_PER_GFLOP * utilisation * SECONDS_PER_DAY)


def parameters(memory_gb: int) -> int:
    """Of the largest model whose 16-bit weights fit in so much memory, and nothing else with them."""
    return memory_gb * 10**9 // BYTES_PER_PARAMETER


def _nothing(group: str) -> Row:
    """A group of which the book has nothing."""
    names = ("h100e", "half_gflops", "memory_gb")
    empty = {f"{part}_{name}": 0 for part in ("low", "book", "unaccounted") for name in names}
    counts = ("low_chips", "low_inspected_chips", "book_chips", "unaccounted_chips", "chips_without_rate")
    return {"grouped": group, **dict.fromkeys(counts, 0), **empty}
