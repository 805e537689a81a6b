"""Where can an attack be tried for real, without harming anybody?

A whole ledger in memory: the real door, sequencer and law, real keys and signatures, a clock that is set and
a beacon whose secret is known here and nowhere used but here. Everybody's keys come from names, so that the
same attempt gives the same bytes. Nothing is written to disk and nothing is asked of a network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import TracebackType
from typing import Any, TypeVar

from api.cli.demo_beacon import DemoBeaconSigner
from api.cli.paperwork.signing_desk import proven_key, sign_statement
from ledger.admission import Admission
from ledger.book.records.opening import Waits, Witness
from ledger.book.registry import Needs, Registry, RowKey
from ledger.book.rows import Row
from ledger.book.tables import Table
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.durability.floor import MemoryFloor
from ledger.opening import Registrar, Terms, admit_opening, opening_bundle
from ledger.outcome import Admitted, Outcome, Refused, Would
from ledger.sequencer import Sequencer
from ledger.storage.memory import MemoryStore
from signing.note import COSIGNATURE_V1, make_vkey
from signing.signer import SeedSigner

R = TypeVar("R", bound=Row)

ORIGIN = "redteam.chipledger.example/log"
REGISTRAR = "registrar"
BEACON, OTHER_BEACON = f"{REGISTRAR}/dice", f"{REGISTRAR}/other-dice"
MODEL = f"{REGISTRAR}/h100"
PROVER, AFFILIATE, STRANGER = "prover", "shell", "stranger"
VERIFIER = "inspectors"
HALL, ANNEX = f"{PROVER}/hall", f"{PROVER}/annex"
POSITIONS = 40
PARTIES = {PROVER: "maker", AFFILIATE: "holder", STRANGER: "holder", VERIFIER: "verifier"}

BEGIN_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
GENESIS_S = BEGIN_MS // 1000 - 30_000
PERIOD_S = 30
BEACON_LEAD_S, TIMELY_LEAD_S, KEY_DELAY_S = 600, 60, 604_800
EXPIRES_DAYS = 90
DICE_SECRET = 4711


def key_of(name: str) -> SeedSigner:
    """The key of a party, of the log or of a witness, by its name."""
    return SeedSigner(sha256(b"chipledger redteam " + name.encode()).digest())


@dataclass(frozen=True, slots=True)
class Said:
    """A statement about to be made: who says what, about which things, and whose key signs."""

    party: str
    kind: str
    body: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] | None = None


class Arena:
    """One ledger in play. A context: its threads end with it."""

    def __init__(self, witnesses: Sequence[str] = ()) -> None:
        """A quorum of all `witnesses` is asked for; of none where there are none."""
        self.now_ms = BEGIN_MS
        self.dice = DemoBeaconSigner(DICE_SECRET)
        self.store = MemoryStore()
        signer = key_of("log")
        self._sequencer = Sequencer(self.store, signer, MemoryFloor(), lambda: self.now_ms)
        self._sequencer.start()
        self._admission = Admission(self.store, self._sequencer)
        registrar = Registrar(REGISTRAR, "Registrar", "NL", key_of(REGISTRAR))
        terms = Terms(
            Waits(BEACON_LEAD_S, TIMELY_LEAD_S, KEY_DELAY_S), len(witnesses), [_witness(n) for n in witnesses]
        )
        bundle = opening_bundle(
            ORIGIN, registrar, signer, terms, occurred_at=self.today(), expires_at=self.today(EXPIRES_DAYS)
        )
        admit_opening(self._sequencer, bundle)
        self._settle()

    def __enter__(self) -> "Arena":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the threads go."""
        self._admission.close()
        self._sequencer.stop()
        self.store.close()

    # -- time

    @property
    def now_s(self) -> int:
        """Unix seconds."""
        return self.now_ms // 1000

    def waits(self, seconds: int) -> None:
        """Time goes by."""
        self.now_ms += 1000 * seconds

    def today(self, later_days: int = 0) -> str:
        """Now, or so many days from now, as statements spell it."""
        return format_seconds(self.now_s + later_days * DAY_SECONDS)

    def round_at(self, unix_seconds: int) -> int:
        """The first round due then or later."""
        return -(-(unix_seconds - GENESIS_S) // PERIOD_S) + 1

    def due_at(self, round_number: int) -> int:
        """When a round is due, in Unix seconds."""
        return GENESIS_S + (round_number - 1) * PERIOD_S

    # -- saying

    def says(self, said: Said) -> Outcome:
        """Signed by the party's own key, and sent through the real door."""
        (outcome,) = self._admission.admit([self._raw(said)])
        self.now_ms += 1000  # the same words said again are another statement
        return outcome

    def would(self, said: Said) -> Would | Refused:
        """What would become of it now."""
        return self._admission.dry_run(self._raw(said))

    def must(self, said: Said) -> Admitted:
        """Said by somebody honest, or in a cheat's honest hours."""
        outcome = self.says(said)
        assert isinstance(outcome, Admitted), (said.kind, outcome)
        return outcome

    def _raw(self, said: Said) -> bytes:
        signer, times = key_of(said.party), (self.today(), self.today(EXPIRES_DAYS))
        return sign_statement(signer, ORIGIN, said.kind, said.party, said.body, said.rows, *times).raw()

    # -- looking

    def get(self, table: Table[R], key: RowKey) -> R:
        """The row of that key, which is there."""
        registry = Registry()
        self.store.load(Needs().rows(table, (key,)), registry)
        row = registry.get(table, key)
        assert row is not None, key
        return row

    def group(self, table: Table[R], group: str) -> list[R]:
        """The rows of one group of a grouped table, by key."""
        registry = Registry()
        self.store.load(Needs().group(table, group), registry)
        return [row for _, row in sorted(registry.group(table, group).items())]

    # -- who is there

    def registers(self, chips: Sequence[str], site: str = HALL) -> None:
        """The prover has these chips, and has had them since they were made."""
        rows = [{"chip": chip, "model": MODEL} for chip in sorted(chips)]
        self.must(Said(PROVER, "chips.registered", {"site": site}, rows))

    def _settle(self) -> None:
        model = {"model": MODEL, "vendor": "Acme", "part_numbers": ["H-1"], "memory_gb": 80, "dies": 1}
        model |= {"memory_bandwidth_gbps": 3_350, "interconnect_gbps": 900, "tpp": 15_832}
        model |= {"gflops": {"fp8": 1_979_000}, "released": "2022-10-01T00:00:00Z"}
        self.must(Said(REGISTRAR, "model.listed", model))
        for name in (BEACON, OTHER_BEACON):
            beacon: dict[str, Any] = {
                "beacon": name,
                "scheme": self.dice.scheme,
                "public_key": self.dice.public_key.hex(),
            }
            beacon |= {"genesis": format_seconds(GENESIS_S), "period_s": PERIOD_S, "source": "a demo beacon"}
            self.must(Said(REGISTRAR, "beacon.listed", beacon))
        for party, role in PARTIES.items():
            body: dict[str, Any] = {"party": party, "name": party.title(), "roles": [role], "country": "NO"}
            body["keys"] = [proven_key(key_of(party), ORIGIN, party)]
            self.must(Said(REGISTRAR, "party.enrolled", body))
        for site in (HALL, ANNEX, f"{AFFILIATE}/hall", f"{STRANGER}/hall"):
            party, _, name = site.partition("/")
            place: dict[str, Any] = {"site": site, "name": name.title(), "country": "NO"}
            place |= {"positions": POSITIONS} if party == PROVER else {}
            self.must(Said(party, "site.declared", place))


def _witness(name: str) -> Witness:
    vkey = make_vkey(f"{name}.example", COSIGNATURE_V1, key_of(name).public_key.octets)
    return Witness(f"{name}.example", vkey.text(), name)
