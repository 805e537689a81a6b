"""Which columns does a shape have, and how does a cell of text become a value?

Read off the statement's own structs, so that a column exists exactly where the field does: members of inner
objects are dotted (`identity.uuid`), lists are separated by semicolons. Promises no guessing: a cell that is
not plainly a value of its field's type is `Unreadable`. Knows no file and no judgment.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from ledger.book.records.claims import ClaimNoted
from ledger.book.times import parse_seconds
from signing.canonical import Unreadable, read_object

LIST_SEPARATOR = ";"
GFLOPS_PER_TFLOPS = 1_000
MICRODEGREES = 1_000_000
TIME_FIELDS = frozenset(
    {"due_by", "released", "genesis", "notice_by", "found_by", "occurred_at", "as_of", "until"}
)
FROM_IS_A_TIME = frozenset({ClaimNoted})  # elsewhere `from` is whom something came from
OBSERVED = ("identity", "seen")
WORDS_OF_TRUTH = {"true": True, "yes": True, "false": False, "no": False}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
WHOLE = re.compile(r"-?[0-9]{1,16}", re.ASCII)

Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the dotted name of the field it fills, how its cells are read, whether it must be there."""

    field: str
    read: Reader
    required: bool
    holds: str  # for people: what kind of value


@lru_cache
def columns_of(shape: type[msgspec.Struct]) -> Mapping[str, Column]:
    """Every column of a shape by name, in the order of its fields."""
    return {column.field: column for column in _columns(inspect.type_info(shape), "", True)}


def other_spellings(shape: type[msgspec.Struct]) -> dict[str, Column]:
    """Columns people have for the same fields: TFLOP/s, degrees, identities without prefix."""
    known = columns_of(shape)
    found: dict[str, Column] = {}
    for name, column in known.items():
        outer, _, inner = name.partition(".")
        if outer in OBSERVED and inner and inner not in known:
            found[inner] = Column(name, column.read, False, column.holds)
    for name in known:
        if name.startswith("gflops."):
            rate = name.removeprefix("gflops.")
            unit = "tops" if rate == "int8" else "tflops"
            found[f"{rate}_{unit}"] = Column(name, read_tflops, False, "dense TFLOP/s")
    for name in ("latitude", "longitude"):
        if f"{name}_udeg" in known:
            found[name] = Column(f"{name}_udeg", read_degrees, False, "degrees, at most 6 decimals")
    return found


def put(target: dict[str, Any], field: str, value: Any) -> None:
    """Set a dotted field in a tree of dicts."""
    *outer, last = field.split(".")
    for name in outer:
        target = target.setdefault(name, {})
    target[last] = value


def read_whole(text: str) -> int:
    """A whole number in plain decimal: no thousands separators, no fraction, no exponent."""
    if not WHOLE.fullmatch(text):
        raise Unreadable("number", f"{text[:40]!r} is not a whole number in plain digits")
    return int(text)


def read_time(text: str) -> str:
    """A time as statements spell it; a day stands for its midnight in UTC."""
    full = f"{text}T00:00:00Z" if DAY.fullmatch(text) else text
    parse_seconds(full, "time")
    return full


def read_truth(text: str) -> bool:
    """True or false, as people and spreadsheets write it."""
    value = WORDS_OF_TRUTH.get(text.lower())
    if value is None:
        raise Unreadable("word", f"{text[:40]!r} is neither true nor false")
    return value


def read_proof_cell(text: str) -> Any:
    """A proof: JSON, or the name of a file of `keygen`, which is opened by whoever knows its folder."""
    return read_json(text) if text.startswith("{") else text


def read_tflops(text: str) -> int:
    """GFLOP/s from TFLOP/s, exactly, or Unreadable."""
    return _scaled(text, GFLOPS_PER_TFLOPS, "TFLOP/s with at most 3 decimals")


def read_degrees(text: str) -> int:
    """Micro-degrees from degrees, exactly, or Unreadable."""
    return _scaled(text, MICRODEGREES, "degrees with at most 6 decimals")


def read_json(text: str) -> Any:
    """A value that text cannot say otherwise: lists of objects, objects of free members."""
    try:
        return read_object(b'{"value":' + text.encode() + b"}", "JSON")["value"]
    except (Unreadable, UnicodeEncodeError):
        raise Unreadable("JSON", f"{text[:40]!r} is not JSON without fractions and nulls") from None


def parse_settings(settings: list[str], shape: type[msgspec.Struct]) -> dict[str, Any]:
    """`field=value` options as a tree; Unreadable names the option."""
    known = {**columns_of(shape), **other_spellings(shape)}
    tree: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise Unreadable(setting, "write field=value")
        column = known.get(name)
        if column is None:
            raise Unreadable(
                name, f"there is no such field; there are {', '.join(columns_of(shape)) or 'none'}"
            )
        try:
            put(tree, column.field, column.read(text.strip()))
        except Unreadable as fault:
            raise Unreadable(name, fault.detail) from None
    return tree


def _columns(info: Any, prefix: str, required: bool) -> list[Column]:
    found = []
    for field in info.fields:
        name, must = prefix + field.encode_name, required and field.required
        kind = _bare(field.type)
        if isinstance(kind, inspect.StructType):
            found += _columns(kind, f"{name}.", must)
        else:
            read, holds = _reader(field.encode_name, kind, info.cls)
            found.append(Column(name, read, must, holds))
    return found


def _bare(kind: Any) -> Any:
    """The type without `| None`."""
    if isinstance(kind, inspect.UnionType):
        return next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


def _reader(name: str, kind: Any, shape: type) -> tuple[Reader, str]:
    if isinstance(kind, inspect.IntType):
        return read_whole, "a whole number"
    if isinstance(kind, inspect.BoolType):
        return read_truth, "true or false"
    if isinstance(kind, inspect.StrType):
        is_time = name in TIME_FIELDS or (name == "from" and shape in FROM_IS_A_TIME)
        return (read_time, "a time, or a day") if is_time else (str, "text")
    if name == "proof":
        return read_proof_cell, "a file of chipledger keygen"
    if isinstance(kind, inspect.ListType) and isinstance(kind.item_type, inspect.StrType):
        return _read_texts, "texts separated by ;"
    if isinstance(kind, inspect.ListType) and isinstance(kind.item_type, inspect.IntType):
        return _read_wholes, "whole numbers separated by ;"
    return read_json, "JSON"


def _read_texts(text: str) -> list[str]:
    """Sorted and without repeats, as lists of texts are written."""
    return sorted({part.strip() for part in text.split(LIST_SEPARATOR)} - {""})


def _read_wholes(text: str) -> list[int]:
    return [read_whole(part.strip()) for part in text.split(LIST_SEPARATOR)]


def _scaled(text: str, factor: int, wanted: str) -> int:
    try:
        exact = Decimal(text) * factor
    except InvalidOperation:
        raise Unreadable("number", f"{text[:40]!r} is not a number of {wanted}") from None
    if not exact.is_finite() or exact != int(exact):
        raise Unreadable("number", f"{text[:40]!r}: wanted {wanted}, for it must come out whole")
    return int(exact)
