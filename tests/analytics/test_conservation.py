"""No chip comes from nowhere or goes unsaid: views against the book as it stood; counts that must add up."""

import random

import pytest

from analytics.feeds import FEEDS
from analytics.follower import Follower
from analytics.report import run_report
from analytics.snapshots import Snapshots
from analytics.warehouse import VIEWS, Warehouse
from ledger.book.tables import CHIPS, DISCREPANCY_CHIPS, LINES, LOTS, MODELS
from signing.canonical import decode
from tests.analytics.second_world import World
from tests.analytics.test_follower import contents, rebuilt

SPANS_AT = (
    "SELECT chip, custodian, owner, liable, model, class, site, system, status FROM chip_span"
    " WHERE from_index < ? AND (to_index IS NULL OR to_index >= ?) ORDER BY chip"
)


@pytest.fixture(scope="module", params=[5, 17, 61, 104])
def kept(request, tmp_path_factory):
    """A world, and the warehouse that followed it."""
    world = World(request.param)
    warehouse = rebuilt(world, tmp_path_factory.mktemp("kept") / "w")
    warehouse.sum_up()  # as for a snapshot: no test hangs on another's having published one
    yield world, warehouse
    warehouse.close()


def as_shown(row):
    return (
        row.chip, row.custodian, row.owner, row.liable, row.model, row.cls, row.site, row.system, row.status,
    )  # fmt: skip


def differing(world, warehouse):
    """Sizes as of which the spans are not the book that was kept then."""
    return [
        size
        for size, chips in world.past.items()
        if warehouse.ask(SPANS_AT, [size, size]) != [as_shown(chips[name]) for name in sorted(chips)]
    ]


def test_spans_are_the_book_as_it_stood_at_every_size(kept):
    world, warehouse = kept
    assert len(world.past) > 100
    assert differing(world, warehouse) == []
    left = [
        name
        for before, after in zip(list(world.past.values()), list(world.past.values())[1:], strict=False)
        for name in before.keys() - after.keys()
    ]
    assert world.gone in left, "some chips were there only between"


def test_spans_without_their_end_are_found_out(kept):
    """The control: a view that takes what was corrected away for a version like any other."""
    world, warehouse = kept
    sound = VIEWS["chip_span"]
    assert sound.count("WHERE v.born >= 0") == 1
    warehouse.ask(sound.replace("WHERE v.born >= 0", ""), [])
    try:
        assert differing(world, warehouse)
    finally:
        warehouse.ask(sound, [])


def test_one_fed_bit_by_bit_equals_one_made_at_once_table_by_table(kept, tmp_path):
    world, warehouse = kept
    grown = Warehouse(tmp_path / "grown")
    follower = Follower(world.store, grown)
    for size in sorted(random.Random(3).sample(range(1, world.size), 12)):
        follower.follow(size, world.root_of(size))
    middle = rebuilt(world, tmp_path / "middle", size)
    assert contents(grown) == contents(middle)
    middle.close()
    follower.follow(world.size, world.root)
    made = contents(warehouse)
    assert contents(grown) == made
    tables = {f"record.{feed.into}" for feed in FEEDS}
    assert all(made[name] for name in tables)
    grown.close()


def test_every_chip_that_was_born_is_somewhere(kept):
    """Births less what was corrected away are the chips there are, in the one status each has."""
    world, warehouse = kept
    births, ends, open_spans = warehouse.ask(
        "SELECT COUNT(*) FILTER (WHERE before IS NULL OR before < 0),"
        " (SELECT COUNT(*) FROM record.chip_version WHERE born < 0),"
        " (SELECT COUNT(*) FROM chip_span WHERE to_index IS NULL)"
        " FROM (SELECT born, LAG(born) OVER (PARTITION BY chip ORDER BY changed) AS before"
        " FROM record.chip_version) WHERE born >= 0",
        [],
    )[0]
    assert ends >= 2
    assert births - ends == open_spans == len(world.rows(CHIPS))
    counted = dict(warehouse.ask("SELECT status, COUNT(*) FROM chip GROUP BY status", []))
    assert sum(counted.values()) == open_spans
    assert counted.keys() == {"held", "in_transit", "missing", "destroyed", "replaced"}
    held = warehouse.ask(
        "SELECT COUNT(*) FROM chip WHERE (custodian IS NULL) = (status IN ('held', 'in_transit'))"
        " OR (liable IS NULL) <> (status IN ('destroyed', 'replaced'))",
        [],
    )
    assert held == [(0,)], "who has it and who answers for it follow from its status"


def test_every_line_of_a_shipment_came_or_is_on_its_way(kept):
    """sent = received + refused + cancelled + lost + chips in transit under it."""
    world, warehouse = kept
    rows = warehouse.ask(
        "SELECT s.shipment, s.short, (SELECT COUNT(*) FROM record.chip_state AS c"
        " WHERE c.status = 'in_transit' AND c.shipment = s.shipment) FROM shipment AS s",
        [],
    )
    lost = {}
    for line in world.rows(LINES):
        if line.state == "lost":
            lost[line.shipment] = lost.get(line.shipment, 0) + 1
    assert len(rows) > 30 and lost
    assert [row for row in rows if row[1] != row[2] + lost.get(row[0], 0)] == []


def test_the_lines_open_are_those_that_discrepancies_count(kept):
    world, warehouse = kept
    rows = warehouse.ask(
        "SELECT l.discrepancy, l.chip, l.closed_index IS NULL, l.entry_index FROM discrepancy_chip AS l", []
    )
    expected = {}
    for line in world.rows(DISCREPANCY_CHIPS):
        is_open, last = expected.get((line.discrepancy, line.chip), (False, 0))
        expected[line.discrepancy, line.chip] = is_open or line.closed is None, max(last, line.changed)
    assert {row[:2]: row[2:] for row in rows} == expected and len(rows) == len(expected)
    wrong = warehouse.ask(
        "SELECT d.discrepancy FROM discrepancy AS d WHERE (d.closed_index IS NULL) <> EXISTS"
        " (SELECT 1 FROM discrepancy_chip AS l WHERE l.discrepancy = d.discrepancy"
        " AND l.closed_index IS NULL)",
        [],
    )
    assert wrong == []


def test_the_dies_of_a_lot_are_those_of_the_chips_that_name_it(kept):
    world, warehouse = kept
    dies = {row.model: decode(row.figures.encode(), "figures")["dies"] for row in world.rows(MODELS)}
    expected = []
    for lot in sorted(world.rows(LOTS), key=lambda row: row.lot):
        chips = [row for row in world.rows(CHIPS) if lot.lot in (row.lots or "").split()]
        used = (lot.lost, lot.banked, lot.other_product)
        expected.append((lot.lot, lot.good_units, *used, sum(dies[chip.model] for chip in chips)))
    found = warehouse.ask(
        "SELECT lot, good_units, lost, banked, other_product, registered_units FROM lot ORDER BY lot", []
    )
    assert found == expected and sum(row[5] for row in found) > 0


def test_what_was_corrected_says_by_what(kept):
    world, warehouse = kept
    said = {entry.statement: entry.index for entry in world.entries}
    found = warehouse.ask("SELECT entry_index, corrected_by FROM entry WHERE corrected_by IS NOT NULL", [])
    assert len(found) == sum(entry.kind == "statement.corrected" for entry in world.entries) > 0
    for index, by in found:
        assert world.entries[by].kind == "statement.corrected" and index < by
        assert said[world.entries[index].statement] == index


def test_reports_divide_the_book_between_them(kept, tmp_path):
    """Who could run chips and who lost them: every chip once, but those that ended for good."""
    world, warehouse = kept
    snapshot = Snapshots(tmp_path).publish(warehouse)
    capacity = sum(total.chips for total in run_report(snapshot, "capacity").totals)
    there = [row for row in world.rows(CHIPS) if row.status in {"held", "in_transit"}]
    assert capacity == len(there)
    rows = run_report(snapshot, "unaccounted").as_object()["rows"]
    assert len({row["chip"] for row in rows}) == len(rows)
    evident = {row["chip"]: f"{row['evidence']} {row['also'] or ''}".split() for row in rows}
    missing = {row.chip for row in world.rows(CHIPS) if row.status == "missing"}
    destroyed = {row.chip for row in world.rows(CHIPS) if row.status == "destroyed"}
    with_l = {chip for chip, letters in evident.items() if "L" in letters}
    assert missing <= with_l <= missing | destroyed and destroyed - with_l >= world.confirmed
    late = {chip for chip, letters in evident.items() if "O" in letters}
    overdue = sum(row["chips"] for row in run_report(snapshot, "overdue").as_object()["rows"])
    assert overdue == len(late) > 0
    for letters in evident.values():
        assert letters == sorted(letters, key="ISKROL".index) and len(set(letters)) == len(letters)
