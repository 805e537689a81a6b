"""Rows become the bytes the contract asks for, the same ones every time."""

import hmac
import random
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from api.cli.paperwork.signing_desk import prove_key, sign_statement, sort_rows, statement_payload
from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from ledger.book.records.parties import ProvenKey
from ledger.book.rules.parties import check_proven_key
from signing.canonical import TooLarge, decode, encode
from signing.signer import SeedSigner

SEED = bytes(range(32))
SIGNER = SeedSigner(SEED)
LOG, PARTY = "example.org/chips", "acme"
TIMES = {"occurred_at": "2026-11-20T00:00:00Z", "expires_at": "2027-02-18T00:00:00Z"}


def sign(kind, body, rows, **more):
    return sign_statement(SIGNER, LOG, kind, PARTY, body, rows, **TIMES, **more)


def slow_salt(header, key):
    """The contract's sentence, written out with other people's HKDF and no shortcut."""
    secret = HKDF(SHA256(), 32, salt=None, info=b"chipledger-salt-v1").derive(SEED)
    return hmac.new(secret, header + b"\x00" + key, sha256).digest()[:16].hex()


def test_a_salt_is_what_the_contract_says():
    bundle = sign("chips.placed", {"site": "acme/hall"}, [{"chip": "acme:A1"}, {"chip": "acme:B2"}])
    header = statement_payload(LOG, "chips.placed", PARTY, {"site": "acme/hall"}, **TIMES)
    for line in map(lambda raw: decode(raw, "line"), bundle.manifest):
        assert line["salt"] == slow_salt(header, line["chip"].encode())


def test_a_line_with_seen_is_salted_by_both():
    seen = {"label": "P-17", "uuid": "gpu-1"}
    rows = [{"chip": "acme:A1", "condition": "received", "seen": seen}]
    body = {"shipment": "maker/s1", "site": "acme/hall", "evidence": "scanned"}
    bundle = sign("shipment.arrived", body, rows)
    header = statement_payload(LOG, "shipment.arrived", PARTY, body, **TIMES)
    assert decode(bundle.manifest[0], "line")["salt"] == slow_salt(header, b"acme:A1\x00" + encode(seen))


def test_the_manifest_is_no_part_of_what_salts_hang_on():
    """Otherwise a line's salt would depend on its own root."""
    one = sign("chips.placed", {"site": "acme/hall"}, [{"chip": "acme:A1"}])
    two = sign("chips.placed", {"site": "acme/hall"}, [{"chip": "acme:A1"}, {"chip": "acme:B2"}])
    assert one.manifest[0] == two.manifest[0]


def test_another_reference_gives_other_salts():
    rows = [{"chip": "acme:A1"}]
    plain, referred = (
        sign("chips.placed", {"site": "acme/hall"}, rows),
        sign("chips.placed", {"site": "acme/hall"}, rows, reference="PO-1"),
    )
    assert plain.manifest != referred.manifest


serials = st.from_regex(r"[A-Z0-9][A-Z0-9._-]{0,20}", fullmatch=True)
places = st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,10}", fullmatch=True)


@given(st.dictionaries(serials, places, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_any_rows_give_a_statement_without_fault_in_any_order(chips, shuffler):
    rows = [
        {"chip": f"acme:{serial}", **({} if place is None else {"system": place})}
        for serial, place in chips.items()
    ]
    bundle = sign("chips.placed", {"site": "acme/hall"}, rows)
    assert read_statement(bundle).fault is None
    assert read_bundle(bundle.raw()) == bundle
    shuffler.shuffle(rows)
    assert sign("chips.placed", {"site": "acme/hall"}, rows).raw() == bundle.raw()


def test_observations_of_one_chip_stand_by_what_was_seen():
    rows = [
        {"chip": "acme:A1", "condition": "received", "seen": {"label": label}} for label in ("Z", "A", "M")
    ] + [{"chip": "acme:A1", "condition": "received"}]
    body = {"shipment": "maker/s1", "site": "acme/hall", "evidence": "scanned"}
    assert read_statement(sign("shipment.arrived", body, rows)).fault is None
    assert sort_rows(rows)[0] == rows[3]


def test_a_manifest_has_at_most_a_hundred_thousand_lines():
    rows = [{"chip": f"acme:{number}"} for number in range(100_001)]
    with pytest.raises(TooLarge):
        sign("chips.placed", {"site": "acme/hall"}, rows)


def test_a_payload_too_long_is_refused_before_it_is_signed():
    with pytest.raises(TooLarge):
        sign("party.enrolled", {"name": "x" * 45_000}, None)


def test_a_proof_is_one_the_law_accepts_for_this_party_and_log_only():
    proven = ProvenKey(SIGNER.public_key.hex, prove_key(SIGNER, LOG, PARTY).as_object())
    assert check_proven_key(LOG, PARTY, proven) is None
    assert check_proven_key(LOG, "other", proven) is not None
    assert check_proven_key("example.org/other", PARTY, proven) is not None


def test_fifty_thousand_lines_are_one_statement_without_fault():
    rows = [{"chip": f"acme:{number:09}", "model": "reg/h100"} for number in range(50_000)]
    random.Random(3).shuffle(rows)
    statement = read_statement(sign("chips.registered", {"site": "acme/fab"}, rows))
    assert statement.fault is None and len(statement.lines) == 50_000
