"""How does a file come to say something new, so that no power cut leaves it half said?

Temporary file, fsync, rename, fsync of the folder. Knows nothing of what is written.
"""

import os
from pathlib import Path

TEMPORARY = ".new"  # ends the name of a file that is not yet in its place


def replace_file(path: Path, content: bytes) -> None:
    """Make `path` hold `content`, durably: afterwards it holds all of it, before that all of the old."""
    place_file(path, content, flush=True)
    flush_folder(path.parent)


def place_file(path: Path, content: bytes, *, flush: bool) -> None:
    """Put `content` in its place by rename; durable only once file and folder have been flushed."""
    temporary = path.with_name(path.name + TEMPORARY)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        if flush:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.rename(path)


def flush_file(path: Path) -> None:
    """Wait until what stands in a file is on the disk."""
    _flush(path, os.O_RDONLY)


def flush_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    _flush(path, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
