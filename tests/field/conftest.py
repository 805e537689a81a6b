"""Two ledgers: one that is only read, and one for each test that records."""

import pytest

from tests.field.hall import hall_world, packed


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """A world that no test changes."""
    with hall_world(tmp_path_factory.mktemp("drawn")) as world:
        yield world


@pytest.fixture
def world(tmp_path):
    """A world of the test's own."""
    folder = tmp_path / "world"
    folder.mkdir()
    with hall_world(folder) as world:
        yield world


@pytest.fixture
def sheets(world, tmp_path):
    """Every sheet of the visit, in a folder of the office."""
    return packed(world, tmp_path / "sheets")


@pytest.fixture
def carried(drawn, tmp_path):
    """The same for a world that no test changes."""
    return packed(drawn, tmp_path / "sheets")
