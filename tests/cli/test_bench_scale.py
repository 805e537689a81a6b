"""The log that is measured is a true one, always the same, and what is measured of it is what it says."""

import time
from collections import Counter

import pytest

from api.cli.bench.scale import asking, following, generator
from api.cli.bench.scale.asking import Asked
from api.cli.bench.scale.cast import HOLDERS
from api.cli.bench.scale.estimates import estimates
from api.cli.bench.scale.lives import LOT_CHIPS, events
from api.cli.bench.scale.rows import Growth, _asked, _followed
from api.settings import Settings
from api.wiring import Ledger
from ledger.audit.auditor import audit
from ledger.audit.published import FolderPublished
from ledger.folder import LedgerFolder
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite

CHIPS = 2 * LOT_CHIPS
CLAIMS = 200
PUBLISHED_SECONDS_MAX = 300


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    path = tmp_path_factory.mktemp("scale") / "ledger"
    generator.generate(path, CHIPS)
    return path


def head_of(path):
    store = SqlStore(Sqlite(LedgerFolder(path).database))
    head = store.head()
    store.close()
    return head


def said_in(path):
    """The kinds of all entries, in order."""
    store = SqlStore(Sqlite(LedgerFolder(path).database))
    kinds = [entry.kind for entry in store.entries(0, store.head().size)]
    store.close()
    return kinds


def test_it_holds_up_to_an_audit(place):
    folder = LedgerFolder(place)
    ledger = Ledger.open(folder, Settings(snapshot_seconds=0))
    deadline = time.monotonic() + PUBLISHED_SECONDS_MAX
    while ledger.publisher.size < ledger.head().size:
        assert time.monotonic() < deadline
    said = Counter(entry.kind for entry in ledger.store.entries(0, ledger.head().size))
    ledger.close()
    report = audit(FolderPublished(folder.public, folder.private))
    assert report.clean and report.size == head_of(place).size
    assert said["shipment.arrived"] == said["shipment.dispatched"] == 4 and said["chips.placed"] == 3
    assert said["claim.noted"] == CLAIMS


def test_it_is_the_same_wherever_it_is_made(place, tmp_path):
    half_made = tmp_path / "again"
    half_made.mkdir()
    (half_made / "log.key").write_text("what a broken-off run left")
    generator.generate(half_made, CHIPS)
    assert head_of(half_made).root == head_of(place).root
    before = (half_made / generator.DONE_FILE).stat().st_mtime_ns
    generator.generate(half_made, CHIPS)
    assert (half_made / generator.DONE_FILE).stat().st_mtime_ns == before
    other = tmp_path / "other"
    generator.generate(other, LOT_CHIPS)
    assert head_of(other).root != head_of(place).root  # the control


def test_a_log_made_before_there_were_claims_is_only_added_to(place, tmp_path):
    path = tmp_path / "older"
    generator.live(path, CHIPS)
    lived = head_of(path)
    first_lives = said_in(path)
    assert (path / generator.DONE_FILE).read_text() == "" and "claim.noted" not in first_lives
    generator.generate(path, CHIPS)
    assert said_in(path)[: lived.size] == first_lives
    assert set(said_in(path)[lived.size :]) == {"party.enrolled", "claim.noted"}
    assert head_of(path).root == head_of(place).root != lived.root
    # A run that was broken off before it could say that it was done.
    (path / generator.DONE_FILE).write_text(generator.LIVES_ALONE)
    generator.generate(path, CHIPS)
    assert head_of(path).root == head_of(place).root


def test_what_an_unknown_version_made_is_left_alone(tmp_path):
    path = tmp_path / "newer"
    path.mkdir()
    (path / generator.DONE_FILE).write_text("something newer")
    with pytest.raises(ValueError, match="another version"):
        generator.generate(path, CHIPS)
    assert [entry.name for entry in path.iterdir()] == [generator.DONE_FILE]


def test_claims_are_about_many_things_at_many_times_and_some_say_the_same():
    claims = list(estimates(CHIPS))
    assert len(claims) == CLAIMS == len({claim.bundle(0) for claim in claims})
    assert all(0 < claim.low <= claim.high for claim in claims)
    assert {claim.measure for claim in claims} == {"installed", "acquired", "sold"}
    assert {claim.unit for claim in claims} == {"chips", "h100e"}
    scopes = Counter((claim.model is not None, claim.family is not None) for claim in claims)
    assert len(scopes) == 3
    assert len({claim.as_of for claim in claims}) > 7 and len({claim.subject for claim in claims}) > HOLDERS
    same = ("subject", "measure", "since", "as_of", "model", "family")
    cells = Counter(tuple(getattr(claim, name) for name in same) for claim in claims)
    assert sum(count > 1 for count in cells.values()) > 10
    assert sum("duplicate" in claim.status for claim in claims) == 5


def test_chips_come_in_whole_lots():
    for chips in (0, LOT_CHIPS - 1, LOT_CHIPS + 1):
        with pytest.raises(ValueError, match="lots of"):
            generator.lots_of(chips)
    assert generator.lots_of(3 * LOT_CHIPS) == 3


def test_things_go_wrong_in_some_lots_and_time_goes_on():
    happened = list(events(100))
    assert [event.second for event in happened] == sorted(event.second for event in happened)
    lots = {event.lot.number: event.lot for event in happened}
    assert len(lots) == 100
    for wrong in ("is_short", "is_in_vault", "is_partly_lost", "is_seen_elsewhere", "is_lost_on_the_way"):
        assert 0 < sum(getattr(lot, wrong) for lot in lots.values()) < 50, wrong


def test_every_measure_is_of_the_whole_log(place):
    growth = Growth(CHIPS)
    rows = list(_followed(place, growth))
    assert [row.ratio > 0 for row in rows] == [True] * 4
    assert all(row.floor is None or row.what.startswith("memory") for row in rows), "few chips have no floor"
    seen = asking.ask(Asked(place, "capacity"))
    assert seen.rows > 0 and seen.seconds > 0 and seen.bare > 0 and not seen.refused
    claimed = asking.ask(Asked(place, "claims"))
    assert claimed.rows > CLAIMS / 2 and not claimed.refused
    tenth, half = (asking.ask(Asked(place, name)) for name in ("changes", asking.LAST_HALF))
    assert not tenth.refused and not half.refused and {"changes", asking.LAST_HALF} <= set(asking.names())
    assert [name for name in asking.names() if not asking.has_floor(name)] == [asking.LAST_HALF]
    row = _asked(place, "overdue", growth)
    assert row.what == f"report overdue, {CHIPS:,} chips" and growth.figures["overdue"].endswith("s")
    snapshot = following.snapshots_of(place).latest()
    assert snapshot.size == head_of(place).size
