"""How do many files come into a folder before any of them is needed?

Each is put whole at once; all of them are waited for together, so that a disk has one thing to do instead of
many. Knows nothing of what is written.
"""

import os
from pathlib import Path

from ledger.durability.durable import flush_file, flush_folder, place_file

FILES_FLUSHED_SINGLY_MAX = 256  # with more, one flush of everything is quicker


class Shelf:
    """Files put under one folder, each whole at once, and which of them are still to be flushed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: list[Path] = []
        self._made: set[Path] = set()

    def put(self, name: str, content: bytes) -> None:
        """Make the file of this name hold `content`; it survives a power cut once it has been flushed."""
        path = self.root / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        place_file(path, content, flush=False)
        self.files.append(path)

    def flush(self) -> None:
        """Wait until files and all names leading to them are on the disk."""
        folders = {self.root}
        for path in self.files:
            flush_file(path)
            folders.update(parent for parent in path.parents if parent.is_relative_to(self.root))
        for folder in folders:
            flush_folder(folder)


def flush_shelves(*shelves: Shelf) -> None:
    """Wait until all that was put on these is on the disk."""
    for shelf in shelves:
        shelf.root.mkdir(parents=True, exist_ok=True)
    if sum(len(shelf.files) for shelf in shelves) > FILES_FLUSHED_SINGLY_MAX:
        os.sync()
        return
    for shelf in shelves:
        shelf.flush()
