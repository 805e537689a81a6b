"""What parties of the small world say beside trade: losses, counts, sightings, answers, corrections, titles.

A part of `Trade`. What somebody saw or decided is kept as said, for those who count by hand.
"""

from dataclasses import dataclass

EVIDENCE = "ab" * 32


@dataclass(frozen=True)
class Sighting:
    """As it was said."""

    index: int
    party: str
    site: str
    chips: tuple


@dataclass(frozen=True)
class Decision:
    """As it was said."""

    index: int
    party: str
    discrepancy: str
    outcome: str


class Affairs:
    """Expects a trade's `say`, `entries`, and the lists `sightings` and `decisions`."""

    def retire(self, party, reason, chips, **options):
        """They are gone."""
        body = {"reason": reason}
        if reason == "destroyed":
            body["evidence_sha256"] = EVIDENCE
        if reason == "released":
            body |= {"to_name": "Elsewhere", "country": "CH"}
        return self.say(party, "chips.retired", body, _lines(chips), **options)

    def declare(self, party, chips, basis="inventory", **options):
        """Somebody has chips that nobody handed over."""
        return self.say(
            party, "chips.declared", {"basis": basis, "site": f"{party}/hall"}, _lines(chips), **options
        )

    def count(self, party, name, chips, *, scope="full", site=None, part=None, **options):
        """A stocktake; `part` is (which, of how many)."""
        body = {"stocktake": f"{party}/{name}", "scope": scope}
        body |= {} if site is None else {"site": site}
        body |= {} if part is None else {"part": part[0], "parts": part[1]}
        return self.say(party, "stocktake.declared", body, _lines(chips) or None, **options)

    def sight(self, party, chips, site, **options):
        """Somebody came upon chips."""
        body = {"place": "a shelf", "site": site}
        index = self.say(party, "chips.sighted", body, _lines(chips), **options)
        if index is not None:
            self.sightings.append(Sighting(index, party, site, tuple(sorted(chips))))
        return index

    def answer(self, party, discrepancy, concedes, chips=(), **options):
        """A side speaks."""
        body = {"discrepancy": discrepancy, "text": "so it is", "concedes": concedes}
        return self.say(party, "discrepancy.answered", body, _lines(chips) or None, **options)

    def resolve(self, party, discrepancy, outcome, new_chip=None, **options):
        """Somebody decides."""
        body = {"discrepancy": discrepancy, "outcome": outcome}
        body |= {} if new_chip is None else {"new_chip": new_chip}
        index = self.say(party, "discrepancy.resolved", body, **options)
        if index is not None:
            self.decisions.append(Decision(index, party, discrepancy, outcome))
        return index

    def correct(self, party, index, **options):
        """What was said at an index is taken back."""
        body = {"corrects": self.entries[index].statement, "reason": "a mistake"}
        return self.say(party, "statement.corrected", body, **options)

    def cancel(self, party, shipment, chips=(), **options):
        """A shipment, or some of it, is called back."""
        body = {"shipment": shipment, "reason": "sold twice"}
        return self.say(party, "shipment.cancelled", body, _lines(chips) or None, **options)

    def offer(self, party, name, chips, to, **options):
        """Title is offered."""
        return self.say(
            party, "title.offered", {"transfer": f"{party}/{name}", "to": to}, _lines(chips), **options
        )

    def accept(self, party, transfer, **options):
        """And taken."""
        return self.say(party, "title.accepted", {"transfer": transfer}, **options)

    def produce(self, lot, for_party, good_units=60):
        """A fab counts a lot."""
        body = {"lot": lot, "product": "GH100", "wafers": 2, "gross_units": 80, "good_units": good_units}
        return self.say(lot.split("/")[0], "lot.produced", body | {"for_party": for_party})

    def use(self, party, lot, outcome, count):
        """What became of some of it."""
        return self.say(party, "lot.used", {"lot": lot, "outcome": outcome, "count": count})

    def claim(self, party, subject, low, high, **body):
        """An estimate."""
        said = {"subject": subject, "unit": "chips", "measure": "installed", "status": "press release"}
        said |= {"low": low, "high": high, "as_of": "2026-06-30T00:00:00Z", "source_sha256": EVIDENCE}
        return self.say(party, "claim.noted", said | body)

    def affiliate(self, party, *parties):
        """A suspicion."""
        body = {"parties": sorted(parties), "evidence_sha256": EVIDENCE}
        return self.say(party, "affiliation.noted", body)

    def seal_book(self, count):
        """The registrar's word for the book of now."""
        return self.say("registrar", "book.sealed", {"at_size": self.size, "count": count, "root": EVIDENCE})

    def succeed(self, party, by):
        """Another party acts for this one from now on."""
        return self.say("registrar", "party.changed", {"party": party, "succeeded_by": by})


def _lines(chips):
    return [{"chip": chip} for chip in sorted(chips)]
