"""Who holds what is known after whatever was put, whether it was asked before, between or only in the end."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.book.registry import Registry
from ledger.book.rows import UNMADE
from ledger.book.tables import CHIPS
from tests.book.ready import busy

HOLDERS = ("acme", "oslo", None)
a_row = st.tuples(st.integers(0, 4), st.sampled_from(HOLDERS), st.booleans())
many_puts = st.lists(st.tuples(st.lists(a_row, max_size=4), st.booleans(), st.booleans()), max_size=6)


def chip(number, holder, is_made):
    made = replace(busy().chip("acme:S1"), chip=f"acme:H{number}", custodian=holder if is_made else None)
    return made if is_made else replace(made, born=UNMADE)


def scanned(registry, holders):
    found = [row for row in registry.of(CHIPS).values() if row.custodian in holders]
    return sorted(found, key=lambda row: row.chip)


@given(many_puts)
def test_it_is_what_looking_at_every_chip_gives(puts):
    registry = Registry()
    for rows, late, asks in puts:
        if late:
            other = Registry()
            other.put(CHIPS, (chip(*row) for row in rows))
            registry.fill(other)
        else:
            registry.put(CHIPS, (chip(*row) for row in rows))
        if asks:
            assert registry.held_by({"acme"}) == scanned(registry, {"acme"})
    for holders in ({"acme"}, {"oslo", "acme"}, {"nobody"}):
        assert registry.held_by(holders) == scanned(registry, holders)


class Forgetful(Registry):
    """Does not follow who holds what."""

    def _hold(self, held, after):
        pass


def test_a_registry_that_does_not_follow_is_found_out():
    registry = Forgetful()
    registry.put(CHIPS, [chip(1, "acme", True)])
    assert registry.held_by({"acme"})
    registry.put(CHIPS, [chip(1, "oslo", True)])
    assert registry.held_by({"acme"}) != scanned(registry, {"acme"})
