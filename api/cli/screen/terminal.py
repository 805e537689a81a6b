"""How does a command speak, and how does it end?

Results go to standard output, everything said about the work to standard error, so that a pipe carries
results only. `Ended` is how a command stops early: with a message, what to do next, and the exit code (1 the
ledger or a check said no, 2 wrong usage). Knows no ledger.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

EXIT_REFUSED = 1
EXIT_USAGE = 2
PLAIN_WIDTH = 160  # columns where no terminal says otherwise
BAR_CELLS = 40
BLOCKS = " ▏▎▍▌▋▊▉█"

# A name such as `:100:` stays as it is: no little pictures.
out = Console(highlight=False, emoji=False, soft_wrap=False)
err = Console(stderr=True, highlight=False, emoji=False)
if not out.is_terminal:
    out = Console(highlight=False, emoji=False, width=PLAIN_WIDTH)
if not err.is_terminal:
    err = Console(stderr=True, highlight=False, emoji=False, width=PLAIN_WIDTH)


class Ended(Exception):
    """A command that stops: why, what to do about it, and with which exit code."""

    def __init__(self, message: str, advice: str = "", code: int = EXIT_REFUSED) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.code = code


def wrong_usage(message: str, advice: str = "") -> Ended:
    """The command was typed wrongly: exit code 2."""
    return Ended(message, advice, EXIT_USAGE)


def say(text: str) -> None:
    """A line about the work; rich markup is understood."""
    err.print(text)


def warn(text: str) -> None:
    """A line about something that is allowed and may still be a mistake."""
    err.print(f"[yellow]warning:[/] {escape(text)}")


def say_end(ended: Ended) -> None:
    """The last lines of a command that stopped."""
    err.print(f"[bold red]error:[/] {escape(ended.message)}")
    if ended.advice:
        err.print(f"[bold]what to do:[/] {escape(ended.advice)}")


def print_json(value: object) -> None:
    """The machine's form of an answer: indented JSON, keys as they come, characters as they are."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def table_of(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A table in which nothing is cut off: long cells fold. Numbers stand right."""
    rows = [[cell_text(cell) for cell in row] for row in rows]
    shown = Table(title=title or None, title_justify="left", header_style="bold")
    for place, column in enumerate(columns):
        numbers = bool(rows) and all(_is_number(row[place]) for row in rows)
        shown.add_column(escape(column), justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        shown.add_row(*map(escape, row))
    return shown


def facts_of(title: str, facts: Mapping[str, Any]) -> Table:
    """One thing, a line for each of its members."""
    shown = Table(title=title or None, title_justify="left", show_header=False)
    shown.add_column(style="bold")
    shown.add_column(overflow="fold")
    for name, value in facts.items():
        shown.add_row(escape(name), escape(cell_text(value)))
    return shown


def bar(share: float) -> str:
    """A bar of blocks, `share` of BAR_CELLS long, in eighths of a cell."""
    eighths = round(min(max(share, 0.0), 1.0) * BAR_CELLS * 8)
    whole, rest = divmod(eighths, 8)
    return BLOCKS[8] * whole + (BLOCKS[rest] if rest else "")


def cell_text(value: Any) -> str:
    """A value as a table shows it: nothing for nothing, JSON for what is nested."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


@contextmanager
def progress(title: str, total: int | None) -> Iterator["Bar"]:
    """A bar for long work on a terminal; where there is none, silence."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
        yield Bar(shown, shown.add_task(escape(title), total=total))


class Bar:
    """One line of progress."""

    def __init__(self, shown: Progress, task: Any) -> None:
        self._shown = shown
        self._task = task

    def advance(self, by: int = 1) -> None:
        """So much more is done."""
        self._shown.advance(self._task, by)

    def at(self, done: int, total: int | None = None, title: str | None = None) -> None:
        """So much is done, of so much, at something called so."""
        told = None if title is None else escape(title)
        self._shown.update(self._task, completed=done, total=total, description=told)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).lstrip("-").isdigit() or not text
