"""What does one batch of statements do to the book?

A sitting loads the rows its statements need, in three rounds of set queries, hears the statements one by one
over what those before them changed, and collects what one commit must write. It neither reads a clock nor
commits; the sequencer sits on new statements, a refold on old entries.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ledger.book import law
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection
from ledger.book.rows import Row
from ledger.book.rules.rule import NOTHING
from ledger.book.statement import Entry, Statement
from ledger.book.tables import IDENTITIES, SLOTS, TABLES, Table
from ledger.log.merkle import RightEdge, grow
from ledger.storage.store import Batch

Load = Callable[[Needs, Registry], None]
Refuse = Callable[[Changes], Rejection | None]

# A chip leaves only what it was in, so that a row saying nobody is there now has one before it. The law
# does not ask for that one: it knows what stands in it.
_LEFT_BY_CHIPS = frozenset({SLOTS, IDENTITIES})


def no_refusal(changes: Changes) -> Rejection | None:  # noqa: ARG001
    """A log that goes on after whatever the law lets pass."""
    return None


class Sitting:
    """Judges over the book of size `first`. `considering` is the statement the law is busy with, if any."""

    def __init__(self, load: Load, first: int, refuse: Refuse = no_refusal) -> None:
        """`refuse` may turn away what the law let pass, where this log cannot go on after it."""
        self._load = load
        self._refuse = refuse
        self._first = first
        self._asked = Needs()
        self._inserts: dict[Table[Any], dict[Any, Row]] = {table: {} for table in TABLES}
        self._updates: dict[Table[Any], dict[Any, Row]] = {table: {} for table in TABLES}
        self._moved = False  # something was changed: what was loaded before may lack what that leads to
        self._heard: set[str] = set()  # ids of what was admitted here
        self._asks_about: dict[str, set[str]] = {}  # id -> ids of those whose deeds it asks for, if any
        self._wanted: dict[str, list[Needs]] = {}  # id -> all it asked for when it was prepared
        self._moved_groups: dict[Table[Any], set[str]] = {table: set() for table in TABLES if table.grouped}
        self._followed: tuple[Statement, Needs | None] | None = None
        self.registry = Registry()
        self.batch = Batch()
        self.considering: Statement | None = None

    def prepare(self, statements: Iterable[Statement]) -> None:
        """Load what these statements need, for all at once."""
        statements = tuple(statements)
        for ask in (law.needs, self._follow, self._reach):
            needs = Needs()
            for statement in statements:
                self.considering = statement
                asked = ask(statement)
                if asked is NOTHING:
                    continue
                self._wanted.setdefault(statement.statement_id, []).append(asked)
                if asked.statements:
                    self._asks_about.setdefault(statement.statement_id, set()).update(asked.statements)
                needs.add(asked)
            self.considering = None
            self._load_new(needs, self.registry)

    def must_wait(self, statement: Statement) -> bool:
        """Whether it asks for a frame, or for what an entry wrote, of a book that this sitting only begins.

        Such a statement is for the next sitting; the first of a sitting never is.
        """
        if not self._moved:
            return False
        self.considering = statement
        if self._asks_about and not self._heard.isdisjoint(self._asks_about.get(statement.statement_id, ())):
            return True
        needs = self._follow(statement) if self._leads_elsewhere(statement) else None
        self._followed = statement, needs
        return needs is not None and any(key.at_index > self._first for key in needs.frames)

    def know_head(self, statement: Statement, edge: RightEdge, leaf_hashes: Sequence[bytes]) -> None:
        """Know the root a statement names where it is of this very batch: `leaf_hashes` came after `edge`.

        Whoever judges again has every root, and must come to the same judgment.
        """
        head, roots = statement.text.head, self.registry.roots
        if head is not None and head.size not in roots and 0 < head.size - edge.size <= len(leaf_hashes):
            roots[head.size] = grow(edge, leaf_hashes[: head.size - edge.size]).edge.root()

    def hear(self, entry: Entry) -> Changes | Rejection:
        """Judge one entry over all before it, and keep its changes for the commit."""
        self.considering = entry.statement
        if self._moved:
            followed = self._follow_once(entry.statement)
            if followed is not None:
                self._load_late(followed)
                self._load_late(self._reach(entry.statement))
        verdict = law.judge(self.registry, entry)
        if isinstance(verdict, Changes):
            verdict = self._refuse(verdict) or verdict
        if isinstance(verdict, Changes):
            self._moved = True
            self._heard.add(entry.statement.statement_id)
            for table, rows in verdict.rows.items():
                self._collect(table, rows)
        self.considering = None
        return verdict

    def close(self, edge: RightEdge, leaf_hashes: Sequence[bytes]) -> RightEdge:
        """Complete the batch: rows, tiles, size and root of the tree grown by the leaves heard."""
        growth = grow(edge, leaf_hashes)
        batch = self.batch
        batch.inserts = {table: list(rows.values()) for table, rows in self._inserts.items() if rows}
        batch.updates = {table: list(rows.values()) for table, rows in self._updates.items() if rows}
        batch.tiles = growth.tiles
        batch.size, batch.root = growth.edge.size, growth.edge.root()
        return growth.edge

    def _leads_elsewhere(self, statement: Statement) -> bool:
        """Whether what it asked for was changed since it was prepared: only then can it lead to more."""
        wanted = self._wanted.get(statement.statement_id)
        if wanted is None:
            return True
        inserts, updates, moved_groups = self._inserts, self._updates, self._moved_groups
        for needs in wanted:
            if needs.frames or needs.holdings or needs.statements:
                return True
            for table, keys in needs.keys.items():
                new, changed = inserts[table], updates[table]
                if (new and not new.keys().isdisjoint(keys)) or (
                    changed and not changed.keys().isdisjoint(keys)
                ):
                    return True
            for table, groups in needs.groups.items():
                if not moved_groups[table].isdisjoint(groups):
                    return True
        return False

    def _follow(self, statement: Statement) -> Needs:
        return law.follow(statement, self.registry)

    def _follow_once(self, statement: Statement) -> Needs | None:
        """What `must_wait` was told a moment ago, if it was asked; None where all it leads to is loaded."""
        followed, self._followed = self._followed, None
        if followed is not None and followed[0] is statement:
            return followed[1]
        return self._follow(statement) if self._leads_elsewhere(statement) else None

    def _reach(self, statement: Statement) -> Needs:
        return law.reach(statement, self.registry)

    def _collect(self, table: Table[Any], rows: list[Row]) -> None:
        """Sort rows into new and changed ones; of rows written twice in one batch the last version stands."""
        if not rows:
            return
        key_of, registry = table.key_of, self.registry
        held, inserts, updates = registry.of(table), self._inserts[table], self._updates[table]
        for row in rows:
            key = key_of(row)
            there = key in held or (table in _LEFT_BY_CHIPS and row.chip is None)  # type: ignore[attr-defined]
            there = there or (table.corrected and registry.unmade(table, key) is not None)
            (updates if there and key not in inserts else inserts)[key] = row
        if table.grouped:
            self._moved_groups[table].update(key_of(row)[0] for row in rows)
        registry.put(table, rows)
        if table.history:
            self.batch.versions.setdefault(table, []).extend(rows)

    def _load_new(self, needs: Needs, registry: Registry) -> bool:
        """Load what was not asked for yet; whether there was anything."""
        new = self._unasked(needs)
        if new is None:
            return False
        self._load(new, registry)
        self._asked.add(new)
        return True

    def _load_late(self, needs: Needs) -> None:
        """Load what earlier statements led to, never over rows they changed."""
        if needs is NOTHING:
            return
        new = self._unasked(needs)
        if new is not None:  # mostly there is nothing, and a registry takes time to make
            late = Registry()
            self._load(new, late)
            self._asked.add(new)
            self.registry.fill(late)

    def _unasked(self, needs: Needs) -> Needs | None:
        """What of these needs was not asked for yet, None where all was."""
        asked = self._asked
        keys = {table: more for table, named in needs.keys.items() if (more := named - asked.keys[table])}
        groups = {
            table: more for table, named in needs.groups.items() if (more := named - asked.groups[table])
        }
        # A frame taken inside this batch is not in the store, and nobody is let see it before its time.
        frames = {key for key in needs.frames - asked.frames if key.at_index <= self._first}
        holdings, statements = needs.holdings - asked.holdings, needs.statements - asked.statements
        roots = needs.roots - asked.roots
        if not (keys or groups or holdings or statements or frames or roots):
            return None
        new = Needs(holdings=holdings, statements=statements, frames=frames, roots=roots)
        new.keys.update(keys)
        new.groups.update(groups)
        return new
