"""Long tests run as a share that seed and name decide; golden files are written on request only."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
LONG_TESTS = 200
SUITE = f"""
import pytest

@pytest.mark.long
@pytest.mark.parametrize("case", range({LONG_TESTS}))
def test_long(case):
    pass

def test_short(rewrite_golden):
    print("rewriting:", rewrite_golden)
"""


@pytest.fixture
def suite(tmp_path):
    """Runs a small suite under this project's conftest; gives the names that passed, and the output."""
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -rP\n", encoding="utf-8")

    def run(*options, **settings):
        quiet = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CHIPLEDGER_", "PYTEST_"))
        }
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *options],
            cwd=tmp_path,
            env={**quiet, **settings},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return set(re.findall(r"^\S+::(\S+) PASSED", ran.stdout, re.MULTILINE)), ran.stdout

    return run


def test_a_tenth_of_the_long_tests_runs_and_every_short_one(suite):
    ran, report = suite(CHIPLEDGER_SOAK_SEED="a")
    assert "test_short" in ran
    assert 5 <= len(ran) - 1 <= 40
    assert "long tests: 10 % of them, CHIPLEDGER_SOAK_SEED=a" in report
    assert f"{LONG_TESTS + 1 - len(ran)} deselected" in report


def test_the_same_seed_draws_the_same_tests_and_another_draws_others(suite):
    first, again, other = (suite(CHIPLEDGER_SOAK_SEED=seed)[0] for seed in "aab")
    assert first == again != other


def test_a_larger_share_keeps_what_was_drawn(suite):
    tenth = suite(CHIPLEDGER_SOAK_SEED="a")[0]
    half = suite(CHIPLEDGER_SOAK_SEED="a", CHIPLEDGER_SOAK_SHARE="50")[0]
    assert tenth < half


def test_soak_runs_them_all(suite):
    assert len(suite("--soak")[0]) == LONG_TESTS + 1
    assert len(suite(CHIPLEDGER_SOAK_SHARE="0")[0]) == 1


def test_processes_side_by_side_draw_what_one_process_draws(suite):
    _, alone = suite(CHIPLEDGER_SOAK_SEED="a")
    _, shared = suite("-n", "2", CHIPLEDGER_SOAK_SEED="a")
    passed = re.compile(r"\d+ passed")
    assert passed.findall(alone) == passed.findall(shared) != []


def test_golden_files_are_compared_unless_asked_otherwise(suite):
    assert "rewriting: False" in suite()[1]
    assert "rewriting: True" in suite("--rewrite-golden")[1]


@pytest.mark.parametrize("share", ["101", "-1"])
def test_a_share_that_is_no_percentage_is_refused(suite, share):
    ran, _ = suite(CHIPLEDGER_SOAK_SHARE=share)
    assert not ran
