"""How does somebody of the test world say what they counted or came upon?

A part of `World`: the verbs of stocktakes and sightings. `…_draft` only prepares a statement.
"""


class Observing:
    """Expects a world's `draft` and `says`."""

    def stocktake_draft(self, party, stocktake, *lines, scope="partial", **more):
        """Of all sites, unless told; in parts where `part` and `parts` are said."""
        said = {"stocktake": stocktake, "scope": scope}
        said |= {name: more.pop(name) for name in ("site", "part", "parts") if name in more}
        return self.draft(party, "stocktake.declared", said, lines or None, **more)

    def counts(self, party, stocktake, *lines, **more):
        """A stocktake, said."""
        return self.says(self.stocktake_draft(party, stocktake, *lines, **more))

    def sighting_draft(self, party, *lines, place="A shelf", **more):
        """Of chips somebody came upon; `site` where it is a declared one."""
        said = {"place": place}
        said |= {name: more.pop(name) for name in ("site", "evidence_sha256") if name in more}
        return self.draft(party, "chips.sighted", said, lines, **more)

    def sights(self, party, *lines, **more):
        """A sighting, said."""
        return self.says(self.sighting_draft(party, *lines, **more))
