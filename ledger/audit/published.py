"""Where does an auditor get the published bytes from?

`Published` is all an audit ever asks for; `FolderPublished` answers from the folders a ledger publishes.
Bytes come as they lie there, unread and unjudged; what is not there is None, which the audit reports.
Refuses to know what the bytes mean. A failing disk or network keeps its own exception.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from ledger.log.checkpoint import CHECKPOINT_BYTES_MAX, parse_tree_size
from ledger.log.merkle import HASH_BYTES, TILE_BYTES, TILE_WIDTH
from ledger.log.tiles import (
    ENTRY_BYTES_MAX,
    LENGTH_BYTES,
    entries_path,
    pack_entries,
    tile_path,
    unpack_entries,
)
from ledger.segments.reading import SEGMENT_BYTES_MAX, SEGMENTS_FOLDER, Segments
from signing.canonical import Unreadable

BUNDLE_BYTES_MAX: Final = TILE_WIDTH * (LENGTH_BYTES + ENTRY_BYTES_MAX)
ATTESTATION_BYTES_MAX: Final = 32 * 1024 * 1024
FOLDER_LETTERS: Final = 2  # evidence lies in folders named by its first hex digits


class Published(Protocol):
    """A published log. Each method gives bytes as published, or None where nothing is."""

    @property
    def shows_entries(self) -> bool:
        """Whether entries and manifests may be read here; if not, neither is ever asked for."""

    @property
    def shows_attestations(self) -> bool:
        """Whether evidence may be read here."""

    def checkpoint(self) -> bytes | None:
        """The newest checkpoint note."""

    def checkpoint_sizes(self) -> Sequence[int]:
        """The sizes for which a checkpoint is kept, ascending; empty where they cannot be listed."""

    def stored_checkpoint(self, size: int) -> bytes | None:
        """The checkpoint note kept for a size."""

    def hash_tile(self, level: int, number: int, width: int) -> bytes | None:
        """A hash tile of `width` hashes. A log that grew may have only a wider one left: cut that."""

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """A bundle of `width` entries, each behind its length; of a wider one, its beginning."""

    def manifests(self, statements: Mapping[str, int]) -> Sequence[bytes | None]:
        """For each hex statement id, in order, its manifest: every line and its line end.

        Each comes with the index of its entry; they are asked for in the order of the log.
        """

    def attestation(self, sha256: str) -> bytes | None:
        """Evidence by the hex hash of its bytes."""


class FolderPublished:
    """The published form as folders of files; `private` None: only what everybody may see."""

    def __init__(self, public: Path, private: Path | None) -> None:
        self._public = str(public)
        self._private = None if private is None else str(private)
        folder = f"{self._private}/{SEGMENTS_FOLDER}"
        self._segments = Segments(
            lambda: _names_in(folder), lambda name: read_file(f"{folder}/{name}", SEGMENT_BYTES_MAX)
        )

    @property
    def shows_entries(self) -> bool:
        """Whether there is a private folder."""
        return self._private is not None

    @property
    def shows_attestations(self) -> bool:
        """Evidence lies beside the manifests."""
        return self._private is not None

    def checkpoint(self) -> bytes | None:
        """`public/checkpoint`."""
        return read_file(f"{self._public}/checkpoint", CHECKPOINT_BYTES_MAX)

    def checkpoint_sizes(self) -> Sequence[int]:
        """Names in `public/checkpoints` that are sizes; other files there are no checkpoints."""
        sizes = map(_size_named, _names_in(f"{self._public}/checkpoints"))
        return sorted(size for size in sizes if size is not None)

    def stored_checkpoint(self, size: int) -> bytes | None:
        """`public/checkpoints/<size>`."""
        return read_file(f"{self._public}/checkpoints/{size}", CHECKPOINT_BYTES_MAX)

    def hash_tile(self, level: int, number: int, width: int) -> bytes | None:
        """`public/tile/<L>/<N>[.p/<W>]`; what is unfinished may be gone once the whole tile is there."""
        tile = read_file(f"{self._public}/{tile_path(level, number, width)}", TILE_BYTES)
        if tile is not None or width == TILE_WIDTH:
            return tile
        whole = read_file(f"{self._public}/{tile_path(level, number)}", TILE_BYTES)
        return None if whole is None else whole[: width * HASH_BYTES]

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """`private/tile/entries/<N>[.p/<W>]`, or the beginning of the whole bundle."""
        bundle = read_file(f"{self._private}/{entries_path(number, width)}", BUNDLE_BYTES_MAX)
        if bundle is not None or width == TILE_WIDTH:
            return bundle
        whole = read_file(f"{self._private}/{entries_path(number)}", BUNDLE_BYTES_MAX)
        return None if whole is None else _beginning(whole, width)

    def manifests(self, statements: Mapping[str, int]) -> Sequence[bytes | None]:
        """Out of `private/manifests/<first>-<stop>.jsonl`."""
        return [self._segments.find(statement, index) for statement, index in statements.items()]

    def attestation(self, sha256: str) -> bytes | None:
        """`private/attestations/<2 hex>/<sha256>`."""
        path = f"{self._private}/attestations/{sha256[:FOLDER_LETTERS]}/{sha256}"
        return read_file(path, ATTESTATION_BYTES_MAX)


def read_file(path: str, bytes_max: int) -> bytes | None:
    """A file's bytes, None where there is no such file; of one that is too long, one byte too many."""
    # Plain descriptors: half the cost of a file object, and a log has a checkpoint for every commit.
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        wanted = min(os.fstat(descriptor).st_size, bytes_max) + 1
        found = os.read(descriptor, wanted)
        while len(found) < wanted and (more := os.read(descriptor, wanted - len(found))):
            found += more
    except IsADirectoryError:
        return None
    finally:
        os.close(descriptor)
    return found


def _names_in(folder: str) -> Sequence[str]:
    """Names in a folder, none where there is no such folder."""
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _beginning(bundle: bytes, width: int) -> bytes:
    """A bundle's first entries; one that cannot be read stays as it is, for the audit to say so."""
    try:
        return pack_entries(unpack_entries(bundle)[:width])
    except Unreadable:
        return bundle


def _size_named(name: str) -> int | None:
    try:
        return parse_tree_size(name)
    except Unreadable:
        return None
