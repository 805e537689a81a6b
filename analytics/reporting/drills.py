"""Which chips, and which entries, are behind a row of a report?

For each row that counts chips the SQL that lists them: one SELECT for `/sql` on the same snapshot, each of
whose rows has the entry it rests on. The texts are files in `drills/`; the console takes no parameters, so
values are written into their places as literals, quotes doubled. Such a text becomes part of an address, so
it has no comments and no indents, and of a choice of groupings only the one that was asked for. Knows no
snapshot.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analytics.export_control.rules import RULING_COUNTRY
from analytics.reporting.parameters import MOVES, TERMS
from analytics.reporting.questions import REPORTS

HERE = Path(__file__).parent.parent / "drills"
PLACE = re.compile(r"\$([a-z_]+)")
EVERY = "*"  # any standing, any model
NO_MODEL = "-"
NOWHERE = "-"  # no country is called so
BEGUN = {"unverified": ("unaccounted", "counted AS ("), "undeclared": ("undeclared", "counted AS (")}
"""By drill: the report whose text lists the chips as far as these words, and which the drill goes on from."""
CHOICE = re.compile(r"CASE \$grouping\s+(?:WHEN '[a-z_]+' THEN [^\n]+\n\s+)+(?:ELSE [^\n]+\n\s+)?END")
CHOSEN = "WHEN '{}' THEN "
OTHERWISE = "ELSE "

Row = Mapping[str, Any]


def literal(value: Any) -> str:
    """A value as SQL writes it; nothing as an empty text."""
    return "'" + ("" if value is None else str(value)).replace("'", "''") + "'"


def drill_into(name: str, part: str, row: Row, grouping: str, values: Mapping[str, Any]) -> str | None:
    """The SQL behind a row of a report, or of what stands beside it; None where it is one chip itself."""
    known = {"basis": "registered", "standing": EVERY, "models": EVERY, "outside": NOWHERE, **values}
    known["grouping"] = grouping
    known["grouped"] = row.get("grouped")
    match part:
        case "capacity":
            return _filled("present", {**known, "standing": row["standing"]})
        case "bounds":
            return _filled("present", known)
        case "export_class":
            return _filled("present", {**known, "models": row["model"] or NO_MODEL})
        case "by_class":
            return _filled("present", {**known, "models": row["models"] or NO_MODEL})
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
            return _filled(part, {**known, **row, "grouped": row["grouped"]})
        case "claims" | "claim_lines" if name == "claims":
            return _filled("entries", {"entries": row.get("entries", row.get("entry_index"))})
        case "gaps":
            return _filled("entries", row)
    return None


def _of_account(known: Row, row: Row) -> str | None:
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
        whole = _bare(REPORTS[report].text(name))
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


def _filled(name: str, values: Row) -> str:
    return PLACE.sub(lambda place: literal(values[place[1]]), _text(name, values.get("grouping", "")))
