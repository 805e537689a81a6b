"""Which picture of a plan goes into a file?

Cost against risk where the file's name says so, else the chance of detection; as SVG, the same that the
server's page draws.
"""

from pathlib import Path

from api.cli.screen.terminal import Ended, say
from api.web.plots import COST, DETECTION, plot_svg
from ledger.planning.telling import Told


def write_picture(file: Path, told: Told) -> None:
    """Write it; `Ended` where that cannot be done."""
    plot = COST if file.name.endswith(f".{COST}.svg") else DETECTION
    try:
        file.write_bytes(plot_svg(told, plot))
    except OSError as fault:
        raise Ended(f"{file} cannot be written: {fault.strerror}") from None
    say(f"wrote {file}")
