"""How would a log's operator and a verifier in league sign anew whatever they changed?

`forged` makes a spoiler out of a change to a header: the entries it has are put into a tree of the forger's
own, between leaves that are none, and the head is signed by the log's key. What a statement says otherwise is
signed by its speaker.
"""

import json
from base64 import b64decode
from hashlib import sha256

from ledger.book.encoding import entry_bytes
from ledger.book.times import format_milliseconds, parse_milliseconds
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import RightEdge, grow, leaf_hash, leaf_hashes, root_of
from ledger.log.proofs import HashSource, inclusion_proof
from signing.canonical import encode
from signing.envelope import STATEMENT_TYPE, read_envelope, seal
from tests.world import DICE
from tests.world_speech import signer_of

COMMITTED, DRAWN, FOUND, CLOSED = (f"inspection.{word}" for word in ("committed", "drawn", "found", "closed"))
DAY_MS = 86_400_000


def written(header, lines):
    """The bytes of a file."""
    return b"\n".join([encode(header), *lines, b""])


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


def drawn_early(header):
    """The operator lets a draw in before its round is due."""
    find(header, DRAWN)["admitted_at"] = find(header, COMMITTED)["admitted_at"]


def out_of_its_time(header):
    """An entry admitted before the one it follows."""
    entry = find(header, FOUND)
    moment = parse_milliseconds(entry["admitted_at"], "admitted_at")
    entry["admitted_at"] = format_milliseconds(moment - DAY_MS)


def of_another_log(header):
    """A statement that was meant for another log."""
    entry = find(header, FOUND)
    say(entry, payload_of(entry) | {"log": "example.org/other"})


def late_findings(header):
    """The second stage's round is due before the findings of the first are."""
    entry = find(header, COMMITTED)
    payload = payload_of(entry)
    payload["body"]["stages"][0]["found_by"] = payload["body"]["stages"][1]["found_by"]
    say(entry, payload)


def undrawn(header):
    """Findings of an inspection whose draw is hidden."""
    header["entries"].remove(find(header, DRAWN))
    header["stages"] = []
    del header["frame"]


def says_instead(kind, said, party="watch"):
    """Somebody says another thing altogether in the place of the first finding."""

    def change(header):
        entry = find(header, FOUND)
        payload = {name: value for name, value in payload_of(entry).items() if name != "manifest"}
        del entry["manifest"]
        say(entry, payload | {"kind": kind, "body": said, "party": party})

    return change


def flipped(text):
    return ("0" if text[0] != "0" else "1") + text[1:]
