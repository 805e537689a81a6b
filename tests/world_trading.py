"""How does somebody of the test world call chips back, and pass what belongs to them?

A part of `World`: the verbs of cancellations and titles. `…_draft` only prepares a statement.
"""


class Trading:
    """Expects a world's `draft` and `says`."""

    def cancellation_draft(self, sender, shipment, *chips, reason="Sold twice", **more):
        """All that has not arrived, unless chips are named."""
        said = {"shipment": shipment, "reason": reason}
        return self.draft(sender, "shipment.cancelled", said, chips or None, **more)

    def cancels(self, sender, shipment, *chips, **more):
        """A shipment, or some of it, called back."""
        return self.says(self.cancellation_draft(sender, shipment, *chips, **more))

    def offer_draft(self, owner, transfer, *chips, to, **more):
        """Chips that are to be somebody else's."""
        return self.draft(owner, "title.offered", {"transfer": transfer, "to": to}, chips, **more)

    def offers(self, owner, transfer, *chips, to, **more):
        """An offer, said."""
        return self.says(self.offer_draft(owner, transfer, *chips, to=to, **more))

    def acceptance_draft(self, offeree, transfer, **more):
        """All of an offer."""
        return self.draft(offeree, "title.accepted", {"transfer": transfer}, **more)

    def accepts(self, offeree, transfer, **more):
        """An acceptance, said."""
        return self.says(self.acceptance_draft(offeree, transfer, **more))

    def withdrawal_draft(self, owner, transfer, **more):
        """An offer taken back."""
        return self.draft(owner, "title.withdrawn", {"transfer": transfer}, **more)

    def withdraws(self, owner, transfer, **more):
        """A withdrawal, said."""
        return self.says(self.withdrawal_draft(owner, transfer, **more))


def bargained(world):
    """acme's chips T1 to T9: sent, missed, called back, offered; all that was told."""
    chips = [f"acme:T{number}" for number in range(1, 10)]
    oslo, destroyed = {"to": "oslo"}, {"reason": "destroyed", "evidence_sha256": "ab" * 32}
    return [
        world.registers("acme", *chips),
        world.registers("bolt", "bolt:T1", "bolt:T2"),
        world.dispatches("acme", "acme/t1", *chips[:3], **oslo),
        world.arrives("oslo", "acme/t1", chips[0], {"chip": chips[1], "condition": "absent"}),
        world.dispatches("acme", "acme/t2", chips[3], **oslo),
        world.cancels("acme", "acme/t2"),
        world.dispatches("bolt", "bolt/t1", "bolt:T1", **oslo),
        world.offers("acme", "acme/o1", chips[4], **oslo),
        world.offers("acme", "acme/o2", chips[5], **oslo),
        world.withdraws("acme", "acme/o2"),
        world.offers("acme", "acme/o3", chips[6], **oslo),
        world.says(world.draft("acme", "chips.retired", destroyed, [chips[6]])),
        world.offers("acme", "acme/o4", chips[7], **oslo),
        world.offers("bolt", "bolt/o1", "bolt:T2", to="lima"),
    ]
