"""Out of what the log keeps, which file lets anybody redo an inspection?

Gathers the entries an inspection stands on, with their proofs under the first stored checkpoint that covers
them all: as long as nothing is added to the inspection, the file stays the same, byte for byte. The frame is
given line by line. Memory is proportional to the sample; what the frame costs is the store's to say. What
may not be seen and what is not there are both None.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

import msgspec
import pyarrow.compute as pc  # type: ignore[import-untyped]

from ledger.book.encoding import Bundle, read_entry
from ledger.book.identifiers import is_named
from ledger.book.law import read_statement
from ledger.book.records.inspections import FoundLine, InspectionDrawn
from ledger.book.registry import Needs, Registry
from ledger.book.rows import BeaconRow, Inspection, LogSettings
from ledger.book.rules.directions import FLOOR_TO_BOOK, frame_key
from ledger.book.rules.frames import lines_of, listing_of, word_of
from ledger.book.rules.inspections import commitment_of
from ledger.book.rules.items import items_of
from ledger.book.rules.pulses import randomness_of
from ledger.book.rules.tallies import CONFIRMED
from ledger.book.statement import Entry
from ledger.book.tables import BEACONS, INSPECTIONS, KEYS, LOG, SAMPLED
from ledger.book.times import format_milliseconds
from ledger.inspection.draw import ticket
from ledger.inspection.listing import Listing
from ledger.log.proofs import HashSource, inclusion_proof
from ledger.replay.form import (
    FORMAT,
    DrawnText,
    EntryText,
    FrameText,
    Header,
    StageText,
    header_bytes,
    line_of,
)
from ledger.storage.store import Store
from ledger.viewer import Viewer, sees_inspection, sees_whole_sample
from signing.canonical import encode

LINES_PER_CHUNK = 8_192


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay file that is yet to be written: header, lines of the frame, a name for exactly these bytes
    (hex), and how many they are. The lines can be taken once."""

    header: bytes
    frame: Iterable[bytes]
    tag: str
    length: int

    def chunks(self) -> Iterator[bytes]:
        """The file in pieces."""
        lines = iter(self.frame)
        yield self.header
        while some := list(islice(lines, LINES_PER_CHUNK)):
            yield b"\n".join((*some, b""))


class Replays:
    """Makes replay files for a viewer. `size` gives the size readers may see."""

    def __init__(self, store: Store, size: Callable[[], int]) -> None:
        self._store = store
        self._size = size
        self._hashes = HashSource(store.tile)

    def replay(self, viewer: Viewer, inspection: str) -> Replay | None:
        """The file of an inspection; before a draw its commitment alone.

        A prover has it where the frame is its own and nobody else's.
        """
        size = self._size()
        versions = self._store.history(INSPECTIONS, inspection) if is_named(inspection) else []
        versions = [row for row in versions if row.changed < size]
        if not versions or not sees_replay(viewer, versions[-1]):
            return None
        row = versions[-1]
        raw = header_bytes(self._header(versions, size))
        tag = sha256(raw).hexdigest()
        if row.stages_drawn == 0:
            return Replay(raw, (), tag, len(raw))
        listing = self._listing(row)
        lines = lines_of(listing, row.direction)
        return Replay(raw, lines, tag, len(raw) + _bytes_of(listing, row.direction))

    def _header(self, versions: Sequence[Inspection], size: int) -> Header:
        row = versions[-1]
        found = [
            each
            for each in self._store.versions(SAMPLED, row.born, size)
            if each.inspection == row.inspection
        ]
        own = {each.changed for each in versions} | {each.changed for each in found}
        entries = self._entries(row, own)
        (covered,) = self._store.checkpoint_sizes(max(entries) + 1, 1)
        note = self._store.checkpoint(covered)
        assert note is not None and covered <= size, "the size readers may see has its checkpoint"
        settings = [each for each in self._settings() if each.changed < covered][-1]
        strata = {each.item: each.stratum for each in found if each.stages}
        draws = [each for each in entries.values() if isinstance(each.body, InspectionDrawn)]
        told = [
            stage_text(row, number, draw, self._beacon(row.beacon), strata)
            for number, draw in enumerate(draws, 1)
        ]
        drawn = row.frame_count is not None and row.frame_root is not None
        return Header(
            FORMAT,
            settings.origin,
            settings.log_key,
            row.inspection,
            note,
            [self._entry(entry, covered) for entry in entries.values()],
            told,
            FrameText(row.frame_count, row.frame_root) if drawn else None,  # type: ignore[arg-type]
        )

    def _settings(self) -> list[LogSettings]:
        """Every version of the log's settings, oldest first."""
        (now,) = self._store.rows(LOG)
        return self._store.history(LOG, now.origin)

    def _beacon(self, name: str) -> BeaconRow:
        registry = Registry()
        self._store.load(Needs().rows(BEACONS, (name,)), registry)
        return registry.of(BEACONS)[name]

    def _entries(self, row: Inspection, own: Set[int]) -> dict[int, Entry]:
        """By index: what was said of the inspection, its beacon and the log, and where keys came in."""
        wanted = {each.changed for each in self._settings() if each.changed <= max(own)}
        wanted |= {*own, self._beacon(row.beacon).born}
        entries: dict[int, Entry] = {}
        while wanted:  # each turn goes further back: a key is older than what it signed
            read = [self._read(index) for index in sorted(wanted)]
            entries |= {entry.index: entry for entry in read}
            registry = Registry()
            self._store.load(Needs().rows(KEYS, {entry.statement.key_id for entry in read}), registry)
            wanted = {key.born for key in registry.of(KEYS).values()} - entries.keys()
        return dict(sorted(entries.items()))

    def _read(self, index: int) -> Entry:
        (stored,) = self._store.entries(index, index + 1)
        admitted_at, envelope = read_entry(stored.raw)
        bundle = Bundle(envelope, self._store.manifest(index) or None, None)
        return Entry(index, admitted_at, read_statement(bundle, evidence_shown=False))

    def _entry(self, entry: Entry, size: int) -> EntryText:
        bundle = entry.statement.bundle
        lines = None if bundle.manifest is None else [msgspec.Raw(line) for line in bundle.manifest]
        proof = [step.hex() for step in inclusion_proof(entry.index, size, self._hashes)]
        unknown = self._unknown(entry) if entry.statement.kind == "inspection.found" else []
        envelope = msgspec.Raw(bundle.envelope.as_bytes())
        admitted_at = format_milliseconds(entry.admitted_at)
        return EntryText(entry.index, admitted_at, envelope, proof, lines, unknown or None)

    def _unknown(self, entry: Entry) -> list[str]:
        """Of the chips confirmed at positions those the book did not know."""
        lines: Sequence[FoundLine] = entry.lines
        shown = {line.chip for line in lines if line.position and line.chip and line.result == CONFIRMED}
        return sorted(shown - self._store.chips_as_of(shown, entry.index).keys()) if shown else []

    def _listing(self, row: Inspection) -> Listing:
        """The frame, in columns."""
        return listing_of(self._store.frame(frame_key(row)), commitment_of(row).strata)


def _bytes_of(listing: Listing, direction: str) -> int:
    """How many the lines take, with their ends."""
    names = pc.sum(pc.binary_length(listing.ids), min_count=0).as_py() or 0
    around = len(line_of(word_of(direction), "", "")) + 1
    return int(names) + sum((around + len(name)) * count for name, count in listing.counts.items())


def sees_replay(viewer: Viewer, row: Inspection) -> bool:
    """Verifiers and the registrar; a prover once it is drawn, where no other prover's chips are in it."""
    return sees_inspection(viewer, row) and sees_whole_sample(viewer, row)


def stage_text(
    row: Inspection, number: int, draw: Entry, beacon: BeaconRow, strata: Mapping[str, str]
) -> StageText:
    """A draw in plain words; `strata` has the stratum of each that was drawn."""
    body: InspectionDrawn = draw.body
    commitment = commitment_of(row)
    seed = bytes.fromhex(row.seeds.split()[number - 1])
    randomness = randomness_of(beacon, body.pulse, bytes.fromhex(row.leaf))
    assert randomness is not None, "the judge verified the pulse"
    names = [stratum.name for stratum in commitment.strata]
    return StageText(
        number,
        body.beacon,
        body.round,
        msgspec.Raw(encode(body.pulse)),
        randomness.hex(),
        body.secret,
        names,
        commitment.stages[number - 1].sizes,
        seed.hex(),
        selection_text(seed, items_of(draw.lines), names, strata, row.direction),
    )


def selection_text(
    seed: bytes, items: Iterable[str], names: Sequence[str], strata: Mapping[str, str], direction: str
) -> list[DrawnText]:
    """What was drawn, by stratum and rank."""
    ranked = sorted((names.index(strata[item]), ticket(seed, item), item) for item in items)
    ranks: Counter[int] = Counter()
    told = []
    for place, number, item in ranked:
        ranks[place] += 1
        chip, position = (None, item) if direction == FLOOR_TO_BOOK else (item, None)
        told.append(DrawnText(names[place], ranks[place], number.hex(), chip, position))
    return told
