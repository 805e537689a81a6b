"""Whatever the database can do without files it does behind the walls, where none can be opened any more."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.question import REASONS

HERE = Path(__file__).resolve()
FILES = (
    "open files",
    "No such file",
    "not permitted",
    "Permission",
    "ImportError",
    "No module",
    "site-packages",
)
MANY = 400  # examples in the catalogue


def asked(room, *late):
    """Each question with what came of it, in a process that takes these modules in late."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[2])}
    line = [sys.executable, str(HERE.with_name("catalogue_asked.py")), str(room.snapshot.path), *late]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert len(told["outcomes"]) > MANY
    return told["outcomes"][: told["ours"]], told["outcomes"][told["ours"] :]


def needing_files(outcomes):
    """Those that failed for want of a file."""
    return [query for query, _, detail in outcomes if detail and any(word in detail for word in FILES)]


@pytest.fixture(scope="module")
def outcomes(room):
    return asked(room)


def test_what_analysts_write_is_answered(outcomes):
    ours, _ = outcomes
    assert [one for one in ours if one[1] is not None] == []


def test_no_function_of_the_catalogue_wants_a_file(outcomes):
    _, examples = outcomes
    assert needing_files(examples) == []
    assert {reason for _, reason, _ in examples} <= {None, *REASONS}
    assert sum(reason is None for _, reason, _ in examples) > len(examples) / 2


def test_a_library_taken_in_too_late_is_seen(room):
    """Negative control: the parser's part that reads subscripts is not there when the walls go up."""
    ours, _ = asked(room, "sqlglot.optimizer.annotate_types")
    assert len(needing_files(ours)) >= 3
