"""What does `chipledger` do with the words it is given?

Registers every command, and turns whatever goes wrong in one into a sentence and an exit code: 1 where the
ledger or a check said no, 2 for wrong usage. Nobody ever sees a traceback for something a user can do.
"""

from typing import Any

import httpx
import typer
from typer.core import TyperGroup

from api.cli import enrolment, sending, sign
from api.cli.advice import advice_for
from api.cli.client import ProblemAnswer
from api.cli.options import help_of
from api.cli.terminal import EXIT_USAGE, Ended, say_end, wrong_usage
from signing.canonical import Unreadable

SET_UP, SPEAK, READ = "Set up", "Sign and send", "Read and check"


class Commands(TyperGroup):
    """The group that turns what went wrong into a sentence."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; every foreseeable failure ends as `Ended`."""
        try:
            return super().invoke(ctx)
        except Ended as ended:
            say_end(ended)
            raise typer.Exit(ended.code) from None
        except Unreadable as fault:
            say_end(Ended(str(fault)))
            raise typer.Exit(1) from None
        except ProblemAnswer as said:
            say_end(Ended(str(said), _advice(said)))
            raise typer.Exit(1) from None
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            say_end(Ended(f"no answer: {fault}", "is `chipledger serve` running, and is --url its address?"))
            raise typer.Exit(1) from None
        except BrokenPipeError:
            raise
        except OSError as fault:
            say_end(wrong_usage(f"{fault.filename or 'file'}: {fault.strerror or fault}"))
            raise typer.Exit(EXIT_USAGE) from None


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
    (SET_UP, enrolment.keygen),
    (SET_UP, enrolment.enrol),
    (SPEAK, sign.sign),
    (SPEAK, sending.check),
    (SPEAK, sending.send),
):
    app.command(help=help_of(command), rich_help_panel=panel)(command)


def _advice(said: ProblemAnswer) -> str:
    if said.status == httpx.codes.UNAUTHORIZED:
        return "say who asks: --party and --key"
    if said.status == httpx.codes.NOT_FOUND:
        return "it is not there, or not yours to see: the ledger answers both alike"
    return advice_for(said.reason)


def run() -> None:
    """The console script."""
    app()
