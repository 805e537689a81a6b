"""What does a thing of the book say to a person?

A chip, a party, a shipment, an inspection as the server tells them, in plain words: what is empty is left
out, lists read as lists, times end at the second. Promises to leave nothing out that is filled and that a
person could act on; the rest is what --json is for. Knows no network.
"""

from collections.abc import Mapping, Sequence
from typing import Any

PPM_PER_PERCENT = 10_000
TICKET_DIGITS_SHOWN = 16
NOT_VISITED = "not_visited"
CLASSES = {
    "A": "attested by a key in the chip (class A)",
    "B": "registered by its maker (class B)",
    "C": "declared from a label (class C)",
}
AT_REST = "held"
CHIP_FACTS = ("custodian", "owner", "liable", "site", "system", "slot", "status", "shipment")
SHIPMENT_FACTS = ("sender", "receiver", "country", "licence", "end_user", "sent", "received", "short")
KEY_NARROWINGS = ("not_before", "until", "kinds", "sites")
SEEN = ("ik_sha256", "pdi", "uuid", "label")
SHIPMENT_COUNTS = ("refused", "cancelled", "lost", "unexpected")  # nought is the rule

Told = Mapping[str, Any]
Facts = dict[str, Any]


def chip_facts(told: Told) -> Facts:
    """Who has a chip, on what evidence."""
    facts = {"model": told.get("model"), "evidence": CLASSES.get(str(told.get("class")), told.get("class"))}
    facts |= {name: told.get(name) for name in CHIP_FACTS}
    facts["status"] = words(told.get("status"))
    return filled(facts | (told.get("identity") or {}) | {"open discrepancies": _disputes(told)})


def _disputes(told: Told) -> str | None:
    """How many discrepancies are open about a chip, and the first of them; nothing where none is."""
    about = told.get("discrepancies") or {"count": 0, "first": ()}
    return f"{about['count']:,}: {listed(about['first'])}" if about["count"] else None


def life_table(events: Sequence[Told]) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a chip's life; who said it and who answers only where that is not the custodian."""
    columns = ["entry", "admitted", "kind", "custodian", "then at"]
    differing = [
        (header, name)
        for header, name in (("said by", "party"), ("liable", "liable"))
        if any(event.get(name) != event.get("custodian") for event in events)
    ]
    rows = []
    for event in events:
        rests = event.get("status") == AT_REST
        where = event.get("site") if rests else words(event.get("status"))
        row = [
            event["entry_index"],
            to_second(event["admitted_at"]),
            event["kind"],
            event.get("custodian"),
            where,
        ]
        rows.append(row + [event.get(name) for _, name in differing])
    return columns + [header for header, _ in differing], rows


def party_facts(told: Told, open_discrepancies: int) -> Facts:
    """Who a party is, and what waits for its answer."""
    facts = {
        "name": told.get("name"),
        "country": told.get("country"),
        "roles": listed(told.get("roles")),
        "parent": told.get("parent"),
        "suspended": told.get("suspended") or None,
        "succeeded by": told.get("succeeded_by"),
        "enrolled in entry": told.get("birth_index"),
        "open discrepancies": f"{open_discrepancies:,}: chipledger show discrepancies --state open"
        if open_discrepancies
        else "none",
    }
    return filled(facts)


def keys_table(keys: Sequence[Told]) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a party's keys: since and until which entry, and how one is narrower or waits."""
    narrowings = [name for name in KEY_NARROWINGS if any(key.get(name) for key in keys)]
    rows = []
    for key in keys:
        narrowed = (key.get(name) for name in narrowings)
        told = [listed(value) if isinstance(value, list) else value for value in narrowed]
        rows.append([key["keyid"], key["from_index"], key["to_index"], *told])
    return ["key", "from entry", "to entry", *map(words, narrowings)], rows


def discrepancy_facts(told: Told) -> Facts:
    """Who saw what the book does not say, against whom, and what became of it."""
    facts = {"kind": words(told.get("kind")), "seen by": told.get("party_a"), "against": told.get("party_b")}
    facts |= {name: told.get(name) for name in ("shipment", "site", "state")}
    facts |= {"outcome": words(told.get("outcome")), "chips": told.get("chips")}
    facts |= {"still open": told.get("lines_open"), "opened by entry": told.get("opened_index")}
    return filled(facts | {"closed by entry": told.get("closed_index")})


def disputed_table(lines: Sequence[Told]) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a discrepancy's lines; what was read off the chips only where something was."""
    read = [name for name in SEEN if any((line.get("seen") or {}).get(name) for line in lines)]
    rows = [
        [
            line["chip"],
            *((line.get("seen") or {}).get(name) for name in read),
            "open" if line.get("closed_index") is None else f"closed by entry {line['closed_index']}",
        ]
        for line in lines
    ]
    return ["chip", *(f"seen {name}" for name in read), "state"], rows


def shipment_facts(told: Told) -> Facts:
    """Who sent what to whom, what has come, and by when the rest is due."""
    facts = {"state": told.get("state")}
    facts |= {words(name): told.get(name) for name in SHIPMENT_FACTS}
    facts |= {words(name): told.get(name) or None for name in SHIPMENT_COUNTS}
    facts |= {"due by": told.get("due_by"), "title": words(told.get("title"))}
    facts |= {"dispatched in entry": told.get("birth_index"), "statement": told.get("statement")}
    return filled(facts)


def inspection_facts(told: Told) -> Facts:
    """Who inspects whom, how the sample is drawn, and how far it has come."""
    stages: Sequence[Told] = told.get("stages") or ()
    facts = {
        "state": told.get("state"),
        "verifier": told.get("verifier"),
        "inspected": listed(told.get("provers")),
        "series": f"{told.get('series')}, number {told.get('number')}",
        "question": f"{told.get('planner')}, {words(told.get('direction'))}",
        "must not go unseen": _aim(told),
        "could be drawn": _frame(told),
        "beacon": told.get("beacon"),
    }
    for place, stage in enumerate(stages, start=1):
        facts |= _stage(stage, _what(told), "" if len(stages) == 1 else f", stage {place}")
    if len(told.get("strata") or ()) > 1:
        facts["strata"] = "; ".join(map(_stratum, told["strata"]))
    facts |= _progress(told) | {"due next": _due(told.get("due"))}
    facts |= {
        "labelled": listed(map(words, told.get("labels") or ())),
        "proved timely": told.get("timely"),
        "committed in entry": told.get("at_index"),
        "frame root": told.get("frame_root"),
        "statement": told.get("statement"),
    }
    return filled(facts)


def sample_table(sample: Sequence[Told]) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a sample; stage and stratum only where there are several, findings where any."""
    columns = [name for name in ("stage", "stratum") if len({one[name] for one in sample}) > 1]
    what = "position" if any(one.get("position") for one in sample) else "chip"
    found = any(one.get("result") for one in sample)
    rows = [
        [*(one[name] for name in columns), one["rank"], one[what], one["ticket"][:TICKET_DIGITS_SHOWN]]
        + ([words(one.get("result")) or "to be visited"] if found else [])
        for one in sample
    ]
    return [*columns, "rank", what, "ticket", *(["found"] if found else [])], rows


def _progress(told: Told) -> Facts:
    """What was visited and found, what it leaves possible, and the verdict with its place in the series."""
    progress = told.get("progress")
    if progress is None:
        return {"verdict given": words(told.get("verdict"))}
    counts = progress["counts"]
    found = [f"{number:,} {words(word)}" for word, number in counts.items() if number and word != NOT_VISITED]
    facts: Facts = {"visited": f"{progress['visited']:,} of {progress['drawn']:,}"}
    facts["found"] = listed(found)
    if len(progress["strata"]) > 1:
        facts["visited by stratum"] = "; ".join(
            f"{one['name']} {one['visited']:,} of {one['drawn']:,} drawn from {one['frame']:,}"
            for one in progress["strata"]
        )
    closed = told.get("verdict") is not None
    bound = told.get("upper_bound") if closed else progress["upper_bound"]
    if bound is not None:
        so_far = "" if closed else "; unvisited ones count as missing"
        facts["may be missing"] = f"at most {bound:,}, but for a risk of {_risk(told)} %{so_far}"
    facts["known missing apart"] = f"{told['known_missing']:,}" if told.get("known_missing") else None
    facts["off the book apart"] = f"{progress['off_book']:,}" if progress["off_book"] else None
    draw = told.get("draw")
    of_series = f", draw {draw['k']:,} of {draw['m']:,} in its series" if draw else ""
    facts["verdict given"] = f"{words(told['verdict'])}{of_series}" if closed else None
    return facts


def _due(due: Told | None) -> str | None:
    """What is to be done next, and by when."""
    if due is None:
        return None
    by = "" if due["by"] is None else f" by {to_second(due['by'])}"
    match due["what"]:
        case "draw":
            late = by or ", late as it is"
            return f"draw {due['open']:,} of stage {due['stage']}, from {to_second(due['from'])}{late}"
        case "visits":
            return f"{due['open']:,} visits of stage {due['stage']}{by}"
        case _:
            return "the verdict: chipledger inspect close"


def _risk(told: Told) -> str:
    return f"{told['beta_ppm'] / PPM_PER_PERCENT:g}"


def _aim(told: Told) -> str | None:
    if told.get("d") is None:
        return None
    amiss = "not on the book" if _what(told) == "positions" else "gone"
    return f"{told['d']:,} {_what(told)} or more {amiss}, but for a risk of {_risk(told)} %"


def _frame(told: Told) -> str | None:
    return None if told.get("n_frame") is None else f"{told['n_frame']:,} {_what(told)}"


def _what(told: Told) -> str:
    return "positions" if told.get("direction") == "floor_to_book" else "chips"


def _stage(stage: Told, what: str, which: str) -> Facts:
    """One draw: how many, by which round, and what follows when."""
    return {
        f"draw{which}": f"{sum(stage['sizes']):,} {what}, by round {stage['round']}",
        f"announced by{which}": to_second(stage["notice_by"]),
        f"visited by{which}": to_second(stage["found_by"]),
        f"rule{which}": f"{stage['accept']:,} missing passes, {stage['reject']:,} fails",
    }


def _stratum(stratum: Told) -> str:
    kept = [f"{name} {stratum[name]}" for name in ("site", "model", "class") if stratum.get(name) is not None]
    return f"{stratum['name']} ({', '.join(kept) or 'the rest'})"


def filled(facts: Facts) -> Facts:
    """Those that say something."""
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def listed(names: Any) -> str:
    """A list as people write one."""
    return ", ".join(map(str, names or ()))


def words(name: Any) -> Any:
    """A name of the contract in plain words."""
    return name.replace("_", " ") if isinstance(name, str) else name


def to_second(time: Any) -> Any:
    """A time without what comes after its second."""
    return f"{time[:19]}Z" if isinstance(time, str) and time[19:20] == "." else time
