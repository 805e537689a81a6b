"""What is kept beyond the newest checkpoint is told or found, as its entries are there or not."""

import pytest

from ledger.audit.report import Check
from ledger.log.tiles import entries_path
from tests.audit.audited import checked, found
from tests.audit.build import Log, MemoryPublished


def test_a_checkpoint_kept_beyond_the_newest_is_a_promise_hidden(log):
    files = {**shorter_of(log).files(), "public/checkpoints/19": log.note(19)}
    for shows in (True, False):
        report = checked(MemoryPublished(files, shows_entries=shows))
        (finding,) = report.findings
        assert (finding.check, finding.index) == (Check.CHECKPOINTS, None)
        assert finding.detail.startswith("checkpoints/19 is kept, but the newest is of size 16")
        assert any("in the order that docs/operating.md tells" in note for note in report.notes)


def shorter_of(log, size=16):
    return Log(raws=log.raws[:size], manifests=log.manifests, evidence=log.evidence)


def broken_off(log, size=16):
    """As a kill leaves the folder: all of it is there but the newest checkpoint, which has not moved."""
    return {**log.files(), **shorter_of(log, size).files()}


@pytest.mark.parametrize("shows", [True, False])
def test_a_publication_that_was_broken_off_hides_nothing_and_is_told(log, long_log, shows):
    for one, size in ((log, 16), (long_log, 255), (long_log, 256), (long_log, 257), (long_log, 500)):
        report = checked(MemoryPublished(broken_off(one, size), shows_entries=shows))
        assert (report.findings, report.size) == ((), size), size
        assert report.entries_read == (size if shows else 0)
        (told,) = [note for note in report.notes if "beyond the newest" in note]
        assert told.startswith(f"checkpoints/{len(one.raws)} is kept") and "started on this folder" in told
    # As a power cut leaves it: a name without content. Nobody signed that.
    torn = {**shorter_of(log).files(), "public/checkpoints/19": b""}
    assert checked(MemoryPublished(torn, shows_entries=shows)).findings == ()


@pytest.mark.parametrize("shows", [True, False])
def test_what_is_kept_beyond_the_newest_must_be_of_this_log(log, shows):
    """Negative controls: other entries than were promised, some of them gone, or not signed by the log."""
    files = broken_off(log)
    leaves = f"private/{entries_path(0, 19)}" if shows else "public/tile/0/000.p/19"
    without = {path: octets for path, octets in files.items() if path != leaves}
    assert found(checked(MemoryPublished(without, shows_entries=shows))) == {(Check.CHECKPOINTS, None)}
    forked = log.copy()
    forked.raws[17] = forked.raws[17].replace(b'"admitted_at":"2', b'"admitted_at":"3')
    other = {**files, leaves: forked.files()[leaves]}
    assert found(checked(MemoryPublished(other, shows_entries=shows))) == {(Check.ROOTS, None)}
    # Without entries nobody can say which keys the log had: the tree alone decides, and it is the log's.
    strangers = [log.note(19, keys=["stranger"])] if shows else []
    for note in (log.note(19, root=bytes(32)), *strangers, log.note(18), b"x"):
        wrong = MemoryPublished({**files, "public/checkpoints/19": note}, shows_entries=shows)
        assert not checked(wrong).clean


def test_a_log_that_grows_meanwhile_is_clean(log):
    class Growing(MemoryPublished):
        asked = 0

        def checkpoint(self):
            self.asked += 1
            return log.note(16) if self.asked == 1 else log.note(19)

    grown = checked(Growing(broken_off(log)))
    assert (grown.findings, grown.notes) == ((), ())
    assert checked(MemoryPublished(broken_off(log))).notes, "the control: it did not grow"
