"""Replay files that somebody tampered with, and what each of them must be called.

Two sorts of hands: those that change a file, and those of a log's operator and a verifier in league, who sign
anew whatever they changed (`forged`): entries, tree, checkpoint. Each fault names the flaw it is.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from ledger.book.encoding import entry_bytes
from ledger.book.times import format_milliseconds, parse_milliseconds
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import RightEdge, grow, leaf_hash, leaf_hashes, root_of
from ledger.log.proofs import HashSource, inclusion_proof
from ledger.replay.flaws import Flaw
from signing.canonical import encode
from signing.envelope import STATEMENT_TYPE, read_envelope, seal
from tests.replay.inspected import FLOOR, MISSED, NIST, OWN, PLAIN, SEEN, STAGED, STRATA, UNDRAWN
from tests.world import DICE
from tests.world_speech import signer_of

COMMITTED, DRAWN, FOUND, CLOSED = (f"inspection.{word}" for word in ("committed", "drawn", "found", "closed"))


@dataclass(frozen=True)
class Doctored:
    """`spoil` takes (header, lines) and gives the bytes; `of_the_draw`: a program that only draws sees it."""

    inspection: str
    flaw: Flaw
    spoil: Callable[[dict, list], bytes]
    of_the_draw: bool = True


def written(header, lines):
    """The bytes of a file."""
    return b"\n".join([encode(header), *lines, b""])


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


# -- those who sign


def payload_of(entry):
    """What an entry of a header says."""
    return json.loads(b64decode(entry["envelope"]["payload"]))


def find(header, kind, place=0):
    """The entry of a kind."""
    return [entry for entry in header["entries"] if payload_of(entry)["kind"] == kind][place]


def say(entry, payload, signer=None):
    """The entry says this, signed by its speaker."""
    if "manifest" in entry:
        lines = [encode(line) for line in entry["manifest"]]
        payload["manifest"] = {"count": len(lines), "root": root_of(leaf_hashes(lines)).hex()}
    sealed = seal(signer or signer_of(payload["party"]), STATEMENT_TYPE, encode(payload))
    entry["envelope"] = sealed.as_object()


def reseal(header):
    """Put every entry into a tree of the forger's own, and sign its head."""
    size = int(header["checkpoint"].split("\n")[1])
    leaves = [sha256(b"filler %d" % place).digest() for place in range(size)]
    for entry in header["entries"]:
        envelope = read_envelope(entry["envelope"], STATEMENT_TYPE)
        raw = entry_bytes(parse_milliseconds(entry["admitted_at"], "admitted_at"), envelope)
        leaves[entry["index"]] = leaf_hash(raw)
    grown = grow(RightEdge.empty(), leaves)
    source = HashSource(lambda level, number: grown.tiles[level, number])
    for entry in header["entries"]:
        entry["proof"] = [step.hex() for step in inclusion_proof(entry["index"], size, source)]
    header["checkpoint"] = sign_checkpoint(Checkpoint(header["log"], size, root_of(leaves)), signer_of("log"))


def forged(change):
    """A header changed and signed anew."""

    def spoil(header, lines):
        change(header)
        reseal(header)
        return written(header, lines)

    return spoil


def body(kind, place=0, **fields):
    """An entry that says something else, signed by its speaker."""

    def change(header):
        entry = find(header, kind, place)
        payload = payload_of(entry)
        payload["body"] |= fields
        say(entry, payload)

    return change


def another_secret(header):
    body(DRAWN, secret="ab" * 32)(header)
    header["stages"][0]["secret"] = "ab" * 32


def another_round(header):
    number = header["stages"][0]["round"] + 1
    pulse = {"round": number, "signature": DICE.pulse(number).hex()}
    body(DRAWN, round=number, pulse=pulse)(header)
    header["stages"][0] |= {"round": number, "pulse": pulse}


def another_pulse(header):
    number = header["stages"][0]["round"]
    pulse = {"round": number, "signature": DICE.pulse(number + 1).hex()}
    body(DRAWN, pulse=pulse)(header)
    header["stages"][0]["pulse"] = pulse


def another_chip(header):
    """One that was not drawn in the place of the first that was, in the signed lines and the plain words."""
    entry = find(header, DRAWN)
    drawn = {line["chip"] for line in entry["manifest"]}
    other = next(f"acme:N{n:05}" for n in range(60) if f"acme:N{n:05}" not in drawn)
    victim = entry["manifest"][0]["chip"]
    entry["manifest"][0]["chip"] = other
    entry["manifest"].sort(key=lambda line: line["chip"])
    say(entry, payload_of(entry))
    for one in header["stages"][0]["selection"]:
        one["chip"] = other if one["chip"] == victim else one["chip"]


def later_commitment(header):
    """The operator wrote the commitment after its round, and dated everything else to fit."""
    draw = find(header, DRAWN)
    find(header, COMMITTED)["admitted_at"] = draw["admitted_at"]


def other_result(kind_of, place=0, **fields):
    """A finding says something else of its first line of that result."""

    def change(header):
        entry = find(header, FOUND, place)
        line = next(line for line in entry["manifest"] if line["result"] == kind_of)
        line |= fields
        say(entry, payload_of(entry))

    return change


def spoilt_witness(header):
    entry = find(header, DRAWN)
    payload = payload_of(entry)
    note = payload["body"]["timely"]["checkpoint"]
    payload["body"]["timely"]["checkpoint"] = note[:-12] + ("A" if note[-12] != "A" else "B") + note[-11:]
    say(entry, payload)


def no_witness(header):
    entry = find(header, DRAWN)
    payload = payload_of(entry)
    del payload["body"]["timely"]
    say(entry, payload)


def by_a_stranger(header):
    entry = find(header, DRAWN)
    say(entry, payload_of(entry), signer_of("stranger"))


def spoilt_signature(header):
    signature = find(header, DRAWN)["envelope"]["signatures"][0]
    signature["sig"] = ("A" if signature["sig"][0] != "A" else "B") + signature["sig"][1:]


def without(kind, place=0):
    """An entry is left out."""
    return lambda header: header["entries"].remove(find(header, kind, place))


def enrolled(header):
    """Who brought the verifier's key in is left out."""
    entries = header["entries"]
    who = [e for e in entries if payload_of(e)["body"].get("party") == "watch"]
    entries.remove(who[0])


def at_another_time(header):
    entry = find(header, DRAWN)
    moment = parse_milliseconds(entry["admitted_at"], "admitted_at")
    entry["admitted_at"] = format_milliseconds(moment + 1)


def swap(items):
    items[0], items[1] = items[1], items[0]
    return items


def flipped(text):
    return ("0" if text[0] != "0" else "1") + text[1:]


F = Flaw
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
