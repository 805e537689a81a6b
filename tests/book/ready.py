"""A busy world, in which a good statement of every kind is about to be said.

Built once and only looked at (`World.would`); whoever needs to change it takes `busy_again`. Rows that no
kind of the spine can write yet (somebody suspended, a chip missing) are put into the book by hand.
"""

from fractions import Fraction
from functools import cache

from msgspec.structs import replace as replace_row

from ledger.book.rows import Status
from ledger.book.tables import CHIPS, INSPECTIONS, PARTIES, STOCKTAKES
from ledger.book.times import DAY_SECONDS
from ledger.inspection.verdict import upper_bound
from tests.world import World
from tests.world_affairs import (
    EVIDENCE,
    affiliation_draft,
    claim_draft,
    every_setting,
    key_draft,
    log_change_draft,
    lot_draft,
    party_change_draft,
    revocation_draft,
    seal_draft,
    use_draft,
)
from tests.world_disputes import answer_draft, correction_draft, resolution_draft, stirred
from tests.world_trading import bargained

COUNT = {"scope": "full", "site": "acme/hall", "parts": 3}
FOUND = {"chip": "acme:U1", "model": "registrar/h100", "seen": {"label": "U1"}}
IDENTITY = {"ik_sha256": "ab" * 32, "pdi": "pdi-4", "uuid": "GPU-4", "label": "L4"}


def busy_again(door=None):
    """A new busy world."""
    world = World() if door is None else World(door)
    world.settles()
    told = [
        world.lists_beacon("registrar/other"),
        world.registers("acme", *(f"acme:S{number}" for number in range(1, 10))),
        world.registers("acme", {"chip": "acme:X1", "identity": IDENTITY}, "acme:X2", reference="USED"),
        world.registers("acme", "acme:OLD", "acme:LOST"),
        world.registers("acme", {"chip": "acme:NEW", "replaces": "acme:OLD"}),
        world.registers("bolt", "bolt:B1", "bolt:B2"),
        world.dispatches("acme", "acme/s1", "acme:S1", "acme:S2", "acme:S3", to="oslo"),
        world.arrives("oslo", "acme/s1", "acme:S1", "acme:S2"),
        world.dispatches("acme", "acme/s2", "acme:S4", to="lima", title="passes_on_arrival"),
        world.places("oslo", {"chip": "acme:S1", "system": "r1", "slot": "a"}),
        world.counts("acme", "acme/c0", "acme:S7", site="acme/hall"),
        world.counts("acme", "acme/c1", "acme:S7", **{**COUNT, "scope": "partial"}, part=1),
        world.counts("acme", "acme/c3", "acme:S7", "acme:S8", "acme:NO", **COUNT, part=2),
        world.counts("acme", "acme/c3", "acme:S6", **COUNT, part=3),
        world.counts("acme", "acme/c4", "acme:S7", **COUNT, part=1),
        world.counts("acme", "acme/c6", "acme:S7", scope="full", part=1, parts=2),
        world.commits("watch", "watch/drawn", "oslo", series="watch/s1"),
        world.commits("watch", "watch/open", "oslo", series="watch/s2"),
        world.commits("watch", "watch/due", "acme", series="watch/s3", sizes=(3,)),
    ]
    told += map(world.says, affairs(world))
    world.waits(700)
    told.append(world.draws("watch", "watch/drawn"))
    told += inspected(world)
    told.append(world.commits("watch", "watch/soon", "acme", series="watch/s4"))
    disputes, world.disputed = stirred(world)
    told += disputes
    mistaken = world.counts("acme", "acme/c7", "acme:S7")
    told += [mistaken, world.says(correction_draft(world, "acme", mistaken))]
    world.disputed["mistaken"] = mistaken.outcome.statement
    told += bargained(world)
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def inspected(world):
    """Inspections on their way: one visited, one closed, one visited and to be closed, one of floors."""
    yield world.declares_site("acme/floor", positions=3)
    for number, name in enumerate(("visited", "over", "ripe", "floor"), start=5):
        more = {"direction": "floor_to_book", "sizes": (2,)} if name == "floor" else {"sizes": (20,)}
        yield world.commits("watch", f"watch/{name}", "acme", series=f"watch/s{number}", **more)
    world.waits(700)
    for name in ("visited", "over", "ripe", "floor"):
        yield world.draws("watch", f"watch/{name}")
    yield world.finds("watch", "watch/visited", "acme:S6")
    yield world.finds("watch", "watch/ripe", *world.sample("watch/ripe")[:3])
    yield world.closes("watch", "watch/over", "inconclusive")


def affairs(world):
    """What was said beside trade: a chain of successors, keys there and gone, a lot for a maker."""
    parties = [(name, ("holder",)) for name in ("eldest", "elder", "heir")] + [("foundry", ("fab",))]
    yield from (world.enrolment_draft(name, *roles) for name, roles in parties)
    yield party_change_draft(world, "eldest", succeeded_by="elder")
    yield party_change_draft(world, "elder", succeeded_by="heir")
    yield key_draft(world, "oslo", "oslo#2")
    yield key_draft(world, "oslo", "oslo#9")
    yield revocation_draft(world, "oslo", "oslo#9")
    yield lot_draft(world, "foundry/l1", "acme")


@cache
def busy():
    """The busy world everybody looks at."""
    world = busy_again()
    registry = world.door.fold.registry
    lost = registry.get(CHIPS, "acme:LOST")
    registry.put(CHIPS, [replace_row(lost, status=Status.MISSING.value, custodian=None, site=None)])
    registry.put(CHIPS, [replace_row(registry.get(CHIPS, "acme:T8"), owner="bolt")])
    begun = registry.get(STOCKTAKES, "acme/c4")
    registry.put(STOCKTAKES, [replace_row(begun, began=begun.began - 8 * DAY_SECONDS)])
    return world


def of_inspections(world):
    """What verifiers say, from the commitment to the verdict."""
    found = {"chip": "acme:S7", "seen": {"label": "S7"}, "evidence_sha256": EVIDENCE}
    yield world.commitment_draft("watch", "watch/next", "oslo", series="watch/s9")
    yield world.draw_draft("watch", "watch/due")
    yield world.found_draft("watch", "watch/visited", found, "acme:S8")
    yield ripe_draft(world)


def ripe_draft(world):
    """The verdict that is due, with every number there can be."""
    row, drawn = world.door.get(INSPECTIONS, "watch/ripe"), len(world.sample("watch/ripe"))
    more = {"counts": {"not_visited": drawn - 3, "duplicate": 0}}
    more["upper_bound"] = upper_bound(row.frame_count, drawn, drawn - 3, Fraction(1, 20))
    return world.closing_draft("watch", "watch/ripe", "inconclusive", **more)


@cache
def everybody(**changes):
    """The busy world with every party's row changed."""
    world = busy_again()
    registry = world.door.fold.registry
    registry.put(PARTIES, [replace_row(row, **changes) for row in list(registry.of(PARTIES).values())])
    return world


@cache
def unopened():
    """A world before its first entry."""
    return World()


def home_of(kind):
    """The world in which the good statement of a kind may stand."""
    return unopened() if kind == "log.opened" else busy()


@cache
def good():
    """By kind, a statement that may stand in its home."""
    world = busy()
    drafts = [
        unopened().opening_draft(),
        world.enrolment_draft("nova", "holder", "maker"),
        world.model_draft("registrar/b200", die_area_um2=1, hbm_stacks=8),
        world.beacon_draft("registrar/dice2"),
        world.site_draft("oslo/new", latitude_udeg=59_000_000, longitude_udeg=-10_000_000, positions=9),
        world.registration_draft("acme", {"chip": "acme:N1", "identity": {"uuid": "u1"}}, "acme:N2"),
        world.placement_draft("oslo", {"chip": "acme:S1", "system": "r1", "slot": "b"}, "acme:S2"),
        world.dispatch_draft("acme", "acme/s3", "acme:S5", "acme:S6", to="lima", licence="X", end_user="Y"),
        world.arrival_draft("oslo", "acme/s1", {"chip": "acme:S3", "seen": {"label": "S3"}}),
        *of_inspections(world),
        world.stocktake_draft(
            "acme",
            "acme/c2",
            {"chip": "acme:S7", "seen": {"label": "S7"}},
            "acme:S8",
            **COUNT,
            part=2,
        ),
        world.sighting_draft(
            "quill",
            {"chip": "acme:S9", "seen": {"label": "S9"}},
            site="lima/hall",
            evidence_sha256="ab" * 32,
        ),
        log_change_draft(world, **every_setting()),
        party_change_draft(
            world,
            "odm",
            name="Odm & Sons",
            roles=["holder", "maker"],
            country="DK",
            parent="acme",
            suspended=True,
            succeeded_by="lima",
            evidence_sha256=EVIDENCE,
        ),
        key_draft(
            world,
            "oslo",
            "oslo#5",
            kinds=["chips.placed", "shipment.arrived"],
            sites=["oslo/annex", "oslo/hall"],
            until="2027-11-21T00:00:00Z",
        ),
        revocation_draft(world, "oslo", "oslo#2"),
        affiliation_draft(world, "lima", "oslo"),
        lot_draft(world, "foundry/l2", "acme"),
        use_draft(world, "acme", "foundry/l1", count=3),
        claim_draft(world),
        seal_draft(world),
    ]
    named = world.disputed
    drafts += [
        world.declaration_draft("oslo", FOUND, "oslo:U2", basis="no_paperwork", **{"from": "A broker"}),
        world.retirement_draft("acme", "acme:S7", "acme:S8", reason="released"),
        answer_draft(world, "acme", named["place"], "acme:D1", concedes=True, evidence_sha256=EVIDENCE),
        resolution_draft(world, "watch", named["extra"], "observation_stands"),
        correction_draft(world, "acme", named["alone"]),
        world.cancellation_draft("acme", "acme/t1", "acme:T2", "acme:T3"),
        world.offer_draft("acme", "acme/o9", "acme:T2", "acme:T9", to="lima"),
        world.acceptance_draft("oslo", "acme/o1"),
        world.withdrawal_draft("acme", "acme/o1"),
    ]
    return {draft.kind: draft for draft in drafts}
