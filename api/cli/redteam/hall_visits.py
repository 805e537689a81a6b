"""What do the ledger's rules make of two halls visited on one day?

Findings are judged by the rule of `inspection.found` itself, on a book that a real inspection of a floor left
behind: the hall in the morning, the annex five hours later. Signatures and the door are passed by, which
thousands of worlds could not afford; the attempts take them along.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from api.cli.redteam import inspector
from api.cli.redteam.arena import ANNEX, HALL, PROVER, VERIFIER, Arena
from ledger.book.encoding import Bundle, StatementText
from ledger.book.kinds import FORMS
from ledger.book.records.inspections import FoundLine, InspectionFound
from ledger.book.registry import Changes, Registry
from ledger.book.rows import SampledChip
from ledger.book.rules.directions import FLOOR_TO_BOOK
from ledger.book.rules.inspections import commitment_of
from ledger.book.rules.tallies import CLEAN, CONFIRMED, DUPLICATE, NOT_FOUND, outcome, tally_of
from ledger.book.rules.visits import judge_found
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, INSPECTIONS, SAMPLED, SITES
from ledger.book.times import format_seconds
from signing.envelope import STATEMENT_TYPE, Envelope

NAME = f"{VERIFIER}/halls"
KIND = "inspection.found"
AFTERNOON_S = 5 * 3_600
NO_SALT, NO_ID = "0" * 32, "0" * 64
UNSIGNED = Bundle(Envelope(STATEMENT_TYPE, b"", NO_ID, b""), (), None)


class HallVisits:
    """Judges visits to positions of two halls. `sabotaged`: a chip shown twice counts as confirmed."""

    sites = (HALL, ANNEX)

    def __init__(self, *, sabotaged: bool = False) -> None:
        self._sabotaged = sabotaged
        with Arena() as arena:
            first = self.chip(0)
            arena.registers([first])
            inspector.commits(arena, inspector.visiting("halls", 1, 2, direction=FLOOR_TO_BOOK))
            inspector.draws(arena, NAME)
            self._inspection = arena.get(INSPECTIONS, NAME)
            self._sites = [arena.get(SITES, site) for site in self.sites]
            self._chip = arena.get(CHIPS, first)
            self._row = replace(inspector.rows_of(arena, NAME)[0], result=None, shown="")
            self._index, self._now_s = arena.store.head().size, arena.now_s
            self._stage = commitment_of(self._inspection).stages[0]

    @staticmethod
    def chip(number: int) -> str:
        """A chip of the book."""
        return f"{PROVER}:F{number:06}"

    def is_clean(self, drawn: Sequence[str], there: Mapping[str, str], accept: int) -> bool:
        """Whether `clean` follows where `there` is the chip in each position, "" in an empty one."""
        tally = tally_of(self.rows(drawn, there))
        stage = replace(self._stage, accept=accept, reject=accept + 1)
        return outcome(tally, stage, last=True) == CLEAN

    def rows(self, drawn: Sequence[str], there: Mapping[str, str]) -> list[SampledChip]:
        """What the book has of every position drawn, and of every chip shown, after both visits."""
        registry = Registry()
        registry.put(INSPECTIONS, [self._inspection])
        registry.put(SITES, self._sites)
        shown = {there[place] for place in drawn} - {""}
        registry.put(CHIPS, [replace(self._chip, chip=chip) for chip in shown])
        registry.put(SAMPLED, [replace(self._row, item=place) for place in drawn])
        for visit, site in enumerate(self.sites):
            places = sorted(place for place in drawn if place.startswith(f"{site}#"))
            found_at = format_seconds(self._now_s + visit * AFTERNOON_S)
            entry = self._entry(visit, site, [_line(place, there[place], found_at) for place in places])
            changes = judge_found(registry, entry)
            assert isinstance(changes, Changes), changes
            registry.apply(changes)
        rows = list(registry.group(SAMPLED, NAME).values())
        return [self._as_counted(row) for row in rows]

    def _as_counted(self, row: SampledChip) -> SampledChip:
        kinder = self._sabotaged and row.result == DUPLICATE
        return replace(row, result=CONFIRMED) if kinder else row

    def _entry(self, visit: int, site: str, lines: Sequence[FoundLine]) -> Entry:
        """The findings of one site as an entry that nobody signed."""
        when = self._now_s + visit * AFTERNOON_S
        times = format_seconds(when), format_seconds(when)
        body = InspectionFound(NAME, site)
        text = StatementText("", KIND, VERIFIER, *times, {})
        statement = Statement(NO_ID, NO_ID, FORMS[KIND], text, body, tuple(lines), when, when, None, UNSIGNED)
        return Entry(self._index + visit, when * 1000, statement)


def _line(place: str, chip: str, found_at: str) -> FoundLine:
    if not chip:
        return FoundLine(position=place, salt=NO_SALT, result=NOT_FOUND, found_at=found_at)
    return FoundLine(position=place, chip=chip, salt=NO_SALT, result=CONFIRMED, found_at=found_at)
