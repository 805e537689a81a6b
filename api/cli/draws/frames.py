"""What could be drawn, as the log's book stood just before a commitment?

Fetched whole from the ledger in columns, millions if need be; put into strata here, and held against the
count and root the ledger gives. Knows no verdict and no beacon.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlencode

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended
from ledger.book.frame import Frame
from ledger.book.frame_columns import frame_of_batches
from ledger.book.records.inspections import Stratum
from ledger.book.rules.frames import listing_of, root_of_listing, selection, word_of
from ledger.inspection.draw import Ticket
from ledger.inspection.listing import NAME_TYPE

UNUSABLE = "the ledger's frame cannot be used"


@dataclass(frozen=True)
class StrataFrame:
    """What can be drawn, by name, and the strata it lies in."""

    direction: str
    strata: tuple[Stratum, ...]
    frame: Frame

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def word(self) -> str:
        """What one of them is: a chip or a position."""
        return word_of(self.direction)

    @cached_property
    def claim(self) -> dict[str, Any]:
        """Count and root, as the draw claims them."""
        listing = listing_of(self.frame, self.strata)
        return {"count": len(listing), "root": root_of_listing(listing, self.direction)}

    def drawn(self, seed: bytes, sizes: Sequence[int]) -> Mapping[str, list[Ticket]]:
        """By stratum, in order, what the seed draws."""
        return selection(self.frame, self.strata, seed, sizes)

    def sites_of(self, items: Sequence[str]) -> dict[str, str | None]:
        """Where the book has each of them."""
        wanted = pa.array([item.encode() for item in items], NAME_TYPE)
        there = pc.is_in(self.frame.ids, value_set=wanted)
        found = zip(self.frame.ids.filter(there), self.frame.codes.filter(there), strict=True)
        return {name.as_py().decode(): self.frame.places[code.as_py()].site for name, code in found}


def fetch_frame(client: LedgerClient, inspection: Mapping[str, Any]) -> StrataFrame:
    """The frame of a commitment; `Ended` where its columns and its root do not agree."""
    written = json.dumps([{k: v for k, v in one.items() if v is not None} for one in inspection["strata"]])
    whose = {"provers": ",".join(inspection["provers"]), "at": inspection["at_index"]}
    query = asked(**whose, strata=written, direction=inspection["direction"])
    told = client.get_json("/inspections/frame", query)
    strata = tuple(msgspec.convert(inspection["strata"], list[Stratum]))
    columns = asked(**whose, direction=inspection["direction"], format="arrow")
    frame = StrataFrame(inspection["direction"], strata, _columns(client, columns))
    if {name: told[name] for name in ("count", "root")} != frame.claim:
        raise Ended("the ledger's frame is not the one its root is of", "tell the operator, and keep both")
    return frame


def _columns(client: LedgerClient, query: Mapping[str, Any]) -> Frame:
    with TemporaryFile() as file:  # a large one is not held twice
        client.save(f"/inspections/frame?{urlencode(query)}", file)
        file.seek(0)
        try:
            with pa.ipc.open_stream(file) as stream:
                return frame_of_batches(stream)
        except (pa.ArrowInvalid, ValueError, AssertionError) as fault:
            raise Ended(f"{UNUSABLE}: {fault}", "tell the operator, and keep the answer") from None
