"""An audit says clean of an honest log, and names the first bad entry of any other."""

import pytest

from ledger.audit.published import FolderPublished
from ledger.audit.report import FINDINGS_PER_CHECK_MAX, Check
from ledger.log.tiles import entries_path, pack_entries
from signing.note import ED25519, make_vkey
from tests.audit.audited import checked, found
from tests.audit.build import (
    LOG_KEY,
    ORIGIN,
    MemoryPublished,
    arrive,
    chip,
    dispatch,
    registered,
    settled,
    signer,
)

ALL = tuple(Check)


def test_an_honest_log_is_clean_by_every_check(log):
    report = checked(log.published(), stored_digest=log.fold.digest())
    assert report.findings == ()
    assert report.clean
    assert report.first_bad_entry is None
    assert report.size == report.entries_read == len(log.raws) == 19
    assert report.checks_run == tuple(check for check in ALL if check is not Check.REFUSALS)
    assert not report.limited
    assert report.log_key == LOG_KEY.text()
    assert report.notes == ()


def test_a_log_of_several_bundles_is_clean_in_threads(long_log):
    report = checked(long_log.published(), stored_digest=long_log.fold.digest(), workers=None)
    assert report.findings == ()
    assert report.size == 530


def test_a_folder_is_audited_as_its_files_are(log, tmp_path):
    for path, octets in log.files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(octets)
    (tmp_path / "public/checkpoints/not-a-size").write_bytes(b"?")
    (tmp_path / "public/tile/0/123").write_bytes(b"of another size")
    folder = FolderPublished(tmp_path / "public", tmp_path / "private")
    assert checked(folder, stored_digest=log.fold.digest()).findings == ()
    manifest = next((tmp_path / "private/manifests").glob("*16-*.jsonl"))
    manifest.unlink()
    assert [finding.check for finding in checked(folder).findings if finding.check is Check.MANIFESTS]


def test_without_a_key_entry_0_names_it_and_the_report_says_so(log):
    report = checked(log.published(), log_key=None)
    assert report.clean
    assert report.log_key == LOG_KEY.text()
    assert not report.log_key_given
    assert any("entry 0" in note for note in report.notes)


def test_another_key_than_the_one_known_is_found(log):
    other = make_vkey(ORIGIN, ED25519, signer("other").public_key.octets)
    report = checked(log.published(), log_key=other)
    assert (Check.CHECKPOINTS, 0) in found(report)
    assert report.first_bad_entry == 0


def test_progress_is_told_to_the_end(log):
    told = []
    checked(log.published(), progress=lambda *words: told.append(words))
    assert ("entries", 19, 19) in told
    assert ("tiles", 1, 1) in told
    assert ("checkpoints", 5, 5) in told


@pytest.mark.parametrize("place", [0, 7, 255, 256, 300, 529])
def test_the_first_bad_entry_is_named_wherever_it_lies(long_log, place):
    files = long_log.files()
    raws = list(long_log.raws)
    raws[place] = raws[place].replace(b'"payload":"eyJ', b'"payload":"eyK')
    assert raws[place] != long_log.raws[place]
    for number in range(0, 530, 256):
        some = raws[number : number + 256]
        files["private/" + entries_path(number // 256, len(some))] = pack_entries(some)
    report = checked(MemoryPublished(files))
    assert report.first_bad_entry == place
    assert (Check.TILES, place) in found(report)


def bundle_gone(files):
    del files["private/tile/entries/001"]


def bundle_cut(files):
    files["private/tile/entries/001"] = files["private/tile/entries/001"][:-1]


def bundle_garbage(files):
    files["private/tile/entries/001"] = b"\xff" * 100


def bundle_empty(files):
    files["private/tile/entries/001"] = b""


@pytest.mark.parametrize("spoil", [bundle_gone, bundle_cut, bundle_garbage, bundle_empty])
def test_a_bundle_that_is_not_whole_ends_the_reading_and_is_said(long_log, spoil):
    files = long_log.files()
    spoil(files)
    report = checked(MemoryPublished(files))
    assert not report.clean
    assert report.first_bad_entry == report.entries_read
    assert 256 <= report.entries_read < 512
    assert (Check.ENTRIES, report.entries_read) in found(report)


def test_a_bundle_short_of_one_entry_is_said(long_log):
    files = long_log.files()
    files["private/tile/entries/001"] = pack_entries(long_log.raws[256:511])
    report = checked(MemoryPublished(files))
    assert (Check.ENTRIES, 511) in found(report)


@pytest.mark.parametrize("path", ["public/tile/0/001", "public/tile/1/000.p/2", "public/tile/0/002.p/18"])
@pytest.mark.parametrize("octets", [None, b"", b"\x00" * 64])
def test_a_tile_missing_cut_or_other_is_found(long_log, path, octets):
    files = long_log.files()
    assert files[path]
    if octets is None:
        del files[path]
    else:
        files[path] = octets
    assert {check for check, _ in found(checked(MemoryPublished(files)))} == {Check.TILES}


@pytest.mark.parametrize("path", ["public/checkpoint", "public/checkpoints/9"])
@pytest.mark.parametrize("octets", [b"", b"\n\n", b"\xff", b"x" * 10_000, b"ledger.example/audit\n19\n\n"])
def test_a_checkpoint_that_cannot_be_read_is_found(log, path, octets):
    report = checked(MemoryPublished({**log.files(), path: octets}))
    assert {check for check, _ in found(report)} == {Check.CHECKPOINTS}
    assert report.size == 19  # the newest kept one says how far to read


def test_without_any_checkpoint_nothing_is_clean(log):
    files = {path: octets for path, octets in log.files().items() if "checkpoint" not in path}
    report = checked(MemoryPublished(files))
    assert not report.clean
    assert report.size == 0


def test_a_claim_of_an_endless_log_ends_at_the_first_missing_bundle(log):
    note = log.note(19).replace(b"\n19\n", b"\n9000000000000000000\n")
    report = checked(MemoryPublished({**log.files(), "public/checkpoint": note}))
    assert {Check.CHECKPOINTS, Check.ENTRIES} <= {check for check, _ in found(report)}
    report = checked(MemoryPublished({**log.files(), "public/checkpoint": note}, shows_entries=False))
    assert {Check.CHECKPOINTS, Check.TILES} <= {check for check, _ in found(report)}


def test_without_entries_hashes_and_checkpoints_are_checked_and_no_more(long_log):
    published = MemoryPublished(long_log.files(), shows_entries=False, shows_attestations=False)
    report = checked(published)
    assert report.findings == ()
    assert report.limited
    assert report.size == 530
    assert report.entries_read == 0
    assert report.checks_run == (Check.CHECKPOINTS, Check.ROOTS, Check.TILES)
    assert report.notes
    files = long_log.files()
    for path in ("public/tile/0/001", "public/tile/0/002.p/18", "public/tile/1/000.p/2"):
        octets = bytearray(files[path])
        octets[40] ^= 1
        spoilt = MemoryPublished({**files, path: bytes(octets)}, shows_entries=False)
        assert not checked(spoilt).clean, path
        missing = MemoryPublished({p: f for p, f in files.items() if p != path}, shows_entries=False)
        assert Check.TILES in {check for check, _ in found(checked(missing))}, path
    for other in (b"", files["public/tile/0/001"][:-1], files["public/tile/0/001"] + b"?"):
        cut = MemoryPublished({**files, "public/tile/0/001": other}, shows_entries=False)
        assert (Check.TILES, 256) in found(checked(cut))
    forked = {**files, "public/checkpoints/257": long_log.note(257, root=bytes(32))}
    assert found(checked(MemoryPublished(forked, shows_entries=False))) == {(Check.ROOTS, None)}


def test_without_entries_a_key_must_be_given(log):
    report = checked(MemoryPublished(log.files(), shows_entries=False), log_key=None)
    assert found(report) == {(Check.CHECKPOINTS, None)}
    assert report.checks_run == (Check.TILES,)


def test_what_follows_a_bad_entry_is_still_read(log):
    spoilt = log.copy()
    del spoilt.manifests[sorted(spoilt.manifests)[0]]
    spoilt.raws[3] = spoilt.raws[3].replace(b'"sig":"', b'"sig": "')
    report = checked(spoilt.published())
    assert (Check.ENTRIES, 3) in found(report)
    assert Check.MANIFESTS in {check for check, _ in found(report)}
    assert report.first_bad_entry == 3


def test_findings_are_bounded_and_counted():
    log = settled()
    for place in range(FINDINGS_PER_CHECK_MAX + 50):
        log.say("oslo", "site.declared", {"site": f"oslo/s{place}", "name": "Hall", "country": "NO"})
    log.raws[3] = log.raws[3].replace(b'"sig":"', b'"sig": "')
    report = checked(log.published())
    kept = [finding for finding in report.findings if finding.check is Check.JUDGMENT]
    assert len(kept) == FINDINGS_PER_CHECK_MAX
    assert report.findings_count > 2 * FINDINGS_PER_CHECK_MAX
    assert report.first_bad_entry == 3
    assert (Check.ENTRIES, 3) in found(report)


def test_a_statement_of_one_party_under_the_key_of_another_may_not_stand():
    spoilt = settled()
    body = {"site": "oslo/attic", "name": "Attic", "country": "NO"}
    spoilt.say("oslo", "site.declared", body, by="lima", may=False)
    assert found(checked(spoilt.published())) == {(Check.JUDGMENT, 8)}


def test_a_key_that_is_nobodys_is_found():
    spoilt = settled()
    body = {"site": "oslo/attic", "name": "Attic", "country": "NO"}
    spoilt.say("oslo", "site.declared", body, by="stranger", may=False)
    assert found(checked(spoilt.published())) == {(Check.JUDGMENT, 8), (Check.SIGNATURES, 8)}


def test_a_discrepancy_is_no_finding():
    log = settled()
    log.say("acme", "chips.registered", {"site": "acme/hall"}, registered([1, 2]))
    dispatch(log, "acme", "s1", [1], "oslo")
    arrive(log, "oslo", "acme/s1", [chip(1, condition="absent"), chip(9, condition="received")])
    assert checked(log.published(), stored_digest=log.fold.digest()).findings == ()
