"""Inspections of every sort that a replay file is about, played over HTTP, and their files.

`play` gives a folder of files, one an inspection, as the server sends them.
"""

from hashlib import sha256
from pathlib import Path

from ledger.book.times import format_seconds
from ledger.inspection.nist import output_value, read_published
from tests.inspection.own_keys import modulus_of, rsa_key
from tests.inspection.own_nist import published_at
from tests.world import GENESIS, PERIOD_S
from tests.world_http import WATCH

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}
PLAIN, STAGED, FLOOR, WHOLE, NIST, SEEN, MISSED, UNDRAWN, POOLED, STRATA = (
    f"{WATCH}/{name}"
    for name in ("plain", "staged", "floor", "whole", "nist", "seen", "missed", "undrawn", "pooled", "strata")
)
DRAWN = (PLAIN, STAGED, FLOOR, WHOLE, NIST, SEEN, MISSED, POOLED, STRATA)
NIST_BEACON = "registrar/nist"
NIST_PERIOD_S = 60
CHIPS = 60


def file_of(folder: Path, inspection: str) -> Path:
    """Where the file of an inspection lies."""
    return folder / f"{inspection.partition('/')[2]}.replay.jsonl"


def play(world, folder):
    """Everything that is to be replayed; each inspection in a series of its own."""
    chips = [f"acme:N{number:05}" for number in range(CHIPS)]
    assert world.registers("acme", *chips[: CHIPS // 2]).admitted
    assert world.says(world.site_draft("acme/annex", "NO", positions=12)).admitted
    assert world.registers("acme", *chips[CHIPS // 2 :], site="acme/annex").admitted
    _plain(world)
    _staged(world)
    _floor(world)
    _other_draws(world)
    _by_nist(world)
    _seen_by_witnesses(world)
    _commits(world, UNDRAWN, "acme")
    for inspection in (*DRAWN, UNDRAWN):
        answer = world.door.ask(WATCH, f"/inspections/{inspection}/bundle")
        assert answer.status_code == 200, answer.text
        file_of(folder, inspection).write_bytes(answer.content)
    return folder


def _commits(world, inspection, *provers, **body):
    told = world.commits(WATCH, inspection, *provers, series=inspection, **body)
    assert told.admitted, told.detail


def _plain(world):
    """Drawn, one chip shown twice, closed."""
    _commits(world, PLAIN, "acme", sizes=(9,))
    drawn = world.drawn(PLAIN)
    for lines in (drawn[:5], drawn[5:]):
        assert world.finds(WATCH, PLAIN, *lines).admitted
    assert world.closes(WATCH, PLAIN, "clean", upper_bound=_bound(world, PLAIN)).admitted
    _commits(world, MISSED, "acme", sizes=(9,))
    drawn = world.drawn(MISSED)
    assert world.finds(WATCH, MISSED, *drawn[:6]).admitted
    assert world.finds(WATCH, MISSED, drawn[6], result="not_found").admitted
    assert world.finds(WATCH, MISSED, *drawn[7:], result="refused").admitted
    assert world.closes(WATCH, MISSED, "violations", upper_bound=_bound(world, MISSED)).admitted


def _bound(world, inspection):
    """As the server says it would be; nobody is told before the closing, so a dry run tells."""
    told = world.would(world.closing_draft(WATCH, inspection, "clean", upper_bound=10**9))
    return int(told.detail.rsplit(" ", 1)[1]) if "upper_bound is" in (told.detail or "") else None


def _staged(world):
    """One missing of twenty leaves a doubt; the second stage is drawn, and not closed yet."""
    strata = [{"name": "annex", "site": "acme/annex"}, {"name": "rest"}]
    stages = world.staged(STAGED, "acme", sizes=(20, 30), accept=0, reject=2, series=STAGED)
    first = world.drawn(STAGED)
    assert world.finds(WATCH, STAGED, *first[1:]).admitted
    assert world.finds(WATCH, STAGED, first[0], result="not_found").admitted
    world.commitments[STAGED] = stages[1]
    both = world.drawn(STAGED)
    assert world.finds(WATCH, STAGED, *sorted(set(both[20:]) - set(first))[:3]).admitted
    _commits(world, STRATA, "acme", strata=strata, sizes=(3, 7))
    world.drawn(STRATA)


def _floor(world):
    """Positions are drawn; what stands there was never declared."""
    floor = {"direction": "floor_to_book", "series": FLOOR, "sizes": (12,)}
    draft = world.commitment_draft(WATCH, FLOOR, "acme", **floor)
    assert world.says_positions(draft, {"acme/annex": 12}).admitted
    places = world.drawn(FLOOR)
    lines = [{"position": place} for place in places[2:]]
    lines += [{"position": places[0], "chip": "acme:DARK0"}, {"position": places[1], "chip": "acme:N00031"}]
    assert world.finds(WATCH, FLOOR, *lines, site="acme/annex").admitted
    assert world.closes(WATCH, FLOOR, "inconclusive", off_book=1).admitted


def _other_draws(world):
    """Sizes above the frame; two provers in one frame."""
    _commits(world, WHOLE, "acme", sizes=(10**9,))
    assert len(world.drawn(WHOLE)) == CHIPS
    assert world.dispatches("acme", "acme/s1", "acme:N00001", "acme:N00002", to="oslo").admitted
    assert world.arrives("oslo", "acme/s1").admitted
    _commits(world, POOLED, "acme", "oslo", sizes=(40,))
    assert len(world.drawn(POOLED)) == 40


def _by_nist(world):
    """A beacon whose value has 64 bytes."""
    listed = {"scheme": "nist-beacon-2.0-rsa-sha512", "public_key": modulus_of(rsa_key(0)).hex()}
    listed |= {"period_s": NIST_PERIOD_S, "chain": "2"}
    told = world.lists_beacon(NIST_BEACON, **listed)
    assert told.admitted, told.detail
    number = (world.now // 1000 + 1_200 - GENESIS) // NIST_PERIOD_S + 1
    draft = world.commitment_draft(WATCH, NIST, "acme", series=NIST, beacon=NIST_BEACON, sizes=(5,))
    stages = [draft.body["stages"][0] | {"round": number}]
    told = world.says_commitment(draft.changed(stages=stages))
    assert told.admitted, told.detail
    world.waits(1_300)
    published = published_at(GENESIS + (number - 1) * NIST_PERIOD_S, number)
    value = output_value(read_published(number, published))
    assert len(value) == 64
    told = world.says(world.drawn_by(WATCH, NIST, {"round": number, "nist": published}, value))
    assert told.admitted, told.detail


def _seen_by_witnesses(world):
    """The log asks for witnesses from here on, and they saw the commitment in time."""
    world.asks_witnesses("w1", "w2")
    _commits(world, SEEN, "acme", sizes=(4,))
    seen = GENESIS + (world.commitments[SEEN].round - 1) * PERIOD_S - 120
    timely = world.witnessed_at(SEEN, seen, "w1", "w2")
    drawn = world.drawn(SEEN, timely=timely)
    assert world.finds(WATCH, SEEN, *drawn).admitted
    assert world.closes(WATCH, SEEN, "clean").admitted


def digest(text):
    """A hash to spoil a file with."""
    return sha256(text.encode()).hexdigest()


def seconds(text_ms):
    """A moment of the world's clock, as statements write it."""
    return format_seconds(text_ms // 1000)
