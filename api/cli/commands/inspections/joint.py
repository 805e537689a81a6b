"""What do several inspections say together? The command `inspect joint`."""

from fractions import Fraction
from typing import Annotated

import typer

from api.cli.remote.reading import open_client
from api.cli.screen.options import Json, ReaderKey, ReaderParty, Url
from api.cli.screen.terminal import out, print_json, table_of, warn, wrong_usage
from api.cli.verdicts.joint import joint_of, table
from ledger.book.rules.planned import PPM
from ledger.planning.numbers import plainly

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="INSPECTION...", help="<verifier>/<name>, all draws of a series."),
]
Series = Annotated[list[str] | None, typer.Option(help="All draws of a series; may be given again.")]


def joint(
    names: Names = None,
    *,
    url: Url,
    party: ReaderParty = None,
    key: ReaderKey = None,
    series: Series = None,
    simultaneous_ppm: Annotated[
        int, typer.Option(min=1, max=PPM - 1, help="All claims shall hold but for this, in millionths.")
    ] = 50_000,
    as_json: Json = False,
) -> None:
    """Several provers or periods in one claim, with the risk of each and of all at once.

    Every verdict is reckoned again from its findings. A series is taken whole: draws that were withheld, void
    or are still open stand beside the claims, and one that is left out ends the command.

    \b
    chipledger inspect joint agency/visit-1 agency/visit-2
    chipledger inspect joint --series agency/yearly --simultaneous-ppm 10000
    """
    if not names and not series:
        raise wrong_usage("no inspection is named", "chipledger inspect joint agency/visit-1, or --series")
    with open_client(url, party, key) as client:
        found = joint_of(client, names or (), series or ())
    if as_json:
        print_json(found.told(simultaneous_ppm))
        return
    out.print(table_of("claims", *table(found)))
    out.print(found.sentence(), markup=False)
    whole, each = plainly(Fraction(simultaneous_ppm, PPM)), int(found.each(simultaneous_ppm) * PPM)
    out.print(f"For all to hold but for {whole}, plan each with --beta-ppm {each} at most.")
    for one in found.shopped():
        begins = f"Of the {one['draws']} draws of {one['series']} the nicest, shown alone,"
        out.print(f"{begins} would miss with probability {one['nicest_alone_misses']}.")
    for pool in found.apart:
        warn(f"{', '.join(pool)} belong together and were inspected apart: one chip may stand for both")
