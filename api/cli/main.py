"""What does `chipledger` do with the words it is given?

Finds the command in the menu, loads that one alone, and turns whatever goes wrong in it into a sentence and
an exit code: 1 where the ledger or a check said no, 2 for wrong usage. Nobody ever sees a traceback for
something a user can do.
"""

from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from api.cli.last_words import last_words
from api.cli.menu import MENU, Group, Offer
from api.cli.screen.options import help_of

MARKUP: Final = "rich"


class Listed(TyperCommand):
    """A command as a list of commands shows it: name, heading and line; its module is not imported."""

    def __init__(self, offer: Offer, panel: str | None) -> None:
        super().__init__(offer.name, help=offer.line, rich_help_panel=panel, rich_markup_mode=MARKUP)
        self.offer = offer

    def whole(self) -> Any:
        """The command itself, with its options: imports its module."""
        function = self.offer.made_by.load()
        lessons = {} if self.offer.lessons is None else self.offer.lessons.load()
        taught = "\n\n".join((help_of(function), *lessons.get(self.offer.name, ())))
        alone = typer.Typer(add_completion=False, rich_markup_mode=MARKUP, pretty_exceptions_enable=False)
        alone.command(self.offer.name, help=taught, rich_help_panel=self.rich_help_panel)(function)
        return typer.main.get_command(alone)


class Loading(TyperGroup):
    """A group that lists what it has, and loads what is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that the first word names, whole."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.whole() if isinstance(command, Listed) else command, rest


class Commands(Loading):
    """The whole menu, and the group that turns what went wrong into a sentence."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        for panel, things in MENU.items():
            for thing in things:
                self.add_command(_listed(thing, panel))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; every foreseeable failure ends with its sentence and its exit code."""
        try:
            return super().invoke(ctx)
        except (BrokenPipeError, typer.Exit, typer.Abort):
            raise  # whoever read our output went away, or it has ended already: the framework ends quietly
        except Exception as fault:
            code = last_words(fault)
            if code is None:
                raise
            raise typer.Exit(code) from None


def _listed(thing: Offer | Group, panel: str) -> Any:
    if isinstance(thing, Offer):
        return Listed(thing, panel)
    inner = [Listed(offer, None) for offer in thing.offers]
    return Loading(
        name=thing.name,
        help=thing.line,
        commands=inner,
        no_args_is_help=True,
        rich_help_panel=panel,
        rich_markup_mode=MARKUP,
    )


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=MARKUP,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="A registry of AI chips that nobody has to trust: signed statements in, proofs out.",
    epilog="Start with: chipledger demo. --url, --party, --key may be variables: CHIPLEDGER_URL and so on.",
)


@app.callback()
def chipledger() -> None:
    """Nothing is done before the command."""


def run() -> None:
    """The console script."""
    app()
