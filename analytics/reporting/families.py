"""Which models does a family's name stand for, where a claim names no model?

The families that outside estimates use, carried in `families.csv`; models go by the part of their id after
the registrar's name. A model's own name is a family of one. Knows no claim and no ledger.
"""

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "families.csv"


@cache
def families() -> dict[str, frozenset[str]]:
    """Models by family; a family that has none is known, and of no model of ours."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {
            row["family"]: frozenset(name for name in row["models"].split(";") if name)
            for row in csv.DictReader(lines)
        }


def short_name(model: str) -> str:
    """The part of a model's id after the registrar's name."""
    return model.partition("/")[2] or model


def models_of(name: str) -> frozenset[str]:
    """The models that a family's or a model's own name stands for; one without models stands for itself."""
    return families().get(name) or frozenset({name})


def families_text() -> str:
    """Every pair as ` family=model ` in one text, as the query of claims looks for them."""
    pairs = (f"{family}={model}" for family, models in sorted(families().items()) for model in sorted(models))
    return f" {' '.join(pairs)} "
