"""A token is for whoever answers a challenge with the party's key, once, while the key stands."""

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from threading import Barrier, BrokenBarrierError, get_ident

import pytest

from api.http.tokens import Tokens
from signing.canonical import encode
from signing.envelope import TOKEN_REQUEST_TYPE, seal
from tests.http.trading import JSON, ORIGIN, signer


def told(post, party, key):
    """What a challenge says."""
    return post.http.post("/tokens/challenge", json={"party": party, "keyid": key.public_key.key_id}).json()


def test_an_answered_challenge_gives_a_token_that_reads(post):
    answer = post.take_token("maker", signer("maker"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert post.http.get("/parties/me", headers=headers).json()["party"] == "maker"


def test_a_challenge_is_the_same_for_those_who_are_not_there(post):
    known, unknown = told(post, "maker", signer("maker")), told(post, "nobody", signer("nobody"))
    assert known.keys() == unknown.keys() == {"nonce", "audience", "expires_at"}
    assert known["audience"] == unknown["audience"] == ORIGIN
    assert len(known["nonce"]) == len(unknown["nonce"]) == 32


def test_every_way_to_fail_is_one_answer(post):
    def fails(key, audience, nonce, party):
        answer = post.answer_challenge(key, audience, nonce, party)
        assert answer.status_code == 401, answer.text
        return answer.content

    mine, nonce = signer("maker"), told(post, "maker", signer("maker"))["nonce"]
    other = signer("holder")
    bodies = {
        fails(mine, "another.log", nonce, "maker"),
        fails(mine, ORIGIN, "0" * 32, "maker"),
        fails(mine, ORIGIN, nonce.upper() if nonce.upper() != nonce else nonce + "00", "maker"),
        fails(mine, ORIGIN, "", "maker"),
        fails(mine, ORIGIN, "\u00e9" * 32, "maker"),
        fails(mine, ORIGIN, nonce, "holder"),
        fails(other, ORIGIN, nonce, "maker"),
        fails(other, ORIGIN, told(post, "maker", other)["nonce"], "maker"),
        fails(signer("nobody"), ORIGIN, told(post, "maker", signer("nobody"))["nonce"], "maker"),
        fails(signer("nobody"), ORIGIN, told(post, "nobody", signer("nobody"))["nonce"], "nobody"),
    }
    assert len(bodies) == 1
    # The control: the same nonce, answered as it must be, after all of that.
    assert post.answer_challenge(mine, ORIGIN, nonce, "maker").status_code == 200


def test_a_nonce_is_good_once(post):
    nonce = told(post, "maker", signer("maker"))["nonce"]
    assert post.answer_challenge(signer("maker"), ORIGIN, nonce, "maker").status_code == 200
    assert post.answer_challenge(signer("maker"), ORIGIN, nonce, "maker").status_code == 401


def test_a_signature_of_another_kind_is_no_answer(post):
    nonce = told(post, "maker", signer("maker"))["nonce"]
    said = encode({"audience": ORIGIN, "nonce": nonce, "party": "maker"})
    sealed = seal(signer("maker"), TOKEN_REQUEST_TYPE, said).as_object()
    key = sealed["signatures"][0]["sig"]
    sealed["signatures"][0]["sig"] = key[:4] + ("A" if key[4] != "A" else "B") + key[5:]
    assert post.http.post("/tokens", content=encode(sealed), headers=JSON).status_code == 401


@pytest.mark.parametrize(
    "said",
    [
        {"audience": ORIGIN, "nonce": "0", "party": "maker", "more": "x"},
        {"audience": ORIGIN, "nonce": "0"},
        {"audience": ORIGIN, "nonce": 0, "party": "maker"},
        ["audience"],
    ],
    ids=str,
)
def test_an_answer_of_another_shape_is_malformed(post, said):
    sealed = seal(signer("maker"), TOKEN_REQUEST_TYPE, encode(said)).as_object()
    answer = post.http.post("/tokens", content=encode(sealed), headers=JSON)
    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"party": "maker"}, 400),
        ({"party": "maker", "keyid": 5}, 400),
        ({"party": "maker", "keyid": "0" * 64, "more": 1}, 400),
        ({"party": "MAKER", "keyid": "0" * 64}, 422),
        ({"party": "maker", "keyid": "F" * 64}, 422),
        ({"party": "maker", "keyid": "0" * 64}, 200),
    ],
    ids=str,
)
def test_a_challenge_is_asked_for_in_one_shape(post, asked, status):
    assert post.http.post("/tokens/challenge", json=asked).status_code == status


class Desk:
    """Tokens with a clock that is put by hand."""

    def __init__(self):
        self.now = 1_000
        self.tokens = Tokens(
            ORIGIN, challenge_seconds=120, token_seconds=600, now=lambda: self.now, random=secrets.token_bytes
        )

    def answered(self, after_s=0):
        """The bearer of a challenge answered so many seconds later."""
        key = signer("maker")
        nonce = self.tokens.challenge("maker", key.public_key.key_id)["nonce"]
        self.now += after_s
        said = encode({"audience": ORIGIN, "nonce": nonce, "party": "maker"})
        return self.tokens.answer(seal(key, TOKEN_REQUEST_TYPE, said), key.public_key.octets)


def test_a_challenge_runs_out():
    assert Desk().answered(120) is not None
    assert Desk().answered(121) is None


def test_a_token_runs_out_after_ten_minutes():
    desk = Desk()
    token = desk.tokens.token(desk.answered())["token"]
    desk.now += 599
    assert desk.tokens.bearer(token).party == "maker"
    desk.now += 1
    assert desk.tokens.bearer(token) is None


def test_a_token_of_another_process_or_with_one_letter_changed_is_none():
    desk = Desk()
    token = desk.tokens.token(desk.answered())["token"]
    assert desk.tokens.bearer(token) is not None
    assert Desk().tokens.bearer(token) is None
    for at in range(0, len(token), 7):
        spoilt = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert desk.tokens.bearer(spoilt) is None
    for bad in ("", "=", "\u00e9", "A" * 5_000, "é" * 40):
        assert desk.tokens.bearer(bad) is None


def test_only_answered_nonces_take_memory_and_not_for_long():
    desk = Desk()
    for _ in range(1_000):
        desk.tokens.challenge("nobody", "0" * 64)
    assert len(desk.tokens._answered) == 0
    for _ in range(5):
        assert desk.answered() is not None
    assert len(desk.tokens._answered) == 5
    desk.now += 121
    assert desk.answered() is not None
    assert len(desk.tokens._answered) == 1


def answered_by_two(answering=None, seconds=0.3):
    """How many of two threads are given a token for one nonce, each held between looking and spending.

    The second comes for certain where no lock keeps it out: `seconds` is how long the first waits for it.
    """
    together, calls = Barrier(2), Counter()

    def now():
        calls[get_ident()] += 1
        if calls[get_ident()] == 2:
            with suppress(BrokenBarrierError):
                together.wait(seconds)
        return 1_000

    tokens = Tokens(ORIGIN, challenge_seconds=120, token_seconds=600, now=now, random=secrets.token_bytes)
    if answering is not None:
        tokens._answering = answering
    key = signer("maker")
    calls[get_ident()] = 10  # this thread is not held
    nonce = tokens.challenge("maker", key.public_key.key_id)["nonce"]
    sealed = seal(key, TOKEN_REQUEST_TYPE, encode({"audience": ORIGIN, "nonce": nonce, "party": "maker"}))
    with ThreadPoolExecutor(2) as pool:
        given = [pool.submit(tokens.answer, sealed, key.public_key.octets) for _ in range(2)]
        return sum(each.result() is not None for each in given)


def test_of_two_who_answer_one_challenge_at_once_one_is_given_a_token():
    assert answered_by_two() == 1
    assert answered_by_two(nullcontext(), 60) == 2, "the control: without the lock both are"
