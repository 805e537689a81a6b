"""A world's history, made up with the slow law at hand: bytes to send, when, and what must be told.

`Author` signs what the moves say, asks the slow law, and writes down the step. Steps with the same `now_ms`
can be said in one breath. The same seed writes the same history.
"""

import json
from dataclasses import dataclass, replace

from ledger.book import law
from ledger.book.times import DAY_SECONDS, format_seconds
from signing.note import ED25519, make_vkey
from tests.properties import slow_people
from tests.properties.slow_book import seen_text
from tests.properties.slow_law import Answer, Said, SlowLaw
from tests.properties.slow_people import seconds
from tests.world_speech import ORIGIN, Draft, lines_of, proven, signer_of

BEGIN_MS = 1_795_243_440_123
PEOPLE = {
    "acme": ["maker"],
    "mute": ["maker"],  # keeps silent: it has no key
    "waf": ["fab"],
    "oslo": ["holder"],
    "lima": ["holder"],
    "odm": ["holder", "maker"],
    "watch": ["verifier"],
    "quill": ["analyst"],
    "deputy": ["registrar"],
}
SITES = {
    "acme/hall": "NO",
    "oslo/hall": "NO",
    "lima/hall": "NO",
    "lima/abroad": "PE",
    "odm/hall": "NO",
}
MODEL = "registrar/h100"
FIGURES = {
    "vendor": "Acme", "part_numbers": ["A-1"], "memory_gb": 80, "dies": 1, "memory_bandwidth_gbps": 3350,
    "interconnect_gbps": 900, "tpp": 15_832, "gflops": {"fp8": 1_979_000}, "released": "2022-10-01T00:00:00Z",
}  # fmt: skip


@dataclass(frozen=True)
class Move:
    """What somebody says; the rest of the statement is made by the author."""

    party: str
    kind: str
    body: dict
    lines: list | None = None
    reference: str | None = None
    by: str | None = None
    log: str = ORIGIN
    occurred_in_s: int = 0
    expires_in_s: int = 90 * DAY_SECONDS
    proof_is_good: bool = True


@dataclass(frozen=True)
class Step:
    """Bytes sent at a time, what they mean, and what must be told."""

    now_ms: int
    raw: bytes
    said: Said
    answer: Answer


class Author:
    """Writes a history."""

    def __init__(self, random, twin=SlowLaw):
        self.random = random
        self.law = twin()
        self.now_ms = BEGIN_MS
        self.steps = []
        slow_people.KNOWN_KINDS = set(law.FORMS)

    @property
    def book(self):
        return self.law.book

    def waits(self, seconds_more):
        self.now_ms += 1000 * seconds_more

    def says(self, move):
        """Signed, judged by the slow law, written down."""
        now_s = self.now_ms // 1000
        times = format_seconds(now_s + move.occurred_in_s), format_seconds(now_s + move.expires_in_s)
        lines = None if move.lines is None else lines_of(move.lines)
        more = () if move.reference is None else (("reference", move.reference),)
        draft = Draft(move.party, move.kind, move.body, *times, lines, more, move.by, move.log)
        said = said_of(draft, move.proof_is_good)
        hear = self.law.hear if self.steps else self.law.opens
        step = Step(self.now_ms, draft.raw(), said, hear(said, self.now_ms))
        self.steps.append(step)
        return step

    def repeats(self, step):
        """The same bytes once more."""
        again = replace(step, now_ms=self.now_ms, answer=self.law.hear(step.said, self.now_ms))
        self.steps.append(again)
        return again

    def settles(self, **waits):
        """Everybody is enrolled, has a hall, and there is a model and a lot."""
        log_key = make_vkey(ORIGIN, ED25519, signer_of("log").public_key.octets).text()
        registrar = {"party": "registrar", "name": "R", "country": "NL", "keys": [proven("registrar")]}
        waits = {"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": 604_800} | waits
        body = {"log_key": log_key, "registrar": registrar, "witnesses": [], "quorum": 0, "rules": 1}
        told = [self.says(Move("registrar", "log.opened", body | {"waits": waits, "device_roots": []}))]
        told.append(self.says(Move("registrar", "model.listed", {"model": MODEL, **FIGURES})))
        for party, roles in PEOPLE.items():
            keys = [] if party == "mute" else [proven(party)]
            body = {"party": party, "name": party, "roles": roles, "country": "NO", "keys": keys}
            told.append(self.says(Move("registrar", "party.enrolled", body)))
        for site, country in SITES.items():
            body = {"site": site, "name": "A hall", "country": country}
            told.append(self.says(Move(site.split("/")[0], "site.declared", body)))
        assert all(step.answer.reason is None for step in told)
        return self


def said_of(draft, proof_is_good=True):
    """The statement as the slow law reads it: what travels, in its order."""
    raws = draft.raw_lines()
    lines = None if raws is None else tuple(json.loads(raw) for raw in raws)
    for line in lines or ():
        assert seen_text(line.get("seen")) == (seen_text(line["seen"]) if "seen" in line else "")
    body = dict(draft.body)
    if draft.kind == "key.added":
        body["proof_is_good"] = proof_is_good
    return Said(
        draft.envelope().id(),
        draft.party,
        draft.kind,
        body,
        lines,
        signer_of(draft.by or draft.party).public_key.hex,
        seconds(draft.occurred_at),
        seconds(draft.expires_at),
        dict(draft.more).get("reference"),
        draft.log == ORIGIN,
    )
