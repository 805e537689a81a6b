"""What did the log say of chips, as columns any engine reads?

Parquet files beside the warehouse, one run of entries each: `chip_version-<from>-<to>.parquet` has the rows
of `record.chip_version` that entries from <= index < to wrote, `chip_event-…` those of the view `chip_event`.
Runs cover the log from 0 without gap or overlap, up to less than one run before its end. Where one ends
follows from the rows alone, so a warehouse that is made again makes the same files, byte for byte. A file
appears whole or not at all, tells in its metadata the log and the root at `to`, and is never written again.
One process writes them: the one that has the warehouse. Knows no store and no clock.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from analytics.retention import flush
from analytics.warehouse import Warehouse

NAME = re.compile(r"(?P<kind>[a-z_]+)-(?P<start>[0-9]{12})-(?P<stop>[0-9]{12})\.parquet", re.ASCII)
BUILDING_SUFFIX = ".building"
READ_ONLY_MODE = 0o444
ROWS_PER_SEGMENT = 500_000  # versions and mentions; a run ends with the entry that reaches this
ENTRIES_PER_LOOK = 65_536
ROWS_PER_GROUP = 131_072
COMPRESSION = "zstd"

KINDS = {
    "chip_event": "SELECT * FROM chip_event WHERE entry_index >= $start AND entry_index < $stop"
    " ORDER BY entry_index, chip",
    "chip_version": "SELECT * FROM record.chip_version WHERE changed >= $start AND changed < $stop"
    " ORDER BY changed, number",
}
COUNTED = """
    SELECT entry_index, COUNT(*) FROM (
        SELECT changed AS entry_index FROM record.chip_version WHERE changed >= $start AND changed < $stop
        UNION ALL
        SELECT entry_index FROM record.chip_mention WHERE entry_index >= $start AND entry_index < $stop
    ) GROUP BY entry_index ORDER BY entry_index
"""


@dataclass(frozen=True, slots=True)
class Foreign:
    """What lies in the folder is of another log, or of another history. Nothing was written."""

    detail: str


class Segments:
    """The folder of segments."""

    def __init__(self, folder: Path, rows_per_segment: int = ROWS_PER_SEGMENT) -> None:
        self._folder = folder
        self._rows = rows_per_segment
        folder.mkdir(parents=True, exist_ok=True)

    def every(self) -> list[Path]:
        """The files, by name."""
        return sorted(path for path in self._folder.iterdir() if NAME.fullmatch(path.name))

    def reach(self) -> int:
        """The size up to which every kind has its files."""
        runs = {kind: self._runs(kind) for kind in KINDS}
        size = 0
        while all(size in of_kind for of_kind in runs.values()):
            size = min(of_kind[size] for of_kind in runs.values())
        return size

    def write(
        self, warehouse: Warehouse, root_of: Callable[[int], bytes], stop: Callable[[], bool] = lambda: False
    ) -> list[Path] | Foreign:
        """Every file whose run is over, root by size; those made. `stop` is asked between runs."""
        for left in self._folder.glob(f"*{BUILDING_SUFFIX}"):
            left.unlink()
        standing, start = warehouse.standing(), self.reach()
        fault = self._refuse(start, standing.size, standing.log, root_of)
        if fault is not None:
            return fault
        made: list[Path] = []
        while not stop() and (end := self._end(warehouse, start, standing.size)) is not None:
            told = {"log": standing.log or "", "from": str(start), "to": str(end), "root": root_of(end).hex()}
            for kind, query in KINDS.items():
                path = self._folder / f"{kind}-{start:012d}-{end:012d}.parquet"
                if not path.exists():
                    self._put(path, warehouse.read(query, {"start": start, "stop": end}), told)
                    made.append(path)
            start = end
        return made

    def _refuse(
        self, reach: int, size: int, log: str | None, root_of: Callable[[int], bytes]
    ) -> Foreign | None:
        if reach > size:
            return None  # the warehouse is being made again, and is not there yet
        for path in self.every():
            match = NAME.fullmatch(path.name)
            if match is None or int(match["stop"]) != reach:
                continue
            told = pq.read_metadata(path).metadata or {}
            if (told.get(b"log"), told.get(b"root")) != ((log or "").encode(), root_of(reach).hex().encode()):
                return Foreign(f"{path.name} is not of this log as it stands at {reach}")
        return None

    def _end(self, warehouse: Warehouse, start: int, size: int) -> int | None:
        """Where the run that begins at `start` is over, None while it goes on."""
        before = 0
        for look in range(start, size, ENTRIES_PER_LOOK):
            bounds = {"start": look, "stop": min(look + ENTRIES_PER_LOOK, size)}
            counted = warehouse.ask(COUNTED, bounds)
            totals = accumulate((rows for _, rows in counted), initial=before)
            next(totals)
            for (index, _), total in zip(counted, totals, strict=True):
                if total >= self._rows:
                    return int(index) + 1
                before = total
        return None

    def _put(self, path: Path, rows: pa.Table, told: dict[str, str]) -> None:
        building = path.with_name(path.name + BUILDING_SUFFIX)
        pq.write_table(
            rows.replace_schema_metadata(told),
            building,
            compression=COMPRESSION,
            row_group_size=ROWS_PER_GROUP,
        )
        os.chmod(building, READ_ONLY_MODE)
        flush(building)
        os.link(building, path)  # unlike a rename it takes no name that is taken
        building.unlink()
        flush(self._folder)

    def _runs(self, kind: str) -> dict[int, int]:
        matches = (NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return {int(m["start"]): int(m["stop"]) for m in matches if m is not None and m["kind"] == kind}
