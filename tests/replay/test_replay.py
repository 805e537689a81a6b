"""A true file holds, however its inspection went; each step says what it means."""

import pytest

from ledger.replay.check import replay
from ledger.replay.flaws import PROVED, TOLD
from tests.replay.inspected import (
    ALL,
    CLOSED,
    DRAWN,
    FLOOR,
    LOWERED,
    MISSED,
    OWN,
    PLAIN,
    SEEN,
    STAGED,
    UNDRAWN,
    file_of,
)
from tests.world import DICE, LOG_KEY

ALWAYS = {"checkpoint", "entries", "signatures", "keys", "settings", "commitment", "beacon", "round", "frame"}
OF_A_DRAW = {"secret", "pulse", "seed", "selection", "timely", "stage 1"}


def report(path, **keys):
    with path.open("rb") as file:
        return replay(file, **keys)


def said(told, name):
    """The sentences of a step."""
    return [step.sentence for step in told.steps if step.name == name]


@pytest.mark.parametrize("inspection", ALL)
def test_a_true_file_holds_and_leaves_no_step_out(files, inspection):
    told = report(file_of(files, inspection), log_key=LOG_KEY)
    assert told.broken is None, told.broken
    assert (told.inspection, told.log) == (inspection, LOG_KEY.name)
    wanted = ALWAYS | (OF_A_DRAW if inspection in DRAWN else set())
    wanted |= {"findings", "verdict"} if inspection in CLOSED else set()
    assert wanted <= {step.name for step in told.steps}
    assert ("verdict" in {step.name for step in told.steps}) is (inspection in CLOSED)


def test_keys_that_one_knows_prove_what_the_file_only_tells(files):
    path = file_of(files, PLAIN)
    status = {step.name: step.status for step in report(path).steps}
    assert (status["checkpoint"], status["beacon"]) == (TOLD, TOLD)
    told = report(path, log_key=LOG_KEY, beacon_key=DICE.public_key.hex())
    status = {step.name: step.status for step in told.steps}
    assert (status["checkpoint"], status["beacon"]) == (PROVED, PROVED)
    assert status["keys"] == TOLD  # what no file can show is said


def test_verdicts_are_counted_from_the_findings(files):
    told = report(file_of(files, MISSED))
    (verdict,) = said(told, "verdict")
    assert verdict.startswith("violations: draw 1 of 1; confirmed 6, not found 1, refused 2. At most ")
    assert len(said(told, "findings")) == 3
    (verdict,) = said(report(file_of(files, FLOOR)), "verdict")
    assert verdict.startswith("inconclusive: draw 1 of 1; confirmed 11, unlisted 1.")


def test_an_open_inspection_says_how_far_it_is(files):
    told = report(file_of(files, STAGED))
    assert {"stage 1", "stage 2"} <= {step.name for step in told.steps}
    (state,) = said(told, "state")
    assert state.startswith("As far as this file goes it is not closed: 23 of ")
    assert said(report(file_of(files, UNDRAWN)), "state") == ["Nothing is drawn yet."]


def test_witnesses_are_named_with_their_times(files):
    told = report(file_of(files, SEEN))
    (seen,) = said(told, "witnesses")
    assert "w1.example at 2026-" in seen and "w2.example at 2026-" in seen
    (timely,) = said(told, "timely")
    assert timely.startswith("Enough witnesses")
    assert said(report(file_of(files, PLAIN)), "timely")[0].startswith("The log asks for no witness")
    (lowered,) = said(report(file_of(files, LOWERED)), "timely")
    assert lowered == "The log asks for witnesses and none is shown: the verdict is void."


def test_a_verifiers_own_key_is_called_so(files):
    told = report(file_of(files, OWN))
    assert "a key of the verifier's own" in said(told, "beacon")[0]
    assert "verifier's own key" in said(told, "timely")[0]
