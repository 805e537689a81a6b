"""What is measured, and beside what?

Each measurement runs the real parts on a ledger of its own and the bare component in the same run, so that a
noisy machine slows both. A floor is what the ratio must reach; a measurement without one is for information.
"""

import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import httpx

from api.cli.bench import bare
from api.cli.bench.workload import MAKER, World, new_ledger, now_ms, serials, signer_of
from api.cli.processes.background import BackgroundServer
from api.settings import Settings
from api.wiring import Ledger
from ledger.audit.auditor import audit
from ledger.audit.published import FolderPublished
from ledger.book.encoding import Bundle, read_bundle
from ledger.folder import LedgerFolder
from ledger.outcome import Refused

BOARD = 8  # chips of a statement that covers one board
AUDIT_FLOOR = 0.5  # of bare signature checks, at one chip a statement
ADMISSION_FLOOR = 0.5  # of bare verify plus bare append, at one chip a statement
ROUNDS = 3  # ours and the bare parts by turns; the middle ratio counts
POST_LINES = 500
POSTERS = 4
WARM_UP = 128  # statements
WARM_UP_S = 2.0
TIMEOUT_S = 120.0
START_SECONDS_MAX = 30.0
END_TO_END_LOT = 1_000
SECONDS_ALLOWED = 30.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: our figure, the bare one, their ratio (bare time over ours, or as `what` says), its floor."""

    what: str
    ours: str
    bare: str
    ratio: float | None
    floor: float | None

    @property
    def reached(self) -> bool:
        """Whether the floor, if any, is reached."""
        return self.floor is None or (self.ratio is not None and self.ratio >= self.floor)


@dataclass(frozen=True, slots=True)
class Load:
    """Signed statements for one measurement."""

    world: World
    lot: int  # chips a statement
    chips: list[str]
    dispatches: list[bytes]
    shipments: list[str]
    bundles: list[Bundle]


def prepare(statements: int, lot: int) -> Load:
    """Dispatches of `lot` chips each, signed before anything is timed."""
    world = World()
    chips = serials("A", statements * lot)
    named = list(world.dispatches(chips, lot))
    raws = [raw for _, raw in named]
    return Load(world, lot, chips, raws, [name for name, _ in named], [read_bundle(raw) for raw in raws])


def _must(ledger: Ledger, raws: Sequence[bytes]) -> None:
    refused = [outcome for outcome in ledger.admission.admit(raws) if isinstance(outcome, Refused)]
    assert not refused, refused[0]


def _settled(folder: LedgerFolder, load: Load) -> Ledger:
    ledger = Ledger.open(folder, Settings(snapshot_seconds=0), now_ms)
    for raw in load.world.settings():
        _must(ledger, [raw])
    _must(ledger, list(load.world.registrations(load.chips)))
    return ledger


def _bare_seconds(place: Path, bundles: Sequence[Bundle]) -> float:
    verify = bare.verify_only(signer_of(MAKER).public_key.octets, bundles)
    return verify + bare.append_only(place / f"bare-{time.time_ns()}.db", bundles)


def in_process(place: Path, load: Load) -> tuple[Measure, float]:
    """Admission in one process, holder check and all, beside bare verify plus bare append; by turns."""
    ledger = _settled(new_ledger(place / f"in-process-{load.lot}", load.world.today), load)
    ledger.verifiers.wait(START_SECONDS_MAX)
    share = len(load.dispatches) // ROUNDS
    rounds = []
    for first in range(0, share * ROUNDS, share):
        part = slice(first, first + share)
        bare_s = _bare_seconds(place, load.bundles[part])
        began = time.perf_counter()
        _must(ledger, load.dispatches[part])
        took = time.perf_counter() - began
        rounds.append((bare_s / took, bare_s, took))
    ledger.close()
    ratio, bare_s, took = sorted(rounds)[ROUNDS // 2]
    row = Measure(
        f"admission in process, chips a statement: {load.lot}",
        _rate(share, took),
        f"verify + append {_rate(share, bare_s)}",
        ratio,
        ADMISSION_FLOOR if load.lot == 1 else None,
    )
    return row, took / share * len(load.dispatches)


def over_http(place: Path, load: Load, in_process_s: float) -> Measure:
    """The same statements as NDJSON over HTTP, beside the in-process run."""
    lines, warm = load.dispatches[WARM_UP:], load.dispatches[:WARM_UP]
    bodies = [b"\n".join(lines[at : at + POST_LINES]) for at in range(0, len(lines), POST_LINES)]
    with _Served(place / f"http-{load.lot}", load) as server:
        _post(server.url, b"\n".join(warm))  # the process that checks signatures starts with the first many
        time.sleep(WARM_UP_S)
        began = time.perf_counter()
        with ThreadPoolExecutor(POSTERS) as pool:
            answers = list(pool.map(lambda body: _post(server.url, body), bodies))
        took = (time.perf_counter() - began) * len(load.dispatches) / len(lines)
    assert sum(answer.count(b'"status":"admitted"') for answer in answers) == len(lines)
    return Measure(
        f"NDJSON over HTTP, {POST_LINES} a request, chips a statement: {load.lot}",
        _rate(len(load.dispatches), took),
        f"in process {_rate(len(load.dispatches), in_process_s)}",
        in_process_s / took,
        0.6,
    )


def end_to_end(place: Path, chips_count: int) -> Measure:
    """Chips registered, shipped and received over HTTP, beside the same rows written bare."""
    world = World()
    chips = serials("E", chips_count)
    registered = list(world.registrations(chips))
    named = list(world.dispatches(chips, END_TO_END_LOT))
    arrived = list(world.arrivals([name for name, _ in named], chips, END_TO_END_LOT))
    load = Load(world, END_TO_END_LOT, [], [], [], [])
    with _Served(place / "end-to-end", load) as server:
        began = time.perf_counter()
        for stage in (registered, [raw for _, raw in named], arrived):
            for raw in stage:
                answer = httpx.post(f"{server.url}/statements", content=raw, headers=_JSON, timeout=TIMEOUT_S)
                assert answer.status_code == httpx.codes.CREATED, answer.text
        took = time.perf_counter() - began
    rows = bare.rows_only(place / "rows.db", chips, 2)
    return Measure(
        f"{chips_count:,} chips registered, shipped, received over HTTP",
        f"{took:.1f} s",
        f"rows written bare {rows:.2f} s; at most {SECONDS_ALLOWED:.0f} s allowed",
        SECONDS_ALLOWED / took,
        1.0,
    )


def auditing(place: Path, load: Load) -> Measure:
    """An audit of the in-process ledger, beside bare signature checks of as many entries."""
    folder = LedgerFolder(place / f"in-process-{load.lot}")
    verify = bare.verify_only(signer_of(MAKER).public_key.octets, load.bundles) / len(load.bundles)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as workers:
        workers.submit(len, ()).result()  # started before the clock
        began = time.perf_counter()
        report = audit(FolderPublished(folder.public, folder.private), workers=workers)
        took = time.perf_counter() - began
    assert report.clean, report.findings[:3]
    return Measure(
        f"audit of that ledger, every check, chips a statement: {load.lot}",
        _rate(report.size, took),
        f"signatures alone {_rate(report.size, verify * report.size)}",
        verify * report.size / took,
        AUDIT_FLOOR if load.lot == 1 else None,
    )


def beside_a_manifest(place: Path, statements: int) -> Measure:
    """One small statement at a time, alone and while somebody sends manifests of 50,000 lines."""
    world = World()
    big = serials("B", 200_000)
    small = serials("S", statements * 2 * BOARD)
    named = [raw for _, raw in world.dispatches(small, BOARD)]
    load = Load(world, BOARD, small, [], [], [])
    with _Served(place / "beside", load) as server, httpx.Client() as client:
        alone = [_seconds(client, server.url, raw) for raw in named[:statements]]
        posting = threading.Thread(
            target=lambda: [_post(server.url, raw, _JSON) for raw in world.registrations(big)]
        )
        posting.start()
        beside = [_seconds(client, server.url, raw) for raw in named[statements:] if posting.is_alive()]
        posting.join()
    ours, calm = statistics.median(beside), statistics.median(alone)
    return Measure(
        "one small statement beside manifests of 50,000 lines",
        f"{ours * 1e3:.1f} ms median, {max(beside) * 1e3:.0f} ms worst of {len(beside)}",
        f"alone {calm * 1e3:.1f} ms",
        calm / ours,
        None,
    )


_JSON = {"content-type": "application/json"}
_NDJSON = {"content-type": "application/x-ndjson"}


class _Served:
    """A ledger with the load's parties and chips, served by a process of its own."""

    def __init__(self, path: Path, load: Load) -> None:
        folder = new_ledger(path, load.world.today)
        _settled(folder, load).close()
        words = path.with_suffix(".log")
        self._server = BackgroundServer(path, words, {"CHIPLEDGER_SNAPSHOT_SECONDS": "0"})

    def __enter__(self) -> BackgroundServer:
        self._server.start()
        return self._server

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def _post(url: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    answer = httpx.post(f"{url}/statements", content=body, headers=headers or _NDJSON, timeout=TIMEOUT_S)
    assert answer.is_success, answer.text[:500]
    return answer.content


def _seconds(client: httpx.Client, url: str, raw: bytes) -> float:
    began = time.perf_counter()
    answer = client.post(f"{url}/statements", content=raw, headers=_JSON, timeout=TIMEOUT_S)
    assert answer.is_success, answer.text[:500]
    return time.perf_counter() - began


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}/s"
