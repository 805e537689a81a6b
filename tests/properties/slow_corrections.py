"""Taking back what was said, plainly. See `slow_law`."""

from copy import deepcopy

from tests.properties.slow_book import close_lines, names_of, slot_of

CORRECTABLE = {
    "model.listed", "site.declared", "lot.produced", "lot.used", "chips.registered", "chips.placed",
    "chips.retired", "chips.declared", "stocktake.declared", "chips.sighted", "claim.noted", "party.changed",
}  # fmt: skip
BY_REGISTRAR = {"model.listed", "party.changed", "site.declared", "lot.produced", "lot.used"}
THINGS = {"models": "model", "sites": "site", "lots": "lot"}


def faults_corrected(book, said):
    first = book.statements.get(said.body["corrects"])
    if first is None:
        yield "unknown_reference"
        return
    if first["party"] not in book.acts_for(said.party):
        if "registrar" not in book.roles(said.party):
            yield "unknown_reference"
            return
        if first["kind"] not in BY_REGISTRAR:
            yield "wrong_role"
    if first["kind"] not in CORRECTABLE:
        yield "bad_field"
    elif _is_built_upon(book, said.body["corrects"], first):
        yield "built_upon"


def _is_built_upon(book, statement, first):
    if first["corrected"]:
        return True
    for (table, key), before in first["journal"].items():
        row = book.tables[table].get(key)
        if row is None or row["changed"] != first["index"]:
            return True
        if before is None and table in THINGS and _is_named(book, statement, (THINGS[table], key)):
            return True
        if table == "chips" and before is None and book.offer_of(key) is not None:
            return True
        if table == "chips" and before is not None:
            now, then = (each["liable"] or each["last_liable"] for each in (row, before))
            if then not in book.acts_for(now):
                return True
        if table == "chips" and any(
            book.came_or_left.get(place, -1) > first["index"] for place in _places_left_or_taken(before, row)
        ):
            return True
    return False


def _is_named(book, statement, thing):
    """Whether another statement that stands built on the thing."""
    return any(
        thing in other["mentions"] and not other["corrected"]
        for name, other in book.statements.items()
        if name != statement
    )


def _places_left_or_taken(before, after):
    """The slots and the identities that the chip would leave, and those to which it would come back."""
    slots = [slot for slot in (slot_of(before), slot_of(after)) if slot is not None]
    return [*slots, *sorted({*names_of(before)} ^ {*names_of(after)})]


def apply_corrected(book, said):
    first = book.statements[said.body["corrects"]]
    touched = {}
    for (table, key), before in deepcopy(first["journal"]).items():
        if table == "chips":
            touched[key] = {*names_of(before)} ^ {*names_of(book.chips[key])}
        if table == "discrepancies":
            row = book.discrepancies[key]
            lines = close_lines(row["lines"], {line["chip"] for line in row["lines"]}, book.index)
            book.write(table, key, lines=lines, state="withdrawn", closed=book.index)
        elif before is None:
            book.unmake(table, key)
        else:
            del before["changed"]
            book.write(table, key, **before)
    for chip, names in touched.items():
        for name in names:
            if book.bearer(name) == chip:
                book.bears(name, None)
    for chip, names in touched.items():
        for name in sorted(names.intersection(names_of(book.chips.get(chip)))):
            if book.bearer(name) is None:
                book.bears(name, chip)
    first["corrected"] = True


RULES = {"statement.corrected": (faults_corrected, apply_corrected)}
