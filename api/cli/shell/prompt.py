"""How does a person at a terminal talk with the shell, and how does a pipe?

At a terminal: completion, history, many lines until a semicolon. A pipe is read whole and answered plainly.
"""

from pathlib import Path

import typer
from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.output import Output

from api.cli.screen.terminal import say
from api.cli.shell.completing import SqlCompleter
from api.cli.shell.statements import is_whole
from api.cli.shell.talk import Talk

HISTORY_FILE = "sql_history"
PRIVATE_MODE = 0o600


def talk_at_terminal(
    talk: Talk, history: History, given: Input | None = None, shown: Output | None = None
) -> None:
    """Until the person ends it."""
    session: PromptSession[str] = PromptSession(
        completer=SqlCompleter(),
        history=history,
        multiline=True,
        key_bindings=_keys(),
        prompt_continuation="       … ",
        complete_while_typing=False,
        input=given,
        output=shown,
    )
    say("Ask in SQL; \\? tells the rest.")
    while True:
        try:
            prompt = "sql> " if talk.at is None else f"sql at {talk.at}> "
            if not talk.take(session.prompt(prompt)):
                return
        except KeyboardInterrupt:
            continue  # what was begun is thrown away
        except EOFError:
            return


def history_of_this_user() -> History:
    """What was typed before, in a file for this user alone; forgotten where there can be none."""
    path = Path(typer.get_app_dir("chipledger")) / HISTORY_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(PRIVATE_MODE)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        take_or_go_on(event.current_buffer)

    return keys


def take_or_go_on(buffer: Buffer) -> None:
    """What the return key does: take what is whole, else begin another line."""
    if is_whole(buffer.text):
        buffer.validate_and_handle()
    else:
        buffer.insert_text("\n")
