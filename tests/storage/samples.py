"""Rows and batches for tests of stores: plausible, numbered, with no law behind them."""

from hashlib import sha256

from ledger.book.registry import Needs, Registry
from ledger.book.rows import (
    CHIP_NUMBER_SHIFT,
    Chip,
    Discrepancy,
    DiscrepancyChip,
    IdentityRow,
    Party,
    Shipment,
    ShipmentLine,
    Site,
    SlotRow,
)
from ledger.log.merkle import edge_from, grow, leaf_hash
from ledger.storage.store import Batch, StoredEntry, StoredRefusal


def chip(place, born=0, changed=None, custodian="fab-one", status="held", **others):
    """The chip at a place of its entry of birth; its number cannot be told from its name."""
    return Chip(
        chip=f"maker:SN{born:05d}-{place:06d}",
        number=born << CHIP_NUMBER_SHIFT | place,
        model=others.get("model", "maker/h100"),
        cls="B",
        custodian=custodian,
        owner="maker",
        liable=custodian,
        site=others.get("site", "fab-one/hall"),
        system=None,
        slot=None,
        status=status,
        shipment=others.get("shipment"),
        lots=None,
        identity=others.get("identity"),
        last_liable=None,
        born=born,
        changed=born if changed is None else changed,
    )


def party(name, changed=0, **others):
    """A party; `changed` is also when it was born, unless `born` is given."""
    born = others.get("born", changed)
    return Party(name, name.title(), "operator", "NO", None, 0, None, "", "", 0, born, changed)


def shipment(name, changed=0, state="open", born=0):
    """A shipment of two chips from fab-one to hall-oslo."""
    return Shipment(
        name, "fab-one", "hall-oslo", "NO", 9, "stays", None, None, 2, 0, 0, 0, 0, 0, state, born, changed
    )


def line(of, chip_id, state="open", changed=0):
    """One line of a shipment."""
    return ShipmentLine(of, chip_id, state, changed)


def slot(name, chip_id=None, changed=0):
    """A slot of rack r1 of the hall in Oslo."""
    return SlotRow("hall-oslo/a", "r1", name, chip_id, changed)


def site(name, changed=0):
    """A site of fab-one, born when it was changed."""
    return Site(name, "fab-one", "A hall", "NO", None, None, None, None, changed, changed)


def identity(value, chip_id="maker:A", changed=0):
    """Who bears a UUID."""
    return IdentityRow(f"uuid:{value}", chip_id, changed)


def discrepancy(name, changed=0):
    """A disagreement about one chip, with nobody."""
    return Discrepancy(
        name, "unknown_chip", "hall-oslo", None, 1, 1, None, None, "open", None, None, changed, changed
    )


def discrepancy_chip(of, chip_id, seen="", closed=None, changed=0):
    """One line of a discrepancy."""
    return DiscrepancyChip(of, chip_id, seen, 1, closed, changed)


def refusal(number, party="fab-one", reason="chip_unknown", refused_at=0, at_size=0):
    """A signed refusal."""
    return StoredRefusal(
        f"refusal-{number}", f"s{number}", party, reason, "why", "[]", refused_at, at_size, "note", b"{}"
    )


def raw(index):
    """The bytes of an entry."""
    return b'{"entry":%d}' % index


def entry(index, **others):
    """A stored entry that says nothing."""
    return StoredEntry(
        index=index,
        statement=others.get("statement", sha256(b"statement %d" % index).hexdigest()),
        raw=raw(index),
        leaf_hash=leaf_hash(raw(index)),
        admitted_at=1_700_000_000_000 + index,
        kind="chips.registered",
        party="fab-one",
        key_id="k1",
        occurred_at=1_700_000_000,
        lines=others.get("lines", 0),
        opened="",
    )


def batch(store, head, entries=1, inserts=None, updates=None):
    """What one commit writes on a head: so many entries, rows {table: rows}, and versions of them."""
    made = [entry(index) for index in range(head.size, head.size + entries)]
    growth = grow(edge_from(head.size, store.tile), [each.leaf_hash for each in made])
    inserts, updates = inserts or {}, updates or {}
    kept = {table for table in (*inserts, *updates) if table.history}
    return Batch(
        entries=made,
        inserts=inserts,
        updates=updates,
        versions={table: [*inserts.get(table, ()), *updates.get(table, ())] for table in kept},
        tiles=growth.tiles,
        size=head.size + entries,
        root=growth.edge.root(),
    )


def commit(store, head, batch, refold=False):
    """Write a batch in a transaction of its own; the head after it."""
    with store.writing(head) as transaction:
        transaction.write(batch, refold=refold)
    return store.head()


def grown(store, head, **what):
    """Write the batch that `batch(**what)` makes; the head after it."""
    return commit(store, head, batch(store, head, **what))


def loaded(store, needs):
    """A registry with what is needed."""
    registry = Registry()
    store.load(needs, registry)
    return registry


def needing(table, *keys):
    """Needs for rows of one table."""
    return Needs().rows(table, keys)
