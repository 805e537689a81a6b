"""What comes in at the door, in which order, and what is answered."""

from dataclasses import replace

import pytest

from ledger.admission import CHUNK_BUNDLES, SMALL_BODY_BYTES_MAX
from ledger.book.rejection import Reason
from ledger.outcome import Admitted, Refused, Would
from ledger.storage.store import REFUSALS_PER_PARTY_REASON_DAY_MAX
from signing.canonical import decode, encode
from signing.envelope import REFUSAL_TYPE
from signing.keys import verify
from tests.sequencer import trade


@pytest.fixture(params=trade.STORES)
def desk(request, tmp_path):
    desk = trade.Desk(trade.STORES[request.param](tmp_path)).open()
    yield desk
    desk.close()


def reasons(outcomes):
    return [outcome.rejection.reason if isinstance(outcome, Refused) else None for outcome in outcomes]


def test_a_chip_goes_from_maker_to_rack(desk):
    names = trade.chips(0)
    places = {name: f"u{place}" for place, name in enumerate(names)}
    first = desk.sequencer.head().size
    outcomes = desk.all_in(
        trade.registered(names),
        trade.dispatched("s1", names),
        trade.arrived("maker/s1", names),
        trade.placed("oslo", places),
    )
    assert [outcome.index for outcome in outcomes] == list(range(first, first + 4))
    assert desk.sequencer.head().size == desk.store.head().size == first + 4
    assert {chip.custodian for chip in desk.store.rows(trade.CHIPS)} == {"oslo"}
    assert {chip.slot for chip in desk.store.rows(trade.CHIPS)} == set(places.values())


def test_a_newcomer_displaces_and_a_dispatch_leaves_its_slot_whoever_asked_for_the_row(desk):
    names = trade.chips(0, 3)
    desk.all_in(trade.registered(names), trade.placed("maker", {names[0]: "a", names[1]: "b"}))
    desk.all_in(trade.placed("maker", {names[0]: "b"}), trade.dispatched("s1", names[:1]))
    desk.all_in(trade.placed("maker", {names[2]: "b"}))
    slots = {row.slot: row.chip for row in desk.store.rows(trade.SLOTS)}
    assert slots == {"a": None, "b": names[2]}


def test_sending_again_gives_the_same_answer_and_writes_nothing(desk):
    names = trade.chips(0)
    raws = [trade.registered(names), trade.dispatched("s1", names)]
    first = desk.all_in(*raws)
    size = desk.store.head().size
    assert desk.sends(*raws) == [replace(outcome, known=True) for outcome in first]
    assert desk.store.head().size == size


def test_what_is_known_stays_known_after_it_expired_and_with_lines_that_are_not_its_own(desk):
    raw = trade.registered(trade.chips(0))
    (first,) = desk.all_in(raw)
    desk.clock.now += 2 * 86_400_000
    assert desk.sends(raw) == [replace(first, known=True)]
    for lines in ([b'{"chip":"maker:X"}'], [b'{"chip":1}'], [b'"' + b"x" * SMALL_BODY_BYTES_MAX + b'"']):
        other = replace(trade.registered(trade.chips(0), trade.bundle), manifest=tuple(lines)).raw()
        assert desk.sends(other) == [replace(first, known=True)]


def test_the_same_statement_twice_in_a_batch_is_one_entry(desk):
    raw = trade.registered(trade.chips(0))
    size = desk.store.head().size
    one, two = desk.all_in(raw, raw)
    assert two == replace(one, known=True)
    assert desk.store.head().size == size + 1


def test_the_envelope_stored_first_stands(desk):
    second = trade.signer("maker-second")
    bundle = trade.registered(trade.chips(0), trade.bundle)
    stranger = trade.registered(trade.chips(0), trade.bundle, key=trade.signer("oslo"))
    refused, first = desk.sends(stranger.raw(), bundle.raw())
    assert reasons([refused]) == [Reason.UNKNOWN_KEY]  # the same words, but another party's key
    assert isinstance(first, Admitted) and not first.known
    (again,) = desk.sends(stranger.raw())
    assert again == replace(first, known=True, envelope=bundle.envelope)
    assert reasons(desk.sends(trade.registered(trade.chips(0), key=second))) == [Reason.UNKNOWN_KEY]


def test_order_is_kept_over_many_chunks_and_both_lanes(desk):
    names = trade.chips(0, 400)
    desk.all_in(trade.registered(names))
    raws = []
    for turn in range(CHUNK_BUNDLES):  # each chip goes out and comes in, in one call
        chip = names[turn : turn + 1]
        raws += [trade.dispatched(f"s{turn}", chip), trade.arrived(f"maker/s{turn}", chip)]
    raws.insert(100, trade.registered(trade.chips(1_000, 800)))
    assert len(raws[100]) > SMALL_BODY_BYTES_MAX
    outcomes = desk.all_in(*raws)
    indices = [outcome.index for outcome in outcomes]
    assert indices == list(range(indices[0], indices[0] + len(raws)))
    assert not any(outcome.opened for outcome in outcomes)
    backwards = desk.all_in(
        trade.arrived("maker/late", names[300:301]), trade.dispatched("late", names[300:301])
    )
    assert backwards[0].opened, "the control: an arrival before its dispatch is a discrepancy"


def test_a_party_may_speak_in_the_call_that_enrols_it(desk):
    outcomes = desk.sends(
        trade.site("nairobi"),
        trade.enrolled("nairobi", ["holder"]),
        trade.site("nairobi"),
        trade.site("nairobi", "second"),
        trade.site("nobody"),
    )
    unknown = Reason.UNKNOWN_KEY
    assert reasons(outcomes) == [unknown, None, None, None, unknown]


def test_an_unreadable_bundle_is_refused_without_a_note_and_stops_no_other(desk):
    good = trade.registered(trade.chips(0))
    bundle = trade.registered(trade.chips(9), trade.bundle)
    unsigned = encode({"envelope": {**bundle.envelope.as_object(), "signatures": []}})
    forged = replace(bundle.envelope, signature=bytes(64))
    bad = replace(bundle, envelope=forged).raw()
    outcomes = desk.sends(b"{", unsigned, good, bad, b"")
    wanted = [Reason.MALFORMED, Reason.UNSIGNED, None, Reason.BAD_SIGNATURE, Reason.MALFORMED]
    assert reasons(outcomes) == wanted
    assert [outcome.note for outcome in outcomes if isinstance(outcome, Refused)] == [None] * 4
    assert desk.store.refusals(0, 10) == []


def test_a_refusal_after_a_good_signature_is_signed_over_the_book_it_was_judged_in(desk):
    names = trade.chips(0, 40)
    raws = [trade.registered(names), trade.dispatched("s1", names), trade.dispatched("s2", names)]
    size = desk.store.head().size
    *_, refused = desk.sends(*raws)
    assert reasons([refused]) == [Reason.IN_TRANSIT]
    note = refused.note
    assert note.payload_type == REFUSAL_TYPE
    assert verify(trade.LOG_SIGNER.public_key.octets, note.pae(), note.signature)
    said = decode(note.payload, "note")
    assert said == {
        "log": trade.ORIGIN,
        "statement": refused.statement,
        "reason": "in_transit",
        "refused_at": "2027-01-15T08:00:00Z",
        "at": {"size": size + 2, "root": desk.store.head().root.hex()},
    }
    kept = desk.store.refusal(refused.refusal)
    assert (kept.party, kept.bundle, kept.at_size) == ("maker", raws[2], size + 2)
    assert decode(kept.chips.encode(), "chips") == names
    again = desk.sends(raws[2])
    assert again == [refused], "said again of the same book, it is the same refusal"


def test_a_malformed_statement_under_a_good_signature_is_refused_with_a_note(desk):
    (refused,) = desk.sends(trade.raw("no.kind", "maker", {}))
    assert reasons([refused]) == [Reason.MALFORMED]
    assert desk.store.refusal(refused.refusal).party == "maker"


def test_a_flood_of_refusals_is_kept_up_to_its_share_under_the_key_that_signed(desk):
    flood = [trade.site("maker", f"s{number}", key=trade.signer("oslo")) for number in range(150)]
    assert set(reasons(desk.sends(*flood))) == {Reason.UNKNOWN_KEY}
    kept = desk.store.refusals(0, 1_000)
    assert len(kept) == REFUSALS_PER_PARTY_REASON_DAY_MAX
    assert {refusal.party for refusal in kept} == {"oslo"}, "nobody can use up another's share"


def test_a_dry_run_says_what_would_happen_and_writes_nothing(desk):
    names = trade.chips(0)
    registration, dispatch = trade.registered(names), trade.dispatched("s1", names)
    before = desk.store.head()
    would, refused = desk.admission.dry_run(registration), desk.admission.dry_run(dispatch)
    assert isinstance(would, Would) and would.index_at_least == before.size
    assert (refused.rejection.reason, refused.note) == (Reason.NOT_HELD, None)
    assert desk.store.head() == before and desk.store.refusals(0, 1) == []
    real_refusal, real = desk.sends(dispatch, registration)
    assert (real.index, real.opened) == (would.index_at_least, would.opened)
    assert real_refusal.rejection == refused.rejection
    assert desk.admission.dry_run(registration) == Would(real.statement, real.index, ())
    assert reasons([desk.admission.dry_run(b"{}"), desk.admission.dry_run(trade.site("nobody"))]) == [
        Reason.MALFORMED,
        Reason.UNKNOWN_KEY,
    ]
