"""What does it help to draw again until the draw is nice?

A verifier in league with the prover makes several draws and would keep the nicest; a beacon in league with
both stays silent when a draw would hurt. Both are played on the same worlds: as it would be if draws could be
forgotten, and as the log shows them, where every draw has a number and every one counts. Chances are those of
independent draws (`claims.shopped_risk`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from api.cli.redteam.measured import LIMIT, PROMISED, Claim, Measured, measured
from ledger.inspection.claims import shopped_risk

SHOPPED_DRAWS = 5
SHOPPING, WITHHELD_BEACON = "draw shopping", "withheld beacon"
IS_WITHHELD = 0x80  # a bit of the randomness by which a beacon that cannot know the draw decides


@dataclass(frozen=True, slots=True)
class Draw:
    """One world's draw: whether the missing chips came through it, and what the beacon published."""

    clean: bool
    randomness: bytes


def shopped(draws: Sequence[Draw], miss: Fraction) -> list[Measured]:
    """The rows; `miss` is the exact chance of one draw to be clean. Too few draws give no row."""
    groups = [draws[at : at + SHOPPED_DRAWS] for at in range(0, len(draws), SHOPPED_DRAWS)]
    groups = [group for group in groups if len(group) == SHOPPED_DRAWS]
    published = [draw for draw in draws if not draw.randomness[0] & IS_WITHHELD]
    if not groups or not published:
        return []
    m, shopping = SHOPPED_DRAWS, shopped_risk(miss, SHOPPED_DRAWS)
    nicest = sum(any(draw.clean for draw in group) for group in groups)
    first = sum(group[0].clean for group in groups)
    every = sum(all(draw.clean for draw in group) for group in groups)
    kept = f"makes {m} draws and shows the nicest alone: what hiding them would win"
    silent = f"is silent until a draw is nice, {m} times at most, and knows every secret: what that would win"
    numbered = f"makes {m} draws, which the log numbers;"
    appears = "the same; its rounds appear later, and every sample is due"
    told = [
        (Claim(SHOPPING, "verifier", kept, LIMIT, shopping), nicest),
        (Claim(SHOPPING, "verifier", f"{numbered} the first counts", PROMISED, miss), first),
        (Claim(SHOPPING, "verifier", f"{numbered} all count", PROMISED, miss**m), every),
        (Claim(WITHHELD_BEACON, "beacon", silent, LIMIT, shopping), nicest),
        (Claim(WITHHELD_BEACON, "beacon", appears, PROMISED, miss**m), every),
    ]
    rows = [measured(claim, clean, len(groups)) for claim, clean in told]
    blind = Claim(
        WITHHELD_BEACON,
        "beacon",
        "withholds rounds as it likes, without the verifier's secret",
        PROMISED,
        miss,
    )
    return [*rows, measured(blind, sum(draw.clean for draw in published), len(published))]
