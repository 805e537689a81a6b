"""How much does a chip compute in a day, as the log lists its model?

At full utilisation, in its fastest listed floating-point format, unless a person says otherwise: a high
rate is the careful choice, both for what a missing chip could do and for how thinly a run could be spread.
Knows no plan.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended
from ledger.inspection.quantity import flop_per_day
from signing.canonical import from_base64, read_object

ENTRIES_PER_REQUEST = 1_000
FLOP_PER_GFLOP = 10**9
FLOATING = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8", "fp4")  # int8 computes no FLOP


@dataclass(frozen=True, slots=True)
class ModelRate:
    """What a chip of a listed model does: FLOP a day in a format."""

    model: str
    precision: str
    flop_per_day: Fraction


def listed_rate(client: LedgerClient, model: str | None) -> ModelRate:
    """The model's rate, or where none is named that of the fastest listed; `Ended` where there is none."""
    rates: dict[str, ModelRate] = {}
    for entry in client.items("/entries", {"limit": ENTRIES_PER_REQUEST}):
        if entry["kind"] == "model.listed":
            body = read_object(from_base64(entry["envelope"]["payload"], "payload"), "payload")["body"]
            rate = _fastest(body)
            if rate is not None:
                rates[rate.model] = rate
    if model is not None:
        rates = {name: rate for name, rate in rates.items() if name == model}
    if not rates:
        named = "no model with a floating-point rate" if model is None else f"no such rate for {model}"
        raise Ended(f"the log lists {named}", "name one with --model, or say --chip-flop-per-day yourself")
    return max(rates.values(), key=lambda rate: (rate.flop_per_day, rate.model))


def _fastest(body: Any) -> ModelRate | None:
    listed = {name: body["gflops"][name] for name in FLOATING if body["gflops"].get(name)}
    if not listed:
        return None
    precision = max(listed, key=lambda name: (listed[name], name))
    return ModelRate(body["model"], precision, flop_per_day(Fraction(listed[precision] * FLOP_PER_GFLOP)))
