"""Files of a log are named, split and packed as C2SP tlog-tiles says, and read in that spelling only."""

import json
from base64 import b64decode
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import RightEdge, edge_from, grow, leaf_hashes, root_of, split_hashes
from ledger.log.proofs import HashSource, inclusion_proof, root_at, verify_inclusion
from ledger.log.tiles import (
    ENTRY_BYTES_MAX,
    TILE_NUMBER_MAX,
    TilePath,
    entries_path,
    pack_entries,
    parse_tile_path,
    tile_coordinates,
    tile_path,
    unpack_entries,
)
from signing.canonical import Unreadable
from signing.note import parse_vkey
from tests.shared import vectors


def read(name):
    return json.loads(vectors("tiles", name).read_text())


def logs():
    return read("logs.json")


@cache
def decimal_hashes(size):
    return leaf_hashes([b"%d" % number for number in range(size)])


def files_of(size):
    """Path to bytes of every file of the log whose entries are 0, 1, 2 … in decimal."""
    tiles = grow(RightEdge.empty(), decimal_hashes(size)).tiles
    files = {}
    for tile in tile_coordinates(size):
        if tile.level is None:
            first = tile.number * 256
            octets = pack_entries([b"%d" % number for number in range(first, first + tile.width)])
        else:
            octets = tiles.pop((tile.level, tile.number))
            assert len(octets) == tile.width * 32
        files[tile.text()] = octets
    assert not tiles  # every tile that grew was listed
    return files


def listing(files):
    return [
        {"path": path, "length": len(octets), "sha256": sha256(octets).hexdigest()}
        for path, octets in sorted(files.items())
    ]


def manifest_hash(files):
    lines = [f"{f['path']} {f['length']} {f['sha256']}\n" for f in listing(files)]
    return sha256("".join(lines).encode()).hexdigest()


LOG_SIZES = [0, 1, 2, 3, 127, 128, 129, 254, 255, 256, 257, 511, 512, 513, 600, 1000]
LOG_SIZES += [65_535, 65_536, 65_537, 70_000]


def test_the_published_logs_are_of_these_sizes():
    assert [log["size"] for log in logs()] == LOG_SIZES
    assert len(LOG_SIZES) == 20
    assert sum("files" in log for log in logs()) == 17


@pytest.mark.parametrize("size", LOG_SIZES)
def test_a_published_log_comes_out_file_by_file(size):
    log = next(log for log in logs() if log["size"] == size)
    files = files_of(size)
    assert len(files) == log["tiles"]
    assert sum(map(len, files.values())) == log["tiles_bytes"]
    assert manifest_hash(files) == log["manifest_sha256"]
    if "files" in log:
        assert listing(files) == log["files"]
    edge = edge_from(size, lambda level, number: stored(files, size, level, number))
    assert edge.root().hex() == root_of(decimal_hashes(size)).hex() == log["root_hex"]


def stored(files, size, level, number):
    width = min(256, (size >> 8 * level) - 256 * number)
    return files[tile_path(level, number, width)]


def test_another_entry_or_another_split_would_be_noticed():
    files = files_of(600)
    pinned = next(log for log in logs() if log["size"] == 600)["manifest_sha256"]
    assert manifest_hash(files) == pinned
    path = "tile/entries/002.p/88"
    assert manifest_hash(files | {path: files[path].replace(b"599", b"598")}) != pinned
    assert manifest_hash({path.replace(".p/88", ""): octets for path, octets in files.items()}) != pinned


def test_the_log_of_600_comes_out_byte_for_byte():
    golden = read("golden_600.json")
    files = {f["path"]: b64decode(f["bytes_b64"]) for f in golden["files"]}
    assert files == files_of(600)
    assert len(files) == 7
    entries = [
        entry
        for path, octets in files.items()
        if path.startswith("tile/entries/")
        for entry in unpack_entries(octets)
    ]
    assert entries == [b"%d" % number for number in range(600)]


def test_a_published_log_of_fifteen_entries_and_all_its_checkpoints_verify():
    log = read("real_15.json")
    keys = json.loads(vectors("note", "vkeys.json").read_text())
    key = parse_vkey(next(k["vkey"] for k in keys if k["vkey"].startswith("example.com/log/testdata+")))
    entries = unpack_entries(b64decode(log["entries_bundle_b64"]))
    assert entries == [entry.encode() for entry in log["entries"]]
    tile = b64decode(log["leaf_tile_b64"])
    assert split_hashes(tile) == leaf_hashes(entries)
    source = HashSource(lambda *_: tile)
    for head in log["sizes"]:
        checkpoint = open_checkpoint(head["checkpoint"].encode(), key, "example.com/log/testdata")
        assert checkpoint.size == head["size"]
        assert checkpoint.root == b64decode(head["root_b64"]) == root_at(head["size"], source)
        for index in range(head["size"]):
            proof = inclusion_proof(index, head["size"], source)
            leaf = leaf_hashes(entries)[index]
            assert verify_inclusion(leaf, index, head["size"], proof, checkpoint.root)
    assert len(log["sizes"]) == 16


def test_a_published_mirror_of_three_hundred_leaves_gives_its_signed_root():
    log = read("real_300.json")
    files = {f["path"]: b64decode(f["bytes_b64"]) for f in log["files"]}
    edge = edge_from(300, lambda level, number: stored(files, 300, level, number))
    assert edge.root() == b64decode(log["root_b64"])
    assert log["root_b64"].encode() in files["checkpoint"]
    leaves = split_hashes(files["tile/0/000"]) + split_hashes(files["tile/0/001.p/44"])
    tiles = grow(RightEdge.empty(), leaves).tiles
    assert {tile_path(level, number, len(t) // 32): t for (level, number), t in tiles.items()} == {
        path: octets for path, octets in files.items() if path.startswith("tile/") and "entries" not in path
    }
    expected = {path for path in files if path != "checkpoint"}
    assert {tile.text() for tile in tile_coordinates(300)} == expected


def test_every_valid_path_is_written_and_read_and_every_other_refused():
    paths = read("paths.json")
    for case in paths["valid"]:
        level = None if case["level"] == "entries" else int(case["level"])
        tile = TilePath(level, case["index"], case["width"])
        written = entries_path(*(tile.number, tile.width)) if level is None else tile_path(*astuple(tile))
        assert written == tile.text() == case["path"]
        assert parse_tile_path(case["path"]) == tile
    for path in paths["invalid"]:
        with pytest.raises(Unreadable):
            parse_tile_path(path)
    assert (len(paths["valid"]), len(paths["invalid"])) == (12, 35)


def astuple(tile):
    return tile.level, tile.number, tile.width


@given(
    level=st.none() | st.integers(0, 63),
    number=st.integers(0, 2000) | st.integers(0, TILE_NUMBER_MAX),
    width=st.integers(1, 256),
)
def test_any_tile_survives_being_written_and_read(level, number, width):
    tile = TilePath(level, number, width)
    assert parse_tile_path(tile.text()) == tile


@pytest.mark.parametrize("number", [TILE_NUMBER_MAX + 1, 10**21 - 1, 10**21, 10**30])
def test_a_tile_number_beyond_the_limit_is_refused(number):
    groups = f"{number:024}" if number < 10**24 else f"{number:033}"
    parts = [groups[at : at + 3] for at in range(0, len(groups), 3)]
    while parts[0] == "000":
        parts.pop(0)
    path = "tile/0/" + "".join(f"x{part}/" for part in parts[:-1]) + parts[-1]
    with pytest.raises(Unreadable):
        parse_tile_path(path)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_back_its_entries(entries):
    assert unpack_entries(pack_entries(entries)) == entries


def test_entries_of_the_largest_size_fit_and_no_larger_ones():
    largest = b"x" * ENTRY_BYTES_MAX
    assert unpack_entries(pack_entries([largest, b""])) == [largest, b""]
    with pytest.raises(AssertionError):
        pack_entries([largest + b"x"])


def test_a_bundle_cut_anywhere_inside_an_entry_is_unreadable():
    entries = [b"one", b"", b"three", b"f" * 300]
    whole = pack_entries(entries)
    ends = {len(pack_entries(entries[:count])) for count in range(5)}
    for cut in range(len(whole) + 1):
        if cut in ends:
            assert pack_entries(unpack_entries(whole[:cut])) == whole[:cut]
        else:
            with pytest.raises(Unreadable):
                unpack_entries(whole[:cut])
    assert len(ends) == 5


def test_a_bundle_of_more_than_256_entries_is_unreadable():
    assert len(unpack_entries(b"\0\0" * 256)) == 256
    with pytest.raises(Unreadable):
        unpack_entries(b"\0\0" * 257)
