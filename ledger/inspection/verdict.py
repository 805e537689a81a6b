"""What does a finished sample say about how many chips are gone in the whole frame?

Exact bounds by inverting the hypergeometric law: a total is ruled out when what was observed, or anything
more extreme, has probability alpha or less under it. So a sample planned for d missing chips that finds
none bounds the total below d. Wrong parameters raise ValueError naming the parameter. Knows no findings,
chips or plans.
"""

from collections.abc import Sequence
from fractions import Fraction

from ledger.inspection.allowance import evaded_at_most
from ledger.inspection.evasion import Stratum, check_plan
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX, Sampling, at_most
from ledger.inspection.plan import check_probability, check_whole


def upper_bound(frame: int, n: int, observed: int, alpha: Fraction) -> int:
    """The largest missing total D with P(X <= observed | D) > alpha, `observed` being missing among `n`."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("n", n, 0, frame)
    check_whole("observed", observed, 0, n)
    check_probability("alpha", alpha)
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie strictly between 0 and 1")
    possible = observed
    ruled_out = frame - n + observed + 1
    while ruled_out - possible > 1:  # the probability never grows with D
        total = (possible + ruled_out) // 2
        if at_most(Sampling(frame, total, n, observed, Fraction(0)), alpha):
            ruled_out = total
        else:
            possible = total
    return possible


def upper_bound_in_strata(
    strata: Sequence[Stratum], sizes: Sequence[int], observed: int, alpha: Fraction
) -> int:
    """The largest missing total some split of which keeps P(X <= observed) > alpha, X over all strata.

    Exact for one stratum or where none was observed; otherwise never too low. A test that misses counts as
    planned: what was observed is what was found.
    """
    frame = sum(stratum.chips for stratum in strata)
    check_plan(strata, sizes, 0)
    check_whole("observed", observed, 0, sum(sizes))
    check_probability("alpha", alpha)
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie strictly between 0 and 1")
    possible, ruled_out = observed, frame + 1
    while ruled_out - possible > 1:  # one chip more in any split never makes finding few likelier
        total = (possible + ruled_out) // 2
        if evaded_at_most(strata, sizes, total, alpha, observed):
            ruled_out = total
        else:
            possible = total
    return possible


def lower_bound(frame: int, n: int, observed: int, alpha: Fraction) -> int:
    """The smallest missing total D with P(X >= observed | D) > alpha."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("n", n, 0, frame)
    check_whole("observed", observed, 0, n)
    # The same bound, seen from the chips that are present.
    return frame - upper_bound(frame, n, n - observed, alpha)
