"""Replay files that somebody tampered with, and what each of them must be called.

Two sorts of hands: those that change a file, and those of a log's operator and a verifier in league, who sign
anew whatever they changed (`forged`): entries, tree, checkpoint. Each fault names the flaw it is.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from ledger.replay.flaws import Flaw
from tests.replay.forging import (
    CLOSED,
    COMMITTED,
    DRAWN,
    FOUND,
    another_chip,
    another_pulse,
    another_round,
    another_secret,
    at_another_time,
    body,
    by_a_stranger,
    drawn_early,
    enrolled,
    find,
    flipped,
    forged,
    late_findings,
    later_commitment,
    no_witness,
    of_another_log,
    other_result,
    out_of_its_time,
    says_instead,
    spoilt_signature,
    spoilt_witness,
    undrawn,
    without,
    written,
)
from tests.replay.inspected import FLOOR, MISSED, NIST, OWN, PLAIN, SEEN, STAGED, STRATA, UNDRAWN
from tests.world import LOG_KEY, REGISTRAR


@dataclass(frozen=True)
class Doctored:
    """`spoil` takes (header, lines) and gives the bytes; `of_the_draw`: a program that only draws sees it."""

    inspection: str
    flaw: Flaw
    spoil: Callable[[dict, list], bytes]
    of_the_draw: bool = True


def doctored(raw, one):
    """The file after somebody's hands."""
    first, *lines = raw.split(b"\n")[:-1]
    return one.spoil(json.loads(first), lines)


def told(change):
    """Something else in the header."""

    def spoil(header, lines):
        change(header)
        return written(header, lines)

    return spoil


def stage(name, value):
    """Another plain word for the first stage; `value` may be made from the one there."""

    def change(header):
        was = header["stages"][0][name]
        header["stages"][0][name] = value(was) if callable(value) else value

    return told(change)


def framed(change):
    """Other lines."""
    return lambda header, lines: written(header, change(lines))


def swap(items):
    items[0], items[1] = items[1], items[0]
    return items


F = Flaw
ELSEWHERE = {"site": "watch/office", "name": "Office", "country": "AT"}
DOCTORED = {
    # the plain words
    "selection in another order": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("selection", swap)),
    "selection without its last": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("selection", lambda was: was[:-1])),
    "another seed": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("seed", flipped)),
    "another randomness": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("randomness", flipped)),
    "another randomness of 64 bytes": Doctored(NIST, F.TOLD_OTHERWISE, stage("randomness", flipped)),
    "another randomness that is taken": Doctored(OWN, F.TOLD_OTHERWISE, stage("randomness", flipped)),
    "another size": Doctored(STRATA, F.TOLD_OTHERWISE, stage("sizes", lambda was: [was[0] + 1, was[1]])),
    "strata swapped": Doctored(STRATA, F.TOLD_OTHERWISE, stage("strata", swap)),
    "another plain secret": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("secret", flipped)),
    "another plain round": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("round", lambda was: was + 1)),
    "another plain pulse": Doctored(
        PLAIN, F.TOLD_OTHERWISE, stage("pulse", lambda was: {**was, "signature": flipped(was["signature"])})
    ),
    "another plain beacon": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("beacon", "registrar/other")),
    "another stage": Doctored(PLAIN, F.TOLD_OTHERWISE, stage("stage", 2), of_the_draw=False),
    "another plain frame": Doctored(
        PLAIN, F.TOLD_OTHERWISE, told(lambda h: h["frame"].update(count=59)), of_the_draw=False
    ),
    # the frame
    "a line left out": Doctored(PLAIN, F.WRONG_FRAME, framed(lambda lines: lines[:7] + lines[8:])),
    "a line changed": Doctored(
        PLAIN, F.WRONG_FRAME, framed(lambda lines: [lines[0].replace(b"N00000", b"A00000"), *lines[1:]])
    ),
    "a line added": Doctored(
        PLAIN, F.WRONG_FRAME, framed(lambda lines: [*lines, b'{"chip":"zz:Z","stratum":"all"}'])
    ),
    "a chip in another stratum": Doctored(
        STRATA, F.WRONG_FRAME, framed(lambda lines: [lines[0].replace(b'"rest"', b'"annex"'), *lines[1:]])
    ),
    "lines shuffled": Doctored(PLAIN, F.BAD_FRAME, framed(swap)),
    "a line doubled": Doctored(PLAIN, F.BAD_FRAME, framed(lambda lines: [*lines, lines[-1]])),
    "a stratum nobody named": Doctored(
        PLAIN, F.BAD_FRAME, framed(lambda lines: [lines[0].replace(b'"all"', b'"some"'), *lines[1:]])
    ),
    "a chip among positions": Doctored(
        FLOOR, F.BAD_FRAME, framed(lambda lines: [b'{"chip":"acme:N1","stratum":"all"}', *lines])
    ),
    "an empty line": Doctored(PLAIN, F.BAD_FRAME, framed(lambda lines: [*lines, b""])),
    "another spelling": Doctored(
        PLAIN, F.BAD_FRAME, framed(lambda lines: [lines[0].replace(b":", b": ", 1), *lines[1:]])
    ),
    "lines with no draw": Doctored(
        UNDRAWN, F.BAD_FRAME, framed(lambda _: [b'{"chip":"acme:N1","stratum":"all"}']), of_the_draw=False
    ),
    "cut off in the frame": Doctored(PLAIN, F.BAD_FRAME, lambda h, lines: written(h, lines)[:-5]),
    "cut off after a line": Doctored(PLAIN, F.WRONG_FRAME, framed(lambda lines: lines[:30])),
    # what was signed, signed anew
    "another secret": Doctored(PLAIN, F.WRONG_SECRET, forged(another_secret)),
    "another round": Doctored(PLAIN, F.WRONG_ROUND, forged(another_round)),
    "a pulse of another round": Doctored(PLAIN, F.BAD_PULSE, forged(another_pulse)),
    "a friend is spared": Doctored(PLAIN, F.WRONG_SELECTION, forged(another_chip)),
    "another beacon": Doctored(PLAIN, F.WRONG_ROUND, forged(body(DRAWN, beacon="registrar/other"))),
    "a commitment after its round": Doctored(PLAIN, F.TOO_EARLY, forged(later_commitment), of_the_draw=False),
    "a stage that could be known too soon": Doctored(STAGED, F.TOO_EARLY, forged(late_findings)),
    "a draw before its round": Doctored(PLAIN, F.TOO_EARLY, forged(drawn_early), of_the_draw=False),
    "a witness who did not sign": Doctored(SEEN, F.BAD_WITNESS, forged(spoilt_witness), of_the_draw=False),
    "clean without witnesses": Doctored(SEEN, F.WRONG_VERDICT, forged(no_witness), of_the_draw=False),
    "a stage that was not due": Doctored(
        STAGED, F.WRONG_STAGE, forged(other_result("not_found", 1, result="confirmed")), of_the_draw=False
    ),
    "a clean verdict": Doctored(
        MISSED, F.WRONG_VERDICT, forged(body(CLOSED, verdict="clean")), of_the_draw=False
    ),
    "a lower bound than found": Doctored(
        MISSED, F.WRONG_VERDICT, forged(body(CLOSED, upper_bound=4)), of_the_draw=False
    ),
    "an accusation withdrawn": Doctored(
        MISSED, F.WRONG_VERDICT, forged(other_result("not_found", 1, result="confirmed")), of_the_draw=False
    ),
    "a finding left out": Doctored(MISSED, F.WRONG_VERDICT, told(without(FOUND, 1)), of_the_draw=False),
    "a chip the book knew called unknown": Doctored(
        FLOOR, F.WRONG_VERDICT, told(lambda h: find(h, FOUND).pop("unknown")), of_the_draw=False
    ),
    # who said it, and where
    "signed by a stranger": Doctored(PLAIN, F.BAD_SIGNATURE, forged(by_a_stranger), of_the_draw=False),
    "a spoilt signature": Doctored(PLAIN, F.BAD_SIGNATURE, forged(spoilt_signature), of_the_draw=False),
    "no word of whose key": Doctored(PLAIN, F.BAD_SIGNATURE, told(enrolled), of_the_draw=False),
    "no beacon listed": Doctored(PLAIN, F.WRONG_STATEMENT, told(without("beacon.listed")), of_the_draw=False),
    "a verifier lowers the quorum": Doctored(
        PLAIN, F.WRONG_STATEMENT, forged(says_instead("log.changed", {"quorum": 0})), of_the_draw=False
    ),
    "a change that changes nothing": Doctored(
        PLAIN,
        F.WRONG_STATEMENT,
        forged(says_instead("log.changed", {"log_key": LOG_KEY.text()}, REGISTRAR)),
        of_the_draw=False,
    ),
    "findings without a draw": Doctored(
        PLAIN, F.WRONG_STATEMENT, lambda header, _: told(undrawn)(header, []), of_the_draw=False
    ),
    "no entry at all": Doctored(PLAIN, F.WRONG_STATEMENT, told(lambda h: h["entries"].clear())),
    "a statement that has no place here": Doctored(
        PLAIN, F.WRONG_STATEMENT, forged(says_instead("site.declared", ELSEWHERE)), of_the_draw=False
    ),
    "no entry 0": Doctored(PLAIN, F.BAD_SIGNATURE, told(without("log.opened")), of_the_draw=False),
    "no commitment": Doctored(PLAIN, F.WRONG_STATEMENT, told(without(COMMITTED))),
    "no draw": Doctored(PLAIN, F.WRONG_STATEMENT, told(without(DRAWN)), of_the_draw=False),
    "another inspection": Doctored(
        PLAIN, F.WRONG_STATEMENT, told(lambda h: h.update(inspection="watch/other")), of_the_draw=False
    ),
    "admitted at another time": Doctored(PLAIN, F.NOT_IN_LOG, told(at_another_time), of_the_draw=False),
    "another proof": Doctored(
        PLAIN,
        F.NOT_IN_LOG,
        told(lambda h: h["entries"][-1].update(proof=["00" * 32, *h["entries"][-1]["proof"][1:]])),
        of_the_draw=False,
    ),
    "admitted before the entry before": Doctored(
        PLAIN, F.BAD_STATEMENT, forged(out_of_its_time), of_the_draw=False
    ),
    "meant for another log": Doctored(PLAIN, F.BAD_STATEMENT, forged(of_another_log), of_the_draw=False),
    "no frame told": Doctored(PLAIN, F.WRONG_STATEMENT, told(lambda h: h.pop("frame")), of_the_draw=False),
    "a stage too many": Doctored(
        PLAIN, F.WRONG_STATEMENT, told(lambda h: h["stages"].append(h["stages"][0]))
    ),
    "entries out of order": Doctored(
        PLAIN, F.UNREADABLE, told(lambda h: swap(h["entries"])), of_the_draw=False
    ),
    "a manifest line left out": Doctored(
        PLAIN, F.BAD_STATEMENT, told(lambda h: find(h, DRAWN)["manifest"].pop())
    ),
    "a checkpoint of one's own": Doctored(
        PLAIN,
        F.BAD_CHECKPOINT,
        told(lambda h: h.update(checkpoint=h["checkpoint"].replace(h["log"] + "\n", h["log"] + "\n1", 1))),
        of_the_draw=False,
    ),
    "another log": Doctored(
        PLAIN, F.ANOTHER_LOG, told(lambda h: h.update(log="example.org/other")), of_the_draw=False
    ),
}
