"""What is somebody told who came upon chips? The law of `chips.sighted`.

Anybody enrolled may say what they saw, of whosever chips: it moves nothing, and what disagrees with the
book becomes a discrepancy. A sighting knows nothing of what was to be there: it finds neither too many nor
too few.
"""

from collections.abc import Sequence

from ledger.book.identifiers import is_named, is_sha256
from ledger.book.records.sightings import ChipsSighted, SightedLine
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection, earliest
from ledger.book.rules import findings
from ledger.book.rules.findings import Finding
from ledger.book.rules.mentions import mention, needs_mentions, of_site
from ledger.book.rules.rule import Rule, Verdict, bad_field, check_text, unknown
from ledger.book.rules.seen import check_seen, contradiction, is_elsewhere
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, SITES


def check_sighting(statement: Statement) -> Rejection | None:
    """What needs only the statement: a place in words, spellings, what was seen."""
    body = statement.body
    assert isinstance(body, ChipsSighted)
    if body.site is not None and not is_named(body.site):
        return bad_field("body.site is no <party>/<name>")
    if body.evidence_sha256 is not None and not is_sha256(body.evidence_sha256):
        return bad_field("body.evidence_sha256 is no 64 hex digits")
    return earliest(check_text("body.place", body.place), check_seen(statement.lines))


def needs_sighting(statement: Statement) -> Needs:
    """The site, if one is named, and the chips seen."""
    body = statement.body
    assert isinstance(body, ChipsSighted)
    needs = Needs().rows(SITES, (body.site,)).rows(CHIPS, [line.chip for line in statement.lines])
    return needs if body.site is None else needs_mentions(needs, (of_site(body.site),))


def judge_sighting(registry: Registry, entry: Entry) -> Verdict:
    """Numbers for what disagrees; nothing moves."""
    body: ChipsSighted = entry.body
    if body.site is not None and registry.get(SITES, body.site) is None:
        return unknown("body.site", body.site)
    lines: Sequence[SightedLine] = entry.lines
    repeated, chips = findings.repeated_chips(lines), registry.of(CHIPS)
    found = []
    for line in lines:
        chip = chips.get(line.chip)
        kind = contradiction(chip, line.seen, repeated=line.chip in repeated)
        if kind is None and chip is not None and is_elsewhere(chip, body.site):
            kind = findings.WRONG_PLACE
        if kind is not None:
            against = None if chip is None else findings.answerable(chip)
            found.append(Finding(kind, against, line.chip, findings.seen_text(line.seen)))
    changes = Changes()
    if found and body.site is not None:
        # Whoever concedes puts the chips there: the site must not be corrected away meanwhile.
        mention(registry, changes, (of_site(body.site),), entry.index)
    return findings.open_discrepancies(changes, entry, found, shipment=None, site=body.site)


RULES = (Rule("chips.sighted", needs_sighting, judge_sighting, check_sighting),)
