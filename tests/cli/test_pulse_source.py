"""A pulse is waited for and asked for with patience, and is verified whatever it came from."""

from dataclasses import replace

import pytest

from api.cli.draws.beacons import Rules, rules_of
from api.cli.draws.pulses import PUBLISHED_SECONDS_MAX, PulseSource, Timing, pulse_of_round, spoken
from api.cli.remote.beacon_fetch import NotPublished
from api.cli.screen.terminal import Ended
from ledger.inspection.beacon import Beacon, due_at, verify_pulse
from ledger.inspection.vrf import VRF_SCHEME, public_key_of
from signing.canonical import encode, to_base64
from tests.cli.shelf import curby, drand_case, nist_case, served
from tests.inspection.own_keys import modulus_of, rsa_key

LEAF = b"l" * 32
WAIT = PulseSource(wait=True)


@pytest.fixture(scope="module")
def shelf():
    with served() as shelf:
        yield shelf


def ruled(beacon, source="http://127.0.0.1:1"):
    return Rules(beacon, source, 600, 60, 0, ())


class Clock:
    """Goes on only while somebody sleeps; then `then` may happen."""

    def __init__(self, now, then=lambda _: None):
        self.seconds, self.then = now, then

    def sleep(self, seconds):
        assert seconds >= 0
        self.seconds += max(seconds, 0.01)
        self.then(self.seconds)

    def timing(self):
        return Timing(lambda: self.seconds, self.sleep)


def cases():
    """Stored rounds of real beacons, NIST under the tests' own key: beacon, round, answers by path."""
    for chain in ("quicknet", "default"):
        beacon, number, told, _ = drand_case(chain)
        yield beacon, number, {f"/public/{number}": told}
    beacon, pulse, told = nist_case()
    yield beacon, pulse.round, {f"/pulse/time/{1000 * due_at(beacon, pulse.round)}": told}
    yield curby(128)[0], 42, {"/round/42": [curby(128)[1]]}
    beacon = curby(534_323)[0]
    paths = {f"/chains/{beacon.chain}/pulses/{index}": curby(index)[1] for index in (534_322, 534_323)}
    yield beacon, 534_323, paths


def test_stored_rounds_of_every_scheme_are_fetched_below_the_listed_source(shelf):
    ran = 0
    for place, (beacon, number, answers) in enumerate(cases()):
        for path, told in answers.items():
            shelf.put_json(f"/{place}{path}", told)
        pulse = pulse_of_round(ruled(beacon, f"{shelf.url}/{place}"), number, LEAF, PulseSource())
        assert verify_pulse(beacon, pulse) is not None
        other = PulseSource(server=f"{shelf.url}/{place}/")
        assert pulse_of_round(ruled(beacon), number, LEAF, other) == pulse
        ran += 1
    assert ran == 5


def test_a_beacon_without_an_address_is_not_waited_for_in_vain():
    beacon, number, _, _ = drand_case("quicknet")
    clock = Clock(due_at(beacon, number) - 100)
    with pytest.raises(Ended, match="no address to fetch from: a letter"):
        pulse_of_round(ruled(beacon, "a letter"), number, LEAF, WAIT, clock.timing())
    assert clock.seconds == due_at(beacon, number) - 100


def test_a_round_to_come_is_waited_for_only_where_that_is_asked(shelf):
    beacon, number, told, _ = drand_case("quicknet")
    shelf.put_json(f"/soon/public/{number}", told)
    rules, due = ruled(beacon, f"{shelf.url}/soon"), due_at(beacon, number)
    clock = Clock(due - 100)
    with pytest.raises(Ended, match="in 100 s"):
        pulse_of_round(rules, number, LEAF, PulseSource(), clock.timing())
    assert clock.seconds == due - 100
    assert pulse_of_round(rules, number, LEAF, WAIT, clock.timing()).round == number
    assert due + 1 <= clock.seconds < due + 2


def test_a_round_that_is_due_and_not_published_yet_is_asked_for_again(shelf):
    beacon, number, told, _ = drand_case("quicknet")
    rules, due = ruled(beacon, f"{shelf.url}/late"), due_at(beacon, number)

    def publish(now):
        if now >= due + 20:
            shelf.put_json(f"/late/public/{number}", told)

    with pytest.raises(NotPublished):
        pulse_of_round(rules, number, LEAF, PulseSource(), Clock(due, publish).timing())
    silent = Clock(due)
    with pytest.raises(NotPublished):
        pulse_of_round(rules, number, LEAF, WAIT, silent.timing())
    assert due + PUBLISHED_SECONDS_MAX <= silent.seconds < due + PUBLISHED_SECONDS_MAX + 10
    clock = Clock(due, publish)
    assert pulse_of_round(rules, number, LEAF, WAIT, clock.timing()).round == number
    assert clock.seconds < due + 30


def test_a_forged_pulse_is_not_waited_out(shelf):
    beacon, number, told, _ = drand_case("quicknet")
    shelf.put_json(f"/forged/public/{number}", {**told, "signature": "ab" * 48})
    clock = Clock(due_at(beacon, number))
    with pytest.raises(Ended, match="as listed, signed"):
        pulse_of_round(ruled(beacon, f"{shelf.url}/forged"), number, LEAF, WAIT, clock.timing())
    assert clock.seconds == due_at(beacon, number)


def test_a_file_without_a_proof_is_told(tmp_path):
    own = ruled(Beacon("r/own", VRF_SCHEME, public_key_of(bytes(32)), 0, 1))
    file = tmp_path / "proof.json"
    for text in ("{}", '{"round":7}', '{"round":8,"proof":"' + "ab" * 80 + '"}', '{"round":7,"proof":"x"}'):
        file.write_text(text)
        with pytest.raises(Exception, match=r"holds no proof of 160 hex digits for round 7"):
            pulse_of_round(own, 7, LEAF, PulseSource(file))
    file.write_text(" " * 5_000)
    with pytest.raises(Exception, match="over"):
        pulse_of_round(own, 7, LEAF, PulseSource(file))


def test_waits_are_said_as_people_say_them():
    told = [spoken(seconds) for seconds in (0.2, 59, 119, 120, 7_199, 7_200, 172_800)]
    assert told == ["1 s", "59 s", "119 s", "2 minutes", "120 minutes", "2 hours", "2 days"]


class Entries:
    """A ledger that lists these entries, and nothing else."""

    def __init__(self, *said):
        self.said = said

    def items(self, path, params):
        assert path == "/entries" and params["limit"]
        for kind, body in self.said:
            payload = to_base64(encode({"body": body}))
            yield {"kind": kind, "envelope": {"payload": payload}}


def opening():
    waits = {"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": 1}
    registrar = {"party": "r", "name": "R", "country": "NL", "keys": []}
    said = {"log_key": "k", "registrar": registrar, "witnesses": [], "quorum": 0, "rules": 1}
    return said | {"waits": waits, "device_roots": []}


def listing(**fields):
    said = {"scheme": VRF_SCHEME, "public_key": "ab" * 32, "genesis": "2026-01-01T00:00:00Z", "period_s": 1}
    return {"beacon": "r/own", "source": "s", **said, **fields}


def test_settings_are_those_of_the_last_change_and_an_own_key_needs_no_lead():
    waits = {"beacon_lead_s": 5, "timely_lead_s": 6, "key_delay_s": 7}
    public = listing(beacon="r/nist", scheme="nist-beacon-2.0-rsa-sha512", chain="2")
    public["public_key"] = modulus_of(rsa_key(0)).hex()
    said = [("log.opened", opening()), ("beacon.listed", listing()), ("beacon.listed", public)]
    first = rules_of(Entries(*said), "r/nist")
    assert (first.beacon_lead_s, first.quorum, first.beacon.chain, first.is_own) == (600, 0, "2", False)
    changed = Entries(*said, ("log.changed", {"waits": waits, "quorum": 2}), ("party.enrolled", {}))
    own = rules_of(changed, "r/own")
    assert (own.beacon_lead_s, own.timely_lead_s, own.quorum, own.is_own) == (0, 6, 2, True)
    assert rules_of(changed, "r/nist") == replace(first, beacon_lead_s=5, timely_lead_s=6, quorum=2)
    with pytest.raises(Ended, match="there are r/own, r/nist"):
        rules_of(changed, "r/none")
