"""Another process gives the same answers as checking here, and its end changes nothing but the time."""

import os
import signal
import subprocess
import sys
from hashlib import sha256
from threading import Thread

import pytest

from ledger.admission import Admission
from ledger.book.rejection import Reason
from ledger.entrance.verifiers import WORTH_THE_WAY, OtherProcess
from ledger.outcome import Admitted, Refused
from ledger.storage.memory import MemoryStore
from signing.keys import verify_each
from signing.signer import SeedSigner
from tests.sequencer import trade

SECONDS_MAX = 180
SIGNER = SeedSigner(sha256(b"verifiers").digest())
CHILD = """
import sys, time
from ledger.entrance.verifiers import OtherProcess
if __name__ == "__main__":
    other = OtherProcess()
    assert other.wait(180)
    print(*other._pool._processes, flush=True)
    time.sleep(600)
"""


def signed(count, bad=()):
    each = []
    for number in range(count):
        message = b"%d" % number
        signature = SIGNER.sign(message)
        each.append((SIGNER.public_key.octets, message + b"!" if number in bad else message, signature))
    return each


@pytest.fixture
def other():
    process = OtherProcess()
    assert process.wait(SECONDS_MAX)
    yield process
    process.close()


@pytest.mark.parametrize("count", [0, 1, WORTH_THE_WAY - 1, WORTH_THE_WAY, 300])
def test_it_answers_as_checking_here_does(other, count):
    some = signed(count, bad={0, 17, count - 1})
    assert other(some) == verify_each(some)
    assert other(some).count(False) == len({0, 17, count - 1} & set(range(count)))


def test_until_it_stands_and_after_it_is_closed_signatures_are_checked_here():
    process, some = OtherProcess(), signed(WORTH_THE_WAY, bad={3})
    assert process(some) == verify_each(some)  # starts it, and does not wait
    process.close()
    assert process(some) == verify_each(some)
    assert not process.wait(0)


def test_its_end_is_survived(other):
    some = signed(WORTH_THE_WAY, bad={3})
    for child in list(other._pool._processes):
        os.kill(child, signal.SIGKILL)
    assert other(some) == verify_each(some)
    assert other(some) == verify_each(some)


def test_it_does_not_outlive_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(CHILD)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline().split()[0])
    os.kill(child, 0)  # raises where it is not there
    parent.kill()
    parent.wait()
    with parent.stdout as words:
        # The child holds the other end of its parent's output: the end of the file is its own end.
        ended = Thread(target=words.read)
        ended.start()
        ended.join(SECONDS_MAX)
        assert not ended.is_alive(), child


@pytest.mark.parametrize(("verifiers", "reason"), [(verify_each, Reason.BAD_SIGNATURE), (None, None)])
def test_what_the_verifiers_say_decides(verifiers, reason):
    """The control: verifiers that call everything good let a forged statement in."""
    desk = trade.Desk(MemoryStore()).open()
    raw = trade.registered(trade.chips(0, 2))
    before, after = raw.split(b'"sig":"')
    forged = before + b'"sig":"' + (b"AAAA" if after[:4] != b"AAAA" else b"BBBB") + after[4:]
    admission = Admission(desk.store, desk.sequencer, verifiers or (lambda some: [True] * len(some)))
    (outcome,) = admission.admit([forged])
    admission.close()
    if reason is None:
        assert isinstance(outcome, Admitted)
    else:
        assert isinstance(outcome, Refused)
        assert outcome.rejection.reason is reason
