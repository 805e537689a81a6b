"""Chips made, declared, placed and retired, plainly. See `slow_law`."""

from tests.properties.slow_book import HERE, differs, is_repeated, prefix, seen_text, uniques
from tests.properties.slow_people import COUNTRIES, is_hex, is_set

NOWHERE = {"system": None, "slot": None}
GONE = {"custodian": None, "site": None, "shipment": None, **NOWHERE}


def faults_of_moving(book, said, chips, owned=False, in_transit=False):
    """Why these chips are not the speaker's to move; `in_transit`: they may be on their way."""
    mine = book.acts_for(said.party)
    for chip in chips:
        row = book.chips.get(chip)
        if row is None:
            yield "not_held"
        elif row["status"] in HERE and row["custodian"] in mine:
            if owned and row["owner"] not in mine:
                yield "not_owned"
            if row["status"] == "in_transit" and not in_transit:
                yield "in_transit"
        elif row["status"] not in HERE and book.answerable(chip) in mine:
            if owned and row["owner"] not in mine:
                yield "not_owned"
            yield "ended"
        else:
            yield "not_held"


def make(book, chip, place, **fields):
    """A chip that was not in the book; a serial that was once keeps its number."""
    book.numbers.setdefault(chip, (book.index << 17) + place)
    fields = {"lots": None, "last_liable": None, "status": "held", **GONE} | fields
    holder = fields["holder"]
    del fields["holder"]
    book.write("chips", chip, **{**fields, "custodian": holder, "owner": holder, "liable": holder})


def bring_down(book, chip, status, liable):
    """Missing, destroyed or replaced: nobody has it. Whoever answered for it last is remembered."""
    row = book.chips[chip]
    book.leave_shipment(chip)
    last = None if status == "missing" else row["custodian"] or row["liable"]
    book.write("chips", chip, status=status, liable=liable, last_liable=last, **GONE)
    if status != "missing":
        book.release(chip)


# -- chips.registered


def faults_registered(book, said):
    lines, site = said.lines, said.body["site"]
    names = [line["chip"] for line in lines]
    olds = [line["replaces"] for line in lines if "replaces" in line]
    claimed = [name for line in lines for name in uniques(line.get("identity"))]
    if any(prefix(name) != said.party for name in names) or any(old in names for old in olds):
        yield "bad_field"
    if len(set(olds)) < len(olds) or len(set(claimed)) < len(claimed):
        yield "bad_field"
    if not all(is_set(line.get("lots", [])) for line in lines):
        yield "bad_field"
    if site not in book.sites or any(line["model"] not in book.models for line in lines):
        yield "unknown_reference"
    mine = book.acts_for(said.party)
    for lot in {lot for line in lines for lot in line.get("lots", ())}:
        row = book.lots.get(lot)
        if row is None or not {row["fab"], row["for_party"]} & mine:
            yield "unknown_reference"
    if any(name in book.chips and book.chips[name]["class"] != "C" for name in names):
        yield "chip_exists"
    not_his = list(faults_of_moving(book, said, olds))
    yield from not_his
    ending = [] if not_his else olds
    for line in lines:
        for name in uniques(line.get("identity")):
            if book.bearer(name) not in (None, line["chip"], *ending):
                yield "identity_taken"


def apply_registered(book, said):
    site = said.body["site"]
    for line in said.lines:
        if "replaces" in line:
            bring_down(book, line["replaces"], "replaced", None)
    for line in said.lines:
        if line["chip"] in book.chips and "identity" in line:
            book.release(line["chip"])
    for place, line in enumerate(said.lines):
        chip, identity = line["chip"], line.get("identity")
        known = {"class": "B", "model": line["model"], "lots": line.get("lots")}
        if chip in book.chips:
            identity = identity or book.chips[chip]["identity"]
            book.write("chips", chip, identity=identity, **known)
        else:
            make(book, chip, place, holder=said.party, site=site, identity=identity, **known)
            book.mention(("site", site))
        if book.chips[chip]["status"] in (*HERE, "missing"):
            book.claim(chip, line.get("identity"))
        book.mention(("model", line["model"]), *(("lot", lot) for lot in line.get("lots", ())))


# -- chips.declared


def faults_declared(book, said):
    body = said.body
    if body["basis"] not in ("inventory", "recovered", "no_paperwork"):
        yield "bad_field"
    if not 1 <= len(body.get("from", "x")) <= 200:
        yield "bad_field"
    if body["site"] not in book.sites:
        yield "unknown_reference"
    for line in said.lines:
        if "model" in line and line["model"] not in book.models:
            yield "unknown_reference"
        if line["chip"] not in book.chips and prefix(line["chip"]) not in book.parties:
            yield "unknown_reference"


def apply_declared(book, said):
    mine, site = book.acts_for(said.party), said.body["site"]
    found, made, restored = [], set(), set()
    for place, line in enumerate(said.lines):
        chip, seen = line["chip"], line.get("seen")
        row = book.chips.get(chip)
        if chip in made or chip in restored:
            found.append(("duplicate", said.party, chip, seen))
        elif row is None:
            made.add(chip)
            for bearer in sorted({book.bearer(name) for name in uniques(seen)} - {None}):
                found.append(("duplicate", book.answerable(bearer), bearer, seen))
            known = {"class": "C", "model": line.get("model"), "identity": seen}
            make(book, chip, place, holder=said.party, site=site, **known)
            book.claim(chip, seen)
            book.mention(("site", site), ("model", line.get("model")))
        elif row["status"] in HERE and row["custodian"] in mine:
            if is_repeated(said.lines, chip):
                found.append(("duplicate", row["custodian"], chip, seen))
            elif differs(row["identity"], seen):
                found.append(("identity_differs", row["custodian"], chip, seen))
        elif row["status"] == "missing" and row["liable"] in mine and said.body["basis"] == "recovered":
            restored.add(chip)
            if differs(row["identity"], seen):
                found.append(("identity_differs", said.party, chip, seen))
            back = {"status": "held", "custodian": said.party, "liable": said.party, "site": site}
            book.write("chips", chip, **back)
            book.mention(("site", site))
        elif row["status"] not in HERE:
            found.append(("after_end", book.answerable(chip), chip, seen))
        else:
            found.append(("duplicate", row["custodian"], chip, seen))
    has = {(chip, seen_text(seen)) for _, _, chip, seen in found}
    return book.open_discrepancies(said.party, found, site, has=has)


# -- chips.placed


def faults_placed(book, said):
    lines, site = said.lines, said.body["site"]
    slots = [(line["system"], line["slot"]) for line in lines if "system" in line and "slot" in line]
    if len(set(slots)) < len(slots) or any("slot" in line and "system" not in line for line in lines):
        yield "bad_field"
    if site not in book.sites:
        yield "unknown_reference"
    mine = book.acts_for(said.party)
    chips = [line["chip"] for line in lines]
    yield from faults_of_moving(book, said, chips)
    for chip in chips:
        row = book.chips.get(chip)
        if row is None or row["custodian"] not in mine or row["site"] is None or site not in book.sites:
            continue
        if book.sites[row["site"]]["country"] != book.sites[site]["country"]:
            yield "needs_shipment"


def apply_placed(book, said):
    site = said.body["site"]
    for line in said.lines:
        book.write("chips", line["chip"], site=site, system=line.get("system"), slot=line.get("slot"))
    for line in said.lines:
        if "slot" not in line:
            continue
        for chip, row in list(book.chips.items()):
            there = (row["site"], row["system"], row["slot"]) == (site, line["system"], line["slot"])
            if there and chip != line["chip"]:
                book.write("chips", chip, **NOWHERE)
    book.mention(("site", site))


# -- chips.retired


def faults_retired(book, said):
    body = said.body
    reason, released = body["reason"], body["reason"] == "released"
    if reason not in ("destroyed", "lost", "stolen", "released"):
        yield "bad_field"
    if reason == "destroyed" and "evidence_sha256" not in body:
        yield "bad_field"
    if ("to_name" in body) != released or ("country" in body) != released:
        yield "bad_field"
    if body.get("country", "NO") not in COUNTRIES or not is_hex(body.get("evidence_sha256", "0" * 64)):
        yield "bad_field"
    mine = book.acts_for(said.party)
    for line in said.lines:
        row = book.chips.get(line["chip"])
        if reason == "destroyed" and row and row["status"] == "missing" and row["liable"] in mine:
            continue
        yield from faults_of_moving(book, said, [line["chip"]], in_transit=reason in ("lost", "stolen"))


def apply_retired(book, said):
    for line in said.lines:
        chip = line["chip"]
        row = book.chips[chip]
        if said.body["reason"] == "destroyed":
            bring_down(book, chip, "destroyed", None)
        else:
            bring_down(book, chip, "missing", row["custodian"])


RULES = {
    "chips.registered": (faults_registered, apply_registered),
    "chips.declared": (faults_declared, apply_declared),
    "chips.placed": (faults_placed, apply_placed),
    "chips.retired": (faults_retired, apply_retired),
}
