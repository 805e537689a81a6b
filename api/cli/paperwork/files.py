"""Which reader does a person's file need?

Parquet by its suffix, JSON lines by theirs, all others are CSV. Refuses what is too large to be a person's
file, and what has no row. Knows no kind.
"""

from pathlib import Path

from api.cli.loading import Later
from api.cli.paperwork.sheets import SHEET_BYTES_MAX, Sheet, read_text_sheet
from signing.canonical import TooLarge, Unreadable

PARQUET_SUFFIXES = (".parquet", ".pq")
READ_PARQUET = Later("api.cli.paperwork.parquet", "read_parquet")


def read_sheet(path: Path) -> Sheet:
    """The rows of a file."""
    if path.stat().st_size > SHEET_BYTES_MAX:
        raise TooLarge(str(path), f"over {SHEET_BYTES_MAX:,} bytes: split it")
    is_parquet = path.suffix.lower() in PARQUET_SUFFIXES
    sheet: Sheet = READ_PARQUET.load()(path) if is_parquet else read_text_sheet(path)
    if not sheet.rows and not sheet.faults:
        raise Unreadable(str(path), "there is a header and no row below it")
    return sheet
