"""Which chips, and which entries, are behind a row of a report?

For each row that counts chips the SQL that lists them: one SELECT for `/sql` on the same snapshot, each of
whose rows has the entry it rests on. The texts are files in `drills/`; the console takes no parameters, so
values are written into their places as literals, quotes doubled. Knows no snapshot.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analytics.reporting.questions import REPORTS

HERE = Path(__file__).parent.parent / "drills"
PLACE = re.compile(r"\$([a-z_]+)")
EVERY = "*"  # any standing, any model
NO_MODEL = "-"
UNSEEN_ENDS = "counted AS ("  # of the report's text: what comes before lists chips

Row = Mapping[str, Any]


def literal(value: Any) -> str:
    """A value as SQL writes it; nothing as an empty text."""
    return "'" + ("" if value is None else str(value)).replace("'", "''") + "'"


def drill_into(name: str, part: str, row: Row, grouping: str, values: Mapping[str, Any]) -> str | None:
    """The SQL behind a row of a report, or of what stands beside it; None where it is one chip itself."""
    known = {"basis": "registered", "standing": EVERY, "models": EVERY, **values, "grouping": grouping}
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
            return _filled("present", {**known, "models": row["models"]})
        case "unverified":
            return _unverified({**known, "models": row["model"] or NO_MODEL})
        case "trend":
            return _filled(f"trend_{row['of']}", {**known, **row})
        case "overdue" | "balance" | "muf" | "srd" | "fabrication":
            return _filled(part, {**known, **row, "grouped": row["grouped"]})
        case "claims" if name == "claims":
            return _filled("entries", {"entries": row.get("entries", row.get("entry_index"))})
        case "gaps":
            return _filled("entries", row)
    return None


@cache
def _text(name: str) -> str:
    """A file without its comments, which say nothing to who reads one row."""
    return _bare((HERE / f"{name}.sql").read_text(encoding="utf-8"))


@cache
def _unseen_text() -> str:
    """The report's own text as far as its list of chips."""
    whole = REPORTS["unaccounted"].text("unverified")
    return _bare(whole[: whole.index(UNSEEN_ENDS)]).rstrip().removesuffix(",")


def _bare(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--")).strip()


def _filled(name: str, values: Row) -> str:
    return _placed(_text(name), values)


def _unverified(values: Row) -> str:
    return _placed("\n".join((_unseen_text(), _text("unverified"))), values)


def _placed(text: str, values: Row) -> str:
    """A text with literals in its places."""
    return PLACE.sub(lambda place: literal(values[place[1]]), text)
