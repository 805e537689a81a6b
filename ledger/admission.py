"""How do bytes from outside become entries? The one door in.

Bundles are looked at in threads, a chunk at a time, while the sequencer commits the chunks before. Promises
one outcome a bundle, in order, and that the sequencer meets them in that order: a dispatch before its
arrival. Small bodies and large ones have threads of their own, so that nobody waits while somebody
else's manifest is hashed.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from ledger.batch.declined import Declined
from ledger.batch.foresight import FORESEEN_KINDS, foresee
from ledger.batch.waiting import Outcomes
from ledger.book.registry import Registry
from ledger.book.statement import Statement
from ledger.entrance.door import Door, Looked, Stranger, unknown_key
from ledger.entrance.refusals import RefusalDesk
from ledger.entrance.verifiers import Signed
from ledger.outcome import Admitted, Outcome, Refused, Would
from ledger.sequencer import Sequencer
from ledger.storage.store import Store
from signing.keys import verify_each

log = structlog.get_logger("chipledger.admission")

SMALL_BODY_BYTES_MAX = 64 * 1024
CHUNK_BUNDLES = 256
CHUNK_BYTES = 1024 * 1024
CHUNKS_AHEAD = 4  # of one call, so that a long one leaves room for others
LOOKED_AT_ONCE_MAX = 8  # small bundles for which a thread of another is not worth the way
SMALL_THREADS = 2  # they share one interpreter: more would keep the sequencer from its turn
LARGE_THREADS = 2
KEY_GIVING_KINDS = frozenset({"log.opened", "log.changed", "party.enrolled", "key.added"})


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Bundles that are looked at together, and the place of the first."""

    first: int
    raws: Sequence[bytes]
    heavy: bool


@dataclass(slots=True)
class _Call:
    """One call's bundles on their way."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    ready: list[tuple[int, Statement]] = field(default_factory=list)  # looked at, not handed over
    sent: list[tuple[list[int], Outcomes]] = field(default_factory=list)
    foreseen: list[Future[Registry]] = field(default_factory=list)  # held until the sequencer has answered
    gives_keys: bool = False  # among those ready or sent: whoever is strange now may not be after them


class Admission:
    """The door. `close` waits for those inside."""

    def __init__(
        self,
        store: Store,
        sequencer: Sequencer,
        verifiers: Callable[[Sequence[Signed]], list[bool]] = verify_each,
    ) -> None:
        """`verifiers` say of each of many signatures whether it is good."""
        self._store, self._sequencer = store, sequencer
        self._door = Door(store, sequencer, verifiers)
        self._desk = RefusalDesk(store, sequencer)
        self._foresight = ThreadPoolExecutor(1, "door-foresight")
        self._small = ThreadPoolExecutor(SMALL_THREADS, "door-small")
        self._large = ThreadPoolExecutor(LARGE_THREADS, "door-large")

    def admit(self, raws: Sequence[bytes]) -> list[Outcome]:
        """One outcome a bundle, in order. Blocks until every admitted one is durable and signed."""
        call = _Call()
        for chunk, looked in self._look(raws):
            for place, found in enumerate(looked, start=chunk.first):
                self._take(call, place, found)
            self._hand_over(call)
        self._settle(call)
        return [self._signed(call, place, raw) for place, raw in enumerate(raws)]

    def dry_run(self, raw: bytes) -> Would | Refused:
        """What would become of a bundle now. Nothing is written, so nothing is signed either."""
        found = self._door.look(raw, heavy=len(raw) > SMALL_BODY_BYTES_MAX)
        match found:
            case Stranger():
                return unknown_key(found)
            case Admitted():
                return Would(found.statement, found.index, found.opened)
            case Refused():
                return Refused(found.rejection, found.statement)
            case Statement():
                return self._sequencer.dry_run(found)

    def close(self) -> None:
        """Let the threads go."""
        self._foresight.shutdown()
        self._small.shutdown()
        self._large.shutdown()

    def _look(self, raws: Sequence[bytes]) -> Iterator[tuple[_Chunk, list[Looked]]]:
        """Every chunk in order, looked at; a few are ahead of the one asked for."""
        if len(raws) <= LOOKED_AT_ONCE_MAX and all(len(raw) <= SMALL_BODY_BYTES_MAX for raw in raws):
            chunk = _Chunk(0, raws, heavy=False)
            yield chunk, self._look_at(chunk)
            return
        ahead: deque[tuple[_Chunk, Future[list[Looked]]]] = deque()
        for chunk in _chunks(raws):
            pool = self._large if chunk.heavy else self._small
            ahead.append((chunk, pool.submit(self._look_at, chunk)))
            if len(ahead) > CHUNKS_AHEAD:
                done, looked = ahead.popleft()
                yield done, looked.result()
        for done, looked in ahead:
            yield done, looked.result()

    def _look_at(self, chunk: _Chunk) -> list[Looked]:
        return self._door.look_at_all(chunk.raws, heavy=chunk.heavy)

    def _take(self, call: _Call, place: int, found: Looked) -> None:
        if isinstance(found, Stranger):
            if call.gives_keys:
                self._hand_over(call)
                self._settle(call)
            found = self._door.look_at(found.bundle)  # the key may have been enrolled since
        match found:
            case Statement():
                if found.kind in FORESEEN_KINDS:
                    self._foresee(call, found)
                call.ready.append((place, found))
                call.gives_keys = call.gives_keys or found.kind in KEY_GIVING_KINDS
            case Stranger():
                call.outcomes[place] = unknown_key(found)
            case Admitted() | Refused():
                call.outcomes[place] = found

    def _foresee(self, call: _Call, statement: Statement) -> None:
        """What takes long is worked out here, of one statement at a time; those before it need not wait."""
        self._hand_over(call)
        foreseen = self._foresight.submit(foresee, self._store, statement, self._sequencer.clock())
        call.foreseen.append(foreseen)
        fault = foreseen.exception()
        if fault is not None:  # the sequencer meets it too, and knows what to do
            log.warning("not judged ahead", statement=statement.statement_id, fault=type(fault).__name__)

    def _hand_over(self, call: _Call) -> None:
        """Give the sequencer what is ready, in one piece."""
        if call.ready:
            places = [place for place, _ in call.ready]
            statements = [statement for _, statement in call.ready]
            call.sent.append((places, self._sequencer.sequence(statements)))
            call.ready = []

    def _settle(self, call: _Call) -> None:
        """Wait for everything handed over."""
        for places, future in call.sent:
            call.outcomes.update(zip(places, future.result(), strict=True))
        call.sent, call.foreseen, call.gives_keys = [], [], False

    def _signed(self, call: _Call, place: int, raw: bytes) -> Outcome:
        outcome = call.outcomes[place]
        if isinstance(outcome, Declined):
            return self._desk.sign(outcome, raw)
        return outcome


def _chunks(raws: Sequence[bytes]) -> Iterator[_Chunk]:
    """Runs of small bundles, and each large one by itself."""
    first, size = 0, 0
    for place, raw in enumerate(raws):
        heavy = len(raw) > SMALL_BODY_BYTES_MAX
        if place > first and (heavy or place - first == CHUNK_BUNDLES or size > CHUNK_BYTES):
            yield _Chunk(first, raws[first:place], heavy=False)
            first, size = place, 0
        if heavy:
            yield _Chunk(place, [raw], heavy=True)
            first = place + 1
        size += 0 if heavy else len(raw)
    if first < len(raws):
        yield _Chunk(first, raws[first:], heavy=False)
