"""How many standing statements build on a site, a model or a lot? Asked before one is corrected away.

Counted, because a statement that is corrected builds on nothing any more.
"""

from collections.abc import Iterable

from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rows import Mention
from ledger.book.tables import MENTIONS


def of_site(site: str) -> str:
    """The thing a site is, here."""
    return f"site:{site}"


def of_model(model: str) -> str:
    """The thing a model is, here."""
    return f"model:{model}"


def of_lot(lot: str) -> str:
    """The thing a lot is, here."""
    return f"lot:{lot}"


def needs_mentions(needs: Needs, things: Iterable[str]) -> Needs:
    """Ask for the counts of these things too."""
    return needs.rows(MENTIONS, things)


def is_mentioned(registry: Registry, thing: str) -> bool:
    """Whether a statement that stands builds on it."""
    row = registry.get(MENTIONS, thing)
    return row is not None and row.statements > 0


def mention(registry: Registry, changes: Changes, things: Iterable[str], index: int, by: int = 1) -> None:
    """Count one more statement, or `by` -1 one less, for each of these things."""
    for thing in things:
        row = registry.get(MENTIONS, thing)
        count = by + (0 if row is None else row.statements)
        assert count >= 0
        changes.put(MENTIONS, Mention(thing, count, index))
