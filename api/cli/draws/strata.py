"""Which strata does a person mean, and how many chips does the log count in each?

`NAME:site=…,model=…,class=…[,cost=…]` on the command line; the last of a commitment takes the rest, and is
added where nobody named it. The counts are the log's own, at its present size. Knows no plan.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from api.cli.remote.client import LedgerClient, ProblemAnswer
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended, wrong_usage

PREDICATES = ("site", "model", "class")
COST = "cost"
WHO_MAY_ASK = "frames are for verifiers and the registrar (--party, --key), of parties there are (--provers)"
REST, ALL = "rest", "all"


@dataclass(frozen=True, slots=True)
class Counted:
    """A stratum as it is committed to, what a visit costs, and how many the log counts in it now."""

    said: dict[str, str]
    cost: str
    count: int

    @property
    def name(self) -> str:
        """What it is called."""
        return self.said["name"]


def read_strata(lines: Sequence[str]) -> list[tuple[dict[str, str], str]]:
    """Each stratum's name and predicates, and its cost; one that is called `all` where none is named."""
    if not lines:
        return [({"name": ALL}, "1")]
    read = [_stratum(line) for line in lines]
    if len(read[-1][0]) > 1:
        read.append(({"name": REST}, "1"))
    return read


def count_strata(
    client: LedgerClient, provers: Sequence[str], strata: Sequence[tuple[dict[str, str], str]], direction: str
) -> list[Counted]:
    """The strata with the log's counts; `Ended` where a prover is unknown, or who asks may not know."""
    written = json.dumps([said for said, _ in strata], separators=(",", ":"))
    query = asked(provers=",".join(provers), strata=written, direction=direction)
    try:
        told = client.get_json("/inspections/frame", query)
    except ProblemAnswer as said:
        if said.status != httpx.codes.NOT_FOUND:
            raise
        raise Ended(f"the ledger gives you no frame of {', '.join(provers)}", WHO_MAY_ASK) from None
    counts: dict[str, Any] = {each["name"]: each["count"] for each in told["strata"]}
    return [Counted(said, cost, counts[said["name"]]) for said, cost in strata]


def read_misses(lines: Sequence[str]) -> dict[str, int] | None:
    """`CLASS=PPM` of each class; None where none is named."""
    read = {}
    for line in lines:
        name, _, ppm = line.partition("=")
        if not ppm.isascii() or not ppm.isdigit():
            raise wrong_usage(f"{line[:80]!r} is not CLASS=PPM", "such as --class-miss-ppm C=100000")
        read[name] = int(ppm)
    return read or None


def _stratum(line: str) -> tuple[dict[str, str], str]:
    name, _, rest = line.partition(":")
    said, cost = {"name": name}, "1"
    for part in filter(None, rest.split(",")):
        key, between, value = part.partition("=")
        if not between or key not in (*PREDICATES, COST):
            raise wrong_usage(
                f"{line[:120]!r}: a stratum is NAME:site=…,model=…,class=…,cost=…",
                "such as --stratum hall-1:site=north-dc/hall-1 --stratum old:class=C",
            )
        if key == COST:
            cost = value
        else:
            said[key] = value
    return said, cost
