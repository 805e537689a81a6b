"""How tests ask reports of a wider world: its snapshot, a report as JSON has it, the rows of one text."""

import json

from analytics.follower import Follower
from analytics.report import ReportRefused, run_report
from analytics.reporting.questions import text_of
from analytics.snapshots import Snapshots, open_snapshot
from analytics.warehouse import Warehouse
from tests.analytics.wider_world import WiderWorld

# What must be said to reports that ask for it.
NEEDED = {"changes": {"from_size": 40}, "losses": {"mortality_ppm": 20_000}}


def published(seed, folder, made=WiderWorld):
    """A world and its snapshot."""
    world = made(seed)
    assert world.faults == []
    return world, snapshot_of(world, folder)


def snapshot_of(trade, folder):
    """The snapshot of all that was said so far."""
    folder = folder / str(trade.size)
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = Warehouse(folder / "w")
    Follower(trade.store, warehouse).follow(trade.size, trade.root)
    snapshot = Snapshots(folder / "s").publish(warehouse)
    warehouse.close()
    return snapshot


def told(snapshot, name, **given):
    """A report as JSON has it."""
    grouping = given.pop("grouping", None)
    report = run_report(snapshot, name, grouping=grouping, given=given)
    assert not isinstance(report, ReportRefused), report
    return json.loads(json.dumps(report.as_object()))


def with_text(snapshot, name, values, before=None, after=None):
    """The rows of one file of `reports/`, as it is or spoiled in one place."""
    text = text_of(name)
    if before is not None:
        assert text.count(before) == 1, (name, text.count(before))
        text = text.replace(before, after)
    named = {key: value for key, value in values.items() if f"${key}" in text}
    with open_snapshot(snapshot.path, "500MB", 1) as connection:
        return connection.execute(text, named).fetchall()
