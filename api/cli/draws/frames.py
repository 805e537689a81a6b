"""What could be drawn, as the log's book stood just before a commitment?

Read from the ledger chip by chip, or site by site where positions of floors are drawn, and held against the
count and root the ledger gives for the whole. Knows no seed and no selection.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended
from ledger.book.frame import FrameChip
from ledger.book.framing import SITE_POSITIONS_MAX
from ledger.book.records.inspections import Stratum
from ledger.book.rules.frames import FLOOR_TO_BOOK, root_of_frame, strata_frame, word_of

HOLDINGS_PER_REQUEST = 1_000


@dataclass(frozen=True, slots=True)
class Frame:
    """What can be drawn: lines (chip or position, stratum) by name, and at which site each is."""

    direction: str
    lines: tuple[tuple[str, str], ...]
    sites: Mapping[str, str | None]

    @property
    def word(self) -> str:
        """What one of them is: a chip or a position."""
        return word_of(self.direction)

    def count_and_root(self) -> dict[str, Any]:
        """As the draw claims it."""
        return {"count": len(self.lines), "root": root_of_frame(self.lines, self.direction)}

    def site_of(self, item: str) -> str | None:
        """Where the book has it."""
        return self.sites.get(item)


def fetch_frame(client: LedgerClient, inspection: Mapping[str, Any]) -> Frame:
    """The frame of a commitment; `Ended` where its parts and the whole do not agree."""
    at, direction = inspection["at_index"], inspection["direction"]
    written = json.dumps([{k: v for k, v in one.items() if v is not None} for one in inspection["strata"]])
    provers = ",".join(inspection["provers"])
    query = asked(provers=provers, at=at, strata=written, direction=direction)
    told = client.get_json("/inspections/frame", query)
    if direction == FLOOR_TO_BOOK:
        there = _positions(told["sites"])
    else:
        there = _holdings(client, inspection["provers"], at)
    there.sort(key=lambda one: one.chip.encode())
    strata = msgspec.convert(inspection["strata"], list[Stratum])
    frame = Frame(direction, tuple(strata_frame(there, strata)), {one.chip: one.site for one in there})
    if {name: told[name] for name in ("count", "root")} != frame.count_and_root():
        raise Ended("the ledger's frame is not the one its parts give", "tell the operator, and keep both")
    return frame


def _holdings(client: LedgerClient, provers: list[str], at: int) -> list[FrameChip]:
    chips = []
    for prover in provers:
        for item in client.items(f"/parties/{prover}/holdings", asked(at=at, limit=HOLDINGS_PER_REQUEST)):
            chips.append(FrameChip(item["chip"], item["site"], item["model"], item["class"]))
    return chips


def _positions(sites: list[Mapping[str, Any]]) -> list[FrameChip]:
    """Every position of the sites, which have neither model nor class."""
    if any(site["positions"] > SITE_POSITIONS_MAX for site in sites):
        raise Ended(f"the ledger tells of a site with over {SITE_POSITIONS_MAX:,} positions")
    return [
        FrameChip(f"{site['site']}#{number}", site["site"], None, "")
        for site in sites
        for number in range(1, site["positions"] + 1)
    ]
