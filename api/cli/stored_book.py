"""Part of `audit`: which book does the operator's database hold, and of which size of the log?"""

import json
import sys
from pathlib import Path

from api.cli.handover import Request, carry_out
from ledger.book.fold import book_digest
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite


def tell(request: Request) -> None:
    """Print `{"size", "digest"}`; `{"size": null}` where the book moved while it was read."""
    store = SqlStore(Sqlite(Path(request["database"])))
    try:
        before = store.head()
        digest = book_digest(store.rows)
        after = store.head()
    finally:
        store.close()
    still = (before.size, before.root) == (after.size, after.root)
    sys.stdout.write(json.dumps({"size": before.size, "digest": digest} if still else {"size": None}) + "\n")


if __name__ == "__main__":
    carry_out(tell)
