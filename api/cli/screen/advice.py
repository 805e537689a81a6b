"""What can a person do about a refusal?

One sentence for each reason of the contract's list; a test holds the two together. Knows no statement.
"""

from ledger.book.rejection import Reason

ADVICE: dict[Reason, str] = {
    Reason.MALFORMED: "the bytes are not a statement: sign again with chipledger sign",
    Reason.TOO_LARGE: "split the file: a manifest has at most 100,000 lines and 32 MiB",
    Reason.UNSIGNED: "sign it: the envelope has no signature",
    Reason.UNKNOWN_KEY: "the registrar must enrol this key, or another party was named in --party",
    Reason.BAD_SIGNATURE: "the file was changed after signing, or damaged: sign again",
    Reason.WRONG_LOG: "it was signed for another log: sign again with this log's origin in --log",
    Reason.EXPIRED: "sign again, with a later --expires-at",
    Reason.BAD_TIME: "correct --occurred-at, --expires-at or due_by, and sign again",
    Reason.BAD_FIELD: "correct the field that is named, and sign again",
    Reason.MANIFEST_MISMATCH: "the lines are not those that were signed: sign again from the original file",
    Reason.SUSPENDED: "the party is suspended: ask the registrar",
    Reason.WRONG_ROLE: "the party has no role for this: ask the registrar, or the right party to say it",
    Reason.REFERENCE_REUSED: "another statement has this reference: was it sent before? Choose another",
    Reason.ID_TAKEN: "choose another id, or see whether it was said already",
    Reason.UNKNOWN_REFERENCE: "what is named must be in the ledger: send that first, or correct the name",
    Reason.CHIP_EXISTS: "take the chips that are registered already out of the file",
    Reason.IDENTITY_TAKEN: "the key, uuid or number belongs to another: find out which of the two is wrong",
    Reason.NOT_HELD: "the book does not have these chips with you: receive them first, or take them out",
    Reason.NOT_OWNED: "ship them with title kept, or have the owner pass the title",
    Reason.IN_TRANSIT: "they are on their way: the receiver must say that they arrived",
    Reason.ENDED: "the chips, shipment or stage are over: see chipledger show",
    Reason.OFFERED_ALREADY: "withdraw the offer first",
    Reason.SHIPMENT_CLOSED: "the shipment has arrived: nothing is left to change in it",
    Reason.NEEDS_SHIPMENT: "a border is crossed by shipment: dispatch to yourself and receive",
    Reason.BUILT_UPON: "later statements stand on it: say what is true now instead",
    Reason.BAD_NUMBER: "a series counts on from its last number",
    Reason.OPEN_COMMITMENT: "draw the open inspection of this series first",
    Reason.TOO_EARLY: "wait until the round is due, or commit to a later one",
    Reason.WRONG_SELECTION: "draw again with chipledger inspect draw: the log recomputes every draw",
    Reason.TOO_FAST: "send again later: chipledger send goes on where it stopped",
    Reason.UNAVAILABLE: "send again later: chipledger send goes on where it stopped",
}


def advice_for(reason: str) -> str:
    """The sentence for a reason as a problem spells it; empty for one nobody here has heard of."""
    return next((text for known, text in ADVICE.items() if known.value == reason), "")
