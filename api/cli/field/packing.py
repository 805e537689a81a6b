"""Which files does a team get, and what is in them?

For each sheet a PDF, a page of labels, a CSV to fill in and a phone page; for all of them one JSON file with
the nonces. Written whole or not at all, each in its place. The salts of the phone pages come from the caller.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from api.cli.field.form import blank_rows, written
from api.cli.field.phone_page import phone_page
from api.cli.field.printed_labels import print_labels
from api.cli.field.printed_sheet import print_sheet
from api.cli.field.sidecar import sidecar_text
from api.cli.field.visits import Sheet, Trip
from api.cli.screen.terminal import progress


def pack(
    folder: Path,
    trip: Trip,
    sheets: Sequence[Sheet],
    made_at: datetime,
    *,
    font: Path | None,
    salt_of: Callable[[Sheet], bytes],
) -> list[Path]:
    """Write every file; the paths, the JSON file first."""
    folder.mkdir(parents=True, exist_ok=True)
    bare = trip.name.partition("/")[2]
    files = {folder / f"{bare}.worksheet.json": sidecar_text(trip, sheets).encode()}
    with progress("printing", sum(len(sheet.visits) for sheet in sheets)) as bar:
        for sheet in sheets:
            files[folder / f"{sheet.stem}.pdf"] = print_sheet(sheet, made_at, font)
            files[folder / f"{sheet.stem}.labels.pdf"] = print_labels(sheet, made_at, font)
            files[folder / f"{sheet.stem}.csv"] = written(blank_rows(sheet)).encode()
            files[folder / f"{sheet.stem}.phone.html"] = phone_page(sheet, salt_of(sheet))
            bar.advance(len(sheet.visits))
    for path, octets in files.items():
        path.write_bytes(octets)
    return list(files)
