"""What counts as a refusal, over HTTP and from a command? Everything else fails the test that saw it."""

import json

from ledger.book.rejection import STATUS, Reason
from tests.cli.stage import chipledger

REASONS = {reason.value: STATUS.get(reason, 409) for reason in Reason}
NOT_FROM_THE_LIST = {408, 415}  # for the carriage, not the statement: their reason has another status
REFUSED, WRONG_USAGE = 1, 2


def refused(answer, what):
    """The listed reason of an answer that is a 4xx problem with that reason's status."""
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json", (what, answer.text[:300])
    return listed(answer.json(), what, answer.status_code)


def listed(problem, what, status=None):
    """The reason of a problem, in the contract's list and under its status."""
    reason = problem.get("reason")
    assert reason in REASONS, (what, problem)
    assert problem["type"] == f"urn:chipledger:refusal:{reason}", (what, problem)
    assert status in (None, problem["status"]), (what, problem)
    assert problem["status"] in NOT_FROM_THE_LIST | {REASONS[reason]}, (what, problem)
    assert "Traceback" not in json.dumps(problem), (what, problem)
    return reason


def refused_lines(answer, what):
    """The reasons an NDJSON request was given: as a whole, or a line each and none admitted."""
    if answer.status_code != 200:
        return {refused(answer, what)}
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert {one["status"] for one in told} <= {"refused"}, (what, told)
    return {listed(one["problem"], what) for one in told}


def ends_badly(*words, stdin=None):
    """The result of a command that ends with 1 or 2, says why, and shows no traceback."""
    result = chipledger(*words, stdin=stdin)
    what = [str(word)[:80] for word in words]
    assert result.exit_code in (REFUSED, WRONG_USAGE), (what, result.exit_code, result.output[:300])
    assert result.output.strip(), what
    assert "Traceback" not in result.output, what
    return result
