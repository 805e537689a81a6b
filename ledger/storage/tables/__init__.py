"""Every table of the record and the book. Rows, nothing else.

`METADATA` has them all; a table of the book bears the name its `ledger.book.rows.Table` has, and that of
its versions ends in `_version`.
"""

from ledger.storage.tables import chips, claims, disputes, names, record, trades
from ledger.storage.tables.columns import Stored

__all__ = ["METADATA", "chips", "claims", "disputes", "names", "record", "trades"]

METADATA = Stored.metadata
