"""A true file holds, whatever was inspected how; each step says what it means."""

import pytest

from ledger.replay.check import replay
from tests.replay.inspected import DRAWN, UNDRAWN, file_of
from tests.world import LOG_KEY


def report(path, **keys):
    with path.open("rb") as file:
        return replay(file, **keys)


@pytest.mark.parametrize("inspection", [*DRAWN, UNDRAWN])
def test_a_true_file_holds(files, inspection):
    told = report(file_of(files, inspection), log_key=LOG_KEY)
    assert told.broken is None, (told.broken, [s.sentence for s in told.steps])
    assert told.inspection == inspection
