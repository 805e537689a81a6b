"""What does a page of the documents ask its reader to do, and what does it say will come of it?

A step is a file to save (a fenced block after "Save this as `NAME`:") or a command (a line `$ …` in a
```console block, continued while it ends in a backslash) with the output below it. Promises: `differences`
is empty only if every line agrees once what must vary is masked; `rewritten` puts other outputs in and leaves
all else as it was. Knows no shell.
"""

import re
from dataclasses import dataclass

SAVED = re.compile(r"Save this as `([^`]+)`.*:$")
PROMPT = "$ "
MASKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{3,6})?Z)?",  # days and times
        r"\b(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})\b",  # hashes, ids, tickets
        r"(?<=example\.org/chips\+)[0-9a-f]{8}\+[0-9A-Za-z+/]{43}[0-9A-Za-z+/=]",  # verifier keys
        r"(?<=example\.org/chips )[0-9A-Za-z+/]{90,}={0,2}",  # signatures of checkpoints
        r"^[0-9A-Za-z+/]{43}=$",  # roots of checkpoints
        r"(?<=root )[0-9a-f]{12}(?=…)",  # roots, their first digits
        r"\b\d{9}\b",  # beacon rounds
        r"\b\d+(?= ms\b)",  # durations
    )
)
DRAWS = ("chipledger inspect draw", "chipledger show inspection")
DRAWN_CHIP = re.compile(r"(?<=acme:16542230000)\d\d")  # chance decides which
MASK = "#"


@dataclass(frozen=True, slots=True)
class Saved:
    """A file the reader makes."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what the page says it prints; `line` is the page's line number of the prompt, from 1."""

    text: str
    output: tuple[str, ...]
    line: int


def read_page(text: str) -> list[Saved | Command]:
    """The steps of a page, in order."""
    steps: list[Saved | Command] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        if not lines[number].startswith("```"):
            number += 1
            continue
        end = lines.index("```", number + 1)
        inside = lines[number + 1 : end]
        before = next((line for line in reversed(lines[:number]) if line), "")
        saved = SAVED.search(before)
        if saved:
            steps.append(Saved(saved[1], "\n".join(inside) + "\n"))
        elif lines[number] == "```console":
            steps += _commands(inside, number + 2)
        number = end + 1
    return steps


def _commands(inside: list[str], first_line: int) -> list[Command]:
    commands = []
    place = 0
    while place < len(inside):
        assert inside[place].startswith(PROMPT), f"line {first_line + place}: output without a command"
        line = first_line + place
        words = [inside[place].removeprefix(PROMPT)]
        place += 1
        while words[-1].endswith("\\"):
            words.append(inside[place])
            place += 1
        output = []
        while place < len(inside) and not inside[place].startswith(PROMPT):
            output.append(inside[place])
            place += 1
        commands.append(Command("\n".join(words), tuple(output), line))
    return commands


def masked(line: str, command: str) -> str:
    """A line of output without what differs from run to run; lengths stay, so that tables stay tables."""
    line = line.rstrip()
    for mask in (*MASKS, DRAWN_CHIP) if command.startswith(DRAWS) else MASKS:
        line = mask.sub(lambda found: MASK * len(found[0]), line)
    return line


def differences(command: Command, printed: list[str]) -> list[str]:
    """Where the page and the program disagree, as sentences; empty if nowhere."""
    said = [masked(line, command.text) for line in command.output]
    seen = [masked(line, command.text) for line in printed]
    where = f"line {command.line}: `{command.text}`"
    told = [
        f"{where}: output line {place}: the page has {expected!r}, it prints {actual!r}"
        for place, (expected, actual) in enumerate(zip(said, seen, strict=False), start=1)
        if expected != actual
    ]
    if len(said) != len(seen):
        told.append(f"{where}: {len(said)} lines on the page, {len(seen)} printed: {printed}")
    return told


def rewritten(text: str, outputs: dict[int, list[str]]) -> str:
    """The page with other outputs: what each command printed, by the line number of its prompt."""
    lines = text.split("\n")
    for command in reversed([step for step in read_page(text) if isinstance(step, Command)]):
        start = command.line + command.text.count("\n")
        lines[start : start + len(command.output)] = [line.rstrip() for line in outputs[command.line]]
    return "\n".join(lines)
