"""Each guard of the law of inspections is seen to guard: taken away alone, the test that watches it goes red.

The law and its tests are copied, one condition in the copy is spoiled, and the copy's own test is run there.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = "ledger/book/rules/"
SEEN, CLOSED, VISITED, TIMED = (
    f"tests/book/test_{name}.py::" for name in ("inspections", "verdicts", "visits", "timeliness")
)
SECONDS_MAX = 600

GUARDS = {
    "timely weighing": (
        "timeliness.py",
        "if time <= due - asked.lead_s]",
        "if time <= due]",
        TIMED + "test_a_draw_says_whether_witnesses_had_seen_its_commitment",
    ),
    "stopping rules": (
        "draws.py",
        "settled = outcome(tally, before, last=False)",
        "settled = None if outcome(tally, before, last=False) else None",
        CLOSED + "test_a_stage_that_settles_it_ends_it",
    ),
    "what is shown twice": (
        "visits.py",
        "if _is_shown_elsewhere(bearer, place, when):",
        "if False:",
        VISITED + "test_a_chip_cannot_be_at_two_sites_within_six_hours",
    ),
    "what is shown at two positions": (
        "visits.py",
        "line.position or entry.body.site\n            if",
        "entry.body.site\n            if",
        VISITED + "test_one_chip_shown_at_two_positions_of_a_floor_is_a_duplicate_too",
    ),
    "what was seen before the draw": (
        "visits.py",
        "if when < drawn_at - CLOCK_BEHIND_SECONDS_MAX:",
        "if False:",
        VISITED + "test_what_was_seen_before_the_draw_is_told_and_does_not_count",
    ),
    "what was asked at the commitment": (
        "draws.py",
        "(asked_then(inspection, settings.origin), asked_now(settings))",
        "(asked_now(settings),)",
        TIMED + "test_what_the_log_asks_of_witnesses_is_not_lowered_for_a_commitment_that_stands",
    ),
    "what is asked at the draw": (
        "draws.py",
        "(asked_then(inspection, settings.origin), asked_now(settings))",
        "(asked_then(inspection, settings.origin),)",
        TIMED + "test_what_the_log_asks_of_witnesses_is_not_lowered_for_a_commitment_that_stands",
    ),
    "a silent beacon": (
        "inspections.py",
        "return refuse_days(registry, entry) or refuse_silent_beacon(registry, entry)",
        "return refuse_days(registry, entry)",
        CLOSED + "test_a_beacon_silent_for_two_days_frees_the_series_and_its_sample_stays_due",
    ),
    "stages that take back": (
        "inspections.py",
        "if takes_back(",
        "if False and takes_back(",
        SEEN + "test_no_stage_accepts_later_what_an_earlier_one_rejects",
    ),
    "beacon lead": (
        "inspections.py",
        "if first < entry.admitted_at + lead_s * 1000:",
        "if first < entry.admitted_at:",
        SEEN + "test_a_round_is_at_least_the_lead_away",
    ),
    "order of numbers": (
        "inspections.py",
        "if body.number != number:",
        "if False:",
        SEEN + "test_a_series_goes_number_by_number_one_at_a_time",
    ),
    "one open commitment": (
        "inspections.py",
        "if series is not None and _is_open(",
        "if False and _is_open(",
        SEEN + "test_a_series_goes_number_by_number_one_at_a_time",
    ),
    "selection recomputed": (
        "draws.py",
        "if sorted(drawn) != items_of(entry.lines):",
        "if False:",
        SEEN + "test_one_chip_left_out_or_put_in_is_another_selection",
    ),
    "hash of the secret": (
        "draws.py",
        "if sha256(secret).hexdigest() != stage.secret_sha256:",
        "if False:",
        SEEN + "test_each_stage_has_its_own_round_and_secret",
    ),
    "rounds after findings": (
        "inspections.py",
        "if findings_due is not None and due < findings_due:",
        "if False:",
        SEEN + "test_days_follow_on_each_other",
    ),
    "tests that miss": (
        "conclusions.py",
        "alpha, test_misses(commitment))",
        "alpha)",
        CLOSED + "test_a_test_that_misses_raises_the_bound_by_class",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The law and what its tests need, apart from the tree they came from."""
    there = tmp_path_factory.mktemp("law")
    ignored = shutil.ignore_patterns("__pycache__", "golden", "*.pyc")
    for package in ("api", "ledger", "signing", "tests"):
        shutil.copytree(ROOT / package, there / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", there)
    return there


def run(where, *tests):
    """Exit code of the tests run there: 0 all passed, 1 some failed."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=where, capture_output=True, timeout=SECONDS_MAX, check=False)


def test_unspoiled_every_guard_stands(copy):
    told = run(copy, *sorted({test for *_, test in GUARDS.values()}))
    assert told.returncode == 0, told.stdout.decode()[-2000:]


@pytest.mark.parametrize("guard", GUARDS)
def test_without_its_guard_the_test_goes_red(copy, guard):
    name, before, after, test = GUARDS[guard]
    file = copy / RULES / name
    whole = file.read_text()
    assert whole.count(before) == 1, f"{name} does not guard {guard} by this line any more"
    file.write_text(whole.replace(before, after))
    try:
        told = run(copy, test)
    finally:
        file.write_text(whole)
    assert told.returncode == 1, told.stdout.decode()[-2000:]
