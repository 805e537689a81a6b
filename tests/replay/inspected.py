"""Inspections of every sort that a replay file is about, played over HTTP, and their files.

`play` gives a folder of files, one an inspection, as the server sends them.
"""

from pathlib import Path

from ledger.book.times import format_seconds
from ledger.inspection.curby import CURBY_Q_SCHEME, CURBY_RNG_SCHEME
from ledger.inspection.nist import NIST_SCHEME, output_value, read_published
from ledger.inspection.twine import name_of
from ledger.inspection.vrf import VRF_SCHEME, prove, public_key_of, verify, vrf_input
from tests.inspection.own_curby import CHAIN_CID, classical_pair, published_of, quantum
from tests.inspection.own_keys import modulus_of, rsa_key
from tests.inspection.own_nist import published_at
from tests.world import GENESIS, PERIOD_S
from tests.world_affairs import log_change_draft
from tests.world_http import WATCH

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}
NAMES = "plain staged floor whole seen missed undrawn pooled strata nist quantum classical own lowered"
ALL = tuple(f"{WATCH}/{name}" for name in NAMES.split())
PLAIN, STAGED, FLOOR, WHOLE, SEEN, MISSED, UNDRAWN, POOLED, STRATA, NIST, QUANTUM, CLASSICAL, OWN, LOWERED = (
    ALL
)
DRAWN = tuple(each for each in ALL if each != UNDRAWN)
CLOSED = (PLAIN, FLOOR, SEEN, MISSED, LOWERED)
MINUTE_S = 60
OWN_SEED = bytes(range(32))
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
    _by_other_beacons(world)
    _seen_by_witnesses(world)
    _commits(world, UNDRAWN, "acme")
    for inspection in ALL:
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


def _by_other_beacons(world):
    """NIST's, CURBy's two, and a key of the verifier's own; each with a value of 64 bytes."""
    modulus = modulus_of(rsa_key(0)).hex()
    listed = {"scheme": NIST_SCHEME, "public_key": modulus, "chain": "2"}
    number, due = _by_beacon(world, NIST, listed)
    published = published_at(due, number)
    _draws_by(world, NIST, {"nist": published}, output_value(read_published(number, published)))
    number, due = _by_beacon(
        world, QUANTUM, {"scheme": CURBY_Q_SCHEME, "public_key": modulus, "chain": CHAIN_CID}
    )
    pulse = published_of(quantum(number, _milliseconds(due), b"v" * 64))
    _draws_by(world, QUANTUM, {"curby": {"pulse": pulse}}, b"v" * 64)
    listed = {"scheme": CURBY_RNG_SCHEME, "public_key": modulus, "chain": CHAIN_CID}
    number, due = _by_beacon(world, CLASSICAL, listed)
    before, pulse = classical_pair(number, _milliseconds(due))
    both = {"pulse": published_of(pulse), "previous": published_of(before)}
    _draws_by(world, CLASSICAL, {"curby": both}, name_of(pulse))
    _by_beacon(world, OWN, {"scheme": VRF_SCHEME, "public_key": public_key_of(OWN_SEED).hex()})
    made = world.commitments[OWN]
    leaf = world.told(WATCH, f"/statements/{made.statement}")["leaf_hash"]
    alpha = vrf_input(made.beacon, made.round, bytes.fromhex(leaf))
    proof = prove(OWN_SEED, alpha)
    _draws_by(world, OWN, {"proof": proof.hex()}, verify(public_key_of(OWN_SEED), alpha, proof))


def _by_beacon(world, inspection, listed):
    """A commitment to a round of a beacon that is listed for it: the round, and when it was due by now."""
    beacon = f"registrar/{inspection.partition('/')[2]}"
    assert world.lists_beacon(beacon, period_s=MINUTE_S, **listed).admitted
    number = (world.now // 1000 + 1_200 - GENESIS) // MINUTE_S + 1
    draft = world.commitment_draft(WATCH, inspection, "acme", series=inspection, beacon=beacon, sizes=(5,))
    told = world.says_commitment(draft.changed(stages=[draft.body["stages"][0] | {"round": number}]))
    assert told.admitted, told.detail
    world.waits(1_300)
    return number, GENESIS + (number - 1) * MINUTE_S


def _draws_by(world, inspection, pulse, randomness):
    assert len(randomness) == 64
    pulse = {"round": world.commitments[inspection].round, **pulse}
    told = world.says(world.drawn_by(WATCH, inspection, pulse, randomness))
    assert told.admitted, told.detail


def _milliseconds(unix_seconds):
    return f"{format_seconds(unix_seconds)[:-1]}.000Z"


def _seen_by_witnesses(world):
    """The log asks for witnesses from here on, and they saw the commitment in time."""
    world.asks_witnesses("w1", "w2")
    _commits(world, SEEN, "acme", sizes=(4,))
    seen = GENESIS + (world.commitments[SEEN].round - 1) * PERIOD_S - 120
    timely = world.witnessed_at(SEEN, seen, "w1", "w2")
    drawn = world.drawn(SEEN, timely=timely)
    assert world.finds(WATCH, SEEN, *drawn).admitted
    assert world.closes(WATCH, SEEN, "clean").admitted
    _asked_at_the_commitment(world)


def _asked_at_the_commitment(world):
    """Witnesses are asked for when it is committed, and none when it is drawn: none is shown."""
    _commits(world, LOWERED, "acme", sizes=(4,))
    assert world.says(log_change_draft(world, quorum=0)).admitted
    drawn = world.drawn(LOWERED)
    assert world.finds(WATCH, LOWERED, *drawn).admitted
    assert world.closes(WATCH, LOWERED, "void").admitted
    world.asks_witnesses("w1", "w2")
