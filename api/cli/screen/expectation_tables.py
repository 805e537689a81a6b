"""How are losses and undeclared chips, set against what is to be expected, read on one screen?

Few columns in plain words, what is least likely first; what has no estimate says why. Takes rows as the
server gives them; knows no network.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.cli.screen.report_parts import NOBODY, show
from api.cli.screen.terminal import out

Row = Mapping[str, Any]
Rows = Sequence[Row]


def show_losses(rows: Rows, grouped: str) -> None:
    """Losses of each group, what was to be expected, and whether it is more."""
    if not rows:
        out.print("losses: no chips")
        return
    ordered = sorted(rows, key=lambda row: (2.0 if row["p"] is None else row["p"], -row["reported"]))
    table = [
        (
            row["grouped"] or NOBODY,
            f"{row['reported']:,}",
            f"{row['chip_years']:,.1f}",
            *(("", "", "", row["told"]) if row["p"] is None else _tested(row)),
        )
        for row in ordered
    ]
    columns = (grouped, "losses", "chip-years", "expected", "at least", "p of all", "")
    show(f"losses by {grouped} against the mortality stated", columns, table)


def _tested(row: Row) -> tuple[str, str, str, str]:
    verdict = "beyond it" if row["is_significant_together"] else "by itself" if row["is_significant"] else ""
    return f"{row['expected']:,.2f}", f"{row['at_least']:,.1f}", f"{row['p_together']:.2g}", verdict


def show_undeclared(rows: Rows, grouped: str) -> None:
    """The two lists of each place and what they let one expect."""
    if not rows:
        out.print("undeclared: nothing declared, nothing seen")
        return
    told = [row for row in rows if row["estimate"] is not None]
    table = [
        (
            row["grouped"] or NOBODY,
            f"{row['declared']:,}",
            f"{row['seen']:,}",
            f"{row['both_lists']:,}",
            f"{row['undeclared']:,.0f}",
            _interval(row["undeclared_low"], row["undeclared_high"]),
            "" if row["undeclared_dependent"] is None else f"{row['undeclared_dependent']:,.0f}",
        )
        for row in sorted(told, key=lambda row: -row["undeclared"])
    ]
    columns = (grouped, "declared", "seen", "both", "undeclared", "interval", "if dependent")
    show(f"undeclared by {grouped}: an estimate, and a floor where lists depend", columns, table)
    left = len(rows) - len(told)
    if left:
        out.print(
            f"{left:,} without an estimate: declared or seen alone, not both; that is not an estimate of 0"
        )


def _interval(low: int, high: int | None) -> str:
    return f"{low:,} or more" if high is None else f"{low:,} to {high:,}"
