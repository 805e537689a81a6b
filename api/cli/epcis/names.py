"""Which identifiers do documents of ours give to chips, sites and parties?

Those of the mapping where it has one, else addresses under the log's own name; `Mapping` reads both back.
"""

from dataclasses import dataclass

from api.cli.epcis.mapping import CHIP, Mapping


@dataclass(frozen=True, slots=True)
class Names:
    """A mapping, the other way round."""

    mapping: Mapping

    def uri(self, kind: str, name: str) -> str:
        """An address under the log's own name."""
        return self.mapping.uri(kind, name)

    def chip(self, chip: str) -> str:
        """A chip's identifier."""
        maker, _, serial = chip.partition(":")
        for key, rule in self.mapping.classes.items():
            tail = key[key.rfind(":") + 1 :].partition(".")[2]
            if rule.what == CHIP and rule.maker == maker and serial.startswith(f"{tail}.") and tail:
                found = key + serial.removeprefix(tail)
                if self.mapping.thing(found, "chip").name == chip:
                    return found
        return self.uri("chip", f"{maker}/{serial}")

    def site(self, site: str) -> str:
        """A site's identifier."""
        for key, rule in self.mapping.places.items():
            if rule.site == site:
                return key
        return self.uri("site", site)

    def party(self, party: str) -> str:
        """A party's identifier."""
        for key, name in self.mapping.parties.items():
            if name == party:
                return key
        return self.uri("party", party)
