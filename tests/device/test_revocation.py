"""A responder's word counts for the certificate it names, when somebody who may speak signed it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from ledger.device.nvidia import read_chain
from ledger.device.revocation import RESPONSE_BYTES_MAX, Answer, read_answer
from tests.device import published
from tests.device.play import PROVISIONER, Authority, TestVendor, key_of, named

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MAKER = TestVendor("revoked")
CHAIN = read_chain(MAKER.device("A1").answer(bytes(32)))
ISSUER = MAKER.authority(PROVISIONER)
REVOKED, GOOD, UNKNOWN = (ocsp.OCSPCertStatus[name] for name in ("REVOKED", "GOOD", "UNKNOWN"))
SIGNS_ANSWERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])


def seconds(text):
    return int(datetime.fromisoformat(text).timestamp())


def response(key, status=GOOD, responder=None, place=1, *, enclosed=True):
    """An answer about a certificate of the chain, signed by the key, whose certificate may be enclosed."""
    signer = x509.load_pem_x509_certificate(responder.encode()) if responder else CHAIN[place + 1].parsed
    revoked = status is REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=CHAIN[place].parsed,
        issuer=CHAIN[place + 1].parsed,
        algorithm=hashes.SHA384(),
        cert_status=status,
        this_update=NOW,
        next_update=NOW + timedelta(days=1),
        revocation_time=NOW if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
    if responder and enclosed:
        builder = builder.certificates([signer])
    return builder.sign(key, hashes.SHA384()).public_bytes(Encoding.DER)


def responder(issuer=ISSUER, use=SIGNS_ANSWERS):
    """A key of its own and its certificate."""
    key = key_of("responder")
    return key, issuer.certify(Authority(named("Responder"), key), [use], signs_others=False)


def test_published_answers_say_what_their_index_says():
    told = json.loads((published.folder() / "ocsp" / "index.json").read_bytes())
    assert len(told) == 3
    for one in told:
        chain = read_chain(published.piece(one["evidence_id"]))
        octets = (published.folder() / "ocsp" / one["file"]).read_bytes()
        since, until = seconds(one["this_update"]), seconds(one["next_update"])
        assert read_answer(octets, chain) == Answer(one["chain_index"], False, True, since, until)
        other = read_chain(published.piece(published.LS10))
        assert isinstance(read_answer(octets, other), str) == (one["chain_index"] < 3)


def test_no_flipped_byte_of_what_a_responder_signed_passes():
    octets = (published.folder() / "ocsp" / "ocsp_response_l4.der").read_bytes()
    chain = read_chain(published.piece("nv-gh100-431d480fe5e87274-c438e7e7"))
    good = read_answer(octets, chain)
    assert isinstance(good, Answer)
    spoiled = [
        read_answer(octets[:at] + bytes([octets[at] ^ 1 << at % 8]) + octets[at + 1 :], chain)
        for at in range(len(octets))
    ]
    assert [one for one in spoiled if isinstance(one, Answer) and one != good] == []
    assert sum(isinstance(one, str) for one in spoiled) > 0.95 * len(octets)


@pytest.mark.parametrize(
    ("status", "revoked", "known"), [(GOOD, False, True), (REVOKED, True, True), (UNKNOWN, False, False)]
)
def test_the_issuer_or_whom_it_certified_may_say(status, revoked, known):
    since = int(NOW.timestamp())
    expected = Answer(1, revoked, known, since, since + 86_400)
    key, certificate = responder()
    assert read_answer(response(ISSUER.key, status), CHAIN) == expected
    assert read_answer(response(key, status, certificate), CHAIN) == expected


def test_nobody_else_may():
    key, certificate = responder()
    stranger = Authority(ISSUER.name, key_of("stranger"))
    client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    assert isinstance(read_answer(response(key, GOOD, certificate), CHAIN), Answer)
    for spoiled in (
        response(key, GOOD, certificate, enclosed=False),
        response(key, GOOD, responder(stranger)[1]),
        response(key, GOOD, responder(use=client)[1]),
        response(MAKER.device("A1").identity.key, GOOD, MAKER.device("A1").chain[1]),
    ):
        assert isinstance(read_answer(spoiled, CHAIN), str)


def test_a_responder_with_another_kind_of_key_is_not_heard():
    key = ec.derive_private_key(5, ec.SECP256K1())
    builder = ISSUER.certify(Authority(named("Responder"), key), [SIGNS_ANSWERS], signs_others=False)
    assert "kind not known" in read_answer(response(key, GOOD, builder), CHAIN)


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(octets):
    assert isinstance(read_answer(octets, CHAIN), str)


def test_a_response_has_a_limit_and_no_answer_is_no_answer():
    assert "over" in read_answer(bytes(RESPONSE_BYTES_MAX + 1), CHAIN)
    busy = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    assert "no answer" in read_answer(busy.public_bytes(Encoding.DER), CHAIN)
