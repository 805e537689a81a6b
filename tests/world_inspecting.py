"""How does a verifier of the test world visit, and say what it comes to?

A part of `World`: findings, verdicts, and the proof that witnesses had seen a commitment. What a closing
says is counted here a second time, from what the world remembers of its own statements.
"""

from ledger.book.rows import Status
from ledger.book.tables import CHIPS, INSPECTIONS, SAMPLED, SERIES, SITES
from ledger.book.times import format_seconds
from ledger.log.proofs import HashSource, inclusion_proof
from signing.note import append_signature, cosign
from tests.world_speech import lines_of, signer_of

RESULTS = ("confirmed", "not_found", "refused", "mismatch", "tampered", "inconclusive", "unlisted")


class Inspecting:
    """Expects a world's `draft`, `says`, `door` and `now`."""

    def found_draft(self, verifier, inspection, *lines, site=None, result="confirmed", **more):
        """Lines by chip are of one result, found now."""
        now = format_seconds(self.now // 1000)
        full = [{"result": result, "found_at": now, **line} for line in lines_of(lines)]
        body = {"inspection": inspection, "site": site or "acme/hall"}
        return self.draft(verifier, "inspection.found", body, full, **more)

    def finds(self, verifier, inspection, *lines, **more):
        """Findings, said."""
        return self.says(self.found_draft(verifier, inspection, *lines, **more))

    def sample(self, inspection):
        """What was drawn, by name."""
        rows = self.door.rows(SAMPLED)
        return [row.item for row in rows if row.inspection == inspection and row.stages]

    def closing_draft(self, verifier, inspection, verdict="clean", **body):
        """Every number is what the book's rows say; others where they are given."""
        rows = [row for row in self.door.rows(SAMPLED) if row.inspection == inspection]
        drawn = [row.result for row in rows if row.stages]
        counts = {word: drawn.count(word) for word in RESULTS} | body.pop("counts", {})
        known = self.door.get(INSPECTIONS, inspection)
        m = self.door.get(SERIES, known.series).number
        said = {"inspection": inspection, "verdict": verdict, "counts": counts}
        said |= {"known_missing": known.known_missing or 0, "draw": {"k": known.number, "m": m}}
        said["off_book"] = sum(row.result == "unlisted" for row in rows)
        return self.draft(verifier, "inspection.closed", said | body)

    def closes(self, verifier, inspection, verdict="clean", **body):
        """A verdict, said."""
        return self.says(self.closing_draft(verifier, inspection, verdict, **body))

    def frame(self, body):
        """What a commitment draws from, each with the first stratum that fits it, by name."""
        if body["direction"] == "floor_to_book":
            return self._floor(body)
        found = []
        for chip in self.door.rows(CHIPS):
            if chip.custodian in body["provers"] and chip.status in (Status.HELD, Status.IN_TRANSIT):
                has = {"site": chip.site, "model": chip.model, "class": chip.cls}
                fits = (s for s in body["strata"] if all(s.get(name, has[name]) == has[name] for name in has))
                found.append((chip.chip, next(fits)["name"]))
        return tuple(sorted(found))

    def _floor(self, body):
        """Every position of the provers' sites."""
        found = []
        for site in self.door.rows(SITES):
            if site.operator in body["provers"]:
                fits = (s for s in body["strata"] if s.get("site", site.site) == site.site)
                name = next(fits)["name"]
                found += [(f"{site.site}#{n}", name) for n in range(1, (site.positions or 0) + 1)]
        return tuple(sorted(found))

    def witnessed(self, inspection, *stamps, size=None):
        """`timely`: the checkpoint of a size (now: the last) with a line for each (witness, time)."""
        size = size or self.door.size()
        note = self.door.note(size).decode()
        text = note.split("\n\n")[0] + "\n"
        for name, time in stamps:
            note = append_signature(note, cosign(text, signer_of(name), f"{name}.example", time))
        born = self.door.get(INSPECTIONS, inspection).born
        proof = inclusion_proof(born, size, HashSource(self.door.tile)) if born < size else []
        return {"timely": {"checkpoint": note, "proof": [step.hex() for step in proof]}}
