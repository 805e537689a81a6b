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
