"""In which order do statements enter the log, and when is each of them durable and signed?

One thread sits on everything that came while it committed the last batch. Commit, then floor, then sign,
then release: nothing is signed that could vanish, nothing acknowledged that is not signed. A statement
that makes the law or the store stumble is put aside and stops no other; any doubt about a commit stops
the sequencer, and `start` begins again from what is on the disk. Knows no HTTP.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import ClassVar, cast

import structlog

from ledger.batch.declined import Declined
from ledger.batch.flood import Flood
from ledger.batch.hearing import Heard, hear, would
from ledger.batch.keyring import KeyRing
from ledger.batch.log_keys import LogKeys
from ledger.batch.poison import Poisoned, commit_all, told
from ledger.batch.recall import recall
from ledger.batch.sitting import Sitting
from ledger.batch.waiting import Outcomes, WaitingRoom
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import Key, LogSettings
from ledger.book.statement import Statement
from ledger.book.tables import KEYS, LOG
from ledger.durability.floor import Floor, ReadOnly, WriterLock
from ledger.durability.recovery import (
    CLOCK_BACK_MILLISECONDS_MAX,
    Seen,
    check_floor,
    check_folded,
    check_keys,
    check_seen,
    checked_edge,
    last_admitted_at,
)
from ledger.log.merkle import EMPTY_ROOT, RightEdge
from ledger.log.proofs import HashSource
from ledger.outcome import Outcome, Refused, Would
from ledger.storage.store import Batch, Fenced, Head, Store
from signing.signer import Signer

log = structlog.get_logger("chipledger.sequencer")


@dataclass(frozen=True, slots=True)
class Published:
    """The head readers may see: never above the floor. `note` is its signed checkpoint."""

    size: int
    root: bytes
    note: str


class ClockWentBack(Exception):
    """Times of admission never decrease; a clock this far behind cannot be waited for."""


class Sequencer:
    """The one writer of a log. `clock` gives Unix milliseconds, `publish` is told of every signed head.

    `last_seen` asks witnesses what they saw; `steps` hears the name of every step of the log's order. Of
    several signers those sign that the log names. `flood` bounds what one party may dispute in a day.
    """

    sitting: ClassVar[type[Sitting]] = Sitting

    def __init__(
        self,
        store: Store,
        signers: Signer | Sequence[Signer],
        floor: Floor,
        clock: Callable[[], int],
        publish: Callable[[int, str], None] | None = None,
        *,
        lock: WriterLock | None = None,
        last_seen: Callable[[], Sequence[Seen]] = tuple,
        steps: Callable[[str], None] = lambda _: None,
        flood: Flood | None = None,
    ) -> None:
        self.clock = clock
        self.stopped: str | None = "not started"  # why statements are turned away, None while they are not
        self.vouched = False  # whether the log was found to have lost nothing: if not, nothing is signed
        self._store = store
        self._floor = floor
        self._publish = publish
        self._lock = lock
        self._last_seen = last_seen
        self._step = steps
        self._log_keys = LogKeys(signers if isinstance(signers, Sequence) else [signers])
        self._ring = KeyRing()
        self._flood = flood or Flood()
        self._published: Published | None = None
        # From here on only the thread touches them, and `start` while there is none.
        self._head = Head(0, EMPTY_ROOT, 0)
        self._edge = RightEdge.empty()
        self._admitted_at = 0
        self._room = WaitingRoom(self._turned_away)
        self._room.close()  # until somebody serves in it
        self._thread: Thread | None = None

    @property
    def origin(self) -> str:
        """The name of the log; "" before entry 0."""
        return self._log_keys.origin

    @property
    def keys(self) -> Mapping[str, bytes]:
        """Key id to public key (32 bytes), of every key ever enrolled."""
        return self._ring.keys

    @property
    def speakers(self) -> Mapping[str, str]:
        """Key id to the party whose key it is for ever."""
        return self._ring.speakers

    def signer(self, size: int | None = None) -> Signer:
        """Whose one signature stands for the log of a size, None for the one readers may see."""
        seen = 0 if self._published is None else self._published.size
        return self._log_keys.signer_at(seen if size is None else size)

    def head(self) -> Published:
        """What readers may see; `ReadOnly` while nothing was ever signed."""
        if self._published is None:
            raise ReadOnly(self.stopped or "nothing was signed yet")
        return self._published

    def sequence(self, statements: Sequence[Statement]) -> Outcomes:
        """A future of one outcome each, in order. Refusals are `Declined`: not signed yet."""
        return self._room.put(statements)

    def dry_run(self, statement: Statement) -> Would | Refused:
        """What would become of it now; nothing is written."""
        now = lambda: max(self.clock(), self._admitted_at)  # noqa: E731
        return would(self._store, statement, now, self._flood.sitting(self.clock(), self._log_keys.refuse))

    def start(self) -> None:
        """Claim the log, see that it lost nothing, finish what was interrupted, and take statements.

        `ReadOnly` where it must not grow. May be called again once the sequencer has stopped.
        """
        self.stop()
        if self._lock is not None:
            self._lock.take()
        self.vouched = False
        try:
            self._recover()
            self.vouched = True
        except ReadOnly as fault:
            self.stopped = str(fault)
            raise
        finally:
            if not self.vouched:
                self._give_back_lock()
        self.stopped = None
        self._room = WaitingRoom(self._turned_away)
        self._thread = Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()
        self._tell()

    def stop(self) -> None:
        """Serve those who wait, turn away those who come, and end."""
        self._room.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.stopped = self.stopped or "stopped"
        self._give_back_lock()

    def _recover(self) -> None:
        """Steps 2 to 4 of the log's order, and on to 9 where a head was committed but not signed."""
        store = self._store
        self._head = head = store.claim()
        self._step("claimed")
        if (note := store.checkpoint(head.size)) is not None:
            self._published = Published(head.size, head.root, note)
        self._ring.learn(store.rows(KEYS))  # first: whoever comes to a log that must not grow is told so
        self._log_keys.begin(store.versions(LOG, 0, head.size))
        check_keys(self._log_keys)
        source = HashSource(store.tile)
        self._edge = checked_edge(head, store)
        check_folded(head, store)
        check_floor(head, self._floor, source)
        check_seen(head, self._last_seen(), source)
        self._step("compared")
        self._admitted_at = last_admitted_at(head, store, self.clock())
        self._flood.begin(store, head.size, self._now())
        if self.origin:
            self._acknowledge()

    def _run(self) -> None:
        while shares := self._room.take():
            statements = [statement for share in shares for statement in share.statements]
            outcomes: dict[int, Outcome] = {}
            try:
                commit_all(statements, outcomes, self._commit, self._put_aside)
            except Exception as fault:  # whatever it was, nobody may be left without an answer
                log.error("the sequencer stopped; start it again", fault=told(fault))
                self.stopped = f"{type(fault).__name__}: {fault}"
            # Whoever has no outcome is in doubt: sent again, the statement is found known, or is new.
            answers = [outcomes.get(at) or self._turned_away(each) for at, each in enumerate(statements)]
            for share in shares:
                share.knock.answer(answers[: len(share.statements)])
                del answers[: len(share.statements)]
            self._step("released")
            if self.stopped is not None:
                break
            self._tell()
        self._room.clear()

    def _put_aside(self, statement: Statement, poison: Poisoned) -> Outcome:
        log.error(
            "a statement was put aside: it could not be judged",
            statement=statement.statement_id,
            kind=statement.kind,
            party=statement.party,
            fault=told(poison.__cause__),
        )
        return self._unavailable(statement, "this statement could not be judged; the operator has been told")

    def _commit(self, statements: Sequence[Statement]) -> list[Outcome]:
        """Steps 5 to 9 for one batch. `Poisoned` where it was rolled back for what is in it."""
        self._step("begun")
        now = self._now()
        with self._store.writing(self._head) as transaction:
            refuse = self._flood.sitting(now, self._log_keys.refuse)
            sitting = self.sitting(transaction.load, self._head.size, refuse)
            try:
                heard = hear(transaction, sitting, statements, self._edge, now)
                self._step("judged")
                if heard.batch.entries:
                    transaction.write(heard.batch)
                    self._written(heard.batch)
            except Fenced:
                raise
            except Exception as fault:
                raise Poisoned(sitting.considering) from fault
        if heard.batch.entries:
            self._step("committed")
            self._head, self._edge = Head(heard.edge.size, heard.batch.root, self._head.epoch), heard.edge
            self._admitted_at = now
            self._learn(heard.batch)
            self._flood.learn(heard.batch, now)
            self._acknowledge()
        return self._outcomes(statements, heard)

    def _outcomes(self, statements: Sequence[Statement], heard: Heard) -> list[Outcome]:
        wanted = [(index, statements[place].bundle.envelope) for place, index in heard.known]
        found = recall(self._store, wanted)
        heard.outcomes.update({place: each for (place, _), each in zip(heard.known, found, strict=True)})
        return [heard.outcomes[place] for place in range(heard.heard)]

    def _written(self, batch: Batch) -> None:  # noqa: ARG002
        """All of a batch is in the transaction, which has not been committed."""
        self._step("written")

    def _acknowledge(self) -> None:
        """Steps 8 and 9: the head is durable, so it becomes the floor; only then is it signed."""
        self._floor.raise_to(self._head)
        self._step("floor")
        note = self._log_keys.sign(self._head.size, self._head.root)
        self._step("signed")
        self._store.put_checkpoint(self._head.size, note)
        self._step("kept")
        self._published = Published(self._head.size, self._head.root, note)

    def _now(self) -> int:
        """One reading for a whole batch, never before the last."""
        reading = self.clock()
        if reading < self._admitted_at - CLOCK_BACK_MILLISECONDS_MAX:
            behind = self._admitted_at - reading
            raise ClockWentBack(f"{behind} ms behind the last entry: set the clock right")
        return max(reading, self._admitted_at)

    def _learn(self, batch: Batch) -> None:
        self._log_keys.learn(cast(list[LogSettings], batch.versions.get(LOG, [])))
        self._ring.learn(cast(list[Key], batch.inserts.get(KEYS, [])))

    def _tell(self) -> None:
        try:
            if self._publish is not None and self._published is not None:
                self._publish(self._published.size, self._published.note)
        except Exception as fault:  # what befalls whoever is told stops nobody: they hear of the next head
            log.error("nobody took the signed head", fault=told(fault))

    def _turned_away(self, statement: Statement) -> Outcome:
        return self._unavailable(statement, "the log takes no statements now; try again")

    def _unavailable(self, statement: Statement, detail: str) -> Outcome:
        size = 0 if self._published is None else self._published.size
        rejection = Rejection(Reason.UNAVAILABLE, detail)
        now, key_id = self.clock(), statement.key_id
        return Declined(rejection, statement.statement_id, key_id=key_id, at_size=size, judged_at=now)

    def _give_back_lock(self) -> None:
        if self._lock is not None:
            self._lock.give_back()
