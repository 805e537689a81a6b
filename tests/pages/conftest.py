"""One server for all tests of pages: nothing in it changes."""

import pytest

from tests.pages.scene import let_in, made


@pytest.fixture(scope="session")
def post(tmp_path_factory):
    """The server with its two snapshots."""
    with made(tmp_path_factory.mktemp("pages") / "ledger") as post:
        yield post


@pytest.fixture(scope="session")
def client(post):
    """The analyst's browser, as far as it is a client of HTTP."""
    with let_in(post) as client:
        yield client
