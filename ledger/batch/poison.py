"""One statement makes the law or the store stumble: how do all the others get in?

The batch was rolled back. Whoever is known to have caused it is tried by itself after the others; where
nobody is known, or it happens again, the halves are tried one after the other. So each statement that can
be admitted is, in its order, and each that cannot be is found.
"""

from collections.abc import Callable, Sequence
from traceback import format_exception

from ledger.book.statement import Statement
from ledger.outcome import Outcome
from ledger.storage.store import Doubt

STORE_FAILED_MAX = 3  # statements in a row that the store fails on: then it is the store, not they

Places = list[int]


def told(fault: BaseException | None) -> str:
    """A fault for the operator's log: where it happened, never what statements held there."""
    return "" if fault is None else "".join(format_exception(fault))


class Poisoned(Exception):
    """A batch that could not be judged or written; `statement` is where the law stumbled, if it did."""

    def __init__(self, statement: Statement | None) -> None:
        super().__init__(None if statement is None else statement.statement_id)
        self.statement = statement

    def is_of_store(self) -> bool:
        """Whether the store failed, with no word about what it was given: a full disk, a lost file."""
        return self.statement is None and not isinstance(self.__cause__, Doubt)


def commit_all(
    statements: Sequence[Statement],
    outcomes: dict[int, Outcome],
    commit: Callable[[Sequence[Statement]], list[Outcome]],
    put_aside: Callable[[Statement, Poisoned], Outcome],
) -> None:
    """Fill in the outcome of each statement by its place, in as few commits as poison allows.

    `commit` gives the outcomes of the first statements it was given, at least one; it is asked again for the
    others.
    Raises `Poisoned` when it is the store that fails, and whatever else `commit` raises; the outcomes of
    what was committed until then stand.
    """
    parts = [(list(range(len(statements))), False)]
    store_failed = 0
    while parts:
        places, retried = parts.pop()
        try:
            found = commit([statements[at] for at in places])
        except Poisoned as poison:
            if len(places) > 1:
                parts += _apart(poison, statements, places, retried)
                continue
            store_failed = store_failed + 1 if poison.is_of_store() else 0
            if store_failed == STORE_FAILED_MAX:
                raise
            outcomes[places[0]] = put_aside(statements[places[0]], poison)
        else:
            store_failed = 0
            assert found
            outcomes.update(zip(places, found, strict=False))
            if len(found) < len(places):
                parts.append((places[len(found) :], False))


def _apart(
    poison: Poisoned, statements: Sequence[Statement], places: Places, retried: bool
) -> list[tuple[Places, bool]]:
    """The parts to go on with, as a stack: the last comes first."""
    culprit = [at for at in places if statements[at] is poison.statement][:1]
    if culprit and not retried:
        return [(culprit, True), ([at for at in places if at != culprit[0]], True)]
    middle = len(places) // 2
    return [(places[middle:], True), (places[:middle], True)]
