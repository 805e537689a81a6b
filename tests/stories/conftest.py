"""Each story of the law is played on a ledger of its own, behind a real server."""

import pytest

from tests.world_http import http_world


@pytest.fixture
def world(tmp_path):
    """A server with entry 0 alone."""
    with http_world(tmp_path) as world:
        yield world
