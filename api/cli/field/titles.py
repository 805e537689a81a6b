"""What do people call the sites that inspectors go to?"""

from collections.abc import Mapping
from pathlib import Path

from api.cli.paperwork.sheets import read_text_sheet
from api.cli.screen.terminal import wrong_usage

SITES_COLUMNS = ("site", "name")


def read_titles(path: Path | None) -> Mapping[str, str]:
    """What sites are called, from a CSV with columns site and name."""
    if path is None:
        return {}
    sheet = read_text_sheet(path)
    if not set(SITES_COLUMNS) <= set(sheet.columns):
        raise wrong_usage(f"{path} has no columns {' and '.join(SITES_COLUMNS)}")
    return {str(row.cells.get("site", "")): str(row.cells.get("name", "")) for row in sheet.rows}
