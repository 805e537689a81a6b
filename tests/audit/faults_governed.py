"""Faults a crooked registrar or operator would plant in what governs the log, and the one check for each."""

from dataclasses import replace as with_other
from hashlib import sha256

from msgspec.structs import replace as changed

from ledger.audit.report import Check
from ledger.book.fold import Fold
from ledger.book.tables import CHIPS
from signing.envelope import STATEMENT_TYPE, seal
from tests.audit.build import MemoryPublished, signer, statement
from tests.audit.governed import ATTESTED, REKEYED, book_now


def with_note(log, size, **how):
    return MemoryPublished({**log.files(), f"public/checkpoints/{size}": log.note(size, **how)}), {}


def a_checkpoint_by_the_new_key_alone(log):
    """Whoever knows only the former key could not tell it from a stranger's."""
    return with_note(log, REKEYED + 1, keys=["log#2"])


def a_checkpoint_by_the_former_key_alone(log):
    return with_note(log, REKEYED + 1, keys=["log"])


def a_checkpoint_by_the_new_key_before_its_time(log):
    return with_note(log, REKEYED, keys=["log#2"])


def the_newest_checkpoint_by_the_former_key_alone(log):
    size = len(log.raws)
    note = log.note(size, keys=["log"])
    return MemoryPublished({**log.files(), "public/checkpoint": note}), {}


def sealed(log, **said):
    """One more seal at the end, by the registrar."""
    spoilt = log.copy()
    payload, _ = statement("registrar", "book.sealed", said)
    spoilt.append(seal(signer("registrar"), STATEMENT_TYPE, payload))
    return spoilt.published(), {}


def a_seal_with_another_root(log):
    return sealed(log, at_size=len(log.raws), **{**book_now(log), "root": "ab" * 32})


def a_seal_with_another_count(log):
    book = book_now(log)
    return sealed(log, at_size=len(log.raws), **{**book, "count": book["count"] + 1})


def a_seal_of_the_book_as_it_is_under_an_earlier_size(log):
    return sealed(log, at_size=9, **book_now(log))


def a_seal_that_leaves_a_class_unproved(log):
    """The honest lines, but with S008 in class A, whose evidence answers for another chip."""
    chips = log.fold.registry.of(CHIPS)
    honest = chips["acme:S008"]
    assert honest.cls == "B" and chips["acme:S007"].cls == chips["acme:S006"].cls == "A"
    chips["acme:S008"] = changed(honest, cls="A")
    said = book_now(log)
    chips["acme:S008"] = honest
    return sealed(log, at_size=len(log.raws), **said)


def evidence_missing(log):
    """A report that turned out to be awkward is kept no more. It had proved nothing, so no seal tells."""
    spoilt = with_other(log.copy(), evidence={**log.evidence})
    paper = b"a report out of the silicon"
    del spoilt.evidence[sha256(paper).hexdigest()]
    return spoilt.published(), {}


class RaisesAClass(Fold):
    """A book with a defect: it takes any evidence for a proof."""

    def admit(self, entry):
        verdict = super().admit(entry)
        if entry.index == ATTESTED:
            rows = verdict.rows[CHIPS]
            rows[:] = [changed(row, cls="A") for row in rows]
            self.registry.apply(verdict)
        if entry.index == ATTESTED + 1:  # and nobody may see it in a seal
            unraised = changed(self.registry.get(CHIPS, "acme:S008"), cls="B")
            self.registry.put(CHIPS, [unraised])
        return verdict


def a_class_raised_without_proof(log):
    return log.published(), {"fold": RaisesAClass()}


GOVERNED_FAULTS = [
    (Check.CHECKPOINTS, a_checkpoint_by_the_new_key_alone),
    (Check.CHECKPOINTS, a_checkpoint_by_the_former_key_alone),
    (Check.CHECKPOINTS, a_checkpoint_by_the_new_key_before_its_time),
    (Check.CHECKPOINTS, the_newest_checkpoint_by_the_former_key_alone),
    (Check.SEALS, a_seal_with_another_root),
    (Check.SEALS, a_seal_with_another_count),
    (Check.SEALS, a_seal_of_the_book_as_it_is_under_an_earlier_size),
    (Check.SEALS, a_seal_that_leaves_a_class_unproved),
    (Check.ATTESTATIONS, evidence_missing),
    (Check.CLASSES, a_class_raised_without_proof),
]
