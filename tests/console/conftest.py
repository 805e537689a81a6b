"""One room for all tests of the console: nothing in it ever changes, which is what they show."""

import tempfile
from pathlib import Path

import pytest

from tests.console.room import make_room


@pytest.fixture(scope="session")
def room():
    """The room, in a folder that the unprivileged user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        yield make_room(Path(folder))
