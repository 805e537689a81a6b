"""Who belongs with the provers and is not inspected with them?

Affiliates may lend each other chips for the day of a visit, so they are drawn from as one frame. Who belongs
together is what the registrar registered (parents, successors) and verifiers noted, along any chain, as the
ledger tells verifiers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from api.cli.remote.client import LedgerClient, ProblemAnswer
from api.cli.screen.terminal import Ended

WHOSE = "--provers are party ids, commas between; chipledger show party shows one"


def affiliates_left_out(client: LedgerClient, provers: Sequence[str]) -> list[str]:
    """Parties that any chain of affiliations ties to a prover and that are no provers, in ascending order."""
    tied = {one for prover in provers for one in affiliates_of(client, prover)}
    return sorted(tied - set(provers))


def affiliates_of(client: LedgerClient, party: str) -> list[str]:
    """Who belongs with a party, itself not among them; nobody for who may not be told.

    `Ended` naming the party where there is none of that id to be seen.
    """
    try:
        told: Mapping[str, Any] = client.get_json(f"/parties/{party}")
    except ProblemAnswer as said:
        if said.status != httpx.codes.NOT_FOUND:
            raise
        raise Ended(f"the ledger knows no party {party!r}, or tells you of none", WHOSE) from None
    return [str(one) for one in told.get("affiliates") or ()]
