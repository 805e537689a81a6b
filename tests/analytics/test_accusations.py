"""What answers an accusing inspection: somebody independent, never its holder's word."""

import pytest

from analytics.snapshots import open_snapshot
from tests.analytics.summed_anew import summed_anew
from tests.analytics.watched_worlds import ANSWERED, STANDING, accused_world, published
from tests.analytics.wide_reports import told, with_text


@pytest.fixture(scope="module")
def accused(tmp_path_factory):
    with published(accused_world, tmp_path_factory.mktemp("accused")) as made:
        yield made


def test_an_accusation_is_answered_by_who_is_independent(accused):
    _, snapshot = accused
    rows = {row["chip"].removeprefix("acme:").lower(): row for row in told(snapshot, "unaccounted")["rows"]}
    accusing = {name for name, row in rows.items() if row["evidence"] == "I"}
    assert accusing == STANDING.keys()
    assert rows.keys() & ANSWERED.keys() == set(), "nothing else speaks against them"
    assert rows["upheld"]["also"] == "L" and rows["recovered"]["also"] is None
    assert len(ANSWERED) == 10 and len(STANDING) == 9


def test_what_is_answered_may_be_unverified_and_never_both(accused):
    _, snapshot = accused
    report = told(snapshot, "unaccounted")
    rows = {row["chip"] for row in report["rows"]}
    with open_snapshot(snapshot.path, "500MB", 1) as connection:
        listed = [
            chip
            for row in report["beside"]["unverified"]
            for chip, *_ in connection.execute(row["drill"]).fetchall()
        ]
    assert len(set(listed)) == len(listed) and rows.isdisjoint(listed)
    assert sum(row["chips"] for row in report["beside"]["unverified"]) == len(listed)
    assert {"acme:DECIDED", "acme:GIVEN-UP", "acme:OVERRULED"} <= set(listed)


SABOTAGE = {
    "decisions on absence": (
        "d.outcome = 'book_stands')\n            )\n        )\n        OR",
        "1 = 0)))\n        OR",
    ),
    "what the inspector gives up": ("e.party = d.party_a", "1 = 0"),
    "what the holder concedes": (" AND e.party = d.party_a", ""),
    "decisions on identity": ("('book_stands', 'observation_stands')", "('second_chip')"),
    "what others saw": ("        AND k.confirmed_at", "        AND 1 = 0 AND k.confirmed_at"),
    "that of another identity a look is not enough": ("a.result IN ('not_found', 'refused')\n", "1 = 1\n"),
    "that an inspection's worse result counts": ("        AND e.kind <> 'inspection.found'\n", ""),
    "what was taken back": ("b.of_index = k.entry_index)", "1 = 0)"),
    "new serials": ("        a.status <> 'replaced'\n        AND", "       "),
    "later inspections": ("j.found_at > a.found_at", "1 = 0"),
    "confirmed destructions": ("WHERE g.chip = n.chip", "WHERE 1 = 0"),
}


ENDED = ("new serials", "confirmed destructions")  # of chips that are on the book no more


@pytest.mark.parametrize("spoiled", SABOTAGE)
def test_the_report_without_one_of_these_is_another(accused, spoiled, tmp_path):
    """The control; the same for the report of those unverified, as far as chips are on the book."""
    _, snapshot = accused
    other = summed_anew(snapshot, tmp_path, "evidence", *SABOTAGE[spoiled])
    values = {"grouping": "liable", "basis": "registered", "as_of_s": 1_900_000_000}
    values["confirmed_since"] = "2030-01-01"
    for name in ("unaccounted", "unverified"):
        differs = with_text(other, name, values) != with_text(snapshot, name, values)
        assert differs != (name == "unverified" and spoiled in ENDED)
