"""Every check matters: for each there is a fault that it alone finds, and that goes unseen without it."""

import pytest

from ledger.audit.auditor import audit
from ledger.audit.report import Check
from tests.audit.build import LOG_KEY, AtOnce, MemoryPublished, traded
from tests.audit.faults import FAULTS, LAST, a_forged_signature
from tests.audit.faults_governed import GOVERNED_FAULTS
from tests.audit.governed import governed


@pytest.fixture(scope="module")
def log():
    return traded()


@pytest.fixture(scope="module")
def governed_log():
    return governed()


def found(published, **how):
    report = audit(published, log_key=LOG_KEY, workers=AtOnce(), **how)
    return {finding.check for finding in report.findings}, report


@pytest.mark.parametrize(("check", "spoil"), FAULTS, ids=[spoil.__name__ for _, spoil in FAULTS])
def test_a_fault_that_one_check_alone_finds(log, check, spoil):
    only_that_check_finds(log, check, spoil)


@pytest.mark.parametrize(
    ("check", "spoil"), GOVERNED_FAULTS, ids=[spoil.__name__ for _, spoil in GOVERNED_FAULTS]
)
def test_a_fault_in_what_governs_that_one_check_alone_finds(governed_log, check, spoil):
    only_that_check_finds(governed_log, check, spoil)


def only_that_check_finds(log, check, spoil):
    control, _ = found(log.published())
    assert control == set()
    published, how = spoil(log)
    checks, report = found(published, **how)
    assert checks == {check}
    assert check in report.checks_run
    again, how = spoil(log)
    unseen, report = found(again, **how, leave_out=frozenset({check}))
    assert unseen == set(), "without its check the fault goes unseen"
    assert check not in report.checks_run


def test_there_is_a_fault_for_every_check():
    assert {check for check, _ in (*FAULTS, *GOVERNED_FAULTS)} == set(Check)


def test_with_the_signature_check_removed_a_forged_signature_would_pass(log):
    """The one that turns red when entries' signatures are no longer verified."""
    published, _ = a_forged_signature(log)
    checks, report = found(published)
    assert checks == {Check.SIGNATURES}
    assert report.first_bad_entry == LAST


def test_with_the_signature_check_of_checkpoints_removed_a_strangers_checkpoint_would_pass(log):
    """The one that turns red when the log's signature on its checkpoints is no longer verified."""
    note = log.note(9)
    at = note.index(b"\n", note.index(b"\n\n") + 2) - 10
    forged = note[:at] + (b"A" if note[at : at + 1] != b"A" else b"B") + note[at + 1 :]
    checks, _ = found(MemoryPublished({**log.files(), "public/checkpoints/9": forged}))
    assert checks == {Check.CHECKPOINTS}
