"""Worlds written out by hand, for what random ones have too little of.

Chips seen by all sorts of people in all sorts of places, and accusations answered by all sorts of people.
"""

from contextlib import contextmanager

from analytics.follower import Follower
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from ledger.log.proofs import HashSource, root_at
from tests.world import LEAD_S, World
from tests.world_disputes import answer_draft, correction_draft, resolution_draft
from tests.world_doors import memory_door

EVIDENCE = {"evidence_sha256": "cd" * 32}


@contextmanager
def published(make, folder):
    """The world and its snapshot."""
    world = make()
    warehouse = Warehouse(folder / "w")
    store, size = world.door.store, world.door.size()
    Follower(store, warehouse).follow(size, root_at(size, HashSource(store.tile)))
    snapshot = Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()
    yield world, snapshot
    world.door.close()


def said(told):
    """What was told, which must have been admitted."""
    assert told.admitted, told.detail
    return told


def seen_world():
    """acme's chips S0 to S9 and bolt's B0 to B3, and who saw which of them where."""
    world = World(memory_door).settles()
    said(world.registers("acme", *(f"acme:S{n}" for n in range(10))))
    said(world.registers("bolt", *(f"bolt:B{n}" for n in range(4))))
    said(world.declares_site("acme/floor", positions=4))
    said(world.places("acme", "acme:S7", site="acme/floor"))
    said(world.retires("acme", "acme:S9"))
    for name, more in (
        ("a", {"sizes": (20,)}),
        ("f", {"sizes": (4,), "direction": "floor_to_book"}),
    ):
        said(world.commits("watch", f"watch/{name}", "acme", series=f"watch/{name}", **more))
    world.waits(LEAD_S + 60)
    for name in "af":
        said(world.draws("watch", f"watch/{name}"))
    said(world.finds("watch", "watch/a", "acme:S8"))
    stands = [{"position": "acme/floor#1", "chip": "acme:S7"}]
    stands.append({"position": "acme/floor#2", "chip": "acme:NEVER3"})
    said(world.finds("watch", "watch/f", *stands, {"position": "acme/floor#3"}, site="acme/floor"))
    hall = {"site": "acme/hall"}
    said(world.sights("watch", "acme:S0", "acme:S1", "acme:S2", "acme:NEVER", "acme:S9", **hall))
    said(world.sights("watch", "bolt:B0", **hall))
    wrong = said(world.sights("peer", "bolt:B1", **hall))
    said(world.says(resolution_draft(world, "watch", f"{wrong.index}.0", "book_stands")))
    given_up = said(world.sights("peer", "acme:S8", site="bolt/hall"))
    said(world.says(answer_draft(world, "peer", f"{given_up.index}.0", concedes=True)))
    said(
        world.says(correction_draft(world, "peer", said(world.sights("peer", "bolt:B2", "acme:S6", **hall))))
    )
    said(world.sights("acme", "acme:S3", "bolt:B3", **hall))  # its own hall
    said(world.sights("acme", "acme:S4", site="bolt/hall"))  # its own chip
    said(world.sights("watch", "acme:S5"))  # nowhere in particular, and all as the book has it
    said(world.sights("watch", "acme:S6", "acme:NEVER2"))
    return world


def accused_world():
    """acme's chips of a census that accuses nearly all; each is named for what then became of it."""
    world = World(memory_door).settles()
    names = [*ANSWERED, *STANDING, "whole"]
    bare = [chip_named(name) for name in names if name not in LABELLED]
    said(
        world.registers("acme", *bare, *({"chip": chip_named(n), "identity": {"label": n}} for n in LABELLED))
    )
    said(world.commits("watch", "watch/a", "acme", series="watch/a", sizes=(len(names),)))
    world.waits(LEAD_S + 60)
    said(world.draws("watch", "watch/a"))
    opened = {}
    for name in names:
        line = {"chip": chip_named(name), **EVIDENCE}
        line |= {"seen": {"label": "another"}} if name in LABELLED else {}
        told = said(world.finds("watch", "watch/a", line, result=RESULTS.get(name, "not_found")))
        opened[name] = f"{told.index}.0"
    world.waits(3_600)
    _answer(world, opened)
    said(world.enrols("latest", "holder"))
    return world


def chip_named(name):
    """acme's chip of this name."""
    return f"acme:{name.upper()}"


LABELLED = ("adopted", "overruled", "looked-at")
RESULTS = {
    "whole": "confirmed", "hidden": "refused", "adopted": "mismatch", "overruled": "mismatch",
    "looked-at": "mismatch", "opened": "tampered",
}  # fmt: skip
ANSWERED = {
    "found-later": "a later inspection confirms it",
    "decided": "another verifier decides that the book stands",
    "given-up": "the inspector concedes",
    "seen": "somebody independent sees it where the book has it",
    "hidden": "so it does of one that was not shown",
    "received": "somebody else unpacks it",
    "adopted": "the book takes over the identity that was seen",
    "overruled": "a verifier decides that the identity stands",
    "replaced": "its maker gave it a new serial",
    "gone": "it was destroyed, and a verifier found that it was",
}
STANDING = {
    "untouched": "nobody says anything",
    "recovered": "its holder concedes, and then says that it has it again",
    "own-word": "its holder sees it",
    "sealed": "somebody receives its carton unopened",
    "unsaid": "somebody sees it, and takes that back",
    "upheld": "a verifier decides that the inspector is right",
    "looked-at": "of another identity, somebody sees it without looking closer",
    "opened": "tampered with, somebody sees it",
    "again": "the same inspection sees it later: of its results the worse counts",
}


def _answer(world, opened):
    def resolved(name, outcome):
        said(world.says(resolution_draft(world, "peer", opened[name], outcome)))

    resolved("decided", "book_stands")
    said(world.says(answer_draft(world, "watch", opened["given-up"], concedes=True)))
    said(
        world.sights(
            "peer",
            chip_named("seen"),
            chip_named("hidden"),
            chip_named("looked-at"),
            chip_named("opened"),
            site="acme/hall",
        )
    )
    for name in ("received", "sealed"):
        said(world.dispatches("acme", f"acme/{name}", chip_named(name), to="oslo"))
    said(world.arrives("oslo", "acme/received", chip_named("received")))
    said(world.arrives("oslo", "acme/sealed"))
    resolved("adopted", "observation_stands")
    resolved("overruled", "book_stands")
    said(world.registers("acme", {"chip": "acme:NEW", "replaces": chip_named("replaced")}))
    said(world.retires("acme", chip_named("gone"), reason="destroyed"))
    ghost = said(world.sights("peer", chip_named("gone"), site="acme/hall"))
    said(world.says(resolution_draft(world, "watch", f"{ghost.index}.0", "book_stands")))
    said(world.says(answer_draft(world, "acme", opened["recovered"], concedes=True)))
    said(world.declares("acme", chip_named("recovered"), basis="recovered"))
    said(world.sights("acme", chip_named("own-word"), site="acme/hall"))
    said(
        world.says(
            correction_draft(
                world, "peer", said(world.sights("peer", chip_named("unsaid"), site="acme/hall"))
            )
        )
    )
    resolved("upheld", "observation_stands")
    said(world.finds("watch", "watch/a", chip_named("again")))
    said(world.commits("peer", "peer/b", "acme", series="peer/b", sizes=(40,)))
    world.waits(LEAD_S + 60)
    said(world.draws("peer", "peer/b"))
    said(world.finds("peer", "peer/b", chip_named("found-later")))
