"""Faults a capable cheat would plant, and the one check that finds each.

The operator publishes tiles and checkpoints anew after each fault, under the log's own key, so that
everything agrees except the one thing. Each fault gives what is published and what the audit is told.
"""

from dataclasses import replace
from hashlib import sha256

from msgspec.structs import replace as changed

from ledger.audit.refusals import SignedRefusal
from ledger.audit.report import Check
from ledger.book.encoding import read_entry
from ledger.book.fold import Fold
from ledger.book.tables import CHIPS
from signing.canonical import encode
from signing.envelope import REFUSAL_TYPE, STATEMENT_TYPE, seal
from signing.keys import verify
from tests.audit.build import (
    BEGIN_MS,
    EXPIRES,
    OCCURRED,
    ORIGIN,
    MemoryPublished,
    chip,
    signer,
    statement,
    statement_of,
)

LAST = 18  # the index of the story's last entry


def last_envelope(log):
    return read_entry(log.raws[LAST])[1]


def a_forged_signature(log):
    """Well formed, over the same payload, by another key than the one it names."""
    spoilt = log.copy()
    envelope = last_envelope(log)
    forged = replace(envelope, signature=signer("stranger").sign(envelope.pae()))
    assert not verify(signer("lima").public_key.octets, forged.pae(), forged.signature)
    spoilt.raws.pop()
    spoilt.append(forged, log.manifests[envelope.id()])
    return spoilt.published(), {}


def another_payload_under_the_old_signature(log):
    """What was said is rewritten, and the manifest filed under its new id."""
    spoilt = log.copy()
    envelope = last_envelope(log)
    payload = envelope.payload.replace(b"PO-7", b"PO-8")
    assert payload != envelope.payload
    spoilt.raws.pop()
    spoilt.append(replace(envelope, payload=payload), log.manifests[envelope.id()])
    return spoilt.published(), {}


def an_entry_in_another_spelling(log):
    spoilt = log.copy()
    spoilt.raws[LAST] = spoilt.raws[LAST].replace(b'"sig":"', b'"sig": "')
    return spoilt.published(), {}


def the_clock_turned_back(log):
    spoilt = log.copy()
    envelope = last_envelope(log)
    spoilt.raws.pop()
    spoilt.append(envelope, log.manifests[envelope.id()], admitted_at=BEGIN_MS + 17_000 - 1)
    return spoilt.published(), {}


def a_statement_twice(log):
    """An observation may repeat itself by the law; the same statement may not stand twice."""
    spoilt = log.copy()
    spoilt.append(read_entry(log.raws[10])[1])
    assert b"shipment.arrived" in read_entry(log.raws[10])[1].payload
    return spoilt.published(), {}


def a_manifest_line_deleted(log):
    return with_lines(log, 11, lines_of(log, 11)[1:]).published(), {}


def two_manifest_lines_swapped(log):
    first, second = lines_of(log, 11)
    return with_lines(log, 11, (second, first)).published(), {}


def the_last_manifest_deleted(log):
    spoilt = log.copy()
    del spoilt.manifests[statement_of(log.raws[LAST])]
    return spoilt.published(), {}


def a_manifest_of_another_place_put_in(log):
    """The lines of an equal kind, every one of them good for itself."""
    return with_lines(log, LAST, lines_of(log, 17)).published(), {}


def the_last_line_end_cut(log):
    files = log.files()
    files[LAST_SEGMENT] = files[LAST_SEGMENT][:-1]
    return MemoryPublished(files), {}


def the_last_line_end_another_byte(log):
    files = log.files()
    files[LAST_SEGMENT] = files[LAST_SEGMENT][:-1] + b" "
    return MemoryPublished(files), {}


def a_line_put_behind_the_last(log):
    files = log.files()
    files[LAST_SEGMENT] += b"?\n"
    return MemoryPublished(files), {}


def a_header_with_another_count(log):
    files = log.files()
    files[LAST_SEGMENT] = files[LAST_SEGMENT].replace(b'"count":1,', b'"count":2,')
    assert files != log.files()
    return MemoryPublished(files), {}


def segments_that_overlap(log):
    """Whoever may choose between two would see one thing and show another."""
    files = log.files()
    files[f"private/manifests/{LAST:012}-{LAST + 1:012}.jsonl"] = log.segment(LAST, LAST + 1)
    return MemoryPublished(files), {}


LAST_SEGMENT = "private/manifests/000000000016-000000000019.jsonl"


def lines_of(log, index):
    return log.manifests[statement_of(log.raws[index])]


def with_lines(log, index, lines):
    """Other lines for an entry, in a segment that fits them."""
    spoilt = log.copy()
    spoilt.manifests[statement_of(log.raws[index])] = tuple(lines)
    return spoilt


def evidence_swapped(log):
    files = log.files()
    path = next(path for path in files if "attestations" in path)
    files[path] += b"?"
    return MemoryPublished(files), {}


def a_dispatch_of_chips_not_held(log):
    spoilt = log.copy()
    body = {"shipment": "oslo/theft", "to": "oslo", "country": "NO", "due_by": "2026-12-20T08:00:00Z"}
    payload, lines = statement("oslo", "shipment.dispatched", {**body, "title": "kept"}, [chip(4)])
    spoilt.append(seal(signer("oslo"), STATEMENT_TYPE, payload), lines)
    return spoilt.published(), {}


def an_expired_statement(log):
    spoilt = log.copy()
    body = {"site": "oslo/late", "name": "Late", "country": "NO"}
    payload = statement("oslo", "site.declared", body)[0].replace(EXPIRES.encode(), OCCURRED.encode())
    spoilt.append(seal(signer("oslo"), STATEMENT_TYPE, payload))
    return spoilt.published(), {}


def a_tile_of_other_hashes(log):
    files = log.files()
    path = "public/tile/0/000.p/19"
    files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])
    return MemoryPublished(files), {}


def a_checkpoint_signed_by_somebody_else(log):
    return MemoryPublished({**log.files(), "public/checkpoints/9": log.note(9, keys=["stranger"])}), {}


def a_checkpoint_only_a_witness_signed(log):
    text, lines = log.note(9).split(b"\n\n")
    note = text + b"\n\n" + lines.split(b"\n", 1)[1]
    return MemoryPublished({**log.files(), "public/checkpoints/9": note}), {}


def a_checkpoint_kept_for_another_size(log):
    return MemoryPublished({**log.files(), "public/checkpoints/9": log.note(8)}), {}


def two_histories_signed(log):
    return MemoryPublished({**log.files(), "public/checkpoints/9": log.note(9, root=bytes(32))}), {}


def a_forged_cosignature(log):
    note = log.note(9)
    other = log.note(9, witness_at=1)
    mixed = note[: note.rindex(b"\n", 0, -1) + 1] + other[other.rindex(b"\n", 0, -1) + 1 :]
    place = mixed.rindex(b"=") - 4
    forged = mixed[:place] + (b"A" if mixed[place : place + 1] != b"A" else b"B") + mixed[place + 1 :]
    return MemoryPublished({**log.files(), "public/checkpoints/9": forged}), {}


def a_cosignature_by_nobody_the_log_names(log):
    note = log.note(9).replace(b"witness.example/one", b"witness.example/two")
    return MemoryPublished({**log.files(), "public/checkpoints/9": note}), {}


def an_entry_backdated_before_a_witness(log):
    """The witness saw the log without it long after the time it bears."""
    note = log.note(9, witness_at=BEGIN_MS // 1000 + 3600)
    return MemoryPublished({**log.files(), "public/checkpoints/9": note}), {}


def an_entry_dated_after_a_witness_saw_it(log):
    note = log.note(9, witness_at=BEGIN_MS // 1000 - 3600)
    return MemoryPublished({**log.files(), "public/checkpoints/9": note}), {}


class LosesAChip(Fold):
    """A book with a defect: the last placement takes a chip out of it without a word."""

    def admit(self, entry):
        verdict = super().admit(entry)
        if entry.index == LAST:
            del self.registry.of(CHIPS)["acme:S001"]
        return verdict


class MovesAChip(Fold):
    """A book with a defect: somebody else's chip changes hands without a word."""

    def admit(self, entry):
        verdict = super().admit(entry)
        if entry.index == LAST:
            chips = self.registry.of(CHIPS)
            chips["acme:S001"] = changed(chips["acme:S001"], custodian="lima")
        return verdict


def a_book_that_loses_a_chip(log):
    return log.published(), {"fold": LosesAChip()}


def a_book_that_moves_a_chip(log):
    return log.published(), {"fold": MovesAChip()}


def another_book_stored(log):
    return log.published(), {"stored_digest": sha256(b"another").hexdigest()}


def a_refusal_that_was_not_due(log):
    """The last statement, which stands, was first refused as not held."""
    envelope = last_envelope(log)
    said = log.read(envelope.payload, log.manifests[envelope.id()], "lima")
    words = {"log": ORIGIN, "statement": envelope.id(), "reason": "not_held"}
    words |= {"refused_at": "2026-11-21T06:45:00Z", "at": {"size": LAST, "root": log.root(LAST).hex()}}
    note = encode(seal(signer("log"), REFUSAL_TYPE, encode(words)).as_object())
    return log.published(), {"refusals": [SignedRefusal(note, said.bundle.raw())]}


FAULTS = [
    (Check.SIGNATURES, a_forged_signature),
    (Check.SIGNATURES, another_payload_under_the_old_signature),
    (Check.ENTRIES, an_entry_in_another_spelling),
    (Check.ORDER, the_clock_turned_back),
    (Check.REPEATS, a_statement_twice),
    (Check.MANIFESTS, a_manifest_line_deleted),
    (Check.MANIFESTS, two_manifest_lines_swapped),
    (Check.MANIFESTS, the_last_manifest_deleted),
    (Check.MANIFESTS, a_manifest_of_another_place_put_in),
    (Check.MANIFESTS, the_last_line_end_cut),
    (Check.MANIFESTS, the_last_line_end_another_byte),
    (Check.MANIFESTS, a_line_put_behind_the_last),
    (Check.MANIFESTS, a_header_with_another_count),
    (Check.MANIFESTS, segments_that_overlap),
    (Check.ATTESTATIONS, evidence_swapped),
    (Check.JUDGMENT, a_dispatch_of_chips_not_held),
    (Check.JUDGMENT, an_expired_statement),
    (Check.TILES, a_tile_of_other_hashes),
    (Check.CHECKPOINTS, a_checkpoint_signed_by_somebody_else),
    (Check.CHECKPOINTS, a_checkpoint_only_a_witness_signed),
    (Check.CHECKPOINTS, a_checkpoint_kept_for_another_size),
    (Check.ROOTS, two_histories_signed),
    (Check.WITNESSES, a_forged_cosignature),
    (Check.WITNESSES, a_cosignature_by_nobody_the_log_names),
    (Check.WITNESSES, an_entry_backdated_before_a_witness),
    (Check.WITNESSES, an_entry_dated_after_a_witness_saw_it),
    (Check.CONSERVATION, a_book_that_loses_a_chip),
    (Check.CONSERVATION, a_book_that_moves_a_chip),
    (Check.DIGEST, another_book_stored),
    (Check.REFUSALS, a_refusal_that_was_not_due),
]
