"""What strangers try comes to nothing: each attack is refused in words, changes nothing, stops nobody else.

With the guard gone the confinement still holds; with no walls at all each attack does what it says.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from analytics.console import CODE, Console, SqlAnswer
from analytics.question import REASONS, Request, SqlRefused
from tests.console.attacks import ATTACKS, CALL, READ, RUN, TRY, WRITE
from tests.console.room import PATIENT, SECRET, answers_plainly, without_walls

NAMES = [attack.name for attack in ATTACKS]
AT_ONCE = 2
PATIENCE_SECONDS = 600  # tests are not in a hurry
PLAIN_EVERY = 4  # attacks
BARE = Path(__file__).with_name("bare.py")
NO_GUARD = """
import msgspec, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from analytics.console_child import answer, confine_to, warm
from analytics.contained import open_watched
from analytics.question import Request
requests = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Request])
with open_watched(Path(requests[0].snapshot), "100MB", 1) as connection:
    warm(connection, "json")
    confine_to(requests[0].limits)
    for request in requests:
        reply, body = answer(connection, request, lambda connection, query: None)
        told = body.decode() if reply.refused is None else reply.refused.detail
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\\n")
"""


class Nobody(BaseHTTPRequestHandler):
    """A server that notes who came."""

    came = 0

    def do_GET(self):
        """Somebody came."""
        Nobody.came += 1
        self.send_error(404)

    do_HEAD = do_PUT = do_POST = do_GET


@pytest.fixture(scope="module")
def port():
    """Where the server listens, to which nobody may come."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Nobody)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    assert Nobody.came == 0


@pytest.fixture(scope="module")
def attacked(room, port):
    """Every attack on one console; among them and at the end plain questions. Nothing has changed then."""
    console = Console(PATIENT, AT_ONCE, PATIENCE_SECONDS)
    before = room.state()

    def attack(numbered):
        number, one = numbered
        answer = console.run(room.snapshot, room.filled(one.query, port))
        plain = number % PLAIN_EVERY != 0 or answers_plainly(console, room)
        return answer, plain

    with ThreadPoolExecutor(AT_ONCE) as both:
        answers = dict(zip(NAMES, both.map(attack, enumerate(ATTACKS)), strict=True))
    assert answers_plainly(console, room)
    return answers, before == room.state()


@pytest.fixture(scope="module")
def bare(room, tmp_path_factory):
    """What each attack does to a database without walls."""
    scratch = tmp_path_factory.mktemp("bare") / "scratch"
    asked = {"snapshot": str(room.snapshot.path), "scratch": str(scratch), "secret": SECRET}
    asked["queries"] = [attack.query for attack in ATTACKS]
    command = [sys.executable, str(BARE)]
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return dict(zip(NAMES, json.loads(done.stdout), strict=True))


def test_there_are_as_many_as_promised():
    assert len(set(NAMES)) == len(ATTACKS)
    assert len([attack for attack in ATTACKS if attack.effect != TRY]) >= 100
    for group in (READ, WRITE, CALL, RUN):
        assert len([attack for attack in ATTACKS if attack.effect == group]) >= 5, group


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
def test_an_attack_is_refused_in_words(attack, attacked, room):
    answers, _ = attacked
    answer, plain = answers[attack.name]
    assert isinstance(answer, SqlRefused), (attack.query, answer)
    assert answer.reason == attack.reason and answer.reason in REASONS, answer
    assert answer.detail and answer.detail.isprintable()
    assert SECRET not in answer.detail and str(room.snapshot.path.parent) not in answer.detail
    assert plain, "the question after it was not answered"


def test_no_file_appeared_and_none_changed(attacked):
    assert attacked[1]


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
def test_without_walls_it_does_what_it_says(attack, bare):
    """The control: each of these is an attack."""
    outcome = bare[attack.name]
    match attack.effect:
        case "reads":
            assert outcome["answered"] and SECRET in outcome["told"], outcome
        case "writes":
            assert outcome["made"], outcome
        case "calls":
            assert outcome["calls"] > 0, outcome
        case "answers":
            assert outcome["answered"], outcome
        case "tries":
            assert not outcome["answered"], "it does something: say what in its row"


def test_behind_the_guard_stands_a_second_wall(room, port):
    """With the guard gone some statements run, but none reads the secret, writes a file or calls out."""
    before = room.state()
    queries = [room.filled(attack.query, port) for attack in ATTACKS]
    requests = [Request(str(room.snapshot.path), query, "json", PATIENT, {}) for query in queries]
    command = [sys.executable, "-I", "-c", NO_GUARD, str(CODE)]
    done = subprocess.run(command, input=msgspec.json.encode(requests), capture_output=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(ATTACKS)
    assert not any(SECRET in text for text in told)
    assert room.state() == before


def test_settings_alone_do_not_hold(room):
    """The control of the second wall: without it the file's own log is written, although access is off."""
    log = Path(f"{room.snapshot.path}.wal")
    try:
        answer = without_walls().run(room.snapshot, f"COPY (SELECT 1) TO '{log}'")
        assert isinstance(answer, SqlAnswer) and log.exists()
    finally:
        log.unlink(missing_ok=True)
