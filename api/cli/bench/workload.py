"""What do the measurements work on?

Signed statements of a small world (a registrar, a maker, a holder), made with keys that follow from their
names, so that two runs measure the same bytes but for the day. Signing is not what is measured.
"""

import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from api.cli.paperwork.signing_desk import proven_key, sign_statement
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.folder import LedgerFolder
from ledger.opening import Registrar, Terms, open_ledger
from signing.signer import SeedSigner

ORIGIN = "bench.chipledger.example/log"
REGISTRAR, MAKER, HOLDER = "registrar", "maker", "holder"
MODEL, FAB, HALL = f"{REGISTRAR}/h100", f"{MAKER}/fab", f"{HOLDER}/hall"
LOT = 50_000  # lines of a registration


def signer_of(party: str) -> SeedSigner:
    """A key that follows from a name: for measurements only."""
    return SeedSigner(sha256(b"chipledger-bench:" + party.encode()).digest())


class World:
    """Statements of the bench's parties, as bundles ready to be posted."""

    def __init__(self) -> None:
        self.today = int(time.time()) // DAY_SECONDS * DAY_SECONDS

    def bundle(
        self,
        party: str,
        kind: str,
        body: object,
        rows: Sequence[dict[str, object]] | None = None,
        day: int = -10,
    ) -> bytes:
        """One signed bundle."""
        occurred, expires = (format_seconds(self.today + offset * DAY_SECONDS) for offset in (day, 90))
        said = sign_statement(
            signer_of(party), ORIGIN, kind, party, body, rows, occurred_at=occurred, expires_at=expires
        )
        return said.raw()

    def settings(self) -> list[bytes]:
        """Who takes part, one model, two sites."""
        bundles = []
        for party, role in ((MAKER, "maker"), (HOLDER, "holder")):
            keys = [proven_key(signer_of(party), ORIGIN, party)]
            body = {"party": party, "name": party, "roles": [role], "country": "US", "keys": keys}
            bundles.append(self.bundle(REGISTRAR, "party.enrolled", body))
        model: dict[str, object] = {
            "model": MODEL,
            "vendor": "bench",
            "part_numbers": [],
            "memory_gb": 80,
            "memory_bandwidth_gbps": 3_350,
            "interconnect_gbps": 900,
            "gflops": {"bf16": 989_400},
            "tpp": 15_824,
            "dies": 1,
            "released": "2022-09-20T00:00:00Z",
        }
        bundles.append(self.bundle(REGISTRAR, "model.listed", model))
        for site, party in ((FAB, MAKER), (HALL, HOLDER)):
            bundles.append(self.bundle(party, "site.declared", {"site": site, "name": site, "country": "US"}))
        return bundles

    def registrations(self, chips: Sequence[str]) -> Iterator[bytes]:
        """Chips made, in lots."""
        for start in range(0, len(chips), LOT):
            rows: list[dict[str, object]] = [
                {"chip": chip, "model": MODEL} for chip in chips[start : start + LOT]
            ]
            yield self.bundle(MAKER, "chips.registered", {"site": FAB}, rows)

    def dispatches(self, chips: Sequence[str], lot: int) -> Iterator[tuple[str, bytes]]:
        """Shipments to the holder, `lot` chips each, with their names."""
        due = format_seconds(self.today + 20 * DAY_SECONDS)
        for number, start in enumerate(range(0, len(chips), lot)):
            name = f"{MAKER}/S{lot}-{number}"
            body = {
                "shipment": name,
                "to": HOLDER,
                "country": "US",
                "due_by": due,
                "title": "passes_on_arrival",
            }
            rows: list[dict[str, object]] = [{"chip": chip} for chip in chips[start : start + lot]]
            yield name, self.bundle(MAKER, "shipment.dispatched", body, rows)

    def arrivals(self, shipments: Sequence[str], chips: Sequence[str], lot: int) -> Iterator[bytes]:
        """Every chip of those shipments scanned by the holder."""
        for number, name in enumerate(shipments):
            part = chips[number * lot : (number + 1) * lot]
            rows: list[dict[str, object]] = [{"chip": chip, "condition": "received"} for chip in part]
            body = {"shipment": name, "site": HALL, "evidence": "scanned"}
            yield self.bundle(HOLDER, "shipment.arrived", body, rows, day=-5)


def serials(prefix: str, count: int) -> list[str]:
    """Chips of the maker."""
    return [f"{MAKER}:{prefix}{number:07d}" for number in range(count)]


def new_ledger(path: Path, today: int) -> LedgerFolder:
    """A ledger folder with entry 0."""
    folder = LedgerFolder(path)
    open_ledger(
        folder,
        origin=ORIGIN,
        registrar=Registrar(REGISTRAR, "Registrar", "US", signer_of(REGISTRAR)),
        log_seed=sha256(b"chipledger-bench:log").digest(),
        log_key_password=None,
        terms=Terms(),
        occurred_at=format_seconds(today),
        expires_at=format_seconds(today + 90 * DAY_SECONDS),
        clock=now_ms,
    )
    return folder


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000
