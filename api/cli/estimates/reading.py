"""Which claims does a table of outside estimates make, and which of its rows make none?

The columns are those of a normalised table of market and cluster estimates (`COLUMNS`). A row becomes at most
one claim, in chips where it counts chips, else in H100-equivalents. Nothing is guessed: a row without a
quantity or a day is left out and says so. Promises the same claims for the same file. Knows no key and no
ledger.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from analytics.reporting.families import families
from signing.canonical import INTEGER_MAX, Unreadable

COLUMNS = (
    *("claim_id", "source", "source_row", "subject", "owner", "chip_text", "model_id", "quantity_kind"),
    *("quantity", "quantity_low", "quantity_high", "h100_equivalents", "as_of", "status", "certainty"),
    "possible_duplicate",
)
ROWS_MAX = 1_000_000
ROUNDED_TO = Decimal("0.000001")  # beyond it a fraction is the arithmetic's, not the source's

INSTALLED, ACQUIRED, SOLD = "installed", "acquired", "sold"
KINDS: Mapping[str, tuple[str, int]] = {
    "installed at one site": (INSTALLED, 0),
    "acquired in the quarter": (ACQUIRED, 3),
    "sold in the quarter": (SOLD, 3),
    "acquired or deployed in the year": (ACQUIRED, 12),
}
"""By kind: our measure, and how many months up to its day it is about; 0 for what is there on the day."""

FAMILIES: Mapping[str, str] = {
    "Hopper family": "nvidia-hopper-family",
    "Hopper family incl. H20": "nvidia-hopper-family",
    "Instinct MI300 family": "amd-mi300-family",
    "TPU, deployed": "google-tpu-family",
    "MTIA, deployed": "meta-mtia-family",
    "Trainium and Inferentia, deployed": "aws-trainium-inferentia-family",
    "Maia, installed": "microsoft-maia-family",
}
"""What sources write for a family, and the family's id."""

EVERYBODY = ("all owners", "world")
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Left:
    """A row that makes no claim; `number` counts data rows from 1."""

    number: int
    claim_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A row that makes one: the body of `claim.noted`. `doubt` says what is noted about it, if anything."""

    number: int
    claim_id: str
    source: str
    body: Mapping[str, Any]
    doubt: str | None


@dataclass(frozen=True, slots=True)
class Estimates:
    """A file, read: `sha256` of its bytes in hex."""

    sha256: str
    claims: tuple[Estimate, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """How names of the file are told here: `subjects` by owner, `models` the registrar whose list has them.

    Without `models` a claim names a family, which a model's name is too: the ledger need not list it.
    """

    subjects: Mapping[str, str]
    models: str | None = None
    only: frozenset[str] = frozenset()


def read_estimates(path: Path, naming: Naming) -> Estimates:
    """Every row of a file; `Unreadable` where it is no such table, or not in UTF-8."""
    raw = path.read_bytes()
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as fault:
        raise Unreadable(str(path), "not UTF-8") from fault
    reader = csv.DictReader(lines, strict=True)
    try:
        rows = [{name: cell or "" for name, cell in row.items() if isinstance(name, str)} for row in reader]
    except csv.Error as fault:
        raise Unreadable(str(path), f"row {reader.line_num}: {fault}") from fault
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise Unreadable(str(path), f"no column is called {', '.join(missing)}")
    if len(rows) > ROWS_MAX:
        raise Unreadable(str(path), f"over {ROWS_MAX:,} rows")
    sha256 = hashlib.sha256(raw).hexdigest()
    named = Counter(row["subject"] for row in rows)
    claims, left = [], []
    for number, row in enumerate(rows, start=1):
        found = _read(row, number, naming, sha256, named)
        if isinstance(found, Left):
            left.append(found)
        else:
            claims.append(found)
    return Estimates(sha256, tuple(claims), tuple(left))


def _read(row: Row, number: int, naming: Naming, sha256: str, named: Counter[str]) -> Estimate | Left:
    claim_id = row["claim_id"]
    if naming.only and row["source"] not in naming.only:
        return Left(number, claim_id, "another source was asked for")
    if row["quantity_kind"] not in KINDS:
        return Left(number, claim_id, f"no measure is known for {row['quantity_kind'][:60]!r}")
    try:
        day = date.fromisoformat(row["as_of"])
    except ValueError:
        return Left(number, claim_id, "no day" if not row["as_of"] else f"{row['as_of'][:20]!r} is no day")
    measure, months = KINDS[row["quantity_kind"]]
    amount = _amount(row)
    if isinstance(amount, str):
        return Left(number, claim_id, amount)
    unit, low, high = amount
    body: dict[str, Any] = {
        "subject": _subject(row, naming, named),
        "unit": unit,
        "measure": measure,
        "status": _status(row),
        "low": low,
        "high": high,
        "as_of": f"{day.isoformat()}T23:59:59Z",
        "source_sha256": sha256,
        **_scope(row, naming),
    }
    if months:
        body["from"] = f"{_months_before(day, months).isoformat()}T00:00:00Z"
    doubt = "a possible duplicate, by its source" if row["possible_duplicate"] else None
    if doubt is None and row["status"] != "Existing":
        doubt = f"{row['status'].lower()}: never counted as existing"
    return Estimate(number, claim_id, row["source"], body, doubt)


def _amount(row: Row) -> tuple[str, int, int] | str:
    """(unit, low, high), or why there is none: chips where chips are counted, else H100-equivalents."""
    try:
        chips, worth = _number(row["quantity"]), _number(row["h100_equivalents"])
        # None at all is a number too: a quarter in which somebody bought nothing.
        if chips is not None:
            least, most = _number(row["quantity_low"]), _number(row["quantity_high"])
            return _between("chips", chips if least is None else least, chips if most is None else most)
        if worth is not None:
            return _between("h100e", worth, worth)
    except InvalidOperation:
        return "a quantity is no number"
    return "no quantity, neither chips nor H100-equivalents"


def _number(text: str) -> Decimal | None:
    if not text:
        return None
    value = Decimal(text).quantize(ROUNDED_TO)
    if not value.is_finite() or value < 0 or value > INTEGER_MAX:
        raise InvalidOperation
    return value


def _between(unit: str, low: Decimal, high: Decimal) -> tuple[str, int, int] | str:
    if low > high:
        return "the low quantity is over the high one"
    return (
        unit,
        int(low.to_integral_value(ROUND_FLOOR)),
        int(high.to_integral_value(ROUND_CEILING)),
    )


def _subject(row: Row, naming: Naming, named: Counter[str]) -> str:
    """Whom it is about: a site by its own name, made the row's where others bear it; else the owner."""
    owner = row["owner"]
    if KINDS[row["quantity_kind"]][0] == INSTALLED:
        known = naming.subjects.get(row["subject"])
        if known is not None:
            return known
        once = named[row["subject"]] == 1
        return row["subject"] if once else f"{row['subject']} (row {row['source_row']})"
    if owner in EVERYBODY:
        return "world"
    return naming.subjects.get(owner, owner or row["subject"])


def _scope(row: Row, naming: Naming) -> dict[str, str]:
    """The model or family, none where the source names no chip."""
    name = row["model_id"] or FAMILIES.get(row["chip_text"], row["chip_text"])
    if not name:
        return {}
    is_model = bool(row["model_id"]) and row["model_id"] not in families()
    return {"model": f"{naming.models}/{name}"} if is_model and naming.models else {"family": name}


def _status(row: Row) -> str:
    """How sure, in the source's words; what is planned says so first."""
    said = [row["status"] or "Unsaid", row["certainty"]]
    said += ["possible duplicate"] if row["possible_duplicate"] else []
    return ", ".join(word for word in said if word)


def _months_before(day: date, months: int) -> date:
    """The first day of the span of so many months that ends on a day."""
    place = day.year * 12 + day.month - months
    return date(place // 12, place % 12 + 1, 1)
