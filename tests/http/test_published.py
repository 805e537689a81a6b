"""An audit over HTTP sees every checkpoint and all evidence that the folder has, if the asker may."""

from hashlib import sha256

import pytest

from api.cli.remote.client import LedgerClient
from api.cli.remote.http_published import HttpPublished
from ledger.audit.auditor import audit
from ledger.audit.published import FolderPublished
from signing.note import parse_vkey
from tests.http import affairs
from tests.http.trading import make_folder, serving, signer


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
