"""Logs that several files of tests only read: made once for each."""

import pytest

from tests.audit.build import settled, traded


@pytest.fixture(scope="module")
def log():
    return traded()


@pytest.fixture(scope="module")
def long_log():
    """Two bundles and a bit, with two levels of tiles."""
    log = settled()
    for place in range(530 - len(log.raws)):
        log.say("oslo", "site.declared", {"site": f"oslo/s{place}", "name": "Hall", "country": "NO"})
    log.kept = (1, 255, 256, 257, 512, 513)
    return log
