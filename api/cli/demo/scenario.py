"""What is said in the demo, by whom, in which order?

A plan of acts, from the cast alone: the same plan every time, but for the day it is played on. Chips
go from a maker by way of the ODM or the distributor to a data centre, in lots of 8 to 50,000; seven things
go wrong on the way, and `PLANTED` says which. Signs nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.cli.demo.cast import AMD, DISTRIBUTOR, NVIDIA, ODM, REGISTRAR
from api.cli.figures.reader import ClusterFigures, clusters
from ledger.book.times import DAY_SECONDS, format_seconds

Row = dict[str, Any]

STAGES = (
    "register",
    "dispatch 1",
    "arrive 1",
    "dispatch 2",
    "arrive 2",
    "dispatch 3",
    "arrive 3",
    "place",
)
REGISTRATION_LINES = 50_000
SPARE_CHIPS = 1_000  # of NVIDIA's, on top of the figures: what is lost, strays and is overdue
EXPIRES_DAYS = 90
PLANTED = (
    "256 chips due at eurodist two months ago never arrived",
    "64 chips due at eurodist a month ago never arrived",
    "12 chips arrived at eurodist that nobody had dispatched to it",
    "3 chips arrived at eurodist that no maker ever registered",
    "128 chips dispatched to the Netherlands arrived in the United Arab Emirates",
    "one statement of eurodist bears a bad signature",
    "boardworks dispatched 8 chips twice",
)


@dataclass(frozen=True, slots=True)
class Act:
    """One statement of `party`'s, on a day counted from today. `spoiled`: its signature is broken."""

    party: str
    kind: str
    day: int
    body: dict[str, Any]
    rows: Sequence[Row] | None = None
    reference: str | None = None
    spoiled: bool = False


@dataclass(slots=True)
class Scenario:
    """Acts by stage: whatever a stage says may stand once the stages before it are in the log."""

    today: int  # Unix seconds, midnight
    stages: dict[str, list[Act]] = field(default_factory=lambda: defaultdict(list))
    chips: int = 0
    _shipments: int = 0

    def day(self, offset: int) -> str:
        """A day counted from today, as statements write it."""
        return format_seconds(self.today + offset * DAY_SECONDS)

    def say(self, stage: str, act: Act) -> None:
        """Add an act to a stage."""
        self.stages[stage].append(act)

    def register(self, maker: str, model: str, chips: Sequence[str]) -> None:
        """The maker registers chips, in lots no manifest is too small for."""
        self.chips += len(chips)
        for lot in _lots(chips, REGISTRATION_LINES):
            rows = [{"chip": chip, "model": f"{REGISTRAR}/{model}"} for chip in lot]
            self.say("register", Act(maker, "chips.registered", -200, {"site": f"{maker}/packaging"}, rows))

    def dispatch(
        self, leg: int, sender: str, receiver: str, country: str, chips: Sequence[str], *, due: int
    ) -> str:
        """A shipment sets out on its leg; its id."""
        self._shipments += 1
        name = f"{sender}/PO-{self._shipments:05d}"
        body = {
            "shipment": name,
            "to": receiver,
            "country": country,
            "due_by": self.day(due),
            "title": "passes_on_arrival",
        }
        rows = [{"chip": chip} for chip in chips]
        act = Act(sender, "shipment.dispatched", _leg_day(leg), body, rows, name.split("/")[1])
        self.say(f"dispatch {leg}", act)
        return name

    def arrive(
        self, leg: int, receiver: str, site: str, shipment: str, chips: Sequence[str], *, sealed: bool = False
    ) -> None:
        """The receiver scans what came, or takes it sealed."""
        body = {"shipment": shipment, "site": site, "evidence": "as_dispatched" if sealed else "scanned"}
        rows = None if sealed else [{"chip": chip, "condition": "received"} for chip in chips]
        self.say(f"arrive {leg}", Act(receiver, "shipment.arrived", _leg_day(leg) + 8, body, rows))

    def carry(
        self, leg: int, sender: str, site: str, country: str, chips: Sequence[str], *, lot: int
    ) -> None:
        """Shipments of `lot` chips to the site's operator, which all arrive as they should."""
        receiver = site.split("/", maxsplit=1)[0]
        for part in _lots(chips, lot):
            name = self.dispatch(leg, sender, receiver, country, part, due=_leg_day(leg) + 30)
            self.arrive(leg, receiver, site, name, part, sealed=len(part) > REGISTRATION_LINES // 2)

    def place(self, holder: str, site: str, chips: Sequence[str]) -> None:
        """Eight chips a system, thirty-two systems a row of racks."""
        rows = [
            {
                "chip": chip,
                "system": f"row-{place // 256:03d}.node-{place // 8 % 32:02d}",
                "slot": str(place % 8),
            }
            for place, chip in enumerate(chips)
        ]
        self.say("place", Act(holder, "chips.placed", -60, {"site": site}, rows))


def play(today: int) -> Scenario:
    """The whole plan for a day."""
    scenario = Scenario(today)
    pools = {cluster.source_row: _serials(cluster) for cluster in clusters()}
    spare = [f"{NVIDIA}:SPARE{number:07d}" for number in range(1, SPARE_CHIPS + 1)]
    made: dict[tuple[str, str], list[str]] = defaultdict(list)
    for cluster in clusters():
        made[_maker(cluster), cluster.model] += pools[cluster.source_row]
    made[NVIDIA, "nvidia-h100-sxm5-80"] += spare
    for (maker, model), chips in made.items():
        scenario.register(maker, model, chips)
    for_meta = [
        chip for cluster in clusters() if cluster.holder == "meta" for chip in pools[cluster.source_row]
    ]
    scenario.carry(1, NVIDIA, f"{ODM}/plant", "MX", for_meta, lot=REGISTRATION_LINES)
    for cluster in clusters():
        _deliver(scenario, cluster, pools[cluster.source_row])
    _plant(scenario, spare)
    return scenario


def _deliver(scenario: Scenario, cluster: ClusterFigures, chips: list[str]) -> None:
    """From the maker to the racks, by the way that suits the holder."""
    site = f"{cluster.holder}/{cluster.site}"
    plant, rotterdam = f"{ODM}/plant", f"{DISTRIBUTOR}/rotterdam"
    if cluster.holder == "meta":
        scenario.carry(2, ODM, site, cluster.country, chips, lot=4_096)
    elif cluster.country in ("NO", "FI"):
        scenario.carry(1, NVIDIA, plant, "MX", chips, lot=8_192)
        scenario.carry(2, ODM, rotterdam, "NL", chips, lot=2_048)
        scenario.carry(3, DISTRIBUTOR, site, cluster.country, chips, lot=512)
    else:
        boards, rest = chips[:800], chips[800:]
        scenario.carry(1, _maker(cluster), site, cluster.country, boards, lot=8)
        scenario.carry(1, _maker(cluster), site, cluster.country, rest, lot=2_048)
    scenario.place(cluster.holder, site, chips)


def _plant(scenario: Scenario, spare: list[str]) -> None:
    """What goes wrong. All of it is said by parties that are made up."""
    late, stray, abroad, twice = spare[:256], spare[256:268], spare[268:396], spare[396:404]
    held = spare[404:468]
    scenario.dispatch(1, NVIDIA, DISTRIBUTOR, "NL", late, due=-60)
    to_odm = scenario.dispatch(1, NVIDIA, ODM, "MX", [*twice, *held], due=-120)
    scenario.arrive(1, ODM, f"{ODM}/plant", to_odm, [*twice, *held])
    scenario.dispatch(2, ODM, DISTRIBUTOR, "NL", held, due=-30)
    gulf = scenario.dispatch(1, NVIDIA, DISTRIBUTOR, "NL", abroad, due=-120)
    ghosts = [f"{NVIDIA}:GHOST{number:04d}" for number in range(1, 4)]
    scenario.arrive(1, DISTRIBUTOR, f"{DISTRIBUTOR}/jebel-ali", gulf, abroad)
    came = scenario.dispatch(2, ODM, DISTRIBUTOR, "NL", twice, due=-90)
    scenario.arrive(2, DISTRIBUTOR, f"{DISTRIBUTOR}/rotterdam", came, [*twice, *stray, *ghosts])
    scenario.dispatch(2, ODM, "meta", "US", twice, due=-90)  # the same eight, sold again
    body = {"site": f"{DISTRIBUTOR}/annex", "name": "Annex", "country": "NL"}
    scenario.say("arrive 3", Act(DISTRIBUTOR, "site.declared", -50, body, spoiled=True))


def _maker(cluster: ClusterFigures) -> str:
    return AMD if cluster.model.startswith("amd-") else NVIDIA


def _serials(cluster: ClusterFigures) -> list[str]:
    """Serials that say model and number, as makers' do."""
    code = cluster.model.split("-")[1].upper()
    return [
        f"{_maker(cluster)}:{code}{cluster.source_row:04d}{number:06d}"
        for number in range(1, cluster.chips + 1)
    ]


def _lots(chips: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (chips[start : start + size] for start in range(0, len(chips), size))


def _leg_day(leg: int) -> int:
    return -180 + 30 * leg
