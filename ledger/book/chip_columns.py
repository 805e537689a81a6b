"""Versions of chips as columns, for who reads millions of them. The columns are the fields of `rows.Chip`.

Knows no store.
"""

from collections.abc import Sequence
from typing import get_type_hints

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]

from ledger.book.rows import Chip

CHIP_COLUMNS = pa.schema(
    [(name, pa.int64() if kind is int else pa.string()) for name, kind in get_type_hints(Chip).items()]
)


def columns_of_chips(rows: Sequence[Chip]) -> pa.RecordBatch:
    """The rows, in their order."""
    turned = zip(*map(msgspec.structs.astuple, rows), strict=True) if rows else [()] * len(CHIP_COLUMNS)
    arrays = [pa.array(values, kind) for values, kind in zip(turned, CHIP_COLUMNS.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=CHIP_COLUMNS)
