"""A published log held in memory, file by file, as an auditor asks for it."""

from dataclasses import dataclass

from ledger.log.checkpoint import parse_tree_size
from ledger.log.tiles import entries_path, tile_path
from ledger.segments.reading import Segments


@dataclass
class MemoryPublished:
    """Published files in memory; segments are read as from a folder."""

    files: dict[str, bytes]
    shows_entries: bool = True
    shows_attestations: bool = True

    def __post_init__(self):
        folder = "private/manifests/"
        names = [path.removeprefix(folder) for path in self.files if path.startswith(folder)]
        self._segments = Segments(lambda: names, lambda name: self.files.get(folder + name))

    def checkpoint(self):
        return self.files.get("public/checkpoint")

    def checkpoint_sizes(self):
        folder = "public/checkpoints/"
        return sorted(parse_tree_size(path[len(folder) :]) for path in self.files if path.startswith(folder))

    def stored_checkpoint(self, size):
        return self.files.get(f"public/checkpoints/{size}")

    def hash_tile(self, level, number, width):
        return self.files.get(f"public/{tile_path(level, number, width)}")

    def entry_bundle(self, number, width):
        assert self.shows_entries
        return self.files.get(f"private/{entries_path(number, width)}")

    def manifests(self, statements):
        assert self.shows_entries
        return [self._segments.find(name, index) for name, index in statements.items()]

    def attestation(self, name):
        assert self.shows_attestations
        return self.files.get(f"private/attestations/{name[:2]}/{name}")
