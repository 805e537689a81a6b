"""What could the word under the cursor become?

Names of views, columns of the views that the text names, keywords, commands of the shell. After `alias.` the
columns of the view behind the alias alone. Knows the catalogue that this release ships, and asks no server.
"""

import re
from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from analytics.catalogue import saved, views
from analytics.mistakes import KEYWORDS

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
QUALIFIED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\.([A-Za-z0-9_]*)$")
COMMAND_LINE = re.compile(r"^\s*\\(\w*)(?:\s+(\S*))?$")
COMMANDS = ("?", "at", "d", "q", "run", "save", "saved", "views")


class SqlCompleter(Completer):
    """Completions for one line or many."""

    def __init__(self) -> None:
        self._columns = {view.name: [column.name for column in view.columns] for view in views()}
        self._saved = [query.name for query in saved()]

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """The framework's question."""
        del complete_event
        before = document.text_before_cursor
        command = COMMAND_LINE.match(before)
        if command is not None:
            yield from self._of_command(command[1], command[2])
            return
        qualified = QUALIFIED.search(before)
        if qualified is not None:
            columns = self._columns.get(self._view_of(qualified[1], document.text), [])
            yield from _matching(columns, qualified[2])
            return
        word = WORD.search(before)
        if word is not None:
            yield from _matching(self._names(document.text), word[0])

    def _of_command(self, name: str, argument: str | None) -> Iterator[Completion]:
        if argument is None:
            return _matching(COMMANDS, name)
        return _matching({"d": list(self._columns), "run": self._saved}.get(name, []), argument)

    def _view_of(self, name: str, text: str) -> str:
        """The view that a name in the text stands for."""
        found = re.search(rf"\b(\w+)\s+(?:AS\s+)?{re.escape(name)}\b", text, re.IGNORECASE)
        behind = found[1].lower() if found else name.lower()
        return behind if behind in self._columns else name.lower()

    def _names(self, text: str) -> list[str]:
        named = {word.lower() for word in re.findall(r"\w+", text)} & self._columns.keys()
        columns = {column for view in named or self._columns for column in self._columns[view]}
        return [*self._columns, *sorted(columns), *KEYWORDS]


def _matching(names: Iterable[str], begun: str) -> Iterator[Completion]:
    lower = begun.lower()
    for name in dict.fromkeys(names):
        if name.startswith(lower):
            yield Completion(name.upper() if begun.isupper() else name, start_position=-len(begun))
