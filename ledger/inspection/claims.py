"""What risk do several claims carry together, and how often does a verifier who may choose draws mislead?

Claims over provers or periods each hold but for a risk of their own. That all hold at once is missed with at
most the sum of the risks, whatever the claims have to do with each other; for draws that are independent, as
those from different beacon rounds are, it is exactly one less the product of what is left. Wrong parameters
raise ValueError naming the parameter. Knows no provers, findings or draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from ledger.inspection.plan import check_probability, check_whole
from ledger.inspection.reals import significant

CLAIMS_MAX = 10_000
DRAWS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class JointClaim:
    """All claims at once: `total_upper` bounds the sum of what they bound.

    `risk_any` is the most that the chance of one or more failing can be, however they depend on each other,
    `risk_independent` that chance where their draws are independent. The sum is wrong only if a claim is.
    """

    risks: tuple[Fraction, ...]
    risk_worst_single: Fraction
    risk_any: Fraction
    risk_independent: Fraction
    total_upper: int


def joint_claim(uppers: Sequence[int], risks: Sequence[Fraction]) -> JointClaim:
    """Claims `at most upper`, each with its own risk of being wrong, made together."""
    check_whole("uppers", len(uppers), 1, CLAIMS_MAX)
    if len(risks) != len(uppers):
        raise ValueError("risks must be one for each of uppers")
    for upper in uppers:
        check_whole("uppers", upper, 0, 10**15)
    for risk in risks:
        check_probability("risks", risk)
    return JointClaim(
        tuple(risks),
        max(risks),
        min(Fraction(1), sum(risks, Fraction(0))),
        1 - prod((1 - risk for risk in risks), start=Fraction(1)),
        sum(uppers),
    )


def risk_per_claim(simultaneous: Fraction, claims: int) -> Fraction:
    """The risk to plan each of `claims` with so that all hold but for `simultaneous`, however they depend."""
    check_probability("simultaneous", simultaneous)
    check_whole("claims", claims, 1, CLAIMS_MAX)
    return simultaneous / claims


def shopped_risk(beta: Fraction, draws: int) -> Fraction:
    """1 - (1 - beta)^m: the chance that the nicest of m independent draws misses; 30 significant digits."""
    check_probability("beta", beta)
    check_whole("draws", draws, 1, DRAWS_MAX)
    return significant(1 - (1 - beta) ** draws, 30)


def pools(provers: Sequence[str], affiliations: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Provers that any chain of affiliations connects, each pool to be inspected as one frame.

    Pools and their members in ascending order; parties in an affiliation who are no provers still connect.
    """
    leader: dict[str, str] = {prover: prover for prover in provers}

    def led_by(party: str) -> str:
        leader.setdefault(party, party)
        while leader[party] != party:
            leader[party] = leader[leader[party]]
            party = leader[party]
        return party

    for group in affiliations:
        for other in group[1:]:
            first, second = sorted((led_by(group[0]), led_by(other)))
            leader[second] = first
    members: dict[str, list[str]] = {}
    for prover in sorted(set(provers)):
        members.setdefault(led_by(prover), []).append(prover)
    return tuple(sorted(tuple(each) for each in members.values()))
