"""Reports on a world nobody wrote them for, row for row what a slow count by hand finds."""

import json
import random
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from analytics.follower import Follower
from analytics.report import REPORTS, Report, ReportRefused, run_report
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from ledger.book.rows import Status
from ledger.book.tables import CHIPS, LINES, SHIPMENTS
from tests.analytics.slow_reports import slow_capacity, slow_overdue, slow_surplus, slow_unaccounted
from tests.analytics.trade import DAY_S, H100_GFLOPS, Trade

MAKERS = {"fab-east": "TW", "fab-west": "US"}
HOLDERS = {"oslo": "NO", "lima": "PE", "doha": "QA", "kyiv": "UA"}
MODELS = {
    "h100": H100_GFLOPS,
    "h20": {"bf16": 148_000, "fp8": 296_000},
    "odd": {"fp64": 9_700, "int8": 624_000},
}


class World(Trade):
    """Random honest trade with faults planted in it, each where a report must find it."""

    def __init__(self, seed):
        super().__init__()
        self.chance = random.Random(seed)
        self.number = 0
        for name, gflops in MODELS.items():
            self.list_model(name, gflops, memory_gb=self.chance.randrange(40, 200))
        for party, country in (MAKERS | HOLDERS).items():
            self.enrol(party, "maker" if party in MAKERS else "holder", country)
        self.declare_site("doha", "abroad", "AE")
        for round_number in range(6):
            maker = self.chance.choice(list(MAKERS))
            model = self.chance.choice(list(MODELS))
            self.make(maker, range(round_number * 100, round_number * 100 + 20), model)
        for _ in range(25):
            self.trade_honestly()
        for plant in (
            self.plant_two_overdue, self.plant_arrivals_without_dispatch, self.plant_wrong_country,
            self.plant_short_receipt, self.plant_double_scan, self.plant_absent_then_found,
            self.plant_absent_after_acceptance, self.plant_missing, self.plant_lost_on_the_way,
        ):  # fmt: skip
            plant()
            self.trade_honestly()
        self.now += 3 * DAY_S
        self.trade_honestly()

    def held_by(self, party, count):
        """Some chips at rest with a party, that nobody has planted anything in."""
        chips = [row.chip for row in self.rows(CHIPS) if row.custodian == party and row.status == "held"]
        return sorted(self.chance.sample(chips, min(count, len(chips))))

    def some_sender(self, count):
        """A party with chips at rest, and some of them."""
        parties = [*MAKERS, *HOLDERS]
        self.chance.shuffle(parties)
        found = next(party for party in parties if len(self.held_by(party, count)) == count)
        return found, self.held_by(found, count)

    def dispatch(self, count, due, receiver=None):
        """(receiver, shipment, chips) of a new shipment."""
        sender, chips = self.some_sender(count)
        receiver = receiver or self.chance.choice([party for party in HOLDERS if party != sender])
        self.number += 1
        title = self.chance.choice(["kept", "passes_on_arrival"])
        owns = all(row.owner == sender for row in self.rows(CHIPS) if row.chip in chips)
        name = self.send(
            sender, f"s{self.number}", chips, receiver, country=HOLDERS[receiver], due=due,
            title=title if owns else "kept",
        )  # fmt: skip
        return receiver, name, chips

    def trade_honestly(self):
        """Something ordinary happens."""
        self.now += self.chance.randrange(3600)
        what = self.chance.random()
        if what < 0.3:
            party = self.chance.choice(list(HOLDERS))
            here = [chip for chip in self.held_by(party, 4) if self.site_of(chip) == f"{party}/hall"]
            if here:
                self.place(party, here, f"rack-{self.chance.randrange(3)}")
            return
        receiver, shipment, chips = self.dispatch(self.chance.randrange(1, 6), 60)
        if what < 0.5:
            self.receive(receiver, shipment)
        elif what < 0.8:
            conditions = [self.chance.choice(["received", "received", "damaged", "refused"]) for _ in chips]
            self.receive(receiver, shipment, list(zip(chips, conditions, strict=True)))

    def site_of(self, chip):
        """Where the book has it."""
        return self.fold.registry.of(CHIPS)[chip].site

    def plant_two_overdue(self):
        """One wholly, one in part."""
        self.dispatch(3, 1)
        receiver, shipment, chips = self.dispatch(4, 2)
        self.receive(receiver, shipment, [(chips[0], "received")])

    def plant_arrivals_without_dispatch(self):
        """Known chips and unknown ones turn up somewhere."""
        owner = next(party for party in [*MAKERS, "oslo", "lima", "doha"] if len(self.held_by(party, 2)) == 2)
        chips = [*self.held_by(owner, 2), "nobody:X1"]
        self.receive("kyiv", f"{owner}/never", [(chip, "received") for chip in sorted(chips)])

    def plant_wrong_country(self):
        """Received, but elsewhere."""
        _, shipment, chips = self.dispatch(2, 30, receiver="doha")
        self.receive("doha", shipment, [(chip, "received") for chip in chips], site="doha/abroad")

    def plant_short_receipt(self):
        """Two of four are said to be absent, one of them on a shipment that falls due too."""
        receiver, shipment, chips = self.dispatch(4, 1)
        self.receive(receiver, shipment, [(chips[0], "received"), (chips[1], "absent"), (chips[2], "absent")])

    def plant_double_scan(self):
        """One serial on two bodies."""
        receiver, shipment, chips = self.dispatch(2, 30)
        twice = [(chips[0], "received", "L1"), (chips[0], "received", "L2"), (chips[1], "received")]
        self.receive(receiver, shipment, twice)

    def plant_absent_then_found(self):
        """Absent from the first lorry, received from the second: accounted for."""
        receiver, shipment, chips = self.dispatch(2, 30)
        self.receive(receiver, shipment, [(chips[0], "absent"), (chips[1], "received")])
        self.receive(receiver, shipment, [(chips[0], "received")])
        self.turned_up = chips[0]

    def plant_absent_after_acceptance(self):
        """Taken sealed, and then one was not in the carton."""
        receiver, shipment, chips = self.dispatch(2, 30)
        self.receive(receiver, shipment)
        self.receive(receiver, shipment, [(chips[1], "absent")])

    def plant_missing(self):
        """One lost, one destroyed; no kind of statement does that yet, so by decree."""
        sender, (lost, burnt) = self.some_sender(2)
        chips = self.fold.registry.of(CHIPS)
        gone = {"custodian": None, "system": None, "slot": None}
        self.decree(
            "chips.retired", sender,
            (CHIPS, lambda at: replace(chips[lost], **gone, status=Status.MISSING.value, changed=at)),
            (CHIPS, lambda at: replace(
                chips[burnt], **gone, liable=None, site=None, status=Status.DESTROYED.value, changed=at)),
        )  # fmt: skip

    def plant_lost_on_the_way(self):
        """One arrives, one is lost in transit: the shipment is closed short."""
        receiver, shipment, (lost, came) = self.dispatch(2, 30)
        self.receive(receiver, shipment, [(came, "received")])
        book, missing = self.fold.registry, Status.MISSING.value
        gone = {"custodian": None, "shipment": None, "status": missing}
        self.decree(
            "chips.retired", book.of(SHIPMENTS)[shipment].sender,
            (CHIPS, lambda at: replace(book.of(CHIPS)[lost], **gone, changed=at)),
            (LINES, lambda at: replace(book.of(LINES)[shipment, lost], state="lost", changed=at)),
            (SHIPMENTS, lambda at: replace(book.of(SHIPMENTS)[shipment], lost=1, state="closed", changed=at)),
        )  # fmt: skip


@pytest.fixture(scope="module", params=[11, 23, 47])
def asked(request, tmp_path_factory):
    """A world, its snapshot and the as-of time of its last entry, in seconds rounded up."""
    world = World(request.param)
    folder = tmp_path_factory.mktemp("second")
    warehouse = Warehouse(folder / "w")
    Follower(world.store, warehouse).follow(world.size, world.root)
    snapshot = Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()
    return world, snapshot, -(-world.entries[-1].admitted_at // 1000)


def rows_of(report):
    return report.as_object()["rows"]


def alike(found, expected):
    """Equal but for the last places of sums of fractions."""
    assert len(found) == len(expected)
    for left, right in zip(found, expected, strict=True):
        assert list(left) == list(right)
        for name in left:
            if name == "h100e":
                assert left[name] == (None if right[name] is None else pytest.approx(right[name], rel=1e-12))
            else:
                assert left[name] == right[name], (name, left, right)


@pytest.mark.parametrize("grouping", REPORTS["unaccounted"].groupings)
def test_unaccounted_chips_are_those_counted_by_hand(asked, grouping):
    world, snapshot, as_of_s = asked
    report = run_report(snapshot, "unaccounted", grouping=grouping)
    expected = slow_unaccounted(world, as_of_s, grouping)
    alike(rows_of(report), expected)
    assert {row["evidence"] for row in expected} == {"R", "O", "L"}
    assert {"O", "L"} <= {row["also"] for row in expected}, "some chip has evidence of two classes"
    assert len({row["chip"] for row in expected}) == len(expected)
    assert world.turned_up not in {row["chip"] for row in expected}
    by_group = {total.grouped: total.chips for total in report.totals}
    assert by_group == {
        group: sum(row["grouped"] == group for row in expected)
        for group in {row["grouped"] for row in expected}
    }


def test_surplus_stands_beside_and_is_never_added(asked):
    world, snapshot, _ = asked
    report = run_report(snapshot, "unaccounted")
    beside = report.as_object()["beside"]["surplus"]
    assert beside == slow_surplus(world)
    assert {"extra", "unknown_chip", "duplicate"} <= {row["kind"] for row in beside}
    assert sum(total.chips for total in report.totals) == report.rows.num_rows


@pytest.mark.parametrize("grouping", REPORTS["overdue"].groupings)
def test_overdue_shipments_are_those_counted_by_hand(asked, grouping):
    world, snapshot, as_of_s = asked
    expected = slow_overdue(world, as_of_s, grouping)
    alike(rows_of(run_report(snapshot, "overdue", grouping=grouping)), expected)
    assert len(expected) == 3, "the two planted, and the short receipt that fell due"


def test_lateness_is_counted_to_the_moment_asked_about(asked):
    world, snapshot, as_of_s = asked
    counts = []
    for later in (-4 * DAY_S, 0, 100 * DAY_S):
        moment = as_of_s + later
        report = run_report(snapshot, "overdue", as_of=datetime.fromtimestamp(moment, UTC))
        alike(rows_of(report), slow_overdue(world, moment, "liable"))
        counts.append(report.rows.num_rows)
    assert counts[0] < counts[1] < counts[2]


@pytest.mark.parametrize("grouping", REPORTS["capacity"].groupings)
def test_capacity_is_that_counted_by_hand(asked, grouping):
    world, snapshot, _ = asked
    report = run_report(snapshot, "capacity", grouping=grouping)
    alike(rows_of(report), slow_capacity(world, grouping))
    standings = {row["standing"] for row in rows_of(report)}
    assert standings == {"placed", "stored", "in_transit", "disputed"}
    present = [row for row in world.rows(CHIPS) if row.status in {"held", "in_transit"}]
    assert sum(total.chips for total in report.totals) == len(present)


def test_a_report_that_was_cut_says_so_and_totals_all(asked):
    _, snapshot, _ = asked
    whole = run_report(snapshot, "unaccounted")
    cut = run_report(snapshot, "unaccounted", rows_max=2)
    assert (whole.truncated, cut.truncated) == (False, True)
    assert cut.rows.num_rows == 2 and cut.totals == whole.totals
    assert cut.head()["truncated"] is True
    exact = run_report(snapshot, "overdue", rows_max=3)
    assert exact.truncated is False and exact.rows.num_rows == 3


def test_the_head_names_what_was_asked_of_what(asked):
    world, snapshot, _ = asked
    report = run_report(snapshot, "capacity", grouping="owner")
    assert isinstance(report, Report)
    head = json.loads(json.dumps(report.head()))
    assert head["snapshot"] == snapshot.name and head["size"] == world.size
    assert head["root"] == world.root.hex() and head["grouping"] == "owner"
    assert report.render("csv").startswith(b"\xef\xbb\xbfgrouped,standing")


def test_what_cannot_be_asked_is_refused(asked):
    _, snapshot, _ = asked
    assert run_report(snapshot, "gossip") == ReportRefused(
        "no_such_report", "reports are unaccounted, capacity, overdue"
    )
    refused = run_report(snapshot, "overdue", grouping="model'; DROP TABLE x")
    assert isinstance(refused, ReportRefused) and refused.reason == "bad_grouping"
