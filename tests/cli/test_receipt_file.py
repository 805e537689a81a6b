"""A file of receipts holds proofs: reading it never changes it, and only what is torn is ever cut off."""

import os

import pytest

from api.cli.checks.receipt_check import RECEIPTS_BYTES_MAX, ReceiptFile
from signing.canonical import TooLarge, Unreadable

ONE, TWO, THREE = (
    b'{"statement":"%s","index":%d}' % (name, at) for at, name in enumerate((b"a", b"b", b"c"))
)
SAID_TWICE = {"statement": "c", "index": 2}


@pytest.fixture
def book(tmp_path):
    return ReceiptFile(tmp_path / "sites.receipts.jsonl")


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b"", []),
        (ONE, ["a"]),
        (ONE + b"\n", ["a"]),
        (ONE + b"\n" + TWO, ["a", "b"]),
        (ONE + b"\n" + TWO[:-1], ["a"]),
        (ONE[:-5], []),
    ],
)
def test_reading_writes_nothing_and_a_line_is_good_without_its_end(book, raw, names):
    book.path.write_bytes(raw)
    assert list(book.read()) == names
    assert book.path.read_bytes() == raw


@pytest.mark.parametrize(
    ("raw", "after"),
    [
        (b"", b""),
        (ONE, ONE + b"\n"),
        (ONE + b"\n", ONE + b"\n"),
        (ONE + b"\n" + TWO, ONE + b"\n" + TWO + b"\n"),
        (ONE + b"\n" + TWO[:-1], ONE + b"\n"),
        (ONE[:-5], b""),
    ],
)
def test_writing_ends_a_whole_last_line_and_cuts_a_torn_one(book, raw, after):
    book.path.write_bytes(raw)
    book.append([])
    assert book.path.read_bytes() == raw
    book.append([SAID_TWICE])
    assert book.path.read_bytes() == after + THREE + b"\n"


def test_the_first_receipt_makes_the_file(book):
    assert book.read() == {} and not book.path.exists()
    book.append([SAID_TWICE])
    assert book.read() == {"c": SAID_TWICE}


def test_a_line_in_the_middle_that_is_torn_is_told_of_and_left(book):
    raw = ONE[:-5] + b"\n" + TWO + b"\n"
    book.path.write_bytes(raw)
    with pytest.raises(Unreadable, match="line 1"):
        book.read()
    assert book.path.read_bytes() == raw


def test_a_file_over_the_limit_is_not_read(book):
    book.path.touch()
    os.truncate(book.path, RECEIPTS_BYTES_MAX + 1)
    with pytest.raises(TooLarge):
        book.read()
