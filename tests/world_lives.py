"""How does somebody of the test world declare chips, retire them, and prove which chip answered?

A part of `World`: the verbs of declarations and retirements. `…_draft` only prepares a statement; `proving`
adds to any draft the evidence its lines name.
"""

from dataclasses import replace
from hashlib import sha256

from ledger.device.nonces import registration_nonce
from signing.canonical import to_base64
from tests.device.play import VENDOR, TestVendor

MAKER = TestVendor("world")
ROOTS = [{"vendor": VENDOR, "spki_sha256": MAKER.root_spki_sha256}]
DESTRUCTION = "ef" * 32


class Lives:
    """Expects a world's `draft`, `says` and `door`."""

    def declaration_draft(self, party, *lines, basis="inventory", site=None, **body):
        """What is there and was never handed over."""
        said = {"basis": basis, "site": site or f"{party}/hall"} | body
        return self.draft(party, "chips.declared", said, lines)

    def declares(self, party, *lines, **body):
        """A declaration, said."""
        return self.says(self.declaration_draft(party, *lines, **body))

    def retirement_draft(self, party, *chips, reason="lost", **body):
        """What is gone; with the paper that goes with the reason."""
        said = {"reason": reason}
        said |= {"evidence_sha256": DESTRUCTION} if reason == "destroyed" else {}
        said |= {"to_name": "A school", "country": "NO"} if reason == "released" else {}
        return self.draft(party, "chips.retired", said | body, chips)

    def retires(self, party, *chips, **body):
        """A retirement, said."""
        return self.says(self.retirement_draft(party, *chips, **body))

    def head(self, size=None):
        """A checkpoint somebody knows: the newest."""
        size = size or self.door.size()
        return {"size": size, "root": self.door.root(size).hex()}


def proving(draft, devices, *, head, maker=MAKER, nonces=None, **asked):
    """The draft, its lines naming evidence of the device each chip is.

    `devices` are serials by chip. `asked` is what the nonce was made of, where it is not this very statement:
    log, size, root, chip or kind; `nonces` are whole ones, by chip.
    """
    bearer = "identity" if draft.kind == "chips.registered" else "seen"
    lines, pieces = [], {}
    for line in draft.lines:
        if line["chip"] in devices:
            device = maker.device(devices[line["chip"]])
            told = {"log": draft.log, "size": head["size"], "root": bytes.fromhex(head["root"])}
            told |= {"chip": line["chip"], "kind": draft.kind} | asked
            piece = device.answer((nonces or {}).get(line["chip"]) or registration_nonce(**told))
            name = sha256(piece).hexdigest()
            pieces[name] = to_base64(piece)
            seen = {"ik_sha256": device.ik_sha256, **line.get(bearer, {}), "attestation_sha256": name}
            lines.append({**line, bearer: seen})
        else:
            lines.append(line)
    more = (*draft.more, ("head", head))
    return replace(draft, lines=tuple(lines), attestations=pieces, more=more)
