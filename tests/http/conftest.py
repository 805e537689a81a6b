"""One server with one story for all who only read, made once."""

import pytest

from tests.http.scene import play
from tests.http.trading import make_folder, serving


@pytest.fixture(scope="session")
def post(tmp_path_factory):
    """A running server on which the story was played."""
    folder = make_folder(tmp_path_factory.mktemp("ledger") / "ledger")
    with serving(folder) as post:
        post.scene = play(post)
        post.ledger.publisher.flush()
        assert post.ledger.analysis.take_snapshot(seconds=300)
        yield post


@pytest.fixture(scope="session")
def scene(post):
    """What the story made."""
    return post.scene


@pytest.fixture
def bench(tmp_path):
    """A server of the test's own, with entry 0 alone."""
    with serving(make_folder(tmp_path / "ledger")) as post:
        yield post
