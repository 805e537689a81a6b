"""A pulse is had from a server or a file, and believed only when it verifies; every failure is named."""

import json
import socket
from dataclasses import replace

import httpx
import pytest

from api.cli.remote.beacon_fetch import ANSWER_BYTES_MAX, FETCH_SECONDS_MAX, fetch_pulse, read_pulse_file
from api.cli.screen.terminal import Ended
from ledger.inspection.beacon import Beacon, verify_pulse
from tests.cli.shelf import curby, drand_case, nist_case, served


@pytest.fixture(scope="module")
def shelf():
    with served() as shelf:
        yield shelf


@pytest.mark.parametrize("chain", ["quicknet", "default"])
def test_a_drand_round_is_fetched_by_its_number(shelf, chain):
    beacon, number, told, randomness = drand_case(chain)
    shelf.put_json(f"/{chain}/public/{number}", told)
    pulse = fetch_pulse(beacon, f"{shelf.url}/{chain}/", number)
    assert verify_pulse(beacon, pulse).hex() == randomness


def test_a_nist_pulse_is_fetched_by_the_rounds_time(shelf):
    beacon, pulse, told = nist_case()
    shelf.put_json("/beacon/2.0/pulse/time/1789091400000", told)
    assert fetch_pulse(beacon, f"{shelf.url}/beacon/2.0", pulse.round) == pulse


def test_another_minutes_pulse_is_named_as_such(shelf):
    beacon, pulse, told = nist_case()
    shelf.put_json("/beacon/2.0/pulse/time/1789091460000", told)
    with pytest.raises(Ended, match=r"the nearest is of 2026-09-11T01:50:00\.000Z"):
        fetch_pulse(beacon, f"{shelf.url}/beacon/2.0", pulse.round + 1)


def test_a_quantum_round_is_found_among_the_pulses_of_its_round(shelf):
    beacon, value = curby(128)
    shelf.put_json("/curbyq/round/42", [curby(126)[1], curby(127)[1], value])
    pulse = fetch_pulse(beacon, f"{shelf.url}/curbyq", 42)
    assert verify_pulse(beacon, pulse).hex().startswith("82a06c62fe036815")
    shelf.put_json("/curbyq/round/43", [curby(126)[1], curby(127)[1]])
    with pytest.raises(Ended, match="holds no pulse of curby for round 43"):
        fetch_pulse(beacon, f"{shelf.url}/curbyq", 43)


def test_a_classical_pulse_is_fetched_with_the_one_before_it(shelf):
    beacon, value = curby(534_323)
    for index in (534_322, 534_323):
        shelf.put_json(f"/api/chains/{beacon.chain}/pulses/{index}", curby(index)[1])
    pulse = fetch_pulse(beacon, f"{shelf.url}/api", 534_323)
    assert verify_pulse(beacon, pulse) is not None
    assert [path.split("/")[-1] for path in shelf.asked[-2:]] == ["534322", "534323"]
    assert value["data"]["signature"] == pulse.pulse.signature


def test_a_pulse_comes_from_a_file_as_well(tmp_path):
    file = tmp_path / "pulse.json"
    wanted = [drand_case(chain)[:3] for chain in ("quicknet", "default")]
    nist_beacon, nist_pulse, told = nist_case()
    wanted.append((nist_beacon, nist_pulse.round, told))
    wanted.append((curby(128)[0], 42, curby(128)[1]))
    wanted.append((curby(534_323)[0], 534_323, [curby(534_323)[1], curby(534_322)[1]]))
    for beacon, number, told in wanted:
        file.write_text(json.dumps(told))
        assert verify_pulse(beacon, read_pulse_file(beacon, number, file)) is not None
        with pytest.raises(Ended) as other:
            read_pulse_file(beacon, number + 1, file)
        assert other.value.advice and "from a file" not in other.value.advice  # it was one
        with pytest.raises(Ended, match="as listed, signed"):
            read_pulse_file(replace(beacon, public_key=beacon.public_key[::-1]), number, file)
    assert len(wanted) == 5


def test_a_file_too_long_or_missing_is_said_to_be(tmp_path):
    beacon, number, _, _ = drand_case("quicknet")
    file = tmp_path / "pulse.json"
    file.write_bytes(b" " * (ANSWER_BYTES_MAX + 1))
    with pytest.raises(Ended, match="over 65,536 bytes"):
        read_pulse_file(beacon, number, file)
    file.write_bytes(b"hello")
    with pytest.raises(Ended, match="no JSON") as text:
        read_pulse_file(beacon, number, file)
    assert "as it came" in text.value.advice
    with pytest.raises(FileNotFoundError):
        read_pulse_file(beacon, number, tmp_path / "none.json")


FAULTY = {
    "not yet": (b"", 404, {}, "has published no round"),
    "too early": (b"", 425, {}, "has published no round"),
    "broken": (b"", 500, {}, "answered 500"),
    "elsewhere": (b"", 302, {"location": "/good"}, "answered 302"),
    "packed": (b"\x1f\x8b", 200, {"content_encoding": "gzip"}, "not with a pulse"),
    "long": (b" " * (ANSWER_BYTES_MAX + 1), 200, {}, "over 65,536 bytes"),
    "endless": ([b" " * 8192] * 9, 200, {}, "over 65,536 bytes"),
    "torn": (b"{", 200, {"content_length": "100"}, "no answer"),
    "text": (b"hello", 200, {}, "no JSON"),
    "deep": (b"[" * 60_000, 200, {}, "no JSON"),
    "no text": (b'"\xff"', 200, {}, "no JSON"),
    "other": (b'{"pulse": 1}', 200, {}, "holds no pulse"),
    "list": (b"[1, null]", 200, {}, "holds no pulse"),
    "no hex": (b'{"round": ROUND, "signature": "xyz"}', 200, {}, "holds no pulse"),
    "odd": (b'{"round": ROUND, "signature": "00", "previous_signature": 5}', 200, {}, "holds no pulse"),
    "forged": (b'{"round": ROUND, "signature": "00"}', 200, {}, "as listed, signed"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_every_bad_answer_ends_in_a_sentence(shelf, fault):
    beacon, number, told, _ = drand_case("quicknet")
    body, status, headers, sentence = FAULTY[fault]
    pieces = [
        piece.replace(b"ROUND", str(number).encode())
        for piece in (body if isinstance(body, list) else [body])
    ]
    shelf.put_json(f"/good/public/{number}", told)
    assert fetch_pulse(beacon, f"{shelf.url}/good", number).round == number
    shelf.put(f"/bad/public/{number}", pieces, status, **headers)
    with pytest.raises(Ended, match=sentence) as ended:
        fetch_pulse(beacon, f"{shelf.url}/bad", number)
    assert ended.value.advice


def test_another_rounds_answer_is_not_taken_for_it(shelf):
    beacon, number, told, _ = drand_case("quicknet")
    shelf.put_json(f"/public/{number + 1}", told)
    with pytest.raises(Ended, match="holds no pulse"):
        fetch_pulse(beacon, shelf.url, number + 1)


def test_an_answer_that_drips_for_too_long_is_given_up(shelf):
    beacon, number, told, _ = drand_case("quicknet")
    raw = json.dumps(told).encode()
    shelf.put(f"/drip/public/{number}", [raw[:10], raw[10:]])
    patient, hasty = iter(range(99)), iter(n * (FETCH_SECONDS_MAX + 1) for n in range(99))
    assert fetch_pulse(beacon, f"{shelf.url}/drip", number, now=lambda: float(next(patient))).round == number
    with pytest.raises(Ended, match="no whole answer in 30 s"):
        fetch_pulse(beacon, f"{shelf.url}/drip", number, now=lambda: next(hasty))


@pytest.mark.parametrize(
    "source", ["ftp://127.0.0.1", "http://", "no url", "http://127.0.0.1:99999", "http://[::"]
)
def test_a_source_that_is_no_address_is_said_to_be(source):
    beacon, number, _, _ = drand_case("quicknet")
    with pytest.raises(Ended, match="no answer"):
        fetch_pulse(beacon, source, number)


def test_a_server_that_is_not_there_is_said_to_be():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    beacon, number, _, _ = drand_case("quicknet")
    with pytest.raises(Ended, match="no answer") as ended:
        fetch_pulse(beacon, f"http://127.0.0.1:{port}", number, transport=httpx.HTTPTransport())
    assert "file" in ended.value.advice


def test_a_server_that_is_late_is_asked_again():
    beacon, number, told, _ = drand_case("quicknet")
    with served(late_s=0.2) as shelf:
        shelf.put_json(f"/public/{number}", told)
        with pytest.raises(Ended, match="no answer"):
            fetch_pulse(beacon, shelf.url, number, transport=httpx.HTTPTransport(retries=0))
        assert fetch_pulse(beacon, shelf.url, number).round == number


def test_an_unknown_scheme_is_asked_nowhere(shelf, tmp_path):
    before = len(shelf.asked)
    beacon = Beacon("x", "tea-leaves", b"", 0, 1)
    with pytest.raises(Ended, match="tea-leaves"):
        fetch_pulse(beacon, shelf.url, 1)
    (tmp_path / "x").write_text("{}")
    with pytest.raises(Ended, match="tea-leaves"):
        read_pulse_file(beacon, 1, tmp_path / "x")
    assert len(shelf.asked) == before
