"""A frame costs what its own provers ever had, not what others have."""

import gc
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from ledger.book.records.inspections import Stratum
from ledger.book.registry import FrameKey
from ledger.book.rules.frames import listing_of
from ledger.book.tables import CHIPS
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from tests.storage.samples import chip, grown

OTHERS = 6_000  # more than are read at once


@dataclass
class Asked:
    """The statements a store sends to its readers' connections."""

    texts: list = field(default_factory=list)
    parameters: list = field(default_factory=list)

    def __call__(self, _connection, _cursor, text, parameters, _context, _many):
        self.texts.append(text)
        self.parameters.append(parameters)


@pytest.fixture
def store(tmp_path):
    """Many chips of one party, three of another; one of those was lost since, and one came."""
    store = SqlStore(Sqlite(tmp_path / "ledger.db"))
    many = [chip(place, custodian="large") for place in range(OTHERS)]
    few = [chip(OTHERS + place, custodian="small") for place in range(3)]
    head = grown(store, store.claim(), inserts={CHIPS: [*many, *few]})
    lost = replace(few[0], changed=1, custodian=None, status="missing")
    came = replace(many[7], changed=1, custodian="small", liable="small")
    head = grown(store, head, updates={CHIPS: [lost, came]})
    grown(store, head, updates={CHIPS: [replace(came, changed=2, custodian="large", liable="large")]})
    return store


def names(store, at, part="held", *provers):
    return [each.chip for each in store.frame(FrameKey(provers or ("small",), at, part))]


def test_frames_then_and_now_follow_the_marks(store):
    few = [chip(OTHERS + place).chip for place in range(3)]
    assert names(store, 1) == few
    assert names(store, 2) == [chip(7).chip, *few[1:]]
    assert names(store, 3) == few[1:]
    assert names(store, 1, "missing") == [] and names(store, 3, "missing") == few[:1]
    assert len(names(store, 3, "held", "large", "small")) == OTHERS + 2
    assert len(names(store, 2, "held", "large")) == OTHERS - 1


@pytest.mark.parametrize("part", ["held", "missing"])
def test_no_table_is_read_through_for_a_frame(store, part):
    asked = Asked()
    event.listen(store.database.reader, "before_cursor_execute", asked)
    store.frame(FrameKey(("small",), 1, part))
    plans = []
    with store.database.reader.connect() as connection:
        for text, parameters in zip(list(asked.texts), list(asked.parameters), strict=True):
            if text.startswith("SELECT"):
                plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text, parameters).fetchall()
                plans += [step[-1] for step in plan]
        (control,) = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM chip").fetchall()
    assert any("chip_mark" in step and step.startswith("SEARCH") for step in plans), plans
    scanned = [step for step in plans if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    assert not scanned  # but the keys that were handed over
    assert control[-1].startswith("SCAN chip")


def test_whoever_asks_while_a_frame_is_held_is_given_the_same(store):
    key = FrameKey(("small",), 1)
    first = store.frame(key)
    assert store.frame(key) is first
    assert store.frame(FrameKey(("small",), 2)) is not first
    listing_of(first, [Stratum("all")])
    assert store.frame(key).memo
    del first
    gc.collect()
    again = store.frame(key)
    assert again.memo == {} and len(again) == 3


def test_what_is_not_yet_a_past_is_never_kept(store):
    """The book goes on: a frame at a size to come is of the book as it stands."""
    ahead = FrameKey(("small",), 9)
    first = store.frame(ahead)
    assert store.frame(ahead) is not first


def test_a_dropped_book_takes_its_frames_along(store):
    key = FrameKey(("small",), 1)
    first = store.frame(key)
    assert len(first) == 3
    store.drop_book()
    assert len(store.frame(key)) == 0
