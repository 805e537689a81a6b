"""Which segments are there after a run, a kill or a loss, and where does one end?"""

import pytest

from ledger.publication import Publisher
from ledger.segments.reading import SEGMENT_BYTES_MAX, segment_name
from ledger.segments.writing import SegmentWriter, keep_segments
from ledger.storage.memory import MemoryStore
from tests.sequencer import trade
from tests.sequencer.shelf import Stand, check, check_segments, names_in, plant, spans_of


@pytest.fixture
def stand(tmp_path):
    stand = Stand(tmp_path)
    yield stand
    stand.close()


@pytest.mark.parametrize(
    ("there", "durable", "kept"),
    [
        ((), 0, []),
        (((0, 3), (3, 9)), 9, [(0, 3), (3, 9)]),
        (((0, 3), (3, 9), (9, 12)), 9, [(0, 3), (3, 9)]),
        (((0, 3), (3, 12)), 9, [(0, 3)]),
        (((3, 9),), 9, []),
        (((0, 3), (4, 9)), 9, [(0, 3)]),
        (((0, 3), (2, 9), (3, 9)), 9, [(0, 3), (3, 9)]),
        (((0, 3), (3, 9)), 0, []),
    ],
)
def test_segments_that_do_not_follow_or_are_not_durable_go(tmp_path, there, durable, kept):
    folder = tmp_path / "manifests"
    assert keep_segments(folder, durable) == 0
    plant(folder, *there)
    (folder / (segment_name(9, 10) + ".new")).write_bytes(b"half")
    (folder / "readme").write_bytes(b"not ours")
    assert keep_segments(folder, durable) == (kept[-1][1] if kept else 0)
    assert spans_of(folder) == kept
    assert not [name for name in names_in(folder) if name.endswith(".new")] and "readme" in names_in(folder)


def test_segments_lost_or_left_beyond_the_checkpoint_are_written_again(stand):
    stand.desk.all_in(trade.registered(trade.chips(0, 2)))
    stand.grows(1)
    stand.desk.all_in(trade.registered(trade.chips(2, 2)))
    stand.grows(300, 1)
    assert check(stand.files()) == 311
    folder = stand.folder.private / "manifests"
    before, whole = spans_of(folder), stand.files()
    assert len(before) >= 3
    (folder / segment_name(*before[1])).unlink()
    plant(folder, (311, 400), (200, 320))
    with pytest.raises(AssertionError):
        check(stand.files())
    again = Publisher(stand.store, stand.folder)
    head = stand.desk.sequencer.head()
    again.publish(head.size, head.note)
    again.flush()
    assert check(stand.files()) == 311
    assert {name for name in whole if "/tile/" in name} == {
        name for name in stand.files() if "/tile/" in name
    }
    again.close()


@pytest.mark.parametrize(
    ("limits", "widest"), [({"entries_max": 4}, 4), ({"bytes_max": 1}, 1), ({"bytes_max": 700}, 10), ({}, 30)]
)
def test_a_segment_ends_at_its_limits(tmp_path, limits, widest):
    desk = trade.Desk(MemoryStore()).open()
    desk.all_in(*(trade.registered(trade.chips(number * 2, 2)) for number in range(22)))
    writer = SegmentWriter(tmp_path, 0, **limits)
    entries = desk.store.entries(0, 30)
    taken = [lines for some in (entries[:7], entries[7:]) for lines in writer.take(desk.store, some)]
    writer.close()
    spans = spans_of(tmp_path)
    assert len(taken) == 22
    assert [path.name for path in writer.done] == [segment_name(*span) for span in spans]
    assert max(stop - start for start, stop in spans) == widest
    files = {f"private/manifests/{path.name}": path.read_bytes() for path in tmp_path.iterdir()}
    most = limits.get("bytes_max", SEGMENT_BYTES_MAX)
    assert all(len(raw) <= most or raw.count(b'"count"') == 1 for raw in files.values())
    check_segments(files, [entry.raw for entry in entries])
    desk.close()
