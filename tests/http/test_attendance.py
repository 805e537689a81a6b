"""A log that must not grow is read from, and what stopped the door opens it again once it has passed."""

import gc
import threading
import time

import pytest
from structlog.testing import capture_logs

from api.attendant import LOOK_SECONDS, PAUSE_SECONDS_MAX, Attendant
from api.collector import COLLECTOR_OBJECTS, COLLECTOR_OLD_PASSES, COLLECTOR_YOUNG_PASSES
from api.settings import Settings
from api.wiring import Ledger
from ledger.durability.floor import ReadOnly, WriterElsewhere
from ledger.outcome import Refused
from signing.signer import write_key_file
from tests.http.trading import CLOCK, enrolment, make_folder, serving

RECOVERY_SECONDS_MAX = 180
QUIET = Settings(snapshot_seconds=0)


class Ailing:
    """Fails to start so many times, and then runs."""

    def __init__(self, failures, stopped="Doubt: a commit"):
        self.stopped = stopped
        self.failures = failures
        self.starts = 0

    def start(self):
        self.starts += 1
        if self.starts <= self.failures:
            raise OSError(28, "No space left on device")
        self.stopped = None


def waits(attended, count, then=lambda _: None):
    """What an attendant waits for, `count` times."""
    waited = []

    def wait(seconds):
        if len(waited) == count:
            return True
        waited.append(seconds)
        then(len(waited))
        return False

    with capture_logs() as told:
        Attendant(attended, wait).attend()
    return waited, [line["event"] for line in told]


def test_it_is_tried_at_once_and_then_in_pauses_that_grow_to_a_limit():
    ailing = Ailing(9)
    waited, told = waits(ailing, 12)
    assert waited == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60, LOOK_SECONDS, LOOK_SECONDS]
    assert ailing.starts == 10 and ailing.stopped is None
    assert told == ["the log takes no statements"] * 9 + ["the log takes statements again"]


def test_what_runs_is_left_alone():
    sound = Ailing(0, stopped=None)
    assert waits(sound, 5) == ([LOOK_SECONDS] * 5, [])
    assert sound.starts == 0


@pytest.mark.parametrize(("sound_seconds", "next_pause"), [(PAUSE_SECONDS_MAX, 0), (5, 4)])
def test_pauses_are_short_again_once_it_has_run_for_a_while(sound_seconds, next_pause):
    ailing = Ailing(2)
    stops_at = 3 + int(sound_seconds / LOOK_SECONDS)

    def then(count):
        if count == stops_at:
            ailing.stopped, ailing.failures = "Fenced: again", 99

    waited, _ = waits(ailing, stops_at + 1, then)
    assert waited[:3] == [0, 1, 2]
    assert waited[3:-1] == [LOOK_SECONDS] * (stops_at - 3)
    assert waited[-1] == next_pause


def attended_once(ledger):
    """One attempt to take up again."""
    waits(ledger.sequencer, 1)


def test_a_log_that_must_not_grow_is_served_to_readers(tmp_path):
    folder = make_folder(tmp_path / "ledger")
    with serving(folder) as post:
        assert post.send(enrolment("maker", "maker")).status_code == 201
        assert post.http.get("/readyz").status_code == 200, "the control"
        post.ledger.publisher.flush()
        head = post.http.get("/checkpoint").text
    floor = folder.floor.read_bytes()
    folder.floor.write_bytes(floor.replace(b'"size":2}', b'"size":7}'))
    with capture_logs() as told, serving(folder) as post:
        post.ledger.attendant.close()
        assert post.http.get("/checkpoint").text == head
        assert post.ask("registrar", "/parties/maker").status_code == 200
        answer = post.send(enrolment("holder", "holder"))
        assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
        assert "entries are missing" not in answer.text, "what is wrong is the operator's to know"
        ready = post.http.get("/readyz")
        assert ready.status_code == 503 and "entries are missing" not in ready.text
        attended_once(post.ledger)
        assert post.send(enrolment("holder", "holder")).status_code == 503, "the control: it is as it was"
        folder.floor.write_bytes(floor)
        attended_once(post.ledger)
        assert post.send(enrolment("holder", "holder")).status_code == 201
        post.ledger.publisher.flush()
        assert post.http.get("/readyz").status_code == 200
    reasons = [line["reason"] for line in told if "only read from" in line["event"]]
    assert len(reasons) == 1 and "acknowledged entries are missing" in reasons[0]


def test_nothing_is_signed_for_a_log_that_may_have_lost_entries(tmp_path):
    folder = make_folder(tmp_path / "ledger")

    def refused(ledger):
        ledger.attendant.close()
        ledger.sequencer.stop()
        (outcome,) = ledger.admission.admit([enrolment("maker", "maker")])
        ledger.close()
        assert isinstance(outcome, Refused)
        return outcome

    assert refused(Ledger.open(folder, QUIET, CLOCK)).note is not None, "the control"
    kept = folder.floor.read_bytes()
    folder.floor.write_bytes(kept.replace(b'"size":1}', b'"size":7}'))
    assert refused(Ledger.open(folder, QUIET, CLOCK)).note is None


def test_a_second_process_does_not_serve_what_another_writes(tmp_path):
    folder = make_folder(tmp_path / "ledger")
    ledger = Ledger.open(folder, QUIET, CLOCK)
    with pytest.raises(WriterElsewhere):
        Ledger.open(folder, QUIET, CLOCK)
    ledger.close()
    Ledger.open(folder, QUIET, CLOCK).close()


def test_a_log_under_another_key_is_not_served(tmp_path):
    folder = make_folder(tmp_path / "ledger")
    folder.log_key.unlink()
    write_key_file(folder.log_key, bytes(32), None)
    with pytest.raises(ReadOnly, match="not the key"):
        Ledger.open(folder, QUIET, CLOCK)


class MovedClock:
    """The tests' clock, moved."""

    moved_ms = 0

    def __call__(self):
        return CLOCK() + self.moved_ms


def test_a_clock_set_back_shuts_the_door_until_it_is_right_again(tmp_path):
    clock = MovedClock()
    ledger = Ledger.open(make_folder(tmp_path / "ledger"), QUIET, clock)
    raws = [enrolment("maker", "maker")]
    clock.moved_ms = -60_000
    (turned_away,) = ledger.admission.admit(raws)
    assert isinstance(turned_away, Refused) and ledger.sequencer.stopped is not None
    clock.moved_ms = 0
    ends_at = time.monotonic() + RECOVERY_SECONDS_MAX
    while ledger.sequencer.stopped is not None and time.monotonic() < ends_at:
        threading.Event().wait(0.01)
    (admitted,) = ledger.admission.admit(raws)
    assert not isinstance(admitted, Refused)
    ledger.close()


def test_the_garbage_collector_looks_seldom_once_a_ledger_is_open(tmp_path):
    folder = make_folder(tmp_path / "ledger")
    gc.set_threshold(700, 10, 10)
    gc.unfreeze()
    ledger = Ledger.open(folder, QUIET, CLOCK)
    assert gc.get_threshold() == (COLLECTOR_OBJECTS, COLLECTOR_YOUNG_PASSES, COLLECTOR_OLD_PASSES)
    assert gc.get_freeze_count() > 0
    ledger.close()
    assert gc.get_freeze_count() == 0
