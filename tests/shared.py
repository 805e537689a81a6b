"""Where the shared vectors and data are: beside the checkout, never inside it.

A missing folder fails the test that wanted it, saying so; it never skips.
"""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(*parts: str) -> Path:
    """The path of a file or folder below ../shared; fails the calling test when it is not there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.fail(f"missing: {path} (the shared folder belongs beside the checkout)")
    return path


def vectors(*parts: str) -> Path:
    """The path of a file or folder below ../shared/vectors; fails the calling test when it is not there."""
    return shared("vectors", *parts)
