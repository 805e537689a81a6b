"""Worlds in which something is disputed, for tests of answers, resolutions and corrections.

Each verb says one statement; every world can be made behind any door.
"""

from ledger.book.tables import DISCREPANCIES
from tests.world import World
from tests.world_doors import FoldDoor, memory_door, sqlite_door

DOORS = ("fold", "memory", "sqlite")


class Disputes(World):
    """A world whose parties also answer, decide, count, see, declare, retire and correct."""

    def answers(self, party, discrepancy, *chips, concedes=False, **more):
        body = {"discrepancy": discrepancy, "text": "so it is", "concedes": concedes}
        return self.says(self.draft(party, "discrepancy.answered", body, chips or None, **more))

    def concedes(self, party, discrepancy, *chips, **more):
        return self.answers(party, discrepancy, *chips, concedes=True, **more)

    def resolves(self, party, discrepancy, outcome, **more):
        body = {"discrepancy": discrepancy, "outcome": outcome, **more}
        return self.says(self.draft(party, "discrepancy.resolved", body))

    def corrects(self, party, told, **more):
        body = {"corrects": getattr(getattr(told, "outcome", None), "statement", told), "reason": "a mistake"}
        return self.says(self.draft(party, "statement.corrected", body, **more))

    def declares(self, party, *lines, basis="inventory", site=None, **more):
        body = {"basis": basis, "site": site or f"{party}/hall"}
        return self.says(self.draft(party, "chips.declared", body, lines, **more))

    def retires(self, party, *chips, reason="lost", **body):
        return self.says(self.draft(party, "chips.retired", {"reason": reason, **body}, chips))

    def counts(self, party, stocktake, *lines, scope="partial", site=None):
        body = {"stocktake": stocktake, "scope": scope} | ({} if site is None else {"site": site})
        return self.says(self.draft(party, "stocktake.declared", body, lines or None))

    def sees(self, party, *lines, place="a shelf", **body):
        return self.says(self.draft(party, "chips.sighted", {"place": place, **body}, lines))

    def state_of(self, discrepancy):
        """(state, outcome, lines open) of a discrepancy."""
        row = self.door.get(DISCREPANCIES, discrepancy)
        return row.state, row.outcome, row.lines_open

    def stands(self, chip):
        """(custodian, liable, site, status) of a chip."""
        row = self.chip(chip)
        return row.custodian, row.liable, row.site, row.status


def disputed(door, folder):
    """acme made S1 to S9 (S1 with an identity) and sent S1, S2, S3 to oslo. `folder` is for a database."""
    doors = {"fold": FoldDoor, "memory": memory_door, "sqlite": sqlite_door(folder)}
    world = Disputes(doors[door]).settles()
    told = [
        world.registers("acme", {"chip": "acme:S1", "identity": {"uuid": "U1"}}),
        world.registers("acme", *(f"acme:S{number}" for number in range(2, 10))),
        world.dispatches("acme", "acme/s1", "acme:S1", "acme:S2", "acme:S3", to="oslo"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world
