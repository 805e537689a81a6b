"""A folder gives the bytes that lie there, no more of them than allowed, and None for what is not there."""

import pytest

from ledger.audit.published import FolderPublished, read_file
from ledger.log.tiles import pack_entries
from ledger.segments.reading import segment_name


def put(root, path, octets):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(octets)


@pytest.fixture
def folder(tmp_path):
    return FolderPublished(tmp_path / "public", tmp_path / "private")


def test_what_is_not_there_is_none(folder):
    assert folder.checkpoint() is None
    assert list(folder.checkpoint_sizes()) == []
    assert folder.stored_checkpoint(3) is None
    assert folder.hash_tile(0, 0, 256) is None
    assert folder.entry_bundle(0, 3) is None
    assert folder.manifests({"ab" * 32: 0, "cd" * 32: 7}) == [None, None]
    assert folder.attestation("ab" * 32) is None


def test_a_folder_in_a_files_place_and_a_file_in_a_folders_are_none(tmp_path, folder):
    (tmp_path / "public" / "checkpoint").mkdir(parents=True)
    put(tmp_path, "public/checkpoints", b"")
    put(tmp_path, "private/manifests", b"")
    assert folder.checkpoint() is None
    assert list(folder.checkpoint_sizes()) == []
    assert folder.stored_checkpoint(3) is None
    assert folder.manifests({"ab" * 32: 0}) == [None]
    (tmp_path / "private/manifests").unlink()
    (tmp_path / "private/manifests" / segment_name(0, 1)).mkdir(parents=True)
    assert folder.manifests({"ab" * 32: 0}) == [None]


def test_sizes_are_numbers_in_order_and_nothing_else(tmp_path, folder):
    for name in ("10", "9", "007", "+1", "1.tmp", "0"):
        put(tmp_path, f"public/checkpoints/{name}", b"")
    assert list(folder.checkpoint_sizes()) == [0, 9, 10]


def test_an_unfinished_tile_is_cut_from_the_whole_one(tmp_path, folder):
    put(tmp_path, "public/tile/0/000", bytes(range(256)) * 32)
    put(tmp_path, "private/tile/entries/000", pack_entries([b"a", b"bb", b"ccc"]))
    assert folder.hash_tile(0, 0, 2) == bytes(range(64))
    assert folder.entry_bundle(0, 2) == pack_entries([b"a", b"bb"])
    put(tmp_path, "private/tile/entries/000", b"\xff")
    assert folder.entry_bundle(0, 2) == b"\xff"


@pytest.mark.parametrize("length", [0, 4, 5, 6, 1000])
def test_a_file_too_long_gives_one_byte_too_many(tmp_path, length):
    put(tmp_path, "file", b"x" * length)
    assert read_file(str(tmp_path / "file"), 5) == b"x" * min(length, 6)


def test_without_a_private_folder_nothing_private_is_shown(tmp_path):
    folder = FolderPublished(tmp_path, None)
    assert not folder.shows_entries
    assert not folder.shows_attestations
