"""The commands `inspect …`: the verifier's day, from the plan to the verdict and its defence."""

import typer

from api.cli.commands.inspections.close import close
from api.cli.commands.inspections.commit import commit
from api.cli.commands.inspections.draw import draw
from api.cli.commands.inspections.joint import joint
from api.cli.commands.inspections.lessons import LESSONS
from api.cli.commands.inspections.plan import plan
from api.cli.commands.inspections.progress import progress
from api.cli.commands.inspections.record import record
from api.cli.commands.inspections.replay import replay
from api.cli.commands.inspections.worksheet import worksheet
from api.cli.screen.options import help_of

inspect = typer.Typer(help="Plan an inspection, commit to it, draw the sample.", no_args_is_help=True)

for command in (plan, commit, draw, worksheet, record, progress, close, joint, replay):
    taught = "\n\n".join((help_of(command), *LESSONS.get(command.__name__, ())))
    inspect.command(help=taught)(command)
