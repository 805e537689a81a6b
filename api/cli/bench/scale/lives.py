"""What happens to each lot of chips, and when?

A lot lives through ten events a chip, some a little more: made, sent, received, placed, seen, counted,
offered, sold, sent on, received and maybe placed again. Something goes wrong in some of them, always in the
same ones: cartons that never come, chips that are short, absent from a count, seen elsewhere or lost. Lots
start one after another over two years, so that at any time many are on their way. Pure: a lot's number says
all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge

from api.cli.bench.scale.cast import (
    FAB,
    FIRST_DAY,
    HOLDERS,
    KINDS,
    MAKER,
    MAKER_SITE,
    VERIFIER,
    YARD,
    country_of,
    declared,
    hall,
    holder,
    said,
)
from api.cli.paperwork.signing_desk import Row
from ledger.book.times import DAY_SECONDS, format_seconds

LOT_CHIPS = 5_000
LOTS_SPREAD_DAYS = 600  # from the first lot's making to the last one's
DUE_DAYS = 30
SLOTS = 8  # of a system


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot of `lots`; everything follows from its number."""

    number: int
    lots: int

    @property
    def began(self) -> int:
        """When it was made, in Unix seconds."""
        return FIRST_DAY + (1 + self.number * LOTS_SPREAD_DAYS // self.lots) * DAY_SECONDS

    @property
    def name(self) -> str:
        """The fab's name for it."""
        return f"{FAB}/L{self.number:05d}"

    @property
    def buyers(self) -> tuple[int, int]:
        """Numbers of the first holder and of the one it sells to, who may be of the same family."""
        first = self.number * 7 % HOLDERS
        return first, (first + 1 + self.number % 11) % HOLDERS

    @property
    def is_lost_on_the_way(self) -> bool:
        """Whether nobody ever received it."""
        return self.number % 50 == 7

    @property
    def is_short(self) -> bool:
        """Whether two chips were missing when it was unpacked."""
        return self.number % 4 == 1

    def chips(self) -> list[str]:
        """All that were made."""
        first = self.number * LOT_CHIPS
        return [f"{MAKER}:S{number:08d}" for number in range(first, first + LOT_CHIPS)]

    def received(self) -> list[str]:
        """Those that came to the first holder."""
        return self.chips()[2:] if self.is_short else self.chips()

    @property
    def is_in_vault(self) -> bool:
        """Whether it has a place of its own, which is counted in full: three chips are absent."""
        return self.number % 10 == 3

    @property
    def is_partly_lost(self) -> bool:
        """Whether two chips are retired as lost."""
        return self.number % 10 == 6

    @property
    def is_seen_elsewhere(self) -> bool:
        """Whether the verifier comes upon one chip where it should not be."""
        return self.number % 20 == 5

    def kept(self) -> list[str]:
        """Those that nothing happened to since."""
        return self.received()[3 * self.is_in_vault + 2 * self.is_partly_lost + self.is_seen_elsewhere :]

    def first_hall(self, halls: int) -> str:
        """Where the first holder has it."""
        party = holder(self.buyers[0])
        return (
            f"{party}/vault{self.number}" if self.is_in_vault else hall(party, self.number // HOLDERS % halls)
        )


@dataclass(frozen=True, slots=True)
class Event:
    """What is said of a lot, and when, in Unix seconds."""

    second: int
    lot: Lot
    step: int

    def bundle(self, halls: int) -> bytes:
        """The signed statement."""
        return STEPS[self.step][1](self.lot, self.second, halls)


def _produced(lot: Lot, second: int, _: int) -> bytes:
    body = {
        "lot": lot.name,
        "product": "die",
        "wafers": 100,
        "gross_units": 6_000,
        "good_units": LOT_CHIPS + 3,
        "for_party": MAKER,
    }
    return said(FAB, "lot.produced", body, second)


def _used(lot: Lot, second: int, _: int) -> bytes:
    return said(FAB, "lot.used", {"lot": lot.name, "outcome": "lost", "count": 3}, second)


def _declared(lot: Lot, second: int, halls: int) -> bytes:
    number = lot.buyers[0]
    return declared(holder(number), lot.first_hall(halls), country_of(number), second)


def _registered(lot: Lot, second: int, _: int) -> bytes:
    model = KINDS[lot.number % len(KINDS)].model
    rows: list[Row] = [{"chip": chip, "model": model, "lots": [lot.name]} for chip in lot.chips()]
    return said(MAKER, "chips.registered", {"site": MAKER_SITE}, second, rows)


def _dispatch(lot: Lot, second: int, sender: str, to: int, title: str) -> bytes:
    body = {
        "shipment": f"{sender}/S{lot.number:05d}",
        "to": holder(to),
        "country": country_of(to),
        "due_by": format_seconds(second + DUE_DAYS * DAY_SECONDS),
        "title": title,
    }
    chips = lot.chips() if sender == MAKER else lot.kept()
    return said(sender, "shipment.dispatched", body, second, _rows(chips))


def _arrival(lot: Lot, second: int, sender: str, to: int, site: str) -> bytes:
    chips = lot.received() if sender == MAKER else lot.kept()
    rows: list[Row] = [{"chip": chip, "condition": "received"} for chip in chips]
    body = {"shipment": f"{sender}/S{lot.number:05d}", "site": site, "evidence": "scanned"}
    return said(holder(to), "shipment.arrived", body, second, rows)


def _rows(chips: list[str]) -> list[Row]:
    return [{"chip": chip} for chip in chips]


def _sent(lot: Lot, second: int, _: int) -> bytes:
    return _dispatch(lot, second, MAKER, lot.buyers[0], "passes_on_arrival")


def _came(lot: Lot, second: int, halls: int) -> bytes:
    return _arrival(lot, second, MAKER, lot.buyers[0], lot.first_hall(halls))


def _placed(lot: Lot, second: int, halls: int) -> bytes:
    rows: list[Row] = [
        {"chip": chip, "system": f"L{lot.number:05d}-{place // SLOTS:03d}", "slot": str(place % SLOTS)}
        for place, chip in enumerate(lot.received())
    ]
    return said(holder(lot.buyers[0]), "chips.placed", {"site": lot.first_hall(halls)}, second, rows)


def _seen(lot: Lot, second: int, halls: int) -> bytes:
    body = {"place": "in its rack", "site": lot.first_hall(halls)}
    return said(VERIFIER, "chips.sighted", body, second, _rows(lot.kept()))


def _seen_elsewhere(lot: Lot, second: int, _: int) -> bytes:
    body = {"place": "on a shelf", "site": YARD}
    return said(VERIFIER, "chips.sighted", body, second, _rows(lot.received()[:1]))


def _lost(lot: Lot, second: int, _: int) -> bytes:
    return said(holder(lot.buyers[0]), "chips.retired", {"reason": "lost"}, second, _rows(lot.received()[:2]))


def _counted(lot: Lot, second: int, halls: int) -> bytes:
    party = holder(lot.buyers[0])
    scope = "full" if lot.is_in_vault else "partial"
    body = {"stocktake": f"{party}/C{lot.number:05d}", "scope": scope, "site": lot.first_hall(halls)}
    return said(party, "stocktake.declared", body, second, _rows(lot.kept()))


def _offered(lot: Lot, second: int, _: int) -> bytes:
    seller, buyer = map(holder, lot.buyers)
    body = {"transfer": f"{seller}/T{lot.number:05d}", "to": buyer}
    return said(seller, "title.offered", body, second, _rows(lot.kept()))


def _sold(lot: Lot, second: int, _: int) -> bytes:
    seller, buyer = map(holder, lot.buyers)
    return said(buyer, "title.accepted", {"transfer": f"{seller}/T{lot.number:05d}"}, second)


def _sent_on(lot: Lot, second: int, _: int) -> bytes:
    seller, buyer = lot.buyers
    return _dispatch(lot, second, holder(seller), buyer, "kept")


def _came_again(lot: Lot, second: int, halls: int) -> bytes:
    seller, buyer = lot.buyers
    place = hall(holder(buyer), lot.number // HOLDERS % halls)
    return _arrival(lot, second, holder(seller), buyer, place)


def _placed_again(lot: Lot, second: int, halls: int) -> bytes:
    buyer = lot.buyers[1]
    place = hall(holder(buyer), lot.number // HOLDERS % halls)
    rows: list[Row] = [{"chip": chip, "system": f"L{lot.number:05d}"} for chip in lot.kept()]
    return said(holder(buyer), "chips.placed", {"site": place}, second, rows)


Say = Callable[[Lot, int, int], bytes]

# Days after a lot was made, and what is said then.
STEPS: tuple[tuple[int, Say], ...] = (
    (0, _produced),
    (1, _used),
    (1, _declared),
    (2, _registered),
    (9, _sent),
    (20, _came),
    (24, _placed),
    (30, _lost),
    (31, _seen_elsewhere),
    (35, _seen),
    (50, _counted),
    (60, _offered),
    (61, _sold),
    (70, _sent_on),
    (79, _came_again),
    (80, _placed_again),
)


# What not every lot lives through, and which do.
SELDOM: dict[Say, Callable[[Lot], bool]] = {
    _declared: lambda lot: lot.is_in_vault,
    _lost: lambda lot: lot.is_partly_lost,
    _seen_elsewhere: lambda lot: lot.is_seen_elsewhere,
    _placed_again: lambda lot: lot.number % 2 == 0,
}
BEFORE_LOSS = frozenset((_produced, _used, _declared, _registered, _sent))  # of cartons that nobody received


def _steps_of(lot: Lot) -> Iterator[int]:
    for step, (_, say) in enumerate(STEPS):
        if say in SELDOM and not SELDOM[say](lot):
            continue
        if say in BEFORE_LOSS or not lot.is_lost_on_the_way:
            yield step


def _events_of(lot: Lot) -> Iterator[Event]:
    for step in _steps_of(lot):
        yield Event(lot.began + STEPS[step][0] * DAY_SECONDS + lot.number % 3_600, lot, step)


def events(lots: int) -> Iterator[Event]:
    """Everything that happens, as it happens."""
    every = (_events_of(Lot(number, lots)) for number in range(lots))
    return merge(*every, key=lambda event: (event.second, event.lot.number, event.step))
