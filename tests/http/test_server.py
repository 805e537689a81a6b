"""The server as a process: it says where it listens, waits with long polls, sheds load, and ends in order."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import httpx
import pytest

from api.http.body import BodyBudget, Room
from api.http.metrics import Metrics
from api.http.problems import Refusal
from api.http.published import TileCache
from api.http.rates import Rates
from api.settings import Settings
from api.wiring import system_clock
from tests.http.trading import CLOCK, JSON, REGISTRAR, enrolment, make_folder, serving

SERVE = """
import sys
from pathlib import Path
from api.http.serve import serve
from api.wiring import Ledger
from ledger.folder import LedgerFolder
ledger = Ledger.open(LedgerFolder(Path(sys.argv[1])))
serve(ledger, "127.0.0.1", 0)
ledger.close()
print("closed")
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_process_says_its_port_answers_and_ends_in_order(tmp_path, ending):
    folder = make_folder(tmp_path / "ledger", system_clock)  # the process has no other clock
    started = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd(), "CHIPLEDGER_SNAPSHOT_SECONDS": "0"},
    )
    try:
        line = json.loads(started.stdout.readline() or started.stderr.read())
        assert line["origin"] == "ledger.example/http"
        assert httpx.get(line["listening"] + "/readyz", trust_env=False, timeout=120).status_code == 200
        assert (
            httpx.post(
                line["listening"] + "/statements",
                content=b"{}",
                headers=JSON,
                trust_env=False,
                timeout=120,
            ).status_code
            == 400
        )
    finally:
        started.send_signal(ending)
        last, said = started.communicate(timeout=300)
    assert (started.returncode, last) == (0, "closed\n"), said
    told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [line["event"] for line in told] == ["listening", "ended"]


def test_what_was_admitted_is_there_after_a_new_start(tmp_path):
    folder = make_folder(tmp_path / "ledger")
    with serving(folder) as post:
        receipt = post.send(enrolment("maker", "maker")).json()
    with serving(folder) as post:
        again = post.ask("maker", f"/statements/{receipt['statement']}").json()
        assert (again["index"], again["leaf_hash"]) == (receipt["index"], receipt["leaf_hash"])
        assert post.http.get("/checkpoint").text == receipt["checkpoint"]


def test_a_long_poll_is_answered_when_an_entry_comes(tmp_path):
    """Long before its wait is over, however busy the machine."""
    with serving(make_folder(tmp_path / "ledger"), wait_seconds=300) as bench:
        bench.token(REGISTRAR)
        came = {}

        def poll():
            began = time.monotonic()
            came["page"] = bench.ask(REGISTRAR, "/entries?after=0&wait=300").json()
            came["seconds"] = time.monotonic() - began

        waiting = threading.Thread(target=poll)
        waiting.start()
        assert bench.send(enrolment("maker", "maker")).status_code == 201
        waiting.join()
        assert [entry["entry_index"] for entry in came["page"]["items"]] == [1]
        assert came["seconds"] < 200


def test_one_long_poll_too_many_is_turned_away(tmp_path):
    with serving(make_folder(tmp_path / "ledger"), waiting_max=1, wait_seconds=300) as post:
        post.token(REGISTRAR)
        with ThreadPoolExecutor(2) as pool:
            polls = [pool.submit(post.ask, REGISTRAR, "/entries?after=0&wait=300") for _ in range(2)]
            turned_away, waiting = wait(polls, return_when=FIRST_COMPLETED)
            assert post.send(enrolment("maker", "maker")).status_code == 201  # what the other waits for
        assert [each.result().status_code for each in (*turned_away, *waiting)] == [503, 200]


def test_a_wait_beyond_the_longest_is_422(bench):
    assert bench.ask(REGISTRAR, "/entries?wait=31").status_code == 422
    assert bench.ask(REGISTRAR, "/entries?wait=30").status_code == 200


def test_a_token_ends_with_its_ten_minutes(tmp_path):
    with serving(make_folder(tmp_path / "ledger")) as post:
        assert post.ask(REGISTRAR, "/parties/me").status_code == 200
        before = CLOCK.ahead_ms
        try:
            CLOCK.forward(601)
            assert post.ask(REGISTRAR, "/parties/me").status_code == 401
        finally:
            CLOCK.ahead_ms = before


def test_a_rate_is_told_in_the_429(tmp_path):
    with serving(make_folder(tmp_path / "ledger"), lines_per_minute=3, challenges_per_minute=2) as post:
        answer, before = until_429(lambda: post.send(b"{}"), 3)
        assert before == {400} and "at most 3 statements a minute" in answer.json()["detail"]
        assert int(answer.headers["retry-after"]) >= 1
        asked = {"party": "maker", "keyid": "0" * 64}
        _, before = until_429(lambda: post.http.post("/tokens/challenge", json=asked), 2)
        assert before == {200}


def until_429(ask, per_minute):
    """The first answer that says 429, and the statuses before it: of as many as the rate lets through."""
    began, before = time.monotonic(), []
    while (answer := ask()).status_code != 429:
        before.append(answer.status_code)
        assert len(before) <= per_minute + per_minute * (time.monotonic() - began) / 60
    assert len(before) >= per_minute
    return answer, set(before)


def test_a_bucket_refills_with_time():
    now = [0.0]
    rates = Rates("things", 60, lambda: now[0])
    rates.spend("a", 60)
    with pytest.raises(Refusal):
        rates.spend("a", 1)
    rates.spend("b", 60)  # another address has its own
    now[0] = 1.0
    rates.spend("a", 1)
    with pytest.raises(Refusal):
        rates.spend("a", 1)
    now[0] = 1_000.0
    rates.spend("a", 1_000)  # more than a bucket, once, from a full one
    now[0] = 1_001.0
    with pytest.raises(Refusal):
        rates.spend("a", 1)
    Rates("things", 0, lambda: now[0]).spend("a", 10**9)


def test_bodies_share_one_budget():
    budget = BodyBudget(100)
    one, two = Room(budget), Room(budget)
    one.grow(60)
    with pytest.raises(Refusal) as refused:
        two.grow(41)
    assert refused.value.problem.status == 503
    two.grow(40)


def test_readiness_fails_when_the_door_is_shut(bench):
    assert bench.http.get("/readyz").status_code == 200
    bench.ledger.attendant.close()  # or it would be started again
    bench.ledger.sequencer.stop()
    answer = bench.http.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert "Retry-After" in answer.headers
    turned_away = bench.send(enrolment("maker", "maker"))
    assert (turned_away.status_code, turned_away.json()["reason"]) == (503, "unavailable")
    assert "Retry-After" in turned_away.headers
    assert bench.http.get("/checkpoint").status_code == 200


def test_readiness_fails_when_publication_lags(bench):
    bench.ledger.publisher.flush()
    assert bench.ledger.faults() == []
    bench.ledger.publisher._size = 0
    bench.ledger.publisher._taken_since = time.monotonic() - bench.ledger.settings.publication_seconds - 1
    assert "published checkpoint" in bench.ledger.faults()[0]
    bench.ledger.publisher._size, bench.ledger.publisher._taken_since = 1, None
    assert bench.ledger.faults() == []


def test_a_request_keeps_its_id_when_that_is_plain(bench):
    assert bench.http.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    made = bench.http.get("/healthz", headers={"X-Request-Id": "a b\t<c>"}).headers["x-request-id"]
    assert len(made) == 16


def test_tiles_in_memory_are_bounded(tmp_path):
    cache = TileCache(bytes_max=100)
    for number in range(10):
        (tmp_path / str(number)).write_bytes(b"x" * 30)
        assert cache.read(tmp_path / str(number)) == b"x" * 30
    assert [cache.get(tmp_path / str(number)) is not None for number in range(10)] == [False] * 7 + [True] * 3
    assert cache.read(tmp_path / "none") is None


def test_metrics_count_by_bucket():
    metrics = Metrics()
    metrics.request("GET", 200, 0.01)
    metrics.request("GET", 200, 100.0)
    text = metrics.text({})
    assert 'chipledger_request_seconds_bucket{le="0.005"} 0\n' in text
    assert 'chipledger_request_seconds_bucket{le="0.025"} 1\n' in text
    assert 'chipledger_request_seconds_bucket{le="+Inf"} 2\n' in text


def test_settings_come_from_variables_and_a_file(tmp_path, monkeypatch):
    file = tmp_path / "settings.toml"
    file.write_text('port = 9000\nhost = "::1"\n')
    monkeypatch.setenv("CHIPLEDGER_SETTINGS", str(file))
    monkeypatch.setenv("CHIPLEDGER_PORT", "9001")
    assert (Settings().host, Settings().port, Settings().token_minutes) == ("::1", 9001, 10)
    monkeypatch.setenv("CHIPLEDGER_TOKEN_MINUTES", "11")
    with pytest.raises(ValueError, match="token_minutes"):
        Settings()
