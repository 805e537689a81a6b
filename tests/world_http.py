"""A world whose door is a real server: every word over HTTP, every look with a token of whoever looks.

`HttpWorld` speaks as `World` does, and reads only what its parties may: what a reading verb gives is what
that party was told, None where it was told that there is no such thing. `audit` is the command.
"""

import json
from base64 import b64decode
from contextlib import contextmanager

from ledger.outcome import Admitted
from signing.signer import write_key_file
from tests.cli.stage import chipledger
from tests.world import LOG_KEY, World
from tests.world_past import remembers
from tests.world_server import HttpDoor, seed_of

PAGE = 1_000
WATCH = "watch"  # a verifier, in every cast
STANDS = ("custodian", "owner", "liable", "site", "status")
DISPUTE = ("discrepancy", "kind", "party_a", "party_b", "chips", "state")
COUNTED = ("sender", "sent", "received", "short")


class HttpWorld(World):
    """A world over HTTP, with the reads of its parties."""

    def __init__(self, folder):
        super().__init__(lambda clock: HttpDoor(clock, folder / "ledger"))
        self._keys = folder

    # -- founding

    def founds(self, cast, sites=()):
        """A model, a cast `{party: (role, country)}`, a hall for each that holds, more sites."""
        drafts = [self.model_draft()]
        for party, (role, country) in {**cast, WATCH: ("verifier", "AT")}.items():
            drafts.append(self.enrolment_draft(party, role, country=country))
            drafts += [self.site_draft(f"{party}/hall", country)] if role in ("maker", "holder") else []
        drafts += [self.site_draft(site, country) for site, country in dict(sites).items()]
        outcomes = self.door.admit_all([draft.raw() for draft in drafts])
        assert all(isinstance(each, Admitted) for each in outcomes), outcomes
        return self

    # -- reading, each verb as somebody

    def told(self, party, path, **params):
        """The JSON a party is answered; None where there is no such thing, or it is not theirs to see."""
        answer = self.door.ask(
            party, path, **{name: each for name, each in params.items() if each is not None}
        )
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items(self, party, path, after=None, **params):
        """Every item of a list, all pages."""
        found = []
        while True:
            page = self.told(party, path, limit=PAGE, after=after, **params)
            if page is None:
                return None
            found += page["items"]
            after = page["next"]
            if after is None:
                return found

    def chip(self, chip, by=WATCH, **as_of):
        """A chip as somebody sees it, at a size or date."""
        return self.told(by, f"/chips/{chip}", **as_of)

    def stands(self, chip, by=WATCH, **as_of):
        """(custodian, owner, liable, site, status) of a chip."""
        seen = self.chip(chip, by, **as_of)
        return None if seen is None else tuple(seen[name] for name in STANDS)

    def holdings(self, party="me", by=None, **as_of):
        """Ids of the chips a party has, by id."""
        items = self.items(by or party, f"/parties/{party}/holdings", **as_of)
        return None if items is None else [item["chip"] for item in items]

    def inbox(self, party, **as_of):
        """{shipment: (sender, sent, received, short)} of what is on its way to a party."""
        items = self.items(party, "/shipments", to="me", state="open", **as_of)
        return {each["shipment"]: tuple(each[name] for name in COUNTED) for each in items}

    def shipment(self, shipment, by=WATCH, **as_of):
        """A shipment as somebody sees it."""
        return self.told(by, f"/shipments/{shipment}", **as_of)

    def disputes(self, party, **asked):
        """(id, kind, observer, other side, chips, state) of each discrepancy a party is told of."""
        return [
            tuple(each[name] for name in DISPUTE) for each in self.items(party, "/discrepancies", **asked)
        ]

    def dispute(self, discrepancy, by=WATCH, **as_of):
        """One discrepancy: (kind, observer, other side, chips, state, outcome)."""
        seen = self.told(by, f"/discrepancies/{discrepancy}", **as_of)
        return None if seen is None else tuple(seen[name] for name in (*DISPUTE[1:], "outcome"))

    def disputed(self, discrepancy, by=WATCH, **as_of):
        """{chip: whether its line is settled} of a discrepancy."""
        seen = self.told(by, f"/discrepancies/{discrepancy}", **as_of)
        return {line["chip"]: line["closed_index"] is not None for line in seen["lines"]["items"]}

    def history(self, chip, by=WATCH, **as_of):
        """(kind, speaker, custodian after it, status after it) of every entry about a chip, oldest first."""
        events = self.items(by, f"/chips/{chip}/history", **as_of)
        return [tuple(each[name] for name in ("kind", "party", "custodian", "status")) for each in events]

    def statement(self, statement, by=WATCH):
        """What was signed, as somebody may read it: the payload's object."""
        seen = self.told(by, f"/statements/{statement}")
        return None if seen is None else json.loads(b64decode(seen["envelope"]["payload"]))

    def found(self, by=WATCH, **asked):
        """Ids of the chips somebody finds by serial, uuid, label or key in the silicon."""
        return [each["chip"] for each in self.items(by, "/chips", **asked)]

    def frame(self, party, at=None):
        """(count, root) of the chips a verifier could draw from at a size."""
        seen = self.told(WATCH, "/inspections/frame", provers=party, at=at)
        return seen["count"], seen["root"]

    # -- ends

    def pem(self, party):
        """The key file of a party."""
        path = self._keys / f"{party}.pem"
        if not path.exists():
            write_key_file(path, seed_of(party), None)
        return path

    def audit(self, *where):
        """What `chipledger audit` of the folder says, or of the server, by a verifier's key, where told."""
        self.door.ledger.publisher.flush()
        words = where or (self.door.folder.path,)
        result = chipledger("audit", *words, "--log-key", LOG_KEY.text(), "--json")
        return json.loads(result.stdout)

    def audited(self, refusals=None, past=True):
        """Audited clean, the stored book and every refusal included; so many of these, where told.

        And, unless `past` is False, every size is told as it was: what an audit of bytes cannot ask.
        """
        report = self.audit()
        assert report["clean"], report["findings"]
        assert {"judgment", "conservation", "digest", "refusals"} <= set(report["checks_run"])
        assert report["size"] == report["entries_read"] == self.door.size()
        if refusals is not None:
            assert f"refusals read from the operator's own database: {refusals}" in report["notes"]
        return not past or remembers(self, WATCH) == report["size"]

    def audited_from_afar(self):
        """Audited clean over HTTP with a verifier's token."""
        report = self.audit(self.door.url, "--party", WATCH, "--key", self.pem(WATCH))
        assert report["clean"], report["findings"]
        assert not report["limited"] and report["entries_read"] == self.door.size()
        assert {"judgment", "conservation"} <= set(report["checks_run"])
        return True


@contextmanager
def http_world(folder):
    """A world over HTTP until the end of the block."""
    world = HttpWorld(folder)
    try:
        yield world
    finally:
        world.door.close()
