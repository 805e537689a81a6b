"""As of which snapshot is something asked, and how is one named to people?

The control that pages of reports and of questions in SQL share: the newest, or one of those published. Knows
neither reports nor SQL.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from analytics.snapshots import Snapshot

SNAPSHOTS_SHOWN_MAX = 200
NEWEST = "the newest"


def as_of(snapshots: Sequence[Snapshot], chosen: str | None) -> str:
    """The control, called `at`: the newest first, the chosen one always among them."""
    newest_first = sorted(snapshots, key=lambda each: -each.size)
    shown = [
        each
        for place, each in enumerate(newest_first)
        if place < SNAPSHOTS_SHOWN_MAX or str(each.size) == chosen
    ]
    options = [("", NEWEST), *((str(each.size), snapshot_named(each)) for each in shown)]
    told = "a published snapshot, which never changes"
    if len(shown) < len(newest_first):
        told += f"; the last {SNAPSHOTS_SHOWN_MAX} of {len(newest_first):,} are listed"
    return select("at", "As of", options, chosen, told)


def snapshot_named(snapshot: Snapshot) -> str:
    """Its size, and until when entries are in it."""
    return f"size {snapshot.size:,}, until {until(snapshot)}"


def until(snapshot: Snapshot) -> str:
    """When its last entry was admitted, which is when its file says it was modified."""
    try:
        modified = snapshot.path.stat().st_mtime
    except FileNotFoundError:  # pruned a moment ago
        return "?"
    return datetime.fromtimestamp(modified, UTC).strftime("%Y-%m-%d %H:%M UTC")


def select(
    name: str, label: str, options: Iterable[tuple[str, str]], chosen: str | None, told: str = ""
) -> str:
    """A labelled choice of (value, words), with what is said under it."""
    inner = "".join(
        f'<option value="{escape(value)}"{" selected" * (value == (chosen or ""))}>{escape(shown)}</option>'
        for value, shown in options
    )
    box = f'<select id="{name}" name="{name}" aria-describedby="{name}-told">{inner}</select>'
    return field(name, label, box, told)


def field(name: str, label: str, box: str, told: str) -> str:
    """A control under its label, over what is said of it."""
    return (
        f'<div class="field"><label for="{name}">{escape(label)}</label>{box}'
        f'<small id="{name}-told">{escape(told)}</small></div>'
    )
