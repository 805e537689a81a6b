"""Is this chip listed, under which paragraph, and what if a figure is unknown?

A figure that is not known may be anything: where that changes nothing the class stands, elsewhere it is
`undetermined` and says which classes are possible. Figures are exact fractions. Knows only the chip's own
figures; where it goes, and to whom, is another question.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import product

from analytics.export_control.rules import (
    CASE_BY_CASE,
    CHIPS_RULE,
    DATACENTRE_LINE,
    MEMORY_DENSITY_EXCEPTED,
    MEMORY_DENSITY_LISTED,
    QUOTAS_TPP,
    TPP,
    Rule,
    Threshold,
    in_force,
)

NOT_LISTED = "none"
UNDETERMINED = "undetermined"
NO_RULE = "no_rule"
NOT_APPLICABLE = "not_applicable"
CASE_BY_CASE_POSSIBLE, PRESUMED_DENIED = "case_by_case_possible", "presumption_of_denial"

Figures = Mapping[str, Fraction | None]  # by METRICS; None or absent where it is not known


@dataclass(frozen=True, slots=True)
class Classification:
    """`listed_as` is a class, `none` or `undetermined`; then `possible` are the classes it could be.

    `paragraph` is where the text says so, empty where it is not listed or not settled. `unknown` are the
    figures that matter and are not known.
    """

    listed_as: str
    paragraph: str
    possible: tuple[str, ...]
    unknown: tuple[str, ...]


def classify(rule: Rule, figures: Figures, *, for_data_centres: bool = True) -> Classification:
    """A chip's class under one rule that has a list; ValueError for a rule that has none."""
    if not rule.paragraphs:
        raise ValueError(f"{rule.rule} lists no chips")
    found = {_listed(rule, case, for_data_centres) for case in _cases(rule, figures)}
    classes = sorted({listed_as for listed_as, _ in found})
    if len(classes) == 1:
        numbers = sorted(number for _, number in found)
        return Classification(classes[0], numbers[0] if len(numbers) == 1 else "", (), ())
    unknown = tuple(name for name in sorted(_metrics(rule)) if figures.get(name) is None)
    return Classification(UNDETERMINED, "", tuple(classes), unknown)


def classify_at(day: date, figures: Figures, *, for_data_centres: bool = True) -> Classification:
    """The class on a day: under the list that is in force then; `no_rule` where none is."""
    for rule in reversed(in_force(day)):
        if rule.paragraphs:
            return classify(rule, figures, for_data_centres=for_data_centres)
    return Classification(NO_RULE, "", (), ())


def exception_open(found: Classification, *, for_data_centres: bool = True) -> str:
    """Whether the exception for notified advanced computing is open to it: yes, no, or not applicable."""
    if found.listed_as == UNDETERMINED:
        return UNDETERMINED
    if found.listed_as == NOT_LISTED:
        return NOT_APPLICABLE
    return "yes" if found.listed_as == "3A090.b" or not for_data_centres else "no"


def china_review(found: Classification, figures: Figures) -> str:
    """What the policy of January 2026 lets a chip of that class hope for in China or Macau."""
    if found.listed_as == UNDETERMINED:
        return UNDETERMINED
    if found.listed_as != "3A090.a":
        return NOT_APPLICABLE
    known = [_met(threshold, figures) for threshold in CASE_BY_CASE]
    if False in known:
        return PRESUMED_DENIED
    return UNDETERMINED if None in known else CASE_BY_CASE_POSSIBLE


def memory_listed(bandwidth_gb_s: Fraction, area_mm2: Fraction) -> tuple[bool, bool]:
    """Whether 3A090.c lists a memory stack, and whether its density leaves the exception open."""
    density = bandwidth_gb_s / area_mm2
    listed = density > MEMORY_DENSITY_LISTED
    return listed, listed and density < MEMORY_DENSITY_EXCEPTED


def quota_chips(tpp: Fraction) -> dict[str, int]:
    """How many whole chips of that TPP each quota of January 2025 held."""
    if tpp <= 0:
        raise ValueError("tpp must be above 0")
    return {quota: int(limit // tpp) for quota, limit in QUOTAS_TPP.items()}


def _listed(rule: Rule, case: Mapping[str, Fraction], for_data_centres: bool) -> tuple[str, str]:
    """(class, paragraph) of a chip whose every figure is known."""
    outside = rule.rule == CHIPS_RULE and not for_data_centres and DATACENTRE_LINE.met(case[TPP])
    if not outside:
        for paragraph in rule.paragraphs:
            if all(threshold.met(case[threshold.metric]) for threshold in paragraph.thresholds):
                return paragraph.listed_as, paragraph.number
    return NOT_LISTED, ""


def _cases(rule: Rule, figures: Figures) -> Iterator[dict[str, Fraction]]:
    """The chip with every value its unknown figures could have, as far as the rule can tell them apart."""
    names = sorted(_metrics(rule))
    choices = [_values(rule, name, figures.get(name)) for name in names]
    for values in product(*choices):
        yield dict(zip(names, values, strict=True))


def _metrics(rule: Rule) -> set[str]:
    return {threshold.metric for threshold in _thresholds(rule)}


def _thresholds(rule: Rule) -> Iterable[Threshold]:
    return (threshold for paragraph in rule.paragraphs for threshold in paragraph.thresholds)


def _values(rule: Rule, name: str, figure: Fraction | None) -> list[Fraction]:
    """The figure, or one from each interval that thresholds cut: a threshold parts below from at least."""
    if figure is not None:
        return [figure]
    return [Fraction(0), *sorted({each.value for each in _thresholds(rule) if each.metric == name})]


def _met(threshold: Threshold, figures: Figures) -> bool | None:
    figure = figures.get(threshold.metric)
    return None if figure is None else threshold.met(figure)
