"""Questions of the golden tables as a URL would put them, and how a question is answered here."""

import json
from fractions import Fraction

from ledger.planning.reading import read_demand
from ledger.planning.telling import tell
from tests.shared import vectors

PPM = 1_000_000
STRATA = (
    '[{"name":"a","chips":6000},{"name":"b","chips":3000},{"name":"c","chips":900},{"name":"d","chips":100}]'
)
RUN = {
    "chips": "1000", "run_flop": "3.14e23", "chip_flop_per_day": "86400000000000000000", "run_days": "365",
    "period_days": "30", "snapshots_per_day": "0.1", "beta_ppm": "100000",
}  # fmt: skip


def ask(planner="presence", *, curve=False, bounded=True, **given):
    """What is told of a question whose values are texts or numbers."""
    texts = {name: str(value) for name, value in given.items()}
    return tell(read_demand(planner, texts, bounded=bounded), curve=curve)


def golden(family):
    """The cases of a family."""
    return json.loads(vectors("sampling", f"{family}.json").read_text(encoding="utf-8"))["cases"]


def in_ppm(confidence):
    """1 - confidence in millionths; None where that is no whole number."""
    try:
        beta = (1 - Fraction(confidence)) * PPM
    except (ValueError, TypeError, ZeroDivisionError):
        return None
    return int(beta) if beta.denominator == 1 and 0 <= beta <= PPM else None


def presence_cases(family):
    """(parameters, what is expected) of those cases of a family that millionths can put."""
    for case in golden(family):
        said, beta = case["params"], in_ppm(case["params"].get("confidence"))
        sound = isinstance(said.get("N"), int) and isinstance(said.get("d"), int)
        if beta is None or not sound or case["expect"].get("error") == "invalid":
            continue
        query = {"frame": said["N"], "missing": said["d"], "beta_ppm": beta, "accept": said.get("c", 0)}
        if "s" in said:
            miss = in_ppm(said["s"])
            if miss is None:
                continue
            query["test_miss_ppm"] = miss
        if query["accept"] <= 1000:
            yield query, case["expect"]


def activity_cases():
    """The same for Eq. 1: (parameters, what is expected, the paper's figure or None)."""
    names = ("run_flop", "H"), ("chip_flop_per_day", "a"), ("run_days", "T"), ("period_days", "Tm")
    for case in golden("shavit"):
        said, beta = case["params"], in_ppm(case["params"].get("p"))
        texts = [str(said.get(short)) for _, short in (*names, ("", "f"))]
        plain = all(text.translate({ord(sign): None for sign in ".e+-"}).isdigit() for text in texts)
        if case["expect"].get("error") == "invalid" or not beta or not plain or "C" not in said:
            continue
        query = {name: said[short] for name, short in names}
        query |= {"chips": said["C"], "snapshots_per_day": said["f"], "beta_ppm": beta}
        yield query, case["expect"], case.get("published")
