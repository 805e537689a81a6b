"""The tutorial does not lie: every command on the page is run, in order, and prints what the page says.

After a change of wording: `python -m pytest tests/docs/test_tutorial.py --rewrite-golden`, then read the
difference.
"""

import random
import socket
import sys
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.living_ledger import level
from tests.docs.page import Command, Saved, differences, masked, read_page, rewritten
from tests.docs.shell import Shell

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
PORT = "8440"  # on the page
PORTS = range(20_000, 32_000)
COMMANDS = (
    *(
        "init",
        "serve",
        "keygen",
        "enrol",
        "sign",
        "check",
        "send",
        "receipt",
        "show",
        "sql",
        "report",
        "audit",
    ),
    *("inspect plan", "inspect commit", "inspect draw"),
)


def free_port():
    """Of those that no system gives away by itself: until the server listens, others connect to theirs."""
    for port in random.sample(PORTS, len(PORTS)):
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return str(port)
    raise AssertionError("no port is free")


@pytest.fixture(scope="module")
def steps():
    return read_page(PAGE.read_text())


@pytest.fixture(scope="module")
def printed(steps, tmp_path_factory):
    """What each command printed and its exit code, by the page's line number."""
    folder, port = tmp_path_factory.mktemp("tutorial"), free_port()
    shell = Shell(folder, Path(sys.executable).parent)
    answers = {}
    try:
        for step in steps:
            if isinstance(step, Saved):
                (folder / step.name).write_text(step.text)
            else:
                if step.text.startswith("chipledger audit ledger"):
                    level(folder / "ledger")
                lines, code = shell.run(step.text.replace(PORT, port))
                shown = [line.replace(port, PORT) for line in lines]
                answers[step.line] = (shown, code)
    finally:
        shell.close()
    return answers


def commands(steps):
    return [step for step in steps if isinstance(step, Command)]


def test_every_command_prints_what_the_page_says(steps, printed, rewrite_golden):
    if rewrite_golden:
        PAGE.write_text(rewritten(PAGE.read_text(), {line: lines for line, (lines, _) in printed.items()}))
        return
    told = [told for command in commands(steps) for told in differences(command, printed[command.line][0])]
    assert not told, "\n".join(told)


def test_a_command_that_fails_is_followed_by_its_exit_code(steps, printed):
    asked = commands(steps)
    failed = {command.text for command in asked if printed[command.line][1] != 0}
    confessed = {before.text for before, after in pairwise(asked) if after.text == "echo $?"}
    assert failed == confessed
    assert len(failed) == 3


def test_the_tutorial_walks_through_every_step_of_the_main_job(steps):
    shown = " ".join(command.text for command in commands(steps))
    assert [words for words in COMMANDS if f"chipledger {words} " not in shown] == []
    assert len(commands(steps)) >= 50


def test_no_changed_line_of_the_page_goes_unnoticed(steps, printed, rewrite_golden):
    """The control: one line after the other is spoiled, and the comparison names it."""
    if rewrite_golden:
        return
    spoiled = 0
    for command in commands(steps):
        lines = printed[command.line][0]
        for place, line in enumerate(command.output):
            # A digit or letter that no mask covers, turned into another of its kind.
            shown = masked(line, command.text)
            bare = next((at for at, sign in enumerate(shown) if sign.isalnum() and line[at] == sign), None)
            if bare is None:
                continue
            other = line[:bare] + ("Q" if line[bare] != "Q" else "Z") + line[bare + 1 :]
            page = Command(command.text, (*command.output[:place], other, *command.output[place + 1 :]), 1)
            assert differences(page, lines), f"{line!r} became {other!r}, and nobody noticed"
            spoiled += 1
        if command.output:
            shorter = Command(command.text, command.output[1:], 1)
            assert differences(shorter, lines), "a missing line went unnoticed"
    assert spoiled > 150
