"""Which book does the registrar put its name to? The law of `book.sealed`.

An observation of the book itself: a root that is wrong is admitted, and shows for ever what was said. Whether
it is right takes the whole book of that size; whoever audits computes it.
"""

from ledger.book.identifiers import is_sha256
from ledger.book.records.seals import BookSealed
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection, earliest
from ledger.book.rows import Seal
from ledger.book.rules.rule import Rule, Verdict, bad_field, check_counts
from ledger.book.statement import Entry, Statement
from ledger.book.tables import SEALS


def check_seal(statement: Statement) -> Rejection | None:
    """What needs only the statement: a size, a count and a root."""
    body = statement.body
    assert isinstance(body, BookSealed)
    return earliest(
        None if body.at_size >= 1 else bad_field("body.at_size is 1 or more"),
        None if is_sha256(body.root) else bad_field("body.root is no 64 hex digits"),
        check_counts(count=body.count),
    )


def needs_seal(statement: Statement) -> Needs:  # noqa: ARG001
    """Nothing: a seal is held against the book by others."""
    return Needs()


def early_seal(registry: Registry, entry: Entry) -> Rejection | None:  # noqa: ARG001
    """A book of a size to come cannot have been looked at."""
    if entry.body.at_size <= entry.index:
        return None
    return bad_field(f"body.at_size is at most {entry.index}, the size before this entry")


def judge_seal(registry: Registry, entry: Entry) -> Verdict:
    """A root with a size and a date."""
    body: BookSealed = entry.body
    fault = early_seal(registry, entry)
    if fault is not None:
        return fault
    seal = Seal(entry.statement.statement_id, body.at_size, body.count, body.root, entry.index, entry.index)
    return Changes().put(SEALS, seal)


RULES = (
    Rule("book.sealed", needs_seal, judge_seal, check_seal, roles=frozenset({"registrar"}), early=early_seal),
)
