"""Answering and resolving discrepancies, plainly. See `slow_law`."""

import json

from tests.properties.slow_book import ALIVE, OPEN, close_lines, names_of, prefix, uniques
from tests.properties.slow_chips import GONE, NOWHERE, make
from tests.properties.slow_people import is_hex

TO_OBSERVER = ("extra", "duplicate", "after_end")
SPLITS = ("extra", "duplicate", "after_end", "identity_differs", "wrong_place")


def open_chips(row):
    """The chips about which nothing is settled yet, in order, each once."""
    return list(dict.fromkeys(line["chip"] for line in row["lines"] if line["closed"] is None))


def seen_of(row, chip):
    """What was seen of a chip under a discrepancy: the first line that says something."""
    texts = [line["seen"] for line in row["lines"] if line["chip"] == chip and line["seen"]]
    return json.loads(texts[0]) if texts else None


def is_changed(book, row, chip):
    """Whether the book says something else of the chip since it was observed."""
    return chip not in book.chips or book.chips[chip]["changed"] > row["born"]


def names_after(book, row, chip):
    """The unique identities the chip would bear if the observer were right."""
    if row["kind"] == "identity_differs":
        return set(uniques(seen_of(row, chip)))
    return set(uniques(book.chips[chip]["identity"]))


def left_and_taken(book, row, chips):
    """Identities these chips would bear no more, and those they would newly bear: (name, chip)."""
    left, taken = [], []
    for chip in chips if row["kind"] != "unknown_chip" else ():
        before, after = set(names_of(book.chips[chip])), names_after(book, row, chip)
        left += [(name, chip) for name in sorted(before - after) if book.bearer(name) == chip]
        taken += [(name, chip) for name in sorted(after - before)]
    return left, taken


def faults_of_conceding(book, row, chips):
    """Why the observer's version cannot be taken over for these chips, whose rows are as they were."""
    left, taken = left_and_taken(book, row, chips)
    for name, chip in taken:
        is_left = any(name == other for other, _ in left)
        if book.bearer(name) not in (None, chip) and not is_left:
            yield "identity_taken"
        if sum(1 for other, _ in taken if other == name) > 1:
            yield "identity_taken"


def concede(book, row, chips):
    """The observer's version becomes the book's."""
    left, taken = left_and_taken(book, row, chips)
    for chip in chips if row["kind"] != "unknown_chip" else ():
        _concede_one(book, row, chip)
    for name, _ in left:
        book.bears(name, None)
    for name, chip in taken:
        book.bears(name, chip)


def said_to_have(row, chip):
    """Whether the observer said that it has the chip: who only saw one does not come to hold it."""
    return any(line["has"] for line in row["lines"] if line["chip"] == chip)


def _concede_one(book, row, chip):
    """What the book says already is not written again."""
    kind, observer = row["kind"], row["observer"]
    site = row["site"] if row["site"] in book.sites else None
    if kind == "wrong_place":
        if book.chips[chip]["site"] != site:
            book.write("chips", chip, site=site, **NOWHERE)
        book.mention(("site", site))
    elif kind == "identity_differs":
        book.alter("chips", chip, identity=seen_of(row, chip), **{"class": "C"})
    elif kind == "absent" or not book.may_hold(observer) or not said_to_have(row, chip):
        book.leave_shipment(chip)
        gone = {"status": "missing", "liable": row["counterparty"], "last_liable": None}
        book.alter("chips", chip, **gone, **GONE)
    else:
        book.leave_shipment(chip)
        here = {"status": "held", "custodian": observer, "liable": observer, "site": site}
        book.alter("chips", chip, **{**GONE, **here}, last_liable=None)
        book.mention(("site", site))


def move_liability(book, row, chip):
    """A verdict about a chip that has moved on: who answers for it changes, nothing else."""
    if chip not in book.chips or book.chips[chip]["status"] not in ALIVE:
        return
    if row["kind"] == "absent":
        book.alter("chips", chip, liable=row["counterparty"])
    elif row["kind"] in TO_OBSERVER:
        to = row["counterparty"]
        if book.may_hold(row["observer"]) and said_to_have(row, chip):
            to = row["observer"]
        book.alter("chips", chip, liable=to)


# -- discrepancy.answered


def faults_answered(book, said):
    body = said.body
    if not 1 <= len(body["text"]) <= 1024 or not is_hex(body.get("evidence_sha256", "0" * 64)):
        yield "bad_field"
    row, mine = book.discrepancies.get(body["discrepancy"]), book.acts_for(said.party)
    if row is None or not {row["observer"], row["counterparty"]} & mine:
        yield "unknown_reference"
        return
    named = {line["chip"] for line in said.lines or ()}
    if not named <= {line["chip"] for line in row["lines"]}:
        yield "unknown_reference"
    still = open_chips(row)
    if row["state"] not in OPEN or not named & {line["chip"] for line in row["lines"]} <= set(still):
        yield "ended"
    if body["concedes"] and row["counterparty"] in mine:
        chips = [chip for chip in still if said.lines is None or chip in named]
        if row["kind"] != "unknown_chip" and any(is_changed(book, row, chip) for chip in chips):
            yield "built_upon"
        there = [chip for chip in chips if not is_changed(book, row, chip)]
        yield from faults_of_conceding(book, row, there)


def apply_answered(book, said):
    name = said.body["discrepancy"]
    row = book.discrepancies[name]
    if not said.body["concedes"]:
        book.write("discrepancies", name, state="answered")
        return
    chips = open_chips(row) if said.lines is None else [line["chip"] for line in said.lines]
    side = "counterparty" if row["counterparty"] in book.acts_for(said.party) else "observer"
    if side == "counterparty":
        concede(book, row, chips)
    lines = close_lines(row["lines"], set(chips), book.index)
    if all(line["closed"] is not None for line in lines):
        book.write("discrepancies", name, lines=lines, state="conceded", outcome=side, closed=book.index)
    else:
        book.write("discrepancies", name, lines=lines, state="answered")


# -- discrepancy.resolved


def faults_resolved(book, said):
    body = said.body
    splits = body["outcome"] == "second_chip"
    if body["outcome"] not in ("book_stands", "observation_stands", "second_chip"):
        yield "bad_field"
    if ("new_chip" in body) != splits:
        yield "bad_field"
    row = book.discrepancies.get(body["discrepancy"])
    if row is None:
        yield "unknown_reference"
        return
    if row["state"] not in OPEN:
        yield "ended"
    elif body["outcome"] == "observation_stands":
        there = [chip for chip in open_chips(row) if not is_changed(book, row, chip)]
        yield from faults_of_conceding(book, row, there)
    if splits and "new_chip" in body and book.roles(said.party) & {"registrar", "verifier"}:
        yield from _faults_of_splitting(book, said, row)


def _faults_of_splitting(book, said, row):
    chips, new = {line["chip"] for line in row["lines"]}, said.body["new_chip"]
    if len(chips) != 1 or row["kind"] not in SPLITS or not book.may_hold(row["observer"]):
        yield "bad_field"
        return
    if prefix(new) not in (said.party, row["observer"], prefix(*chips)):
        yield "bad_field"
    if new in book.chips:
        yield "chip_exists"


def apply_resolved(book, said):
    body = said.body
    name, outcome = body["discrepancy"], body["outcome"]
    row = book.discrepancies[name]
    if outcome == "observation_stands":
        moved = [chip for chip in open_chips(row) if is_changed(book, row, chip)]
        concede(book, row, [chip for chip in open_chips(row) if chip not in moved])
        for chip in moved:
            move_liability(book, row, chip)
    if outcome == "second_chip":
        old = row["lines"][0]["chip"]
        seen = seen_of(row, old)
        model = book.chips[old]["model"] if old in book.chips else None
        fields = {"holder": row["observer"], "site": row["site"], "identity": seen, "model": model}
        make(book, body["new_chip"], 0, **fields, **{"class": "C"})
        book.claim(body["new_chip"], seen)
        book.mention(("site", row["site"]), ("model", model))
    lines = close_lines(row["lines"], {line["chip"] for line in row["lines"]}, book.index)
    book.write("discrepancies", name, lines=lines, state="resolved", outcome=outcome, closed=book.index)


RULES = {
    "discrepancy.answered": (faults_answered, apply_answered),
    "discrepancy.resolved": (faults_resolved, apply_resolved),
}
