"""Where is each drawn chip now?

Reads the sample and what the book says of each chip, at the frame and today: what moved since is marked and
stands with its present site, what is on its way with its shipment, and of what has ended the remains are to
be shown. Asks as the verifier. Decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.cli.field.masking import references
from api.cli.field.visits import Trip, Visit
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended
from ledger.book.rules.directions import FLOOR_TO_BOOK

LOOKED_UP_AT_ONCE = 1_000
IN_TRANSIT, HELD, MISSING = "in_transit", "held", "missing"

Chips = Mapping[str, Mapping[str, Any]]


def read_trip(client: LedgerClient, inspection: str) -> Trip:
    """All visits of a drawn inspection; `Ended` where nothing is drawn yet."""
    told = client.get_json(f"/inspections/{inspection}")
    if not told["stages_drawn"]:
        raise Ended(f"{inspection} is not drawn yet", "chipledger inspect draw, once its round is due")
    sample = client.get_json(f"/inspections/{inspection}/sample")["items"]
    if told["direction"] == FLOOR_TO_BOOK:
        return Trip(told, _positions(told, sample))
    return Trip(told, _chips(client, told, sample))


def look_up(client: LedgerClient, chips: Sequence[str], at: int | None = None) -> dict[str, dict[str, Any]]:
    """What the book of a size, or of today, says of chips that it knows."""
    route = "/chips/lookup" if at is None else f"/chips/lookup?at={at}"
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(chips), LOOKED_UP_AT_ONCE):
        part = list(chips[start : start + LOOKED_UP_AT_ONCE])
        found |= {item["chip"]: item for item in client.post_json(route, {"chips": part})["items"]}
    return found


def _drawn(told: Mapping[str, Any], sample: Iterable[Mapping[str, Any]], name: str) -> list[Visit]:
    """Each drawn item once, by the latest stage that drew it, at no site yet."""
    latest = {item[name]: item for item in sample}
    short = references(told["statement"], latest)
    return [
        Visit(
            item=item,
            is_position=name == "position",
            stage=drawn["stage"],
            stratum=drawn["stratum"],
            rank=drawn["rank"],
            ticket=drawn["ticket"],
            reference=short[item],
            result=drawn["result"],
            site=None,
        )
        for item, drawn in latest.items()
    ]


def _positions(told: Mapping[str, Any], sample: Iterable[Mapping[str, Any]]) -> tuple[Visit, ...]:
    visits = _drawn(told, sample, "position")
    return tuple(replace(visit, site=visit.item.rpartition("#")[0]) for visit in visits)


def _chips(
    client: LedgerClient, told: Mapping[str, Any], sample: Iterable[Mapping[str, Any]]
) -> tuple[Visit, ...]:
    visits = _drawn(told, sample, "chip")
    names = [visit.item for visit in visits]
    now, then = look_up(client, names), look_up(client, names, told["at_index"])
    travelling = {row["shipment"] for row in now.values() if row["status"] == IN_TRANSIT}
    shipments = {name: client.get_json(f"/shipments/{name}") for name in sorted(travelling)}
    return tuple(_placed(visit, now, then, shipments) for visit in visits)


def _placed(visit: Visit, now: Chips, then: Chips, shipments: Chips) -> Visit:
    """The visit with the chip's present place, and what is to be said of how it came there."""
    row, was = now.get(visit.item), then.get(visit.item, {})
    if row is None:
        raise Ended(f"the ledger has no row of {visit.item}", "ask as the verifier who drew it")
    label = (row.get("identity") or {}).get("label")
    serial = visit.item.partition(":")[2]
    known = replace(
        visit,
        custodian=row["custodian"],
        ik_sha256=(row.get("identity") or {}).get("ik_sha256"),
        accepts=tuple(filter(None, (serial, visit.item, label))),
    )
    if row["status"] == IN_TRANSIT:
        bound = shipments[row["shipment"]]
        said = f"on its way: shipment {row['shipment']} to {bound['receiver']} ({bound['country']}), due by"
        return replace(known, shipment=row["shipment"], remark=f"{said} {bound['due_by']}")
    if row["status"] != HELD:
        lost = row["status"] == MISSING
        asked = "reported missing since" if lost else f"{row['status']} since: its remains are to be shown"
        return replace(
            known, site=was.get("site"), system=was.get("system"), slot=was.get("slot"), remark=asked
        )
    place = replace(known, site=row["site"], system=row["system"], slot=row["slot"])
    return replace(place, remark=_moved(was, row))


def _moved(was: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """That the chip is at another site, or in other hands, than when the frame was fixed."""
    if was.get("site") != row["site"]:
        return f"moved since: was {was.get('site') or 'at no site'}, now {row['site'] or 'at no site'}"
    if was.get("custodian") != row["custodian"]:
        return f"changed hands since: was {was.get('custodian')}'s, now {row['custodian']}'s"
    return ""
