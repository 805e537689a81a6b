"""One world with inspections of every sort, played once; their replay files."""

import pytest

from tests.replay.inspected import CAST, play
from tests.world_verifying import verifier_world


@pytest.fixture(scope="session")
def inspected(tmp_path_factory):
    """(world, folder of its replay files)."""
    with verifier_world(tmp_path_factory.mktemp("inspected"), CAST) as world:
        yield world, play(world, tmp_path_factory.mktemp("replays"))


@pytest.fixture(scope="session")
def files(inspected):
    """The folder."""
    return inspected[1]
