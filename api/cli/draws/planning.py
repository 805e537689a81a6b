"""What does a person at a terminal ask of the planner?

Options become the texts of a question, which the one reader of questions reads: a plan in the terminal and at
an address are the same. On one's own machine nothing is refused for being long. Knows no ledger.
"""

from collections.abc import Mapping, Sequence

from api.cli.screen.terminal import wrong_usage
from ledger.planning import demand, texts
from ledger.planning.reading import read_demand
from ledger.planning.telling import Told, tell
from signing.canonical import Unreadable

PPM = demand.PPM

Options = Mapping[str, object]


def asked(options: Options) -> dict[str, str]:
    """The parameters of those options that were given."""
    return {name: str(value) for name, value in options.items() if value not in (None, "", ())}


def strata_text(lines: Sequence[str]) -> str | None:
    """Strata typed as NAME[@SITE]:CHIPS[:MISS_PPM[:COST]], as a question writes them; None without any."""
    if not lines:
        return None
    try:
        return texts.written_strata(texts.strata_lines("strata", lines))
    except Unreadable as fault:
        raise wrong_usage(str(fault)) from None


def planned(planner: str, options: Options) -> Told:
    """The plan; `Ended` for what is no question."""
    try:
        return tell(read_demand(planner, asked(options), bounded=False))
    except (Unreadable, ValueError) as fault:
        raise wrong_usage(str(fault)) from None
