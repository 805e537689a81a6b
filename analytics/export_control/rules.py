"""Which dated rules for advanced chips are there, and which of them are in force on a day?

United States rules for advanced-computing items, as thresholds on a chip's own figures. Destination, end
user, end use and rules for foreign-made items are not here. Not legal advice: the citations say what to read.
Knows no chips, no parties and no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

TPP = "tpp"  # 10^12 dense operations a second, times the bits of the operands; the most of any format
DENSITY = "performance_density"  # TPP per mm2 of applicable die area
IO = "io_total_gb_s"  # all transfer rates but memory's, both directions, GB/s
MEMORY_BANDWIDTH = "memory_bandwidth_gb_s"
METRICS = (TPP, DENSITY, IO, MEMORY_BANDWIDTH)

FIRST_RULE, CHIPS_RULE, MEMORY_RULE = "us-2022-10", "us-2023-11", "us-2024-12"
QUOTA_RULE, FOUNDRY_RULE, CHINA_RULE = "us-2025-01-diffusion", "us-2025-01-foundry", "us-2026-01"

MEMORY_DENSITY_LISTED = Fraction(2)  # GB/s per mm2 of stack: 3A090.c lists what is above
MEMORY_DENSITY_EXCEPTED = Fraction(33, 10)  # below it the exception for memory may be open


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure that must be at least `value`, or below it."""

    metric: str
    at_least: bool
    value: Fraction

    def met(self, figure: Fraction) -> bool:
        """Whether a figure meets it."""
        return figure >= self.value if self.at_least else figure < self.value


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of a list: the class it gives, its number in the text, and all that must hold."""

    listed_as: str
    number: str
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its days of force, both included; `paragraphs` in order, the first that applies counts."""

    rule: str
    title: str
    citation: str
    effective_from: date
    effective_to: date | None
    paragraphs: tuple[Paragraph, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether it applies on that day; being announced or published changes nothing."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def _from(metric: str, value: str) -> Threshold:
    return Threshold(metric, at_least=True, value=Fraction(value))


def _below(metric: str, value: str) -> Threshold:
    return Threshold(metric, at_least=False, value=Fraction(value))


RULES = (
    Rule(
        FIRST_RULE,
        "October 2022 advanced computing rule, first 3A090",
        "87 FR 62186",
        date(2022, 10, 21),
        date(2023, 11, 16),
        (Paragraph("3A090", "", (_from(IO, "600"), _from(TPP, "4800"))),),
    ),
    Rule(
        CHIPS_RULE,
        "Advanced computing interim final rule, 3A090.a and .b",
        "88 FR 73458, corrected by 89 FR 23876",
        date(2023, 11, 17),
        None,
        (
            Paragraph("3A090.a", "a.1", (_from(TPP, "4800"),)),
            Paragraph("3A090.a", "a.2", (_from(TPP, "1600"), _from(DENSITY, "5.92"))),
            Paragraph(
                "3A090.b",
                "b.1",
                (_from(TPP, "2400"), _below(TPP, "4800"), _from(DENSITY, "1.6"), _below(DENSITY, "5.92")),
            ),
            Paragraph("3A090.b", "b.2", (_from(TPP, "1600"), _from(DENSITY, "3.2"), _below(DENSITY, "5.92"))),
        ),
    ),
    Rule(MEMORY_RULE, "High-bandwidth memory, 3A090.c", "89 FR 96790", date(2024, 12, 2), None),
    Rule(
        QUOTA_RULE,
        "Framework for Artificial Intelligence Diffusion",
        "90 FR 4544; rescission announced on 13 May 2025",
        date(2025, 1, 13),
        date(2025, 5, 13),
    ),
    Rule(
        FOUNDRY_RULE,
        "Due diligence for advanced computing integrated circuits",
        "90 FR 5298, corrected by 90 FR 9604",
        date(2025, 1, 16),
        None,
    ),
    Rule(CHINA_RULE, "Licence review policy for China and Macau", "91 FR 1684", date(2026, 1, 15), None),
)

CASE_BY_CASE = (_below(TPP, "21000"), _below(MEMORY_BANDWIDTH, "6500"))
"""Of the policy of January 2026: a 3A090.a chip that meets all of it may be reviewed case by case."""

DATACENTRE_LINE = _below(TPP, "4800")
"""A chip not designed or marketed for data centres is outside 3A090 below this TPP."""

QUOTAS_TPP: Mapping[str, int] = MappingProxyType(
    {"consignee_year": 26_900_000, "country": 790_000_000, "validated_end_user": 5_064_000_000}
)
"""TPP by the framework of January 2025: a consignee in a year, a country and an end user to 2027."""


QUOTAS_OF_PARTIES, QUOTAS_OF_COUNTRIES = ("consignee_year", "validated_end_user"), ("country",)
"""Whose exports each quota counted: of one consignee or end user, or of all in a country together."""

RULING_COUNTRY = "US"
"""Whose rules these are: what stands there was not exported from there."""


def in_force(day: date) -> tuple[Rule, ...]:
    """The rules in force on a day, by the day they began."""
    return tuple(rule for rule in RULES if rule.in_force(day))


def rule_named(name: str) -> Rule | None:
    """A rule by its name."""
    return next((rule for rule in RULES if rule.rule == name), None)
