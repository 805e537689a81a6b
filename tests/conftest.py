"""Which tests run: the options of the whole suite.

`--rewrite-golden` tells golden tests to write what they would compare; they ask through the fixture
`rewrite_golden`. Tests marked `long` run as a seeded share, the same on every machine for the same
commit; `--soak` runs them all. Knows nothing of what the tests are about.
"""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

LONG_SHARE_PERCENT_DEFAULT = 10
SHARE_VARIABLE = "CHIPLEDGER_SOAK_SHARE"
SEED_VARIABLE = "CHIPLEDGER_SOAK_SEED"
SEED = pytest.StashKey[str]()
SHARE = pytest.StashKey[int]()


def pytest_addoption(parser):
    parser.addoption("--rewrite-golden", action="store_true", help="write golden files, do not compare")
    parser.addoption("--soak", action="store_true", help="run every test marked long, not a share of them")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: a share of these runs each time; --soak runs all")
    # Worker processes are told the seed: a commit made meanwhile must not give them another list of tests.
    told = getattr(config, "workerinput", {}).get("long_seed")
    config.stash[SEED] = told or os.environ.get(SEED_VARIABLE) or _commit(config.rootpath)
    share = int(os.environ.get(SHARE_VARIABLE) or LONG_SHARE_PERCENT_DEFAULT)
    if not 0 <= share <= 100:
        raise pytest.UsageError(f"{SHARE_VARIABLE} is a percentage, 0 to 100: {share}")
    config.stash[SHARE] = 100 if config.getoption("--soak") else share
    # Examples are the same on every machine, as the share is, and none is too slow; --soak draws others.
    settings.register_profile(
        "chipledger",
        deadline=None,
        derandomize=not config.getoption("--soak"),
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("chipledger")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["long_seed"] = node.config.stash[SEED]


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session):
    """Say the seed, even where -q hides the header."""
    config = session.config
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and not hasattr(config, "workerinput"):
        terminal.write_line(
            f"long tests: {config.stash[SHARE]} % of them, {SEED_VARIABLE}={config.stash[SEED]} (--soak: all)"
        )


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if item.get_closest_marker("long") and not _drawn(config, item.nodeid)]
    if left_out:
        out = set(left_out)
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in out]


@pytest.fixture
def rewrite_golden(request):
    """True when golden tests shall write their files; they compare otherwise."""
    return request.config.getoption("--rewrite-golden")


def _drawn(config, node):
    """Whether this test is in the share: by its name and the seed alone, so adding a test moves no other."""
    ticket = hashlib.sha256(f"{config.stash[SEED]}\n{node}".encode()).digest()[:8]
    return int.from_bytes(ticket, "big") * 100 < config.stash[SHARE] << 64


def _commit(root: Path) -> str:
    """The commit under test; outside a git checkout a constant, so that the share is still repeatable."""
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], cwd=root, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "no-git"
    return asked.stdout.strip() or "no-git"
