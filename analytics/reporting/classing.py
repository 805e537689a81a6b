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
from analytics.export_control.rules import (
    CHINA_RULE,
    DENSITY,
    FIRST_RULE,
    IO,
    MEMORY_BANDWIDTH,
    QUOTA_RULE,
    QUOTAS_OF_COUNTRIES,
    QUOTAS_OF_PARTIES,
    QUOTAS_TPP,
    TPP,
    in_force,
    rule_named,
)
from analytics.reporting.said import NO_MODEL

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
    found: dict[Any, tuple[Classification, str | None]] = {}
    told = []
    for row in rows:
        if row["model"] not in found:
            figure = class_of(row, day, rule)
            found[row["model"]] = figure, _review(figure, row, day)
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


def _review(figure: Classification, row: Mapping[str, Any], day: date) -> str | None:
    """What the policy for China lets a chip hope for; before there was one, nothing is told."""
    return china_review(figure, figures_of(row)) if _was(CHINA_RULE, day) else None


def _was(rule: str, day: date) -> bool:
    named = rule_named(rule)
    assert named is not None, f"no rule is called {rule}"
    return named.in_force(day)


def notes_of(day: date, rule: str | None) -> tuple[str, ...]:
    """What holds for this day and list: what was not in force is said, not passed over."""
    told = []
    if rule is None and not any(each.paragraphs for each in in_force(day)):
        told.append(f"no list was in force on {day}: no chip is classed")
    if not _was(CHINA_RULE, day):
        told.append(f"the review policy for China and Macau was not in force on {day}: nothing is told of it")
    quotas = rule_named(QUOTA_RULE)
    assert quotas is not None, "the framework of January 2025 is in the list of rules"
    if not quotas.in_force(day):
        told.append(
            f"no quota was in force on {day}: those of January 2025 were from {quotas.effective_from} to "
            f"{quotas.effective_to}"
        )
    elif rule == FIRST_RULE:
        told.append("the quotas of January 2025 counted chips of the list of 2023, not of the one named")
    else:
        told.append(
            "a quota is no limit of holdings: quotas counted exports, to a consignee in a calendar year, to "
            "a country or validated end user from 2025 to 2027; here all that is held outside the United "
            "States stands beside them, whenever it was sent. Close allies were outside them; who is one, "
            "and who a validated end user, is not on the ledger"
        )
    return tuple(told)


def by_class(rows: Sequence[Row]) -> list[Row]:
    """Chips, TPP and H100-equivalents of each group and class; `undetermined` is a class apart.

    `models` names all that are counted: chips that the book knows no model of are there as `NO_MODEL`.
    """
    chips: Counter[tuple[Any, str]] = Counter()
    tpp: Counter[tuple[Any, str]] = Counter()
    worth: dict[tuple[Any, str], float] = {}
    models: dict[tuple[Any, str], list[str]] = {}
    for row in rows:
        key = row["grouped"], row["listed_as"]
        chips[key] += row["chips"]
        tpp[key] += row["tpp"] or 0
        models.setdefault(key, []).append(row["model"] or NO_MODEL)
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


def against_quotas(rows: Sequence[Row], grouping: str, day: date, rule: str | None) -> list[Row]:
    """TPP of what is listed abroad and of what may be, beside the quotas in force on the day, group by group.

    Of countries beside what a country had together, of parties beside what one of them had: a quota of one
    consignee says nothing of a country.
    """
    if not _was(QUOTA_RULE, day) or rule == FIRST_RULE:
        return []
    quotas = QUOTAS_OF_COUNTRIES if grouping == "country" else QUOTAS_OF_PARTIES
    listed: Counter[Any] = Counter()
    perhaps: Counter[Any] = Counter()
    models: dict[Any, list[str]] = {}
    for row in rows:
        if row["listed_as"] == UNDETERMINED:
            perhaps[row["grouped"]] += row["abroad_tpp"] or 0
        elif row["listed_as"].startswith("3A090") and row["abroad_tpp"]:
            listed[row["grouped"]] += row["abroad_tpp"]
            models.setdefault(row["grouped"], []).append(row["model"])
    # What stands nowhere known is of no country, and of no party what nobody has.
    groups = sorted(
        group for group in {row["grouped"] for row in rows} if group and listed[group] + perhaps[group]
    )
    return [
        {
            "grouped": group,
            "quota": quota,
            "quota_tpp": QUOTAS_TPP[quota],
            "listed_tpp": listed[group],
            "undetermined_tpp": perhaps[group],
            "share": listed[group] / QUOTAS_TPP[quota],
            "models": " ".join(models.get(group, ())),
        }
        for group in groups
        for quota in quotas
    ]
