"""Which export class has each model that is held, and what do the holdings come to?

Wires what the ledger lists of a model to `analytics.export_control`. The ledger has a model's links between
chips and none of its other ports; those could add up to 128 GB/s, so a chip whose links are below 600 GB/s
and could reach 600 with them has an unknown total. Where nothing is listed the class is `undetermined`.
Knows no snapshot.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from analytics.export_control.classify import (
    UNDETERMINED,
    Classification,
    china_review,
    classify,
    classify_at,
)
from analytics.export_control.rules import DENSITY, IO, MEMORY_BANDWIDTH, QUOTAS_TPP, TPP, rule_named

OTHER_PORTS_GB_S_MAX = 128  # both directions of a PCIe 5.0 slot of 16 lanes
IO_LINE_GB_S = 600  # of the list of October 2022
UM2_PER_MM2 = 1_000_000

Row = dict[str, Any]


def figures_of(row: Mapping[str, Any]) -> dict[str, Fraction | None]:
    """What the rules ask about a model, None where the ledger does not say."""
    tpp, area = row["chip_tpp"], row["die_area_um2"]
    links = row["interconnect_gbps"]
    density = None if tpp is None or not area else Fraction(tpp * UM2_PER_MM2, area)
    is_open = links is None or links < IO_LINE_GB_S <= links + OTHER_PORTS_GB_S_MAX
    return {
        TPP: None if tpp is None else Fraction(tpp),
        DENSITY: density,
        IO: None if is_open else Fraction(links),
        MEMORY_BANDWIDTH: None
        if row["memory_bandwidth_gbps"] is None
        else Fraction(row["memory_bandwidth_gbps"]),
    }


def class_of(row: Mapping[str, Any], day: date, rule: str | None) -> Classification:
    """The class under a rule by name, or under the list in force on a day."""
    figures = figures_of(row)
    named = None if rule is None else rule_named(rule)
    if named is not None:
        return classify(named, figures)
    return classify_at(day, figures)


def classed(rows: Sequence[Row], day: date, rule: str | None) -> list[Row]:
    """Each row with its class, in front of the figures it follows from."""
    found: dict[Any, tuple[Classification, str]] = {}
    told = []
    for row in rows:
        if row["model"] not in found:
            figure = class_of(row, day, rule)
            found[row["model"]] = figure, china_review(figure, figures_of(row))
        figure, review = found[row["model"]]
        told.append(
            {
                "grouped": row["grouped"],
                "listed_as": figure.listed_as,
                "paragraph": figure.paragraph or None,
                "possible": " ".join(figure.possible) or None,
                "unknown": " ".join(figure.unknown) or None,
                "china_review": review,
                **{name: row[name] for name in row if name != "grouped"},
            }
        )
    return told


def by_class(rows: Sequence[Row]) -> list[Row]:
    """Chips, TPP and H100-equivalents of each group and class; `undetermined` is a class apart."""
    chips: Counter[tuple[Any, str]] = Counter()
    tpp: Counter[tuple[Any, str]] = Counter()
    worth: dict[tuple[Any, str], float] = {}
    models: dict[tuple[Any, str], list[str]] = {}
    for row in rows:
        key = row["grouped"], row["listed_as"]
        chips[key] += row["chips"]
        tpp[key] += row["tpp"] or 0
        models.setdefault(key, []).extend([row["model"]] if row["model"] else [])
        if row["h100e"] is not None:
            worth[key] = worth.get(key, 0.0) + row["h100e"]
    order = sorted(chips, key=lambda key: (key[0] is None, key[0] or "", key[1]))
    return [
        {
            "grouped": key[0],
            "listed_as": key[1],
            "chips": chips[key],
            "tpp": tpp[key],
            "h100e": worth.get(key),
            "models": " ".join(models[key]),
        }
        for key in order
    ]


def against_quotas(rows: Sequence[Row]) -> list[Row]:
    """TPP of what is listed and of what may be, beside each quota of January 2025, group by group."""
    listed: Counter[Any] = Counter()
    perhaps: Counter[Any] = Counter()
    models: dict[Any, list[str]] = {}
    for row in rows:
        if row["listed_as"] == UNDETERMINED:
            perhaps[row["grouped"]] += row["tpp"] or 0
        elif row["listed_as"].startswith("3A090"):
            listed[row["grouped"]] += row["tpp"] or 0
            models.setdefault(row["grouped"], []).append(row["model"])
    groups = sorted({row["grouped"] for row in rows}, key=lambda group: (group is None, group or ""))
    return [
        {
            "grouped": group,
            "quota": quota,
            "quota_tpp": limit,
            "listed_tpp": listed[group],
            "undetermined_tpp": perhaps[group],
            "share": listed[group] / limit,
            "models": " ".join(models.get(group, ())),
        }
        for group in groups
        for quota, limit in QUOTAS_TPP.items()
    ]
