"""What does `chipledger` do with the words it is given?

Registers every command, and turns whatever goes wrong in one into a sentence and an exit code: 1 where the
ledger or a check said no, 2 for wrong usage. Nobody ever sees a traceback for something a user can do.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from api.cli.commands import (
    analysis,
    asking,
    audit,
    bench,
    enrolment,
    exporting,
    hosting,
    importing,
    mirroring,
    receipt,
    receive,
    redteam,
    send,
    sign,
)
from api.cli.commands.device import device
from api.cli.commands.inspect import inspect
from api.cli.commands.show import show
from api.cli.demo import play
from api.cli.endings import FORESEEN, ending_of
from api.cli.screen.options import help_of
from api.cli.screen.terminal import say_end

SET_UP, SPEAK, READ = "Set up", "Sign and send", "Read and check"
SEE = "See it work"


class Commands(TyperGroup):
    """The group that turns what went wrong into a sentence."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; every foreseeable failure ends as `Ended`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our output went away: the framework ends quietly
        except FORESEEN as fault:
            ended = ending_of(fault)
            say_end(ended)
            raise typer.Exit(ended.code) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    help="A registry of AI chips that nobody has to trust: signed statements in, proofs out.",
    epilog="Start with: chipledger demo. --url, --party, --key may be variables: CHIPLEDGER_URL and so on.",
)
for panel, command in (
    (SET_UP, hosting.init),
    (SET_UP, hosting.serve),
    (SET_UP, enrolment.keygen),
    (SET_UP, enrolment.enrol),
    (SPEAK, sign.sign),
    (SPEAK, importing.import_),
    (SPEAK, send.check),
    (SPEAK, send.send),
    (SPEAK, receive.receive),
    (READ, receipt.receipt),
    (READ, asking.sql),
    (READ, asking.open_),
    (READ, analysis.report),
    (READ, mirroring.mirror),
    (SEE, play.demo),
    (SEE, bench.bench),
    (SEE, redteam.redteam),
    (READ, audit.audit),
    (READ, exporting.export),
):
    app.command(command.__name__.rstrip("_"), help=help_of(command), rich_help_panel=panel)(command)
app.add_typer(show, name="show", rich_help_panel=READ)
app.add_typer(inspect, name="inspect", rich_help_panel=READ)
app.add_typer(device, name="device", rich_help_panel=READ)


def run() -> None:
    """The console script."""
    app()
