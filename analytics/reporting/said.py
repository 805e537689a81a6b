"""May this be what is said in a way down: of which report is it, and is each value what its name stands for?

A closed table: for each name that a way down may have, what its value may be, spelled as the law and the
reports spell it. A value that no row of a report could have is refused by its name: an answer without rows
would seem to say that there is nothing. Knows no SQL and no snapshot.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from analytics.export_control.rules import RULING_COUNTRY
from analytics.reporting.parameters import BASIS, SEEN_BY, SIZE_MAX, TERM, WHOLE
from analytics.reporting.questions import REPORTS
from ledger.book.identifiers import is_named, is_party
from signing.canonical import Unreadable

GROUPING = "grouping"
EVERY = "*"  # any standing, any model
NO_MODEL = "-"  # of chips that the book knows none of: no model's id is spelled so
NOWHERE = "-"  # no country is called so
STANDINGS = (EVERY, "placed", "stored", "in_transit", "disputed")
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
SECONDS = re.compile(r"-?[1-9][0-9]{0,11}|0", re.ASCII)  # Unix seconds; before 1970 where a window is wide
TEXT_CHARACTERS_MAX = 200  # of a name
SAID = "said"


class Wanted(NamedTuple):
    """What a value may be: in words, and whether one is."""

    told: str
    holds: Callable[[str], bool]


def _words(*words: str) -> Wanted:
    return Wanted(f"one of {', '.join(words)}", lambda text: text in words)


def _or_nothing(wanted: Wanted) -> Wanted:
    return Wanted(f"{wanted.told}, or empty", lambda text: not text or wanted.holds(text))


def _several(what: str, holds: Callable[[str], bool], alone: tuple[str, ...] = ()) -> Wanted:
    """Things one space apart, or one of a few words alone."""
    told = f"{what}, one space between two" + "".join(f", or {word}" for word in alone)
    return Wanted(told, lambda text: text in alone or all(map(holds, text.split(" "))))


def _is_whole(text: str) -> bool:
    return WHOLE.fullmatch(text) is not None and int(text) <= SIZE_MAX


def _is_model(text: str) -> bool:
    return text == NO_MODEL or is_named(text)


def _is_time(text: str) -> bool:
    """As the reports write one: `YYYY-MM-DD HH:MM:SS`, with six decimals where there are any."""
    try:
        return text.isascii() and datetime.fromisoformat(text).replace(tzinfo=None).isoformat(sep=" ") == text
    except ValueError:
        return False


NUMBER = Wanted(f"a whole number from 0 to {SIZE_MAX}, in digits", _is_whole)
MOMENT = Wanted("a time, UTC, written YYYY-MM-DD HH:MM:SS", _is_time)
PARTY = Wanted("a party's id", is_party)
ID = Wanted("an id, <party>/<name>", is_named)
LAND = Wanted("a country, two capital letters", lambda text: COUNTRY.fullmatch(text) is not None)
NAME = Wanted(
    f"a text of 1 to {TEXT_CHARACTERS_MAX} characters",
    lambda text: 1 <= len(text) <= TEXT_CHARACTERS_MAX and "\0" not in text,
)

VALUES: Mapping[str, Wanted] = {
    "as_of_s": Wanted("Unix seconds, in digits", lambda text: SECONDS.fullmatch(text) is not None),
    "basis": _words(*BASIS.words),
    "confirmed_since": MOMENT,
    "counted_since": MOMENT,
    "counted_until": MOMENT,
    "entries": _several("whole numbers", _is_whole),
    "entry_index": NUMBER,
    "from_size": NUMBER,
    "liable": PARTY,
    "models": _several(
        f"ids of models, {NO_MODEL} among them for none",
        lambda text: text == NO_MODEL or is_named(text),
        (EVERY,),
    ),
    "outside": _words(NOWHERE, RULING_COUNTRY),
    "party": PARTY,
    "seen_by": _words(*SEEN_BY.words),
    "shipment": ID,
    "standing": _words(*STANDINGS),
    "term": _words(*TERM.words),
    "to_size": NUMBER,
}
WITH: Mapping[str, Wanted] = {"trend_muf": _or_nothing(ID), "trend_srd": PARTY}
"""By way down: what a series is beside its party, the place that was counted or whoever received."""
GROUPED: Mapping[str, Wanted] = {
    **dict.fromkeys(("country",), LAND),
    **dict.fromkeys(("site", "model", "lot"), ID),
    "product": NAME,
    "book": _words("book"),
}
"""By grouping what a group is called, where it is no party."""
SOMEBODYS = frozenset({"balance", "fabrication", "undeclared"})
"""Ways down of reports without a group of what is nobody's, whose name would be empty."""
OF: Mapping[str, tuple[str, ...]] = {
    "balance": ("balance",),
    "entries": ("claims", "unaccounted"),
    "fabrication": ("fabrication",),
    "losses": ("losses",),
    "muf": ("balance",),
    "overdue": ("overdue",),
    "present": ("capacity", "export_class"),
    "srd": ("balance",),
    "trend_muf": ("balance",),
    "trend_srd": ("balance",),
    "undeclared": ("undeclared",),
    "unverified": ("unaccounted",),
}
"""By way down the reports with rows that lead there: their groupings are its."""


def check_grouping(name: str, values: Mapping[str, str]) -> str:
    """The grouping that is said; Unreadable where no report with this way down is grouped so."""
    groupings = dict.fromkeys(each for report in OF[name] for each in REPORTS[report].groupings)
    grouping = values.get(GROUPING)
    if grouping not in groupings:
        raise Unreadable(f"{SAID}.{GROUPING}", f"{name} has one of {', '.join(groupings)}")
    return grouping


def check_values(name: str, values: Mapping[str, str], places: frozenset[str]) -> None:
    """Unreadable, naming the first that is missing, unknown or not what its name stands for."""
    for place in sorted(places | values.keys()):
        if place not in places:
            raise Unreadable(f"{SAID}.{place[:TEXT_CHARACTERS_MAX]}", f"{name} has no such value")
        if place not in values:
            raise Unreadable(f"{SAID}.{place}", "is not said")
        wanted = wanted_of(name, place, values[GROUPING])
        if not wanted.holds(values[place]):
            raise Unreadable(f"{SAID}.{place}", f"is {wanted.told}")


def wanted_of(name: str, place: str, grouping: str) -> Wanted:
    """What may stand in a place of a way down with this grouping, which was checked."""
    match place:
        case "grouping":
            return _words(grouping)
        case "with":
            return WITH[name]
        case "grouped":
            wanted = GROUPED.get(grouping, PARTY)
            return wanted if name in SOMEBODYS else _or_nothing(wanted)
    return VALUES[place]
