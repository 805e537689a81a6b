"""A beacon from which no pulse could ever verify is told from one that may be listed."""

from dataclasses import replace

from ledger.inspection.beacon import CHAINED_SCHEME, QUICKNET_SCHEME, Beacon, is_sound
from ledger.inspection.curby import CURBY_Q_SCHEME, CURBY_RNG_SCHEME
from ledger.inspection.nist import NIST_SCHEME
from tests.inspection.own_curby import CHAIN_CID
from tests.inspection.own_keys import modulus_of, rsa_key


def test_a_beacon_is_sound_only_with_a_key_and_a_chain_of_its_scheme():
    good = Beacon("own", CURBY_Q_SCHEME, modulus_of(rsa_key(0)), 0, 60, CHAIN_CID)
    assert is_sound(good) and is_sound(replace(good, scheme=CURBY_RNG_SCHEME))
    nist = replace(good, scheme=NIST_SCHEME, chain="2")
    assert is_sound(nist)
    bad = [
        *(replace(good, chain=chain) for chain in ("", "2", CHAIN_CID[:-1], CHAIN_CID + "a", "é")),
        *(replace(nist, chain=chain) for chain in ("", "0", "02", "+2", "-1", "2 ", "٢", CHAIN_CID)),
        *(
            replace(good, public_key=key)
            for key in (b"", b"\xff", good.public_key[:-1] + b"\0", b"\xff" * 513)
        ),
        *(replace(good, scheme=scheme) for scheme in ("", QUICKNET_SCHEME, CHAINED_SCHEME, "curby")),
    ]
    assert [beacon for beacon in bad if is_sound(beacon)] == []
    assert len(bad) == 21
