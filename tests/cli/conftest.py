"""One ledger for the tests of commands, still served: chips were made, shipped and received in it."""

import pytest

from tests.cli.trading_ledger import trading_ledger


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The ledger that runs, and its folder of keys and files."""
    with trading_ledger(tmp_path_factory.mktemp("world")) as ledger:
        yield ledger, ledger.folder.parent
