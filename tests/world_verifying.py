"""How does a verifier work who has nothing but the server's answers?

`VerifierWorld` commits, draws, visits and closes over HTTP. Its frames are counted from what provers are told
to hold at a size, its closings from the sample as the server tells it: nothing is read from the store.
"""

from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from ledger.book.times import format_seconds
from signing.note import append_signature, cosign
from tests.world import GENESIS, LEAD_S, PERIOD_S, Commitment, secret_of
from tests.world_affairs import log_change_draft
from tests.world_affairs import witness as witness_key
from tests.world_http import WATCH, HttpWorld
from tests.world_inspecting import RESULTS
from tests.world_speech import signer_of

DAY_S = 86_400
OPEN_STATES = ("held", "in_transit")


class VerifierWorld(HttpWorld):
    """A world over HTTP whose verifier keeps its commitments itself."""

    def commitment_draft(self, verifier, inspection, *provers, found_days=30, **body):
        """A commitment with time enough for what happens to its sample."""
        draft = super().commitment_draft(verifier, inspection, *provers, **body)
        seconds = self.now // 1000
        days = {"notice_by": seconds + 2 * DAY_S, "found_by": seconds + found_days * DAY_S}
        days = {name: format_seconds(moment) for name, moment in days.items()}
        return draft.changed(stages=[stage | days for stage in draft.body["stages"]])

    def says_commitment(self, draft):
        """Said, and remembered for the draw with the frame of its own entry."""
        told = self.says(draft)
        if told.admitted:
            frame = self.frame_lines(draft.body, told.index)
            self._remember(draft.body, told.outcome.statement, frame)
        return told

    def says_positions(self, draft, sites):
        """A commitment that draws from floors, said; so many positions a site."""
        told = self.says(draft)
        if told.admitted:
            places = [f"{site}#{n}" for site, positions in sites.items() for n in range(1, positions + 1)]
            name = draft.body["strata"][-1]["name"]
            frame = tuple(sorted((place, name) for place in places))
            self._remember(draft.body, told.outcome.statement, frame)
        return told

    def _remember(self, body, statement, frame):
        stage = body["stages"][0]
        self.commitments[body["inspection"]] = Commitment(
            statement,
            secret_of(body["inspection"]),
            body["beacon"],
            stage["round"],
            tuple(stratum["name"] for stratum in body["strata"]),
            tuple(stage["sizes"]),
            frame,
        )

    def frame_lines(self, body, at):
        """(chip, stratum) of what the provers had at a size, by chip."""
        found = []
        for prover in body["provers"]:
            for chip in self.items(WATCH, f"/parties/{prover}/holdings", at=at):
                assert chip["status"] in OPEN_STATES
                fits = (s for s in body["strata"] if all(s[key] == chip[key] for key in s if key != "name"))
                found.append((chip["chip"], next(fits)["name"]))
        return tuple(sorted(found))

    def staged(self, inspection, *provers, sizes, accept=0, reject=2, **body):
        """A commitment of several stages, each round after the findings of the one before are due."""
        draft = self.commitment_draft(WATCH, inspection, *provers, sizes=sizes[:1], **body)
        first, stages = draft.body["stages"][0], []
        for n, size in enumerate(sizes):
            due = self.now // 1000 + LEAD_S + PERIOD_S + 3 * n * DAY_S
            days = {
                "notice_by": format_seconds(due + DAY_S),
                "found_by": format_seconds(due + 2 * DAY_S),
            }
            secret = inspection if n == 0 else f"{inspection} {n}"
            number = first["round"] + 3 * n * DAY_S // PERIOD_S
            stages.append(first | days | {"round": number, "sizes": [size], "accept": accept})
            stages[-1] |= {"reject": reject, "secret_sha256": sha256(secret_of(secret)).hexdigest()}
        assert self.says_commitment(draft.changed(stages=stages)).admitted
        made = self.commitments[inspection]
        return [made] + [
            replace(made, round=stages[n]["round"], secret=secret_of(f"{inspection} {n}"), sizes=(sizes[n],))
            for n in range(1, len(sizes))
        ]

    def comes(self, inspection):
        """Until the round that an inspection waits for is due."""
        due = self.due(inspection)
        self.waits(max(0, due + 1 - self.now // 1000))
        return due

    def due(self, inspection):
        """Unix seconds at which it is due."""
        return GENESIS + (self.commitments[inspection].round - 1) * PERIOD_S

    def drawn(self, inspection, **more):
        """Drawn when its round has come: the chips, in order of rank."""
        self.comes(inspection)
        told = self.draws(WATCH, inspection, **more)
        assert told.admitted, told.detail
        return self.sample(inspection)

    def sample(self, inspection, by=WATCH):
        """The chips drawn, by stage and rank; None where somebody is told of none."""
        told = self.told(by, f"/inspections/{inspection}/sample")
        return None if told is None else [item.get("chip") or item["position"] for item in told["items"]]

    def inspection(self, inspection, by=WATCH, **as_of):
        """The state of an inspection, as somebody is told it."""
        return self.told(by, f"/inspections/{inspection}", **as_of)

    def closing_draft(self, verifier, inspection, verdict="clean", **body):
        """Every number counted from the server's answers."""
        items = self.told(verifier, f"/inspections/{inspection}/sample")["items"]
        results = [item["result"] for item in {i.get("chip") or i["position"]: i for i in items}.values()]
        known = self.inspection(inspection, verifier)
        series = body.pop("m", known["number"])
        said = {"inspection": inspection, "verdict": verdict}
        said["counts"] = {word: results.count(word) for word in RESULTS}
        said |= {"known_missing": known["known_missing"] or 0, "off_book": results.count("unlisted")}
        said["draw"] = {"k": known["number"], "m": series}
        return self.draft(verifier, "inspection.closed", said | body)

    # -- witnesses

    def asks_witnesses(self, *names):
        """The log asks for every one of these witnesses from here on."""
        settings = {"witnesses": [witness_key(f"{name}.example") for name in names], "quorum": len(names)}
        assert self.says(log_change_draft(self, **settings)).admitted
        return self

    def witnessed_at(self, inspection, seconds, *names):
        """`timely`: the newest checkpoint, which these witnesses saw at a moment by their own clocks."""
        size = self.door.size()
        note = self.told_note(size)
        text = note.split("\n\n")[0] + "\n"
        for name in names:
            note = append_signature(
                note, cosign(text, signer_of(f"{name}.example"), f"{name}.example", seconds)
            )
        born = self.inspection(inspection)["at_index"]
        proof = self.told(WATCH, "/proofs/inclusion", index=born, size=size)["proof"]
        return {"checkpoint": note, "proof": proof}

    def told_note(self, size):
        """The signed checkpoint of a size."""
        return self.door.ask(WATCH, f"/checkpoints/{size}").text


@contextmanager
def verifier_world(folder, cast):
    """A world with its cast and dice, until the end of the block."""
    world = VerifierWorld(folder)
    try:
        world.founds(cast)
        assert world.lists_beacon().admitted
        yield world
    finally:
        world.door.close()
