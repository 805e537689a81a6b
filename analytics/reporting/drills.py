"""Which chips, and which entries, are behind a row of a report?

For each row that counts chips the SQL that lists them: one SELECT for `/sql` on the same snapshot, whose rows
are as many as the row counts, each with its chip and the entry it rests on. Values are written into the text
as literals, quotes doubled. Knows no snapshot.
"""

from collections.abc import Mapping
from typing import Any

from analytics.reporting.questions import REPORTS

Row = Mapping[str, Any]

OPEN_DISPUTE = (
    "EXISTS (SELECT 1 FROM discrepancy_chip AS l INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy"
    " WHERE l.chip = c.chip AND l.closed_index IS NULL AND d.state IN ('open', 'answered'))"
)
STANDINGS = {
    "disputed": OPEN_DISPUTE,
    "in_transit": f"c.status = 'in_transit' AND NOT {OPEN_DISPUTE}",
    "placed": f"c.status <> 'in_transit' AND c.system IS NOT NULL AND NOT {OPEN_DISPUTE}",
    "stored": f"c.status <> 'in_transit' AND c.system IS NULL AND NOT {OPEN_DISPUTE}",
}
PRESENT = "c.status IN ('held', 'in_transit')"
SELECTED = "SELECT c.chip, c.model, c.custodian, c.site, c.status, c.entry_index FROM chip AS c"
LAST = " ORDER BY c.chip"


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def same(expression: str, value: Any) -> str:
    """That an expression has this value."""
    return f"{expression} IS NULL" if value is None else f"{expression} = {literal(value)}"


def drill_into(name: str, part: str, row: Row, grouping: str, values: Mapping[str, Any]) -> str | None:
    """The SQL behind a row of a report, or of what stands beside it; None where it is one chip itself."""
    match part:
        case "capacity":
            return _present(grouping, row["grouped"], values, "custodian", STANDINGS[row["standing"]])
        case "bounds":
            return _present(grouping, row["grouped"], values, "custodian")
        case "unverified":
            return _unverified(row, grouping, values)
        case "export_class":
            return _present(grouping, row["grouped"], values, "custodian", same("c.model", row["model"]))
        case "by_class":
            return _present(grouping, row["grouped"], values, "custodian", _one_of(row["models"]))
        case "overdue":
            return (
                "SELECT c.chip, c.model, c.liable, c.changed AS entry_index FROM record.chip_state AS c"
                f" WHERE c.status = 'in_transit' AND {same('c.shipment', row['shipment'])}"
                f" AND {same('c.liable', row['liable'])}{LAST}"
            )
        case "balance":
            return _balance(grouping, row["grouped"], values)
        case "muf":
            return (
                "SELECT l.chip, d.discrepancy, d.state, d.opened_index AS entry_index"
                " FROM discrepancy_chip AS l INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy"
                f" WHERE d.kind = 'absent' AND d.opened_index = {int(row['entry_index'])} ORDER BY l.chip"
            )
        case "srd":
            return (
                "SELECT v.chip, MIN(v.changed) AS sent_index, MAX(v.changed) AS entry_index"
                f" FROM record.chip_version AS v WHERE {same('v.shipment', row['shipment'])}"
                " GROUP BY v.chip ORDER BY v.chip"
            )
        case "trend":
            return _series(row)
        case "quotas" if row["models"]:
            return _present(grouping, row["grouped"], values, "custodian", _one_of(row["models"]))
        case "fabrication":
            return _fabrication(grouping, row["grouped"])
        case "claims" if name == "claims":
            return _claim(row)
        case "gaps":
            return _entries(str(row["entries"]))
    return None


def _present(grouping: str, group: Any, values: Mapping[str, Any], holder: str, *conditions: str) -> str:
    """Chips of a group that are there."""
    joins, grouped = _grouped(grouping, values, holder)
    wanted = " AND ".join((PRESENT, same(grouped, group), *conditions))
    return f"{SELECTED}{joins} WHERE {wanted}{LAST}"


def _grouped(grouping: str, values: Mapping[str, Any], holder: str) -> tuple[str, str]:
    """What must be joined to a chip for a grouping, and the expression of its group."""
    match grouping:
        case "country":
            return (
                " LEFT JOIN site AS t ON t.site = c.site"
                f" LEFT JOIN party_span AS p ON p.party = c.{holder} AND p.to_index IS NULL",
                "COALESCE(t.country, p.country)",
            )
        case "ultimate_parent" | "owner_parent":
            whose = f"c.{'owner' if grouping == 'owner_parent' else holder}"
            return (
                f" LEFT JOIN party_ancestor AS u ON u.party = {whose} AND u.is_ultimate"
                f" AND u.to_index IS NULL AND u.basis = {literal(values['basis'])}",
                f"COALESCE(u.ancestor, {whose})",
            )
    return "", f"c.{grouping}"


def _unverified(row: Row, grouping: str, values: Mapping[str, Any]) -> str:
    """The report's own text as far as its list of chips, then those of one group and model."""
    text = REPORTS["unaccounted"].text("unverified")
    head = text[: text.index("counted AS (")].rstrip().removesuffix(",")
    for name in ("as_of_s", "confirmed_since"):
        head = head.replace(f"${name}", literal(values[name]))
    joins, grouped = _grouped(grouping, values, "liable")
    wanted = f"{same(grouped, row['grouped'])} AND {same('c.model', row['model'])}"
    lines = [line for line in head.splitlines() if not line.lstrip().startswith("--")]
    return (
        "\n".join(lines)
        + "\nSELECT c.chip, c.model, c.last_confirmed_at, c.entry_index"
        + f" FROM unseen AS c{joins} WHERE {wanted}{LAST}"
    )


def _balance(grouping: str, account: Any, values: Mapping[str, Any]) -> str:
    """Every stay of a chip on the account within the span, with what brought it."""
    column = {"party": "custodian"}.get(grouping, grouping)
    low, high = int(values["from_size"]), int(values["to_size"])
    return (
        "SELECT c.chip, e.kind, c.from_index, c.to_index, c.entry_index FROM chip_span AS c"
        " INNER JOIN entry AS e ON e.entry_index = c.from_index"
        f" WHERE c.custodian IS NOT NULL AND {same(f'c.{column}', account)} AND c.from_index < {high}"
        f" AND (c.to_index IS NULL OR c.to_index >= {low}) ORDER BY c.chip, c.from_index"
    )


def _one_of(models: str) -> str:
    """That a chip is of one of these models; of none that is listed where there are none."""
    named = ", ".join(literal(model) for model in models.split())
    return f"c.model IN ({named})" if named else "c.model IS NULL"


def _series(row: Row) -> str:
    """The counts, or the shipments, that a trend is of."""
    if row["of"] == "srd":
        return (
            "SELECT s.shipment, s.sent, s.received, s.state, s.entry_index FROM shipment AS s"
            f" WHERE {same('s.sender', row['party'])} AND {same('s.receiver', row['with'])}"
            " ORDER BY s.entry_index"
        )
    return (
        "SELECT s.entry_index, s.model, s.book, s.counted, s.absent, s.surplus FROM stocktake AS s"
        f" WHERE s.scope = 'full' AND {same('s.party', row['party'])} AND {same('s.site', row['with'])}"
        " ORDER BY s.entry_index, s.model"
    )


def _fabrication(grouping: str, group: Any) -> str:
    return (
        "SELECT DISTINCT c.chip, c.model, c.class, c.lot, c.entry_index FROM chip AS c INNER JOIN lot AS t"
        " ON POSITION(' ' || t.lot || ' ' IN ' ' || c.lot || ' ') > 0"
        f" WHERE c.status <> 'replaced' AND {same(f't.{grouping}', group)}{LAST}"
    )


def _claim(row: Row) -> str:
    """The statements that a cell is made of, or the one that a claim is."""
    return _entries(str(row.get("entries", row.get("entry_index"))))


def _entries(indices: str) -> str:
    named = ", ".join(str(int(index)) for index in indices.split())
    return (
        "SELECT e.entry_index, e.statement, e.kind, e.party, e.occurred_at, e.admitted_at FROM entry AS e"
        f" WHERE e.entry_index IN ({named}) ORDER BY e.entry_index"
    )
