"""Which options do the commands of inspections share?"""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.draws.planning import PPM

Missing = Annotated[int, typer.Option(min=0, help="Chips gone, at least: what must not be missed.")]
Beta = Annotated[int, typer.Option("--beta-ppm", min=0, max=PPM, help="Risk of missing that, in millionths.")]
Accept = Annotated[int, typer.Option(min=0, help="How many found missing are still acceptable.")]
TestMiss = Annotated[
    int, typer.Option("--test-miss-ppm", min=0, max=PPM, help="How often the test overlooks a missing chip.")
]
Name = Annotated[str, typer.Argument(metavar="INSPECTION", help="<verifier>/<name>, or a name of your own.")]
Secret = Annotated[Path | None, typer.Option(help="Where the secret goes. Default: NAME.secret.json")]
