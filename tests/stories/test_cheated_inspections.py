"""Inspections that somebody tries to cheat: the prover, the verifier, the operator, or bad luck.

Each cheat is tried beside the honest way, which works: what is refused or shown is the cheat alone.
"""

from dataclasses import replace
from hashlib import sha256

import pytest

from api.cli.demo_beacon import DemoBeaconSigner
from ledger.book.rejection import Reason
from tests.world import DICE, draw_seed, secret_of
from tests.world_http import WATCH
from tests.world_verifying import DAY_S, verifier_world

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}
VISIT, NEXT = f"{WATCH}/visit", f"{WATCH}/next"
SLOW_CLOCK_S = 7_200
HOUR_S = 3_600


@pytest.fixture
def world(tmp_path):
    """A maker with 200 chips, two holders, a verifier and dice, behind a server."""
    with verifier_world(tmp_path, CAST) as world:
        assert world.registers("acme", *(f"acme:N{number:03}" for number in range(200))).admitted
        yield world


def selection(made, secret, pulse):
    """What somebody computes who knows the frame, the commitment, the pulse, and this for a secret."""
    seed = draw_seed(replace(made, secret=secret), sha256(pulse).digest())
    chips = (chip for chip, _ in made.frame)
    ranked = sorted(chips, key=lambda chip: (sha256(seed + chip.encode()).digest(), chip))
    return ranked[: made.sizes[0]]


def test_a_leak_helps_nobody_without_the_secret(world):
    """The prover knows the commitment, its own chips and the public pulse, and still not which are drawn."""
    assert world.commits(WATCH, VISIT, "acme", sizes=(20,)).admitted
    leaked = world.commitments[VISIT]
    world.comes(VISIT)
    pulse = DICE.pulse(leaked.round)  # public the moment it is due
    guesses = [sha256(f"guess {n}".encode()).digest() for n in range(300)]
    overlaps = [len(set(selection(leaked, guess, pulse))) for guess in guesses]
    assert overlaps == [20] * 300
    for path in (f"/inspections/{VISIT}", f"/inspections/{VISIT}/sample", f"/inspections/{VISIT}/bundle"):
        hidden, nothing = world.door.ask("acme", path), world.door.ask("acme", path.replace("visit", "none"))
        assert (hidden.status_code, hidden.content) == (nothing.status_code, nothing.content)
    told = world.door.ask("acme", f"/statements/{leaked.statement}")
    assert told.status_code == 404

    drawn = world.drawn(VISIT)
    hits = [len(set(selection(leaked, guess, pulse)) & set(drawn)) for guess in guesses]
    # Blind guesses hit a tenth, as chance does: 2 of 20 in the mean, over 300 guesses within six sigma.
    assert abs(sum(hits) / 300 - 2) < 6 * 0.075 and max(hits) < 12
    assert selection(leaked, leaked.secret, pulse) == drawn  # with the secret it would have been all
    assert world.audited(past=False)


def test_the_shopper_is_refused_and_shown(world):
    """A verifier that dislikes what it drew can neither draw again unseen nor forget the first."""
    assert world.commits(WATCH, VISIT, "acme", sizes=(20,)).admitted
    world.comes(VISIT)  # it knows its sample now, and keeps silent
    assert world.commits(WATCH, NEXT, "acme", number=1, sizes=(20,)).reason is Reason.BAD_NUMBER
    assert world.commits(WATCH, NEXT, "acme", number=3, sizes=(20,)).reason is Reason.BAD_NUMBER
    assert world.commits(WATCH, NEXT, "acme", number=2, sizes=(20,)).reason is Reason.OPEN_COMMITMENT
    world.waits(3 * DAY_S)
    assert world.commits(WATCH, NEXT, "acme", number=2, sizes=(20,)).admitted
    assert world.finds(WATCH, NEXT, *world.drawn(NEXT)).opened == []
    alone = world.would(world.closing_draft(WATCH, NEXT, "clean", draw={"k": 1, "m": 1}))
    assert alone.reason is Reason.BAD_FIELD  # as if there had been one
    assert world.closes(WATCH, NEXT, "clean", m=2).admitted
    assert world.inspection(NEXT, by="acme")["draw"] == {"k": 2, "m": 2}

    assert world.closes(WATCH, VISIT, "clean", m=2).reason is Reason.BAD_FIELD
    assert world.closes(WATCH, VISIT, "withheld", m=2).admitted
    drawn = world.drawn(VISIT)  # late, and withheld for ever
    assert len(drawn) == 20 and world.inspection(VISIT)["withheld"]
    assert world.finds(WATCH, VISIT, *drawn).opened == []
    assert world.would(world.closing_draft(WATCH, VISIT, "clean", m=2)).reason is Reason.BAD_FIELD
    assert world.closes(WATCH, VISIT, "withheld", m=2).admitted
    assert world.audited(past=False)


@pytest.mark.parametrize(("slow", "verdict"), [(0, "clean"), (SLOW_CLOCK_S, "void")])
def test_the_verdict_of_a_backdater_is_void(world, slow, verdict):
    """An operator with a slow clock admits, as if in time, what was signed when the round was known.

    The control is the same with a clock that is right.
    """
    world.asks_witnesses("north", "south")
    assert world.commits(WATCH, VISIT, "acme", sizes=(20,)).admitted
    due = world.due(VISIT)
    true_time = world.now // 1000 + slow  # what everybody's clock says but the operator's
    assert (true_time > due) is (slow > 0)
    timely = world.witnessed_at(VISIT, true_time, "north", "south")
    drawn = world.drawn(VISIT, timely=timely)
    assert world.inspection(VISIT)["timely"] == ("late" if slow else "timely")
    assert world.finds(WATCH, VISIT, *drawn).opened == []
    others = {"clean", "void", "inconclusive"} - {verdict}
    for said in others:
        assert world.would(world.closing_draft(WATCH, VISIT, said)).reason is Reason.BAD_FIELD
    assert world.closes(WATCH, VISIT, verdict).admitted
    assert world.audited(past=False)


def test_one_witness_is_no_quorum_and_the_log_is_not_a_witness(world):
    """Of two that are asked for one came in time; the operator's own name does not make up for it."""
    world.asks_witnesses("north", "south")
    assert world.commits(WATCH, VISIT, "acme", sizes=(20,)).admitted
    timely = world.witnessed_at(VISIT, world.now // 1000, "north", "operator")
    assert world.finds(WATCH, VISIT, *world.drawn(VISIT, timely=timely)).opened == []
    assert world.inspection(VISIT)["timely"] == "late"
    assert world.closes(WATCH, VISIT, "void").admitted
    assert world.audited(past=False)


def test_a_doctored_selection_is_no_draw(world):
    """One chip left out for a friend, one put in for a foe, another frame, secret or pulse."""
    assert world.commits(WATCH, VISIT, "acme", sizes=(20,)).admitted
    world.comes(VISIT)
    honest = world.draw_draft(WATCH, VISIT)
    chips = [line["chip"] for line in honest.lines]
    other = next(chip for chip, _ in world.commitments[VISIT].frame if chip not in chips)
    body = honest.body
    doctored = {
        "left out": honest.with_lines(*chips[1:]),
        "put in": honest.with_lines(*chips, other),
        "exchanged": honest.with_lines(*chips[1:], other),
        "a smaller frame": honest.changed(frame=body["frame"] | {"count": 199}),
        "another frame": honest.changed(frame=body["frame"] | {"root": "00" * 32}),
        "another secret": honest.changed(secret=secret_of("another").hex()),
    }
    for what, draft in doctored.items():
        assert world.says(draft).reason is Reason.WRONG_SELECTION, what
    forged = DemoBeaconSigner(8).pulse(body["round"]).hex()
    pulse = honest.changed(pulse=body["pulse"] | {"signature": forged})
    assert world.says(pulse).reason is Reason.BAD_FIELD
    assert world.sample(VISIT, by="acme") is None  # none of it counts as a draw
    assert world.says(honest).admitted and sorted(world.sample(VISIT)) == sorted(chips)
    assert world.audited(refusals=7, past=False)


def test_borrowed_chips_are_shown_twice(world):
    """acme lends oslo what the inspectors saw in the morning; in the afternoon they see it again."""
    chips = [f"acme:N{number:03}" for number in range(10)]
    assert world.dispatches("acme", "acme/s1", *chips, to="oslo").admitted
    assert world.arrives("oslo", "acme/s1").opened == []
    pooled = {"provers": ["acme", "oslo"], "sizes": (200,)}
    assert world.commits(WATCH, VISIT, **pooled).admitted
    drawn = world.drawn(VISIT)
    at_acme = [chip for chip in drawn if chip not in chips]
    lent, gone = at_acme[:3], chips[:3]  # oslo sold three, and shows acme's in their place
    assert world.finds(WATCH, VISIT, *at_acme).opened == []
    world.waits(3 * HOUR_S)
    assert world.finds(WATCH, VISIT, *chips[3:], site="oslo/hall").opened == []
    shown = world.finds(WATCH, VISIT, *lent, site="oslo/hall")
    assert shown.opened == [("duplicate", "acme", 3)]
    missed = world.finds(WATCH, VISIT, *gone, site="oslo/hall", result="not_found")
    assert missed.opened == [("absent", "oslo", 3)]
    told = {
        item["chip"]: item["result"] for item in world.told(WATCH, f"/inspections/{VISIT}/sample")["items"]
    }
    assert {told[chip] for chip in lent} == {"duplicate"} and {told[chip] for chip in gone} == {"not_found"}
    assert world.would(world.closing_draft(WATCH, VISIT, "clean")).reason is Reason.BAD_FIELD
    assert world.closes(WATCH, VISIT, "violations").admitted
    assert world.audited(past=False)


def test_the_silent_beacon_whose_round_appears_later(world):
    """Dice are silent for two days: the next number uses coins. The dice speak after all: both are due."""
    coins = DemoBeaconSigner(8)
    listing = world.beacon_draft("registrar/coins", public_key=coins.public_key.hex())
    assert world.says(listing).admitted
    assert world.commits(WATCH, VISIT, "acme", sizes=(20,)).admitted
    due = world.comes(VISIT)
    assert world.would(world.closing_draft(WATCH, VISIT, "void_beacon")).reason is Reason.TOO_EARLY
    early = {"beacon": "registrar/coins", "number": 2, "sizes": (20,)}
    assert world.commits(WATCH, NEXT, "acme", **early).reason is Reason.OPEN_COMMITMENT
    world.waits(due + 48 * HOUR_S - world.now // 1000)
    assert world.closes(WATCH, VISIT, "void_beacon").admitted
    assert world.commits(WATCH, NEXT, "acme", **early).admitted
    second = world.drawn(NEXT, dice=coins)
    assert world.finds(WATCH, NEXT, *second).opened == []

    # The round appears: nobody held it back, so its sample is not withheld, and it is due.
    first = world.drawn(VISIT)
    assert len(first) == 20 and not world.inspection(VISIT)["withheld"]
    assert world.would(world.closing_draft(WATCH, VISIT, "clean", m=2)).reason is Reason.BAD_FIELD
    assert world.finds(WATCH, VISIT, *first).opened == []
    assert world.closes(WATCH, VISIT, "clean", m=2).admitted
    assert world.closes(WATCH, NEXT, "clean", m=2).admitted
    assert {world.inspection(name)["verdict"] for name in (VISIT, NEXT)} == {"clean"}
    assert world.audited(past=False)
