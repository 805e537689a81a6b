"""Bytes that are no text, and names that name nothing, end in a sentence."""

import subprocess
import sys

import pytest

NOBODY = "http://127.0.0.1:1"
LOOSE = b"\xed\xa0\x80"


def ended(*words, typed=None):
    command = [sys.executable, "-m", "api.cli", *words]
    return subprocess.run(command, input=typed, capture_output=True, check=False, timeout=300)


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("show", "chip", LOOSE, "--url", NOBODY), None),
        (("show", "party", LOOSE, "--url", NOBODY), None),
        (("sql", "-", "--url", NOBODY), b"\x89PNG"),
        (("receipt", ""), None),
        (("receipt", "."), None),
    ],
)
def test_a_sentence_and_no_traceback(words, typed):
    end = ended(*words, typed=typed)
    assert end.returncode in (1, 2)
    assert b"Traceback" not in end.stderr
    assert b"error: " in end.stderr
