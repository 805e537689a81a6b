"""How are balances, fabrication, claims, changes, classes and bounds read on one screen?

Few columns in plain words; terms of a balance that are nothing everywhere are left out. Takes rows as the
server gives them; knows no network.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.cli.screen.report_parts import NOBODY, amount, by_group, count, day, part_of, show
from api.cli.screen.terminal import out

CHIPS_SHOWN_MAX = 8
WHOLLY = ("born", "unmade")
NOT_TERMS = ("grouped", "residual", "drill")

Row = Mapping[str, Any]
Rows = Sequence[Row]


def show_balance(rows: Rows, grouped: str) -> None:
    """Every term that any account has; the residual last."""
    if not rows:
        out.print("balance: no chips")
        return
    terms = [name for name in rows[0] if name not in NOT_TERMS and any(row[name] for row in rows)]
    table = [
        [row["grouped"], *(f"{row[name]:,}" if row[name] else "" for name in terms), f"{row['residual']:,}"]
        for row in rows
    ]
    columns = (grouped, *(name.replace("_", " ") for name in terms), "residual")
    show(f"balance by {grouped}: chips; the residual must be 0", columns, table)


def least_likely(row: Row) -> tuple[bool, float, int]:
    """Alarms first, what is not tested last."""
    return not row["is_alarm"], 2.0 if row["p"] is None else row["p"], -row["cumulated"]


def show_trends(rows: Rows, _: str) -> None:
    """Series of counts and of shipments: alarms first."""
    if not rows:
        out.print("trend: no counts and no shipments")
        return
    ordered = sorted(rows, key=least_likely)
    table = [
        (
            row["grouped"],
            str(row["of"]).upper(),
            row["with"] or row["party"],
            row["points"],
            row["cumulated"],
            "" if row["p"] is None else f"{row['p']:.2g}",
            "alarm" if row["is_alarm"] else str(row["told"] or "").split(":")[0],
        )
        for row in ordered
    ]
    columns = ("of", "", "at or to", "points", "cumulated", "p of trend", "")
    show(
        "MUF of counts and SRD of shipments, cumulated",
        columns,
        table,
        CHIPS_SHOWN_MAX,
        rest=part_of("trend"),
    )


def show_fabrication(rows: Rows, grouped: str) -> None:
    """What became of good dies; class D is what is known only in a count."""
    if not rows:
        out.print("fabrication: no lots")
        return
    table = [
        (
            row["grouped"],
            f"{row['lots']:,}",
            f"{row['good_units']:,}",
            f"{row['lost'] + row['banked'] + row['other_product']:,}",
            _range(row["registered_dies_low"], row["registered_dies_high"]),
            _range(row["class_d_dies_low"], row["class_d_dies_high"]),
        )
        for row in rows
    ]
    columns = (grouped, "lots", "good dies", "lost, banked, other", "in chips", "class D")
    show(f"fabrication by {grouped}: dies", columns, table)


def show_claims(rows: Rows, _: str) -> None:
    """What others say beside the ledger, cell by cell."""
    if not rows:
        out.print("claims: none")
        return
    table = [
        (
            row["grouped"],
            row["model"] or row["family"] or "all",
            f"{row['measure']}{'' if row['exists'] else ', planned or gone'}",
            day(row["as_of"]),
            f"{row['claims']:,}{'' if row['agree'] else ', disagree'}",
            _range(row["envelope_low"], row["envelope_high"]),
            "" if row["ledger"] is None else f"{row['ledger']:,.0f}",
        )
        for row in rows
    ]
    columns = ("subject", "of", "measure", "as of", "claims", "low to high", "ledger")
    show("claims beside the ledger: enveloped, never added up", columns, table)


def show_changes(rows: Rows, grouped: str) -> None:
    """How many chips differ, by group; then some, with what changed."""
    if not rows:
        out.print("changes: none")
        return
    groups = by_group(rows, lambda row: row["grouped"])
    table = [(group or NOBODY, f"{len(part):,}", amount(part, "h100e")) for group, part in groups]
    show(f"changes by {grouped}", (grouped, "chips", "H100e"), table)
    show_some_changes(rows)


def show_some_changes(rows: Rows) -> None:
    """Some of the chips that differ, and how."""
    chips = [
        (
            row["chip"],
            # Of what was not there, or is no more, everything differs.
            str(row["changed"]).split()[0] if str(row["changed"]).startswith(WHOLLY) else row["changed"],
            row["old_custodian"],
            row["new_custodian"],
            row["new_status"],
            row["entry_index"],
        )
        for row in rows
    ]
    show("some of these chips", ("chip", "changed", "from", "to", "now", "entry"), chips, CHIPS_SHOWN_MAX)


def show_classes(rows: Rows, _: str) -> None:
    """The class of each model that is held, with what is unknown of those undetermined."""
    if not rows:
        out.print("export_class: no chips")
        return
    models = by_group(rows, lambda row: (row["model"], row["listed_as"], row["unknown"], row["possible"]))
    table = [
        (model or NOBODY, listed, possible or "", unknown or "", count(part, "chips"))
        for (model, listed, unknown, possible), part in models
    ]
    show("models and their class", ("model", "class", "may be", "unknown", "chips"), table)


def show_by_class(rows: Rows, grouped: str) -> None:
    """Holdings by group and class."""
    table = [
        (
            row["grouped"] or NOBODY,
            row["listed_as"],
            f"{row['chips']:,}",
            count([row], "tpp"),
            amount([row], "h100e"),
        )
        for row in rows
    ]
    show(
        f"holdings by {grouped} and class",
        (grouped, "class", "chips", "TPP", "H100e"),
        table,
        rest=part_of("by_class"),
    )


def show_quotas(rows: Rows, grouped: str) -> None:
    """What is listed beside the quotas of January 2025, the fullest first."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: -row["share"])
    table = [
        (row["grouped"] or NOBODY, str(row["quota"]).replace("_", " "), f"{row['share']:.2%}")
        for row in ordered
    ]
    title = "TPP held abroad, whenever it was sent, beside the quotas of January 2025 for exports"
    show(title, (grouped, "quota", "of it"), table, CHIPS_SHOWN_MAX, rest=part_of("quotas"))


def show_bounds(rows: Rows, grouped: str) -> None:
    """Low, book and high, and the days of a run."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: -row["high_h100e"])
    table = [
        (
            row["grouped"] or NOBODY,
            *(f"{row[f'{bound}_h100e']:,.0f}" for bound in ("low", "book", "high")),
            *(_days(row[f"{bound}_days_to_1e25_flop"]) for bound in ("book", "high")),
            _days(row["book_days_to_1e26_flop"]),
            f"{row['book_fp16_parameters'] / 1e9:,.0f}",
        )
        for row in ordered
    ]
    columns = (grouped, "low", "book", "high", "days 1e25", "at high", "days 1e26", "fp16 model, 1e9")
    show(
        "H100-equivalents: inspected or received of late, on the book, at most; what they could run",
        columns,
        table,
        rest=part_of("bounds"),
    )


def show_unverified(rows: Rows, grouped: str) -> None:
    """Chips that only nobody has seen for long, by group."""
    if not rows:
        return
    groups = by_group(rows, lambda row: row["grouped"])
    table = [
        (group or NOBODY, count(part, "chips"), count(part, "never_confirmed"), amount(part, "h100e"))
        for group, part in groups
    ]
    columns = (grouped, "chips", "of them never", "H100e")
    show(
        "unverified: not seen for long; never added to these",
        columns,
        table,
        CHIPS_SHOWN_MAX,
        rest=part_of("unverified"),
    )


def show_gaps(rows: Rows, _: str) -> None:
    """What is known as a count only."""
    if not rows:
        return
    table = [
        (
            row["source"],
            row["subject"],
            row["model"] or row["family"] or ("all" if row["measure"] else ""),
            row["measure"] or "",
            day(row["as_of"]) if row["as_of"] else "",
            _range(row["low"], row["high"]),
            row["unit"],
        )
        for row in rows
    ]
    title = "gaps known as counts only; never added to these"
    show(
        title,
        ("from", "about", "of", "measure", "as of", "low to high", ""),
        table,
        CHIPS_SHOWN_MAX,
        rest=part_of("gaps"),
    )


def _range(low: Any, high: Any) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _days(value: Any) -> str:
    if value is None:
        return "never"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
