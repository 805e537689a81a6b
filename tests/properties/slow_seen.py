"""Sightings and stocktakes, plainly. See `slow_law`."""

from tests.properties.slow_book import HERE, differs, is_repeated, pairs_of, prefix, seen_text
from tests.properties.slow_people import is_hex

WEEK_S = 7 * 86_400

# -- chips.sighted


def faults_sighted(book, said):
    body = said.body
    if not 1 <= len(body["place"]) <= 1024 or not is_hex(body.get("evidence_sha256", "0" * 64)):
        yield "bad_field"
    if "site" in body and body["site"] not in book.sites:
        yield "unknown_reference"


def apply_sighted(book, said):
    site = said.body.get("site")
    found = []
    for line in said.lines:
        chip, seen = line["chip"], line.get("seen")
        kind, against = _contradiction(book, chip, seen, said.lines)
        row = book.chips.get(chip)
        if kind is None and site is not None and row["status"] == "held" and row["site"] != site:
            kind, against = "wrong_place", row["custodian"]
        if kind is not None:
            found.append((kind, against, chip, seen))
    if found:
        book.mention(("site", site))  # whoever concedes puts the chips there
    return book.open_discrepancies(said.party, found, site)


def _contradiction(book, chip, seen, lines):
    """What any observation of a chip may contradict, whoever made it."""
    row = book.chips.get(chip)
    if row is None:
        return "unknown_chip", None
    if row["status"] not in HERE:
        return "after_end", book.answerable(chip)
    if is_repeated(lines, chip):
        return "duplicate", row["custodian"]
    if differs(row["identity"], seen):
        return "identity_differs", row["custodian"]
    return None, None


# -- stocktake.declared


def faults_stocktake(book, said):
    body = said.body
    part, parts = body.get("part"), body.get("parts")
    if prefix(body["stocktake"]) != said.party or body["scope"] not in ("full", "partial"):
        yield "bad_field"
    if (part is None) != (parts is None) or (part is not None and not 1 <= part <= parts <= 1000):
        yield "bad_field"
    if "site" in body and body["site"] not in book.sites:
        yield "unknown_reference"
    row = book.stocktakes.get(body["stocktake"])
    if row is None:
        return
    if row["state"] == "judged":
        yield "id_taken"
        return
    if part is None or part in row["in"]:
        yield "id_taken"
    if part is not None and (row["site"], row["scope"], row["parts"]) != (
        body.get("site"),
        body["scope"],
        parts,
    ):
        yield "bad_field"
    if book.now_ms // 1000 - row["began"] > WEEK_S:
        yield "ended"


def apply_stocktake(book, said):
    body = said.body
    name, site = body["stocktake"], body.get("site")
    row = book.stocktakes.get(name)
    lines_in = {**(row["in"] if row else {}), body.get("part", 1): list(said.lines or ())}
    fields = {"party": said.party, "site": site, "scope": body["scope"], "parts": body.get("parts", 1)}
    if row is None:
        fields["began"] = book.now_ms // 1000
        book.mention(("site", site))
    if len(lines_in) < fields["parts"]:
        book.write("stocktakes", name, **fields, **{"in": lines_in}, state="open")
        return None
    lines = {
        (line["chip"], seen_text(line.get("seen"))): line
        for part in sorted(lines_in)
        for line in lines_in[part]
    }
    lines = [lines[key] for key in sorted(lines)]
    mine = book.acts_for(said.party)
    named = {line["chip"] for line in lines}
    own = {chip for chip, row in book.chips_of(mine).items() if row["status"] == "held"}
    expected = {chip for chip in own if site is None or book.chips[chip]["site"] == site}
    if body["scope"] == "partial":
        expected &= named  # nothing else was to be counted
    absent = expected - named
    found = [("absent", said.party, chip, None) for chip in absent]
    for line in lines:
        kind, against = _counted(book, mine, site, line, lines)
        if kind is not None:
            found.append((kind, against, line["chip"], line.get("seen")))
    fields |= {"counted": len(named), "expected": len(expected), "absent": len(absent)}
    book.write("stocktakes", name, **fields, **{"in": lines_in}, state="judged")
    return book.open_discrepancies(said.party, found, site, has=pairs_of(lines))


def _counted(book, mine, site, line, lines):
    chip = line["chip"]
    kind, against = _contradiction(book, chip, line.get("seen"), lines)
    if kind is not None:
        return kind, against
    row = book.chips[chip]
    if row["custodian"] not in mine:
        return "extra", row["custodian"]
    if row["status"] == "held" and site is not None and row["site"] != site:
        return "wrong_place", row["custodian"]
    return None, None


RULES = {
    "chips.sighted": (faults_sighted, apply_sighted),
    "stocktake.declared": (faults_stocktake, apply_stocktake),
}
