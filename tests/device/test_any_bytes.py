"""Any bytes get an answer: no flipped bit of what is signed passes, and nothing raises."""

import base64
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.device.certificates import Links
from ledger.device.evidence import Check, Examined, Expected, Failed
from ledger.device.nvidia import CERTIFICATES_MAX, Nvidia
from ledger.device.vendors import examine, examine_all
from tests.device import published
from tests.device.play import TestVendor, written

DEVICE = TestVendor("fuzz").device("F1")
GOOD = DEVICE.answer(bytes(32))
CHAIN = json.loads(GOOD)["cert_chain_pem"]
REPORT = bytes.fromhex(json.loads(GOOD)["report_hex"])
PEM_LINE = 64


def der_of(pem):
    return base64.b64decode("".join(pem.strip().splitlines()[1:-1]))


def pem_of(der):
    text = base64.b64encode(der).decode()
    lines = [text[at : at + PEM_LINE] for at in range(0, len(text), PEM_LINE)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def flipped(octets, at, bit):
    return octets[:at] + bytes([octets[at] ^ 1 << bit]) + octets[at + 1 :]


def settled(evidence):
    """The answer, which is of one of the two kinds and the same when asked again."""
    found = examine(evidence)
    assert isinstance(found, Examined | Failed)
    assert examine(evidence) == found
    return found


@pytest.mark.parametrize("name", [published.LS10, published.GB100])
def test_no_flipped_byte_of_a_report_passes(name):
    told = published.record(name)
    report = bytes.fromhex(told["report_hex"])
    assert isinstance(examine(written(told["cert_chain_pem"], report)), Examined)
    pieces = [written(told["cert_chain_pem"], flipped(report, at, at % 8)) for at in range(0, len(report), 2)]
    found = examine_all(pieces)
    assert len(found) >= 1_000
    assert not any(isinstance(one, Examined) for one in found)


@pytest.mark.parametrize("number", range(5))
def test_no_flipped_byte_of_a_certificate_passes(number):
    told = published.record(published.GH100)
    chain, report = told["cert_chain_pem"], bytes.fromhex(told["report_hex"])
    der = der_of(chain[number])
    vendor, links, ran = Nvidia(), Links(), 0
    assert isinstance(vendor.examine(written([*chain], report), Expected(published.PINNED), links), Examined)
    for at in range(len(der)):
        spoiled = [*chain[:number], pem_of(flipped(der, at, at % 8)), *chain[number + 1 :]]
        found = vendor.examine(written(spoiled, report), Expected(published.PINNED), links)
        assert isinstance(found, Failed), at
        ran += 1
    assert ran == len(der) > 500


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_get_an_answer(octets):
    assert isinstance(settled(octets), Failed)
    assert isinstance(settled(b'{"cert_chain_pem": "report_hex": ' + octets), Failed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, st.dictionaries(st.text(max_size=8), JSON, max_size=2))
@example([], "", {})
@example(["\ud800"] * 5, "\ud800", {})
@example(["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] * 5, "00", {})
@example(10**4_000, 1e308, {"nonce_hex": 10**4_000})
def test_json_of_any_kind_gets_an_answer(chain, report, more):
    told = {**more, "cert_chain_pem": chain, "report_hex": report}
    if isinstance(chain, int) and chain > 10**300:  # larger than Python will print
        text = json.dumps({**told, "cert_chain_pem": 0, "nonce_hex": 0}).replace(": 0", ": " + "9" * 9_000)
    else:
        text = json.dumps(told)
    assert isinstance(settled(text.encode()), Failed)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 60), st.binary(max_size=60))
def test_spliced_evidence_gets_an_answer(at, gone, instead):
    settled(GOOD[:at] + instead + GOOD[at + gone :])


@given(
    st.integers(0, len(REPORT) - 1), st.integers(0, 40), st.binary(max_size=40), st.integers(0, len(REPORT))
)
@settings(max_examples=150)
def test_spliced_reports_never_pass(at, gone, instead, end):
    for spoiled in (REPORT[:at] + instead + REPORT[at + gone :], REPORT[:end]):
        if spoiled != REPORT:
            assert isinstance(settled(written(CHAIN, spoiled)), Failed)


@given(st.integers(0, 4), st.integers(0, 520), st.integers(0, 20), st.binary(max_size=20))
@settings(max_examples=150)
def test_spliced_certificates_never_pass(number, at, gone, instead):
    der = der_of(CHAIN[number])
    spoiled = der[:at] + instead + der[at + gone :]
    if spoiled != der:
        chain = [*CHAIN[:number], pem_of(spoiled), *CHAIN[number + 1 :]]
        found = settled(written(chain, REPORT))
        assert isinstance(found, Failed)
        assert found.check in (Check.CERTIFICATES, Check.CHAIN_LINKS, Check.ROOT_SIGNATURE)


@given(st.lists(st.sampled_from(CHAIN), max_size=CERTIFICATES_MAX + 1))
def test_certificates_in_any_order_get_an_answer(chain):
    found = settled(written(chain, REPORT))
    assert isinstance(found, Examined) == (chain == CHAIN)


def test_depth_does_not_matter():
    """A parser's depth is limited by its caller's; too many brackets are refused before it starts."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        for depth in (10, 150, 5_000):
            nested = opening * depth + "0" + closing * depth
            text = json.dumps({"cert_chain_pem": 0, "report_hex": ""}).replace("0", nested)
            found = settled(text.encode())
            assert found.check is Check.EVIDENCE
            assert ("brackets" in found.detail) == (depth > 150)
