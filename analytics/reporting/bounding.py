"""How little and how much compute may there be, and what could it run?

`low` is what somebody independent saw of late, `book` what the book has, `high` the book with what has left
it unaccounted for and with what claims say beyond the ledger. Days are those of a run of so many
floating-point operations at the 16-bit dense rate and a stated utilisation; a model fits that has 2 bytes a
parameter in memory. Also what is known as counts only. Works on rows; knows no snapshot.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from analytics.feeds import H100_SXM_BF16_GFLOPS

RUNS_FLOP = {"1e25": 10**25, "1e26": 10**26}
SECONDS_PER_DAY = 86_400
FLOP_PER_GFLOP = 10**9
BYTES_PER_PARAMETER = 2  # fp16
BOUNDS = ("low", "book", "high")

Row = dict[str, Any]
Excess = dict[str, tuple[int, float]]  # by party: chips, H100-equivalents


def excess_by_party(cells: Iterable[Row]) -> Excess:
    """By party: chips and H100-equivalents that one claim has beyond the ledger, of several the most.

    Only claims of what is installed, and of a party's only those of the latest date. They are never added up:
    of two that are not about the same chips only the larger counts.
    """
    installed = [
        cell
        for cell in cells
        if cell["measure"] == "installed" and cell["party"] not in (None, "*") and cell["ledger"] is not None
    ]
    latest: dict[str, Any] = {}
    for cell in installed:
        latest[cell["party"]] = max(cell["as_of"], latest.get(cell["party"], cell["as_of"]))
    found: Excess = {}
    for cell in installed:
        if not cell["short_high"] or cell["as_of"] != latest[cell["party"]]:
            continue
        in_chips = cell["unit"] == "chips"
        chips = cell["short_high"] if in_chips else 0
        worth = chips * (cell["best_h100e"] or 0.0) if in_chips else float(cell["short_high"])
        before = found.get(cell["party"], (0, 0.0))
        found[cell["party"]] = max(before[0], chips), max(before[1], worth)
    return found


def by_ultimate(excess: dict[str, tuple[int, float]], ultimate: dict[str, str]) -> Excess:
    """The same by ultimate parent: of a family's claims the largest."""
    found: Excess = {}
    for party, (chips, worth) in excess.items():
        head = ultimate.get(party, party)
        before = found.get(head, (0, 0.0))
        found[head] = max(before[0], chips), max(before[1], worth)
    return found


def bounded(rows: Sequence[Row], excess: Excess | None, utilisation: int) -> list[Row]:
    """A row a group; `excess` is None where claims are not about this grouping."""
    known = {row["grouped"] for row in rows}
    others = [_nothing(group) for group in sorted((excess or {}).keys() - known)]
    return [_bounded(row, excess, utilisation) for row in (*rows, *others)]


def _bounded(row: Row, excess: Excess | None, utilisation: int) -> Row:
    more_chips, more_worth = (0, 0.0) if excess is None else excess.get(row["grouped"], (0, 0.0))
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
    told["unaccounted_chips"] = row["unaccounted_chips"]
    told["claim_excess_chips"] = None if excess is None else more_chips
    told["claim_excess_h100e"] = None if excess is None else more_worth
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


def gaps(fabs: Iterable[Row], cells: Iterable[Row]) -> list[Row]:
    """What is known to be somewhere as a count only: dies of no chip, claims beyond the ledger."""
    told = [
        {
            "source": "fab",
            "subject": row["grouped"],
            "unit": "dies",
            "low": max(0, row["class_d_dies_low"]),
            "high": row["class_d_dies_high"],
            "entries": str(row["entry_index"]),
        }
        for row in fabs
        if row["class_d_dies_high"] > 0
    ]
    told += [
        {
            "source": "claim",
            "subject": cell["grouped"],
            "unit": cell["unit"],
            "low": round(cell["short_low"]),
            "high": round(cell["short_high"]),
            "entries": cell["entries"],
        }
        for cell in cells
        if cell["short_high"]
    ]
    return told


def _nothing(group: str) -> Row:
    """A group of which the book has nothing."""
    names = ("h100e", "half_gflops", "memory_gb")
    empty = {f"{part}_{name}": 0 for part in ("low", "book", "unaccounted") for name in names}
    chips = {"low_chips": 0, "book_chips": 0, "unaccounted_chips": 0, "chips_without_rate": 0}
    return {"grouped": group, **chips, **empty}
