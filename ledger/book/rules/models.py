"""Which models are there? The law of `model.listed`."""

from ledger.book.records.models import ModelListed
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Model
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_counts,
    check_name,
    check_own_id,
    check_text,
    check_words,
    time_or_fault,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import MODELS
from signing.canonical import encode


def check_model(statement: Statement) -> Rejection | None:
    """What needs only the statement: `bad_field`."""
    body = statement.body
    assert isinstance(body, ModelListed)
    released = time_or_fault("body.released", body.released)
    rates = body.gflops
    return earliest(
        check_own_id(statement, "model", body.model),
        check_name("body.vendor", body.vendor),
        check_words("body.part_numbers", body.part_numbers),
        *(check_text("body.part_numbers", number) for number in body.part_numbers),
        check_counts(
            memory_gb=body.memory_gb,
            memory_bandwidth_gbps=body.memory_bandwidth_gbps,
            interconnect_gbps=body.interconnect_gbps,
            tpp=body.tpp,
            die_area_um2=body.die_area_um2,
            hbm_stacks=body.hbm_stacks,
        ),
        check_counts(**{f"gflops.{name}": getattr(rates, name) for name in rates.__struct_fields__}),
        bad_field("body.dies is 1 or more") if body.dies < 1 else None,
        released if isinstance(released, Rejection) else None,
    )


def needs_model(statement: Statement) -> Needs:
    """Whether the id is free."""
    body = statement.body
    assert isinstance(body, ModelListed)
    return Needs().rows(MODELS, (body.model,))


def judge_model(registry: Registry, entry: Entry) -> Verdict:
    """A new model with its figures."""
    body: ModelListed = entry.body
    if registry.get(MODELS, body.model) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.model: {body.model} is listed already")
    return Changes().put(
        MODELS, Model(body.model, body.vendor, encode(body).decode(), entry.index, entry.index)
    )


RULES = (Rule("model.listed", needs_model, judge_model, check_model, roles=frozenset({"registrar"})),)
