"""What does the shell do with one input?

A statement is asked of the snapshot chosen; a command of the shell chooses, lists or saves. What goes wrong
is a sentence, and the talk goes on. Knows neither terminal nor server: both are given to it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from analytics.catalogue import saved, views
from api.cli.endings import FORESEEN, ending_of
from api.cli.loading import Later
from api.cli.screen.terminal import Ended, out, say, say_end, table_of, warn, wrong_usage
from api.cli.shell.statements import COMMAND, inputs

MEDIA_TYPES = Later("analytics.formats", "MEDIA_TYPES")  # engines come with them
ROWS_SHOWN_MAX = 1_000
NEWEST = "newest"
QUIT = ("q", "quit", "exit")
HELP = """\
SELECT …;       asks; it may have many lines, and ends with a semicolon
\\views          the views            \\d VIEW         a view's columns
\\saved          saved questions      \\run NAME       asks one of them
\\at SIZE        asks the snapshot of this size from now on; \\at newest
\\save FILE      the last answer as .csv, .json, .arrow or .parquet
\\q              ends; so does Ctrl-D. Ctrl-C ends a question
A full stop serves for the backslash."""

# query, format, size of the snapshot or None for the newest -> the answer's bytes
Ask = Callable[[str, str, int | None], bytes]


class Talk:
    """One session. `at` is the size of the snapshot that is asked, None for the newest."""

    def __init__(self, ask: Ask, at: int | None = None) -> None:
        self._ask = ask
        self.at = at
        self._last: tuple[str, int] | None = None  # query and size of the last answer
        self.faults = 0

    def take(self, text: str) -> bool:
        """Do what was typed; False to end."""
        for one in inputs(text):
            try:
                if one.startswith(COMMAND):
                    if not self._command(one[len(COMMAND) :]):
                        return False
                else:
                    self._question(one)
            except FORESEEN as fault:
                self.faults += 1
                say_end(ending_of(fault))
        return True

    def _command(self, text: str) -> bool:
        name, _, argument = text.partition(" ")
        argument = argument.strip()
        match name:
            case name if name in QUIT:
                return False
            case "views" | "tables":
                out.print(table_of("", ("view", "what it has"), [(v.name, v.meaning) for v in views()]))
            case "d":
                self._describe(argument)
            case "saved":
                out.print(table_of("", ("name", "question"), [(q.name, q.question) for q in saved()]))
            case "run":
                self._run(argument)
            case "at":
                self._choose(argument)
            case "save":
                self._save(argument)
            case _:
                say(HELP.replace("[", "\\["))
        return True

    def _question(self, query: str) -> None:
        told = read_answer(self._ask(query, "json", self.at))
        self._last = (query, told["size"])
        show_answer(told)

    def _describe(self, name: str) -> None:
        view = next((view for view in views() if view.name == name), None)
        if view is None:
            raise wrong_usage(f"there is no view {name!r}", f"one of {', '.join(v.name for v in views())}")
        rows = [(column.name, column.meaning, column.unit) for column in view.columns]
        out.print(table_of(f"{view.name}: {view.meaning}", ("column", "meaning", "unit or form"), rows))
        if view.example is not None:
            say(f"for example: {view.example.question}")

    def _run(self, name: str) -> None:
        query = next((query for query in saved() if query.name == name), None)
        if query is None:
            raise wrong_usage(f"no question is saved as {name!r}", "\\saved lists them")
        self._question(query.text)

    def _choose(self, argument: str) -> None:
        if argument != NEWEST and not argument.isdecimal():
            raise wrong_usage(f"{argument!r} is no size", f"\\at 1000, or \\at {NEWEST}")
        self.at = None if argument == NEWEST else int(argument)
        say("asking the newest snapshot" if self.at is None else f"asking the snapshot of size {self.at}")

    def _save(self, name: str) -> None:
        path = Path(name).expanduser()
        form = path.suffix.removeprefix(".")
        media_types = MEDIA_TYPES.load()
        if form not in media_types:
            raise wrong_usage(f"{name!r} has no ending that is known", f"one of {', '.join(media_types)}")
        if self._last is None:
            raise wrong_usage("nothing was answered yet", "ask first, then save")
        query, size = self._last
        raw = self._ask(query, form, size)  # the same rows: a snapshot never changes
        with path.open("xb") as file:
            file.write(raw)
        say(f"{path}: {len(raw):,} bytes, of the snapshot of size {size}")


def read_answer(raw: bytes) -> dict[str, Any]:
    """The JSON of an answer. Rates may be fractions here: analytics is no signed form."""
    try:
        told = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("size"), int):
        raise Ended("the answer is not what a ledger gives", "is --url the address of `chipledger serve`?")
    return told


def show_answer(told: dict[str, Any]) -> None:
    """Rows as a table, whether they are all, and what they stand for."""
    columns = [str(column["name"]) for column in told.get("columns", [])]
    rows = told.get("rows", [])
    if rows:
        names = list(rows[0])  # where columns share a name, each has one of its own here
        shown = [[_rounded(row.get(name)) for name in names] for row in rows[:ROWS_SHOWN_MAX]]
        out.print(table_of("", names or columns, shown))
    else:
        out.print("no rows")
    is_cut = told.get("truncated")
    if len(rows) > ROWS_SHOWN_MAX:
        of = f"{len(rows):,} rows came" if is_cut else f"{len(rows):,} rows"
        gives = f"a file has these {len(rows):,}" if is_cut else "a file gives all"
        say(f"{of}, the first {ROWS_SHOWN_MAX:,} shown; {gives}")
    if is_cut:
        warn("there were more rows than one answer may have, in a file too: ask for fewer")
    say(f"snapshot {told.get('snapshot')}, of the log at size {told.get('size')}")


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value
