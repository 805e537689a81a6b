"""Which standing questions are there, what may each be asked, and what stands beside its answer?

Each is one or more files in `reports/`, of portable SQL with values by placeholder. `beside` has tables with
rows of their own, never to be added to those of the report. Knows no snapshot.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.export_control.rules import RULES
from analytics.reporting.parameters import (
    ALPHA,
    BASIS,
    CLAIMED,
    DOUBLE,
    EXPOSURE,
    FROM_SIZE,
    FROM_SIZE_SAID,
    LOSSES,
    MISS,
    MORTALITY,
    ODDS,
    ON,
    SEEN,
    SEEN_BY,
    TERM,
    TO_SIZE,
    UTILISATION,
    WINDOW,
    Parameter,
)

HERE = Path(__file__).parent.parent / "reports"
WITHIN = re.compile(r"^-- the rows of ([a-z_]+)\.sql$", re.MULTILINE)
"""Where a file of `reports/` reads the rows of another, which is defined there alone."""

LISTS = tuple(rule.rule for rule in RULES if rule.paragraphs)
RULE = Parameter(
    "rule", "the list of chips that counts; without it, the one in force on the day", words=LISTS
)
BESIDE = Parameter(
    "beside", "whether what stands beside the report is worked out too", "all", words=("all", "none")
)

CHIPS_NOTE = "H100-equivalents are ratios of dense bf16 rates to the H100 SXM's 989.4 TFLOP/s"
EXPORT_NOTES = (
    "chips are classed by their own figures alone: destination, end user and end use are not looked at",
    "every chip is taken as designed for data centres",
    "the ledger knows a model's links between chips and none of its other ports, which have up to 128 GB/s: "
    "where links below 600 GB/s could reach 600 with them, the list of October 2022 leaves it undetermined",
    "TPP is a whole number in the ledger, rounded down: a chip within 1 of a line is taken at what is listed",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A report: its groupings, the first by default, its parameters, and what is told beside it.

    `is_timed`: its figures depend on the time it compares with. `has_totals`: its rows are chips, or count
    chips that no other row counts. `picked`: a row is a chip, and there may be one of each there is, so
    they are counted and cut by the narrow rows of this file, which the report's own goes on from. `notes`
    are told in the head.
    """

    groupings: tuple[str, ...]
    is_timed: bool
    beside: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    has_totals: bool = True
    picked: str | None = None
    notes: tuple[str, ...] = ()


def text_of(name: str) -> str:
    """A file of `reports/`, with the files that it goes on from in their places."""
    return WITHIN.sub(lambda place: _read(place[1]).rstrip().removesuffix(";"), _read(name))


def text_from(name: str, rows: str) -> str:
    """The same, with this SELECT in place of the file that it goes on from."""
    return WITHIN.sub(lambda _: rows, _read(name))


def _read(name: str) -> str:
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")


REPORTS: Mapping[str, Question] = {
    "unaccounted": Question(
        ("liable", "custodian", "owner", "country", "site", "model", "ultimate_parent"),
        is_timed=True,
        beside=("surplus", "unverified", "gaps"),
        parameters=(BASIS, WINDOW, BESIDE),
        notes=(
            "totals count distinct chips; surplus, unverified and gaps stand beside and are never added",
            "a chip is charged to whoever answered for it when the evidence arose, whoever has it now; what "
            "an inspection accuses stays until somebody independent answers it",
            "gaps are each of the time that as_of names; those with overlapping may be about the same chips",
        ),
    ),
    "capacity": Question(
        ("custodian", "owner", "country", "site", "model", "ultimate_parent", "owner_parent"),
        is_timed=True,
        beside=("bounds",),
        parameters=(BASIS, WINDOW, CLAIMED, UTILISATION, BESIDE),
        notes=(
            "one grouping at a time: what is held and what is owned are the same chips",
            "low: inspected or sighted by a third party, or received and scanned by who took it over, within "
            "window_days, and not unaccounted for",
            "high: the book, what has left it unaccounted for and, by custodian or its parent, the most that "
            "one claim of its latest day has beyond the ledger of that day, claim_as_of, within claim_days",
            "by country and site, chips on their way count where they left: they are in_transit",
            "days are for 16-bit rates at utilisation_percent; a model of 2 bytes a parameter fits in memory",
            CHIPS_NOTE,
        ),
    ),
    "overdue": Question(
        ("liable", "receiver", "country", "ultimate_parent"), is_timed=True, parameters=(BASIS,)
    ),
    "balance": Question(
        ("party", "site", "model"),
        is_timed=False,
        beside=("muf", "srd", "trend"),
        parameters=(FROM_SIZE, TO_SIZE, TERM, MISS, DOUBLE, ALPHA, BESIDE),
        has_totals=False,
        notes=(
            "residual is opening and gains less closing and losses: 0, or the book is wrong; an account "
            "leads to its chips of one term, or to all that came or left in the span",
            "by site and by model, chips that have none are in no account",
            "MUF is book less found at each full count of one place or of all, SRD shipped less received of "
            "each shipment, by site of what left the site; cumulated MUF keeps what was written off after a "
            "count missed it",
            "each row is tested at alpha by itself; only the trend's alpha covers its whole series; what is "
            "not tested says why",
        ),
    ),
    "fabrication": Question(
        ("lot", "fab", "for_party", "product"),
        is_timed=False,
        has_totals=False,
        notes=(
            "no yield is assumed: good dies are the fab's word",
            "class D are dies known only in a count: good less lost, banked, used otherwise and registered; "
            "below 0 more was registered or used than was made",
            "a chip counts once in a group, however many of its lots it names; where it names lots of others "
            "its dies are in [low, high] of each: rows with shared_chips are not to be added up",
        ),
    ),
    "claims": Question(
        ("cell", "ultimate_parent"),
        is_timed=False,
        beside=("claim_lines",),
        parameters=(BASIS,),
        has_totals=False,
        notes=(
            "claims of one cell (subject, scope, unit, measure, time) are enveloped, never summed; parts are "
            "what one source says of parts of the cell that do not overlap, low to low and high to high",
            "what is planned or decommissioned is not compared: it does not exist; nor is what is said of a "
            "time after the snapshot's last entry; told says why",
            "the ledger is as of the claim's time; a scope that the ledger lists no model of is not compared",
            "a claim about a party is set beside what it has; by ultimate_parent beside what all have "
            "who are beneath it as of the snapshot, by basis",
        ),
    ),
    "changes": Question(
        ("kind", "new_custodian", "old_custodian", "new_owner", "new_site", "model"),
        is_timed=False,
        parameters=(FROM_SIZE_SAID, TO_SIZE),
        picked="differing",
    ),
    "export_class": Question(
        ("country", "custodian", "owner", "ultimate_parent"),
        is_timed=False,
        beside=("by_class", "quotas"),
        parameters=(ON, RULE, BASIS),
        notes=EXPORT_NOTES,
    ),
    "losses": Question(
        (
            "custodian",
            "owner",
            "liable",
            "ultimate_parent",
            "owner_parent",
            "country",
            "site",
            "maker",
            "model",
        ),
        is_timed=True,
        parameters=(MORTALITY, ALPHA, LOSSES, EXPOSURE, BASIS),
        has_totals=False,
        notes=(
            "one-sided and exact: reported losses against a Poisson count of chip_years times the mortality "
            "stated; at_least is the lower bound of losses that need another cause, at confidence 1 - alpha",
            "a loss is charged to whoever had the chip just before; what was found again, replaced or taken "
            "back is none; chip-years, of 365.25 days, are those on the book, held or on their way",
            "deaths are taken as independent: largest is the most that one entry reported, and a fire is one "
            "event, to be counted apart",
        ),
    ),
    "undeclared": Question(
        ("site", "operator", "ultimate_parent", "country", "book"),
        is_timed=True,
        parameters=(SEEN, SEEN_BY, ALPHA, ODDS, BASIS),
        has_totals=False,
        notes=(
            "declared: chips the book has there at rest; seen: chips that somebody saw there who is neither "
            "its operator nor the holder, nor under one head with them; both_lists: the book had it there "
            "when it was seen there. Rows of one grouping are places: a chip may be seen in two",
            "inspections that drew chips of the book looked only for those, and are on no list; those that "
            "drew positions are",
            "an empty list gives no estimate, which is not an estimate of 0",
        ),
    ),
}
