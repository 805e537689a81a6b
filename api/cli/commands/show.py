"""What does the book say? The commands `show …`.

Each asks one route or two and shows what came: one thing as its members, many as a table, and with --json the
answer itself. What is not there and what is not the asker's to see are answered alike.
"""

from typing import Annotated, Any

import typer

from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import LIST_ITEMS_SHOWN_DEFAULT, asked, open_client, show_list
from api.cli.screen.facts import (
    chip_facts,
    discrepancy_facts,
    disputed_table,
    inspection_facts,
    keys_table,
    life_table,
    party_facts,
    sample_table,
    shipment_facts,
)
from api.cli.screen.options import At, Json, ReaderKey, ReaderParty, Url
from api.cli.screen.terminal import facts_of, out, print_json, say, table_of, wrong_usage
from ledger.book.identifiers import is_chip, is_sha256
from signing.canonical import from_base64, read_object

ITEMS_PER_REQUEST = 1_000
Limit = Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")]

HOLDING_COLUMNS = ("chip", "model", "class", "site", "system", "slot", "status")
SHIPMENT_COLUMNS = (
    "shipment",
    "sender",
    "receiver",
    "country",
    "due_by",
    "sent",
    "received",
    "short",
    "state",
)
DISCREPANCY_COLUMNS = ("discrepancy", "kind", "party_a", "party_b", "chips", "shipment", "site", "state")


def chip(
    chip_id: Annotated[
        str, typer.Argument(metavar="CHIP", help="<maker>:<serial>, or a serial to look for.")
    ],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Who holds a chip, who answers for it, on what evidence, and every entry of its life.

    \b
    chipledger show chip acme-semi:1654223000017
    chipledger show chip 1654223000017 --at 1000 --json
    """
    with open_client(url, party, key) as client:
        name = chip_id if is_chip(chip_id) else _by_serial(client, chip_id, at)
        told = client.get_json(f"/chips/{name}", asked(at=at))
        life = list(client.items(f"/chips/{name}/history", asked(at=at)))
    if as_json:
        print_json({"chip": told, "history": life})
        return
    out.print(facts_of(name, chip_facts(told)))
    out.print(table_of(f"its life, {len(life):,} entries", *life_table(life)))


def party(
    name: Annotated[str, typer.Argument(metavar="PARTY", help="A party's id, or me.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    at: At = None,
    limit: Limit = LIST_ITEMS_SHOWN_DEFAULT,
    as_json: Json = False,
) -> None:
    """A party, its keys, and the chips in its custody.

    \b
    chipledger show party me
    """
    with open_client(url, party, key) as client:
        told = client.get_json(f"/parties/{name}", asked(at=at))
        holdings = list(client.items(f"/parties/{name}/holdings", asked(at=at), limit))
        waiting = 0 if as_json else _open_discrepancies(client, told["party"], at)
    if as_json:
        print_json({"party": told, "holdings": holdings})
        return
    out.print(facts_of(str(told["party"]), party_facts(told, waiting)))
    out.print(table_of("keys", *keys_table(told["keys"])))
    show_list("chips held", HOLDING_COLUMNS, holdings, as_json=False)
    if len(holdings) == limit:
        say(f"the first {limit:,}; --limit shows more")


def _open_discrepancies(client: LedgerClient, name: str, at: int | None) -> int:
    """How many are open that name the party."""
    found = client.items("/discrepancies", asked(state="open", at=at, limit=ITEMS_PER_REQUEST))
    return sum(name in (one["party_a"], one["party_b"]) for one in found)


def shipment(
    name: Annotated[str, typer.Argument(metavar="SHIPMENT", help="<sender>/<name>.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    at: At = None,
    as_json: Json = False,
) -> None:
    """A shipment: who sent what to whom, and what has come.

    \b
    chipledger show shipment acme-semi/PO-4711
    """
    with open_client(url, party, key) as client:
        told = client.get_json(f"/shipments/{name}", asked(at=at))
    if as_json:
        print_json(told)
    else:
        out.print(facts_of(name, shipment_facts(told)))


def shipments(
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    to: Annotated[str | None, typer.Option(help="The receiver; me is yourself.")] = None,
    state: Annotated[str | None, typer.Option(help="open, closed or cancelled.")] = None,
    at: At = None,
    limit: Limit = LIST_ITEMS_SHOWN_DEFAULT,
    as_json: Json = False,
) -> None:
    """Shipments you sent or are sent; with --to me --state open, your inbox.

    \b
    chipledger show shipments --to me --state open
    """
    with open_client(url, party, key) as client:
        items = list(client.items("/shipments", asked(to=to, state=state, at=at), limit))
    show_list("shipments", SHIPMENT_COLUMNS, items, as_json=as_json)


def discrepancies(
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    state: Annotated[str | None, typer.Option(help="open, answered, conceded, resolved, withdrawn.")] = None,
    at: At = None,
    limit: Limit = LIST_ITEMS_SHOWN_DEFAULT,
    as_json: Json = False,
) -> None:
    """Where the book and what somebody saw disagree.

    \b
    chipledger show discrepancies --state open
    """
    with open_client(url, party, key) as client:
        items = list(client.items("/discrepancies", asked(state=state, at=at), limit))
    show_list("discrepancies", DISCREPANCY_COLUMNS, items, as_json=as_json)


def discrepancy(
    name: Annotated[str, typer.Argument(metavar="DISCREPANCY", help="<entry>.<number>, as in the list.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    at: At = None,
    limit: Limit = LIST_ITEMS_SHOWN_DEFAULT,
    as_json: Json = False,
) -> None:
    """One discrepancy and the chips it is about; `sign discrepancy.answered` takes the same chips.

    \b
    chipledger show discrepancy 1042.0
    """
    with open_client(url, party, key) as client:
        told = client.get_json(f"/discrepancies/{name}", asked(at=at, limit=min(limit, ITEMS_PER_REQUEST)))
        lines, more = list(told["lines"]["items"]), told["lines"]["next"]
        while more is not None and len(lines) < limit:
            asking = asked(at=at, limit=min(limit - len(lines), ITEMS_PER_REQUEST), after=more)
            page = client.get_json(f"/discrepancies/{name}", asking)["lines"]
            lines, more = lines + page["items"], page["next"]
    if as_json:
        print_json({**told, "lines": {"items": lines, "next": more}})
        return
    out.print(facts_of(name, discrepancy_facts(told)))
    out.print(table_of(f"chips: {len(lines):,}", *disputed_table(lines)))
    if more is not None:
        say(f"the first {len(lines):,}; --limit shows more")


def inspection(
    name: Annotated[str, typer.Argument(metavar="INSPECTION", help="<verifier>/<name>.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    as_json: Json = False,
) -> None:
    """An inspection, and its sample once it is drawn.

    \b
    chipledger show inspection agency/visit-1
    """
    with open_client(url, party, key) as client:
        told = client.get_json(f"/inspections/{name}")
        sample = list(client.items(f"/inspections/{name}/sample"))
    if as_json:
        print_json({"inspection": told, "sample": sample})
        return
    out.print(facts_of(name, inspection_facts(told)))
    out.print(table_of(f"drawn: {len(sample):,}", *sample_table(sample)))


def entry(
    name: Annotated[str, typer.Argument(metavar="ENTRY", help="An index of the log, or a statement's id.")],
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    *,
    as_json: Json = False,
) -> None:
    """What stands in the log at a place: the statement as it was signed.

    \b
    chipledger show entry 0
    """
    with open_client(url, party, key) as client:
        told = client.get_json(f"/statements/{name}") if is_sha256(name) else _entry_at(client, name)
    statement = read_object(from_base64(told["envelope"]["payload"], "payload"), "payload")
    if as_json:
        print_json({**told, "statement_object": statement})
        return
    facts = {
        name: told[name] for name in ("entry_index", "index", "admitted_at", "leaf_hash") if name in told
    }
    facts["signed by"] = told["envelope"]["signatures"][0]["keyid"]
    body = statement.pop("body")
    out.print(facts_of(f"entry {name}", facts | statement))
    out.print(facts_of("body", body))


def _entry_at(client: LedgerClient, name: str) -> dict[str, Any]:
    if not name.isdecimal():
        raise wrong_usage(f"{name[:80]!r} is neither an index nor a statement's id")
    index = int(name)
    page = client.get_json("/entries", asked(limit=1, after=index - 1 if index else None))
    found = [item for item in page["items"] if item["entry_index"] == index]
    if not found:
        raise wrong_usage(f"no entry {index} that you may see", "verifiers and the registrar see every entry")
    return dict(found[0])


def _by_serial(client: LedgerClient, serial: str, at: int | None) -> str:
    """The one chip that bears this serial."""
    found = client.get_json("/chips", asked(serial=serial, at=at))["items"]
    if len(found) != 1:
        names = ", ".join(item["chip"] for item in found) or "none that you may see"
        raise wrong_usage(
            f"{len(found)} chips bear the serial {serial[:64]}: {names}", "say <maker>:<serial>"
        )
    return str(found[0]["chip"])
