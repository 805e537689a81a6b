"""An audit over HTTP sees every checkpoint and all evidence that the folder has, if the asker may."""

from contextlib import contextmanager
from hashlib import sha256
from threading import Event

import pytest

from api.cli.remote.client import LedgerClient
from api.cli.remote.http_published import HttpPublished
from ledger import publication
from ledger.audit.auditor import audit
from ledger.audit.published import FolderPublished
from signing.note import parse_vkey
from tests.http import affairs
from tests.http.trading import enrolment, make_folder, serving, signer


@pytest.fixture(scope="module")
def post(tmp_path_factory):
    """A ledger with a story and evidence, published."""
    with serving(make_folder(tmp_path_factory.mktemp("published") / "ledger")) as made:
        made.affairs = affairs.play(made)
        assert made.send(affairs.with_evidence("maker:U1")).status_code == 201
        made.ledger.publisher.flush()
        yield made


def read_by(post, party):
    """The published log as a party reads it, None as anybody."""
    named = () if party is None else (party, signer(party))
    client = LedgerClient(str(post.http.base_url), *named)
    return HttpPublished(client, shows_entries=party is not None)


def test_what_is_read_over_http_is_what_lies_in_the_folder(post):
    folder = post.ledger.folder
    here, there = FolderPublished(folder.public, folder.private), read_by(post, "watch")
    sizes = here.checkpoint_sizes()
    assert list(there.checkpoint_sizes()) == list(sizes) and len(sizes) > 15
    assert [there.stored_checkpoint(size) for size in sizes] == [here.stored_checkpoint(s) for s in sizes]
    name = sha256(affairs.EVIDENCE).hexdigest()
    assert there.shows_attestations and there.attestation(name) == affairs.EVIDENCE == here.attestation(name)
    assert there.attestation("0" * 64) is None


def test_the_audit_over_http_is_the_audit_of_the_folder(post):
    key = parse_vkey(post.http.get("/log.vkey").text.strip())
    folder = post.ledger.folder
    here = audit(FolderPublished(folder.public, folder.private), log_key=key)
    there = audit(read_by(post, "watch"), log_key=key)
    assert here.clean and there == here


def test_anybody_reads_the_checkpoints_and_no_evidence(post):
    there = read_by(post, None)
    assert not there.shows_attestations
    assert there.attestation(sha256(affairs.EVIDENCE).hexdigest()) is None
    assert list(there.checkpoint_sizes()) == list(read_by(post, "watch").checkpoint_sizes())


@contextmanager
def a_slow_disk(monkeypatch, step="replace_file"):
    """Before the newest checkpoint moves, or before another step, the disk waits; gives what is set then."""
    reached, freed, put = Event(), Event(), getattr(publication, step)

    def later(*given):
        reached.set()
        assert freed.wait(300)
        put(*given)

    monkeypatch.setattr(publication, step, later)
    try:
        yield reached
    finally:
        freed.set()


def admitted_on_a_slow_disk(bench):
    """A statement with its receipt, which the published log does not have yet; the log's key."""
    assert bench.send(enrolment("maker", "maker")).status_code == 201
    assert bench.ledger.head().size == 2 > bench.ledger.publisher.size
    return parse_vkey(bench.http.get("/log.vkey").text.strip())


def test_an_audit_right_after_a_receipt_is_of_what_is_published(bench, monkeypatch):
    bench.ledger.publisher.flush()
    with a_slow_disk(monkeypatch):
        key = admitted_on_a_slow_disk(bench)
        report = audit(read_by(bench, None), log_key=key)
        assert report.findings == () and report.size == 1
        assert bench.http.get("/checkpoints/2").status_code == 200, "a receipt's checkpoint is there at once"
    bench.ledger.publisher.flush()
    assert audit(read_by(bench, None), log_key=key).size == 2
    assert list(read_by(bench, None).checkpoint_sizes()) == [1, 2]


def test_the_audit_would_call_a_size_listed_too_early_a_hidden_promise(bench, monkeypatch):
    """Negative control: sizes are listed as soon as they are signed."""
    bench.ledger.publisher.flush()
    monkeypatch.setattr(bench.ledger.lookup.record, "_published", lambda: bench.ledger.head().size)
    with a_slow_disk(monkeypatch, "_hash_tiles"):
        key = admitted_on_a_slow_disk(bench)
        (finding,) = audit(read_by(bench, None), log_key=key).findings
        assert finding.detail.startswith("checkpoints/2 is kept, but the newest is of size 1")


def test_a_checkpoint_that_lies_in_the_folder_before_the_newest_moves_is_told_and_hides_nothing(
    bench, monkeypatch
):
    bench.ledger.publisher.flush()
    folder = bench.ledger.folder
    with a_slow_disk(monkeypatch) as reached:
        key = admitted_on_a_slow_disk(bench)
        assert reached.wait(300)
        assert (folder.public / "checkpoints" / "2").exists()
        for private in (None, folder.private):
            report = audit(FolderPublished(folder.public, private), log_key=key)
            assert (report.findings, report.size) == ((), 1)
            assert any(note.startswith("checkpoints/2 is kept beyond") for note in report.notes)


def test_readiness_is_told_by_the_age_of_what_is_not_published(bench, monkeypatch):
    bench.ledger.publisher.flush()
    assert bench.ledger.faults() == []
    with a_slow_disk(monkeypatch) as reached:
        admitted_on_a_slow_disk(bench)
        assert reached.wait(300)
        # Whenever it was asked last, and however busy the log: a moment behind is no fault.
        assert bench.ledger.publisher.behind_seconds > 0
        assert bench.ledger.faults() == [] and bench.http.get("/readyz").status_code == 200
        bench.ledger.settings = bench.ledger.settings.model_copy(update={"publication_seconds": 0})
        assert bench.ledger.faults() == ["the published checkpoint is of size 1, the log has 2"]
        assert bench.http.get("/readyz").status_code == 503
    bench.ledger.publisher.flush()
    assert bench.ledger.publisher.behind_seconds == 0 and bench.ledger.faults() == []
