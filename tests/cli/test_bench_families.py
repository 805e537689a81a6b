"""The rows of the bench: each family lives through its whole life, at sizes beyond what a day may dispute."""

from api.cli.bench.families import AGAIN, STEPS, by_family
from api.settings import Settings

LINES = Settings().discrepancies_per_party_day  # so many sighted once, and a second sighting is too many


def test_every_family_is_measured_where_one_lot_is_all_that_a_party_may_dispute_in_a_day(tmp_path):
    rows = [row.what for row in by_family(tmp_path, {LINES: 1})]
    assert rows == [f"{step}, {LINES:,} chips" for step, _ in STEPS if not step.endswith(AGAIN)]
    assert len(rows) == 14
