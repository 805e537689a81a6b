"""What the registrar does to a log is audited too: its keys over time, its seals, what chips proved."""

from base64 import b64encode

import pytest

from ledger.audit.log_keys import LogKeys
from ledger.audit.report import Check
from ledger.audit.seals import _MARKS, _within_base64, sealed_sizes
from ledger.book.tables import CHIPS, LOG
from tests.audit.audited import checked, found
from tests.audit.build import LOG_KEY, MemoryPublished, registered, settled, traded
from tests.audit.governed import NEW_KEY, REKEYED, SEALED, book_now, governed


@pytest.fixture(scope="module")
def log():
    return governed()


def test_a_log_with_new_keys_seals_and_proofs_is_clean_by_every_check(log):
    report = checked(log.published(), stored_digest=log.fold.digest())
    assert report.findings == () and report.notes == ()
    assert set(report.checks_run) == set(Check) - {Check.REFUSALS}
    classes = {row.chip: row.cls for row in log.fold.registry.of(CHIPS).values()}
    assert [classes[f"acme:S00{number}"] for number in (6, 7, 8, 9)] == ["A", "A", "B", "B"]


@pytest.mark.parametrize("key", [LOG_KEY, NEW_KEY, None])
def test_whoever_knows_one_of_its_keys_knows_the_log(log, key):
    report = checked(log.published(), log_key=key)
    assert report.clean
    assert report.log_key == (key or LOG_KEY).text()


def test_a_log_that_changed_its_key_twice_wants_the_last_two():
    (said,) = governed().fold.registry.of(LOG).values()
    third = said.__class__(**{
        **{name: getattr(said, name) for name in said.__struct_fields__},
        "log_key": LOG_KEY.text(), "former_log_key": NEW_KEY.text(), "rekeyed": 30, "changed": 30,
    })  # fmt: skip
    keys = LogKeys([said, third], None)
    assert [key.text() for key in keys.at(31)] == [LOG_KEY.text(), NEW_KEY.text()]
    assert [key.text() for key in keys.at(30)] == [NEW_KEY.text(), LOG_KEY.text()]


def test_of_a_log_whose_entries_are_not_shown_the_given_key_is_asked_for_at_every_size(log):
    hidden = MemoryPublished(log.files(), shows_entries=False, shows_attestations=False)
    assert checked(hidden).clean  # the former key signs on
    report = checked(hidden, log_key=NEW_KEY)
    assert report.clean and any("2 older checkpoints" in note for note in report.notes)  # sizes 5 and 19
    forked = MemoryPublished({**hidden.files, "public/checkpoints/5": log.note(5, root=bytes(32))})
    forked.shows_entries = forked.shows_attestations = False
    assert found(checked(forked, log_key=NEW_KEY)) == {(Check.ROOTS, None)}
    stranger = {**hidden.files, "public/checkpoint": log.note(len(log.raws), keys=["stranger"])}
    hidden = MemoryPublished(stranger, shows_entries=False, shows_attestations=False)
    assert (Check.CHECKPOINTS, None) in found(checked(hidden, log_key=NEW_KEY))


def test_a_seal_is_looked_up_wherever_it_begins_in_a_payload(log):
    assert sealed_sizes(log.published(), len(log.raws)) == {SEALED - 1}
    assert sealed_sizes(traded().published(), 19) == frozenset()
    for before in range(9):
        text = b64encode(b"x" * before + b'"kind":"book.sealed"' + b"yz")
        assert sum(mark in text for mark in _MARKS) == 1
    assert not any(
        mark in b64encode(b'"kind":"book.sealer"') for mark in _within_base64(b'"kind":"book.sealed"')
    )


def test_every_book_of_the_past_can_be_sealed_and_is_checked():
    log, books = settled(), {}
    for number in range(1, 6):
        log.say("acme", "chips.registered", {"site": "acme/hall"}, registered([number]))
        books[len(log.raws)] = book_now(log)
    for size, book in books.items():
        log.say("registrar", "book.sealed", {"at_size": size, **book})
    assert checked(log.published(), stored_digest=log.fold.digest()).findings == ()
    sizes = sorted(books)
    for size in sizes[1:]:
        wrong = log.copy()
        wrong.fold = log.fold
        wrong.say("registrar", "book.sealed", {"at_size": size, **books[sizes[0]]})
        assert found(checked(wrong.published())) == {(Check.SEALS, len(wrong.raws) - 1)}


def test_an_empty_book_has_a_root_too():
    log = settled()
    log.say("registrar", "book.sealed", {"at_size": 1, **book_now(log)})
    assert checked(log.published()).findings == ()


def test_where_evidence_is_not_shown_nobody_is_accused_for_it(log):
    hidden = MemoryPublished(log.files(), shows_attestations=False)
    report = checked(hidden, stored_digest=log.fold.digest())
    assert report.findings == ()
    left = {Check.ATTESTATIONS, Check.CLASSES, Check.DIGEST, Check.SEALS, Check.REFUSALS}
    assert set(report.checks_run) == set(Check) - left
    assert any("evidence" in note for note in report.notes)


def test_a_proof_that_is_missing_is_named_at_its_entry(log):
    files = {path: octets for path, octets in log.files().items() if "attestations" not in path}
    named = found(checked(MemoryPublished(files)))
    assert {(Check.ATTESTATIONS, REKEYED + 1), (Check.ATTESTATIONS, REKEYED + 2)} <= named
    assert (Check.SEALS, SEALED) in named  # the sealed book has chips in class A that prove nothing here
