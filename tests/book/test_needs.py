"""The judge asks for the rows it needs: over these alone it says what it says over the whole book.

A store relies on this, and on one thing more: a row that is written and was there before had been asked
for, because the store must know a new row from a changed one.
"""

from collections import Counter

import pytest
from hypothesis import given, settings

from ledger.book import law
from ledger.book.kinds import FORMS
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection
from ledger.book.statement import Entry
from ledger.book.tables import CHIPS, TABLES
from tests.book.faults import raw_of
from tests.book.ready import busy, everybody, good, home_of
from tests.book.test_refusals import CASES
from tests.book.test_shapes import mangled
from tests.world_affairs import key_draft, party_change_draft
from tests.world_disputes import correction_draft

FRAMES, ROOTS, HOLDINGS, WRITTEN = "frames", "roots", "holdings", "written"


def load(registry, needs, full, left_out):
    """What a store would do."""
    for table, keys in needs.keys.items():
        if table.name != left_out:
            registry.put(table, [row for key in keys if (row := row_of(full, table, key)) is not None])
    for table, groups in needs.groups.items():
        if table.name != left_out:
            for group in groups:
                registry.put(table, list(full.group(table, group).values()))
    if left_out != FRAMES:
        registry.frames.update({key: full.frames[key] for key in needs.frames if key in full.frames})
    if left_out != ROOTS:
        registry.roots.update({size: full.roots[size] for size in needs.roots if size in full.roots})
    if left_out != HOLDINGS and needs.holdings:
        registry.put(CHIPS, full.held_by(needs.holdings))
    if left_out != WRITTEN:
        registry.written.update({name: full.written[name] for name in needs.statements & full.written.keys()})


def row_of(registry, table, key):
    """A row, or the one that was there until it was corrected away."""
    row = registry.get(table, key)
    return registry.unmade(table, key) if row is None and table.corrected else row


def asked_rows(entry, full, left_out=None):
    """A registry with only the rows asked for."""
    registry = Registry()
    load(registry, law.needs(entry.statement), full, left_out)
    load(registry, law.follow(entry.statement, registry), full, left_out)
    load(registry, law.reach(entry.statement, registry), full, left_out)
    return registry


def said(verdict):
    """A verdict as a value."""
    if isinstance(verdict, Rejection):
        return verdict
    return {table.name: rows for table, rows in verdict.rows.items() if rows}, verdict.opened


def judged_alike(entry, full, left_out=None):
    """Whether the judge says the same over the rows asked for, and knows every row it changes."""
    few = asked_rows(entry, full, left_out)
    try:
        verdict = law.judge(few, entry)
    except (KeyError, AssertionError):
        return False
    if said(verdict) != said(law.judge(full, entry)):
        return False
    return not isinstance(verdict, Changes) or not unknown_rows(verdict, few, full)


def unknown_rows(verdict, few, full):
    """Rows that are changed and had not been asked for."""
    return [
        (table.name, table.key_of(row))
        for table, rows in verdict.rows.items()
        for row in rows
        if row_of(full, table, table.key_of(row)) is not None
        and row_of(few, table, table.key_of(row)) is None
    ]


def entry_of(world, raw):
    """The entry a bundle would become; None where it cannot be read or its key is not known."""
    found = world.door.look(raw)
    return found if isinstance(found, Entry) else None


def with_head(draft, world, size=5):
    """The same statement by somebody who knew a checkpoint."""
    return raw_of(draft.__class__(**{**vars(draft), "more": (("head", head_of(world, size)),)}))


def head_of(world, size):
    return {"size": size, "root": world.door.root(size).hex()}


def statements():
    """(world, entry): good and bad ones of every kind, also of the suspended, and with heads."""
    found = []
    for kind, draft in good().items():
        worlds = [home_of(kind)] if kind == "log.opened" else [busy(), everybody(suspended=1)]
        for world in worlds:
            found.append((world, entry_of(world, draft.raw())))
        if kind != "log.opened":
            found.append((busy(), entry_of(busy(), with_head(draft, busy()))))
    for kind, fault in CASES:
        found.append((home_of(kind), entry_of(home_of(kind), raw_of(good()[kind], fault))))
    found += [(busy(), entry_of(busy(), draft.raw())) for draft in intricate()]
    return [(world, entry) for world, entry in found if entry is not None]


def intricate():
    """Moves that change what they do not name: slots left, chips displaced, identities given up."""
    world = busy()
    return [
        world.placement_draft("oslo", {"chip": "acme:S2", "system": "r1", "slot": "a"}),
        world.dispatch_draft("oslo", "oslo/s9", "acme:S1", to="lima"),
        world.registration_draft("acme", {"chip": "acme:N7", "replaces": "acme:X1"}),
        world.registration_draft(
            "acme", {"chip": "acme:N7", "replaces": "acme:X1", "identity": {"pdi": "pdi-4"}}
        ),
        world.arrival_draft("oslo", "acme/s1"),
        world.arrival_draft("oslo", "acme/t1"),
        world.arrival_draft("oslo", "acme/t1", "acme:T1", "acme:T2"),
        world.cancellation_draft("acme", "acme/t1"),
        world.arrival_draft("lima", "acme/s2", "acme:S4", "acme:S5", {"chip": "acme:NO"}),
        world.arrival_draft("lima", "acme/s1", "acme:S3", "bolt:B1"),
        world.arrival_draft("lima", "no/where", "acme:X1"),
        world.placement_draft("acme", "acme:X1", reference="USED"),
        party_change_draft(world, "heir", succeeded_by="odm"),
        party_change_draft(world, "bolt", succeeded_by="eldest"),
        key_draft(world, "bolt", "bolt#2", speaker="registrar"),
        correction_draft(world, "acme", world.disputed["mistaken"]),
        world.stocktake_draft("oslo", "oslo/c1", "acme:S1", "acme:S9", scope="full"),
        world.stocktake_draft("acme", "acme/c5", "acme:S1", "acme:LOST", site="acme/hall"),
        world.stocktake_draft("acme", "acme/c3", "acme:S9", part=1, parts=3, scope="full", site="acme/hall"),
        world.stocktake_draft("acme", "acme/c6", "acme:NEW", part=2, parts=2, scope="full"),
        world.sighting_draft("quill", "acme:S1", "acme:S4", "acme:LOST", "acme:NO", site="lima/hall"),
    ]


def test_the_rows_asked_for_are_enough():
    cases = statements()
    wrong = [entry.statement.kind for world, entry in cases if not judged_alike(entry, world.door.registry)]
    assert not wrong
    counted = Counter(entry.statement.kind for _, entry in cases)
    assert counted.keys() == FORMS.keys()
    assert len(cases) > 400


NEEDED = (
    "log_settings", "party", "key", "model", "site", "beacon", "chip", "identity", "slot", "shipment",
    "shipment_line", "reference", "inspection", "series", FRAMES, ROOTS, HOLDINGS, "stocktake", "correction",
    "stocktake_line", "mention", "lot", "absence", "discrepancy", "discrepancy_chip", "offered_chip",
    "transfer", "transfer_line", "sampled_chip", WRITTEN,
)  # fmt: skip


@pytest.mark.parametrize("left_out", NEEDED)
def test_without_one_of_the_tables_somebody_is_judged_otherwise(left_out):
    """The control: every table in the needs is there for a reason."""
    cases = statements()
    assert any(not judged_alike(entry, world.door.registry, left_out) for world, entry in cases)


def test_no_table_is_asked_for_in_vain():
    asked = set()
    for world, entry in statements():
        needs = law.needs(entry.statement)
        few = asked_rows(entry, world.door.registry)
        needs.add(law.follow(entry.statement, few))
        needs.add(law.reach(entry.statement, few))
        asked |= {
            table.name for table in (*needs.keys, *needs.groups) if needs.keys[table] or needs.groups[table]
        }
        asked |= {FRAMES} if needs.frames else set()
        asked |= {ROOTS} if needs.roots else set()
        asked |= {HOLDINGS} if needs.holdings else set()
        asked |= {WRITTEN} if needs.statements else set()
    assert asked == set(NEEDED)
    never = {table.name for table in TABLES} - asked
    assert never.isdisjoint(NEEDED)


def test_needs_of_many_are_the_needs_of_each():
    both = Needs()
    for _, entry in statements():
        both.add(law.needs(entry.statement))
    for _, entry in statements():
        alone = law.needs(entry.statement)
        assert all(keys <= both.keys[table] for table, keys in alone.keys.items())
        assert all(groups <= both.groups[table] for table, groups in alone.groups.items())
        assert alone.frames <= both.frames and alone.roots <= both.roots


@settings(deadline=None, max_examples=200)
@given(mangled())
def test_for_mangled_statements_too(mangle):
    kind, raw = mangle
    entry = entry_of(home_of(kind), raw)
    assert entry is None or judged_alike(entry, home_of(kind).door.registry)
