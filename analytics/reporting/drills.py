"""Which chips, and which entries, are behind a row of a report?

For each row that counts chips the SQL that lists them: one SELECT for `/sql` on the same snapshot, each of
whose rows has the entry it rests on. The texts are files in `drills/`; the console takes no parameters, so
values are written into their places as literals, quotes doubled. Such a text becomes part of an address, so
it has no comments and no indents, and of a choice of groupings only the one that was asked for; one that is
too long for an address all the same is asked for by its name, its values and the fingerprint of its text.
Knows no snapshot.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from analytics.export_control.rules import RULING_COUNTRY
from analytics.reporting.parameters import MOVES, TERMS
from analytics.reporting.questions import text_of
from analytics.reporting.said import (
    EVERY,
    GROUPING,
    NO_MODEL,
    NOWHERE,
    SAID,
    check_grouping,
    check_values,
)
from signing.canonical import Unreadable, read_object

HERE = Path(__file__).parent.parent / "drills"
NAMES = frozenset(path.stem for path in HERE.glob("*.sql"))
FINGERPRINT_HEX = 12  # of a text's SHA-256: it tells versions of one text apart, and guards nothing
PLACE = re.compile(r"\$([a-z_]+)")
BEGUN = {"trend_muf": ("counts", "unfound AS ("), "undeclared": ("undeclared", "counted AS (")}
"""By drill: the report whose text lists the chips as far as these words, and which the drill goes on from."""
CHOICE = re.compile(r"CASE \$grouping\s+(?:WHEN '[a-z_]+' THEN [^\n]+\n\s+)+(?:ELSE [^\n]+\n\s+)?END")
CHOSEN = "WHEN '{}' THEN "
OTHERWISE = "ELSE "

ADDRESS_CHARACTERS_MAX = 2_000
"""Of a text, or of values, before it is escaped: what stands between may cut a longer address off."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """The file in `drills/`, and as texts what is written into its places; `grouping` is always said."""

    name: str
    values: Mapping[str, str]

    @property
    def text(self) -> str:
        """The SQL."""
        text = _text(self.name, self.values[GROUPING])
        return PLACE.sub(lambda place: literal(self.values[place[1]]), text)

    @property
    def fingerprint(self) -> str:
        """Of its text without the values: by it an address knows the SQL it once stood for."""
        return sha256(_text(self.name, self.values[GROUPING]).encode()).hexdigest()[:FINGERPRINT_HEX]

    @property
    def is_named(self) -> bool:
        """Whether it is asked for by name: its text is too long for an address, and its values are not."""
        return len(self.text) > ADDRESS_CHARACTERS_MAX >= len(self.said())

    def said(self) -> str:
        """The values, as `read_way` takes them."""
        return msgspec.json.encode(self.values, order="sorted").decode()


def read_way(name: str, said: str) -> Way:
    """The way down of this name with these values, as `said` by one.

    Unreadable, naming the part at fault, where there is no such, or a value is none that a row could have.
    """
    if name not in NAMES:
        raise Unreadable("drill", f"one of {', '.join(sorted(NAMES))}")
    try:
        octets = said.encode()
    except UnicodeEncodeError:
        raise Unreadable(SAID, "a lone surrogate has no UTF-8") from None
    values = read_object(octets, SAID)
    for place, value in values.items():
        if not isinstance(value, str):
            raise Unreadable(f"{SAID}.{place}", "is not a text")
    # Texts are kept by grouping: none is made for a word that is no grouping of its report.
    grouping = check_grouping(name, values)
    check_values(name, values, _places(name, grouping))
    return Way(name, values)


def literal(value: Any) -> str:
    """A value as SQL writes it; nothing as an empty text."""
    return "'" + ("" if value is None else str(value)).replace("'", "''") + "'"


def drill_into(name: str, part: str, row: Row, grouping: str, values: Mapping[str, Any]) -> Way | None:
    """What is behind a row of a report, or of what stands beside it; None where it is one chip itself."""
    known = {"basis": "registered", "standing": EVERY, "models": EVERY, "outside": NOWHERE, **values}
    known[GROUPING] = grouping
    known["grouped"] = row.get("grouped")
    match part:
        case "capacity":
            return _filled("present", {**known, "standing": row["standing"]})
        case "bounds":
            return _filled("present", known)
        case "export_class":
            return _filled("present", {**known, "models": row["model"] or NO_MODEL})
        case "by_class":
            return _filled("present", {**known, "models": row["models"]})
        case "quotas" if row["models"]:
            return _filled("present", {**known, "models": row["models"], "outside": RULING_COUNTRY})
        case "unverified":
            return _filled("unverified", {**known, "models": row["model"] or NO_MODEL})
        case "trend":
            return _filled(f"trend_{row['of']}", {**known, **row})
        case "losses" if row["reports"]:
            return _filled(part, known)
        case "undeclared" if row["seen"]:
            return _filled(part, known)
        case "balance":
            return _of_account(known, row)
        case "overdue" | "muf" | "srd" | "fabrication":
            return _filled(part, {**known, **row})
        case "claims" | "claim_lines" if name == "claims":
            return _filled("entries", {**known, "entries": row.get("entries", row.get("entry_index"))})
        case "gaps":
            return _filled("entries", {**known, **row})
    return None


def _of_account(known: Row, row: Row) -> Way | None:
    """The chips of the term asked; of an account on which nothing moved, those that stand there."""
    term = known.get("term", MOVES)
    if term == MOVES and not any(row[name] for name in TERMS if name not in ("opening", "closing")):
        term = "closing"
    return _filled("balance", {**known, "term": term}) if term == MOVES or row[term] else None


@cache
def _text(name: str, grouping: str) -> str:
    """A drill's text for one grouping, without what says nothing to who reads one row."""
    text = _bare((HERE / f"{name}.sql").read_text(encoding="utf-8"))
    if name in BEGUN:
        report, ends = BEGUN[name]
        whole = _bare(text_of(report))
        text = "\n".join((whole[: whole.index(ends)].rstrip().removesuffix(","), text))
    return "\n".join(line.strip() for line in _chosen(text, grouping).splitlines())


def _bare(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--")).strip()


def _chosen(text: str, grouping: str) -> str:
    """A text in which each choice of groupings, a line for each, is the one that is asked for."""

    def of(found: re.Match[str]) -> str:
        branches = [line.strip() for line in found[0].splitlines()]
        for begin in (CHOSEN.format(grouping), OTHERWISE):
            for branch in branches:
                if branch.startswith(begin):
                    return branch.removeprefix(begin)
        return "NULL"

    return CHOICE.sub(of, text)


@cache
def _places(name: str, grouping: str) -> frozenset[str]:
    return frozenset(PLACE.findall(_text(name, grouping))) | {GROUPING}


def _filled(name: str, values: Row) -> Way:
    grouping = str(values[GROUPING])
    places = _places(name, grouping)
    return Way(name, {place: "" if (v := values[place]) is None else str(v) for place in places})
