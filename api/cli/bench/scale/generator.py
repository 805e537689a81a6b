"""How is a log of ten million chips made, without HTTP, so that it is true?

By the law itself: every statement is signed, looked at by the door, judged and sequenced as it would be over
HTTP, one after another as they happen, on a clock that stands where they happen. What is left out is what
comes after a durable and signed entry: files for the world are published when the ledger is first opened.
Signing has a process of its own. A log that was broken off is thrown away: half of one measures nothing.
Claims come last and are few, so that a log made before there were any is added to, not made again.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from api.cli.bench.scale.cast import FIRST_DAY, HOLDERS, ORIGIN, REGISTRAR, VALID_DAYS, settings, signer_of
from api.cli.bench.scale.estimates import said_of
from api.cli.bench.scale.lives import LOT_CHIPS, Event, events
from api.collector import look_seldom
from ledger.admission import Admission
from ledger.batch.flood import Flood
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.durability.floor import FileFloor, WriterLock
from ledger.folder import LedgerFolder
from ledger.log_key_files import read_log_keys
from ledger.opening import Registrar, Terms, open_ledger
from ledger.outcome import Refused
from ledger.sequencer import Sequencer
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite

CHIPS_PER_HALL = 50_000
BUNDLES_AHEAD = 64  # signed and not admitted: some 500 kB each
BUNDLES_AT_ONCE = 32  # of one call: some are looked at while others are judged
TOGETHER_S = 2 * DAY_SECONDS
ADMITTED_LATER_S = 3_600  # after it happened
DISPUTES_PER_DAY = 10_000_000  # nobody is flooding anybody here
DONE_FILE = "complete"
# What it says: how far the version came that wrote it.
LIVES_ALONE = ""
WITH_CLAIMS = "claims\n"


class SimulatedClock:
    """Stands where it is put; Unix milliseconds."""

    def __init__(self, second: int) -> None:
        self.second = second

    def __call__(self) -> int:
        return self.second * 1_000


def lots_of(chips: int) -> int:
    """How many lots make so many chips; ValueError where none do."""
    if chips < LOT_CHIPS or chips % LOT_CHIPS:
        raise ValueError(f"chips come in lots of {LOT_CHIPS:,}: {chips:,} are not some of them")
    return chips // LOT_CHIPS


def generate(path: Path, chips: int, progress: Callable[[int], None] = lambda _: None) -> LedgerFolder:
    """The ledger of so many chips at `path`, made unless it is there whole.

    Where an earlier version of ours ended after the lots' lives, only the claims are added: the log is the
    same as one made from nothing. `progress` hears how many statements of lives were admitted. ValueError
    where `path` was completed by a version unknown to this one.
    """
    folder, lots = LedgerFolder(path), lots_of(chips)
    done = path / DONE_FILE
    version = done.read_text(encoding="utf-8") if done.exists() else None
    if version == WITH_CLAIMS:
        return folder
    if version is None:
        live(path, chips, progress)
    elif version != LIVES_ALONE:
        raise ValueError(f"{done} says {version!r}: another version made this log")
    second = _over(lots)
    with _admitting(folder, SimulatedClock(second + ADMITTED_LATER_S)) as (admission, _):
        _admit(admission, list(said_of(chips, second)))
    done.write_text(WITH_CLAIMS, encoding="utf-8")
    return folder


def live(path: Path, chips: int, progress: Callable[[int], None] = lambda _: None) -> None:
    """All that happens to the chips, in a log made from nothing at `path`; what is there is thrown away."""
    folder, lots, clock = LedgerFolder(path), lots_of(chips), SimulatedClock(FIRST_DAY)
    if path.exists():
        shutil.rmtree(path)
    _open(folder, clock)
    halls = max(1, chips // HOLDERS // CHIPS_PER_HALL)
    with _admitting(folder, clock) as (admission, store):
        _admit(admission, list(settings(FIRST_DAY, halls)))
        done = 0
        for some in _together(_signed(events(lots), halls)):
            clock.second = some[-1][0].second + ADMITTED_LATER_S
            _admit(admission, [raw for _, raw in some])
            store.settle()
            done += len(some)
            progress(done)
    (path / DONE_FILE).write_text(LIVES_ALONE, encoding="utf-8")


@contextmanager
def _admitting(folder: LedgerFolder, clock: SimulatedClock) -> Iterator[tuple[Admission, SqlStore]]:
    """The door of a ledger that is there, at any size: it goes on from the log's edge."""
    with ExitStack() as parts:
        store = SqlStore(Sqlite(folder.database))
        parts.callback(store.close)
        flood = Flood(DISPUTES_PER_DAY)
        lock, signers = WriterLock(folder.lock), read_log_keys(folder, None)
        sequencer = Sequencer(store, signers, FileFloor(folder.floor), clock, lock=lock, flood=flood)
        parts.callback(sequencer.stop)
        sequencer.start()
        admission = Admission(store, sequencer)
        parts.callback(admission.close)
        look_seldom()
        yield admission, store


def _over(lots: int) -> int:
    """When claims are noted, in Unix seconds: after everything has happened."""
    return max(event.second for event in events(lots)) + DAY_SECONDS


def _open(folder: LedgerFolder, clock: SimulatedClock) -> None:
    open_ledger(
        folder,
        origin=ORIGIN,
        registrar=Registrar(REGISTRAR, "Registrar", "GB", signer_of(REGISTRAR)),
        log_seed=sha256(b"chipledger-scale:log").digest(),
        log_key_password=None,
        terms=Terms(),
        occurred_at=format_seconds(FIRST_DAY),
        expires_at=format_seconds(FIRST_DAY + VALID_DAYS * DAY_SECONDS),
        clock=clock,
    )


def _admit(admission: Admission, raws: list[bytes]) -> None:
    refused = [outcome for outcome in admission.admit(raws) if isinstance(outcome, Refused)]
    assert not refused, refused[0]


def _together(signed: Iterator[tuple[Event, bytes]]) -> Iterator[list[tuple[Event, bytes]]]:
    """What is admitted in one call, at the time of the last of it: few bundles, of a few days."""
    some: list[tuple[Event, bytes]] = []
    for event, raw in signed:
        if len(some) == BUNDLES_AT_ONCE or (some and event.second > some[0][0].second + TOGETHER_S):
            yield some
            some = []
        some.append((event, raw))
    if some:
        yield some


def _signed(happened: Iterable[Event], halls: int) -> Iterator[tuple[Event, bytes]]:
    """Every event with its bundle, in order; some are signed while others are admitted."""
    waiting: deque[tuple[Event, Future[bytes]]] = deque()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as signing:
        for event in happened:
            waiting.append((event, signing.submit(event.bundle, halls)))
            if len(waiting) > BUNDLES_AHEAD:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)


def _next(waiting: deque[tuple[Event, Future[bytes]]]) -> tuple[Event, bytes]:
    event, bundle = waiting.popleft()
    return event, bundle.result()
