"""What may be told of an inspection, and who could be drawn?

The state of an inspection, its sample by rank with the tickets recomputed from the entries that drew it,
and frames at any size. Nothing of it exists for a prover before a stage is drawn. Knows no HTTP.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from ledger.book.encoding import read_entry
from ledger.book.identifiers import is_named
from ledger.book.records.inspections import InspectionDrawn, Stratum
from ledger.book.registry import FrameChip, FrameKey
from ledger.book.rows import Inspection
from ledger.book.rules.beacons import beacon_of
from ledger.book.rules.frames import strata_frame, stratum_of
from ledger.book.rules.inspections import commitment_of
from ledger.book.tables import BEACONS, CHIPS, INSPECTIONS, PARTIES
from ledger.inspection.beacon import Pulse, verify_pulse
from ledger.inspection.draw import draw_seed, frame_root, ticket
from ledger.lookup.answers import Object
from ledger.storage.store import Store
from ledger.viewer import Viewer, sees_inspection, sees_party

WHOLE_FRAME = (Stratum("all"),)


class Inspections:
    """Reads of inspections for a viewer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def inspection(self, viewer: Viewer, inspection: str, at: int) -> Object | None:
        """An inspection as it had come by a size."""
        versions = self._versions(viewer, inspection, at)
        return inspection_object(versions[-1]) if versions else None

    def sample(self, viewer: Viewer, inspection: str, at: int) -> list[Object] | None:
        """The chips drawn by a size, by stage, stratum and rank, each with its ticket."""
        versions = self._versions(viewer, inspection, at)
        if not versions:
            return None
        items: list[Object] = []
        before = 0
        for row in versions:
            if row.stages_drawn > before:
                items += self._drawn(row)
            before = row.stages_drawn
        return items

    def _versions(self, viewer: Viewer, inspection: str, at: int) -> list[Inspection]:
        versions = self._store.history(INSPECTIONS, inspection) if is_named(inspection) else []
        if not versions or not sees_inspection(viewer, versions[-1]):
            return []
        return [row for row in versions if row.changed < at]

    def _drawn(self, row: Inspection) -> list[Object]:
        """The selection of one draw, in rank order."""
        (entry,) = self._store.entries(row.changed, row.changed + 1)
        payload = msgspec.json.decode(read_entry(entry.raw)[1].payload)
        body = msgspec.convert(payload["body"], InspectionDrawn)
        seed = self._seed(row, body)
        strata = commitment_of(row).strata
        tickets = []
        for line in self._store.manifest(entry.index):
            chip = msgspec.json.decode(line)["chip"]
            (was,) = self._store.find(CHIPS, {"chip": chip}, row.born, None, 1)
            stratum = stratum_of(FrameChip(was.chip, was.site, was.model, was.cls), strata)
            tickets.append((stratum, ticket(seed, chip).hex(), chip))
        order = {stratum.name: place for place, stratum in enumerate(strata)}
        tickets.sort(key=lambda drawn: (order[drawn[0]], drawn[1], drawn[2]))
        ranks: Counter[str] = Counter()
        items: list[Object] = []
        for stratum, number, chip in tickets:
            ranks[stratum] += 1
            named = {"inspection": row.inspection, "chip": chip, "stratum": stratum, "ticket": number}
            items.append({**named, "rank": ranks[stratum], "stage": row.stages_drawn})
        return items

    def _seed(self, row: Inspection, body: InspectionDrawn) -> bytes:
        (beacon,) = self._store.find(BEACONS, {"beacon": row.beacon}, row.changed, None, 1)
        previous = body.pulse.previous_signature
        pulse = Pulse(
            body.pulse.round,
            bytes.fromhex(body.pulse.signature),
            None if previous is None else bytes.fromhex(previous),
        )
        randomness = verify_pulse(beacon_of(beacon), pulse)
        assert randomness is not None, "an admitted draw has a pulse that verifies"
        commitment, secret = bytes.fromhex(row.statement), bytes.fromhex(body.secret)
        return draw_seed(body.beacon, body.round, randomness, commitment, secret)

    def frame(
        self, viewer: Viewer, provers: Sequence[str], at: int, strata: Sequence[Stratum] = WHOLE_FRAME
    ) -> Object | None:
        """How many chips of these provers could be drawn in the book of a size, and the root over them.

        The last stratum must take the rest. None where a prover is not there to be seen.
        """
        for prover in provers:
            known = self._store.find(PARTIES, {"party": prover}, at, None, 1)
            if not known or not sees_party(viewer, prover):
                return None
        chips = self._store.frame(FrameKey(tuple(sorted(provers)), at))
        lines = strata_frame(chips, strata)
        counts = Counter(stratum for _, stratum in lines)
        return {
            "provers": sorted(provers),
            "at": at,
            "count": len(lines),
            "root": frame_root(lines).hex(),
            "strata": [{"name": stratum.name, "count": counts[stratum.name]} for stratum in strata],
        }


def inspection_object(row: Inspection) -> Object:
    """An inspection's state, with what was committed."""
    commitment = commitment_of(row)
    drawn = max(row.stages_drawn - 1, 0)
    sizes = [sum(stage.sizes) for stage in commitment.stages]
    missing = commitment.parameters.get("missing")
    return {
        "inspection": row.inspection,
        "series": row.series,
        "number": row.number,
        "verifier": row.verifier,
        "statement": row.statement,
        "provers": row.provers.split(),
        "planner": commitment.planner,
        "direction": commitment.direction,
        "at_index": row.born,
        "n_frame": row.frame_count,
        "frame_root": row.frame_root,
        "n_sample": sizes[drawn],
        "d": missing if isinstance(missing, int) else None,
        "beta_ppm": commitment.beta_ppm,
        "beacon": row.beacon,
        "round": commitment.stages[drawn].round,
        "stages": [msgspec.to_builtins(stage) for stage in commitment.stages],
        "strata": [msgspec.to_builtins(stratum) for stratum in commitment.strata],
        "stages_drawn": row.stages_drawn,
        "timely": row.timely,
        "state": row.state,
        "entry_index": row.changed,
    }
