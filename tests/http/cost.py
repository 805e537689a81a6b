"""How many statements does the record answer while a request is answered?"""

import threading
from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def counted(store):
    """A list that grows by each statement that readers' threads, or this one, send in the meantime."""
    sent, here = [], threading.get_ident()

    def count(_connection, _cursor, statement, *_rest):
        if threading.get_ident() == here or threading.current_thread().name.startswith("reader"):
            sent.append(statement)

    event.listen(store.database.reader, "before_cursor_execute", count)
    try:
        yield sent
    finally:
        event.remove(store.database.reader, "before_cursor_execute", count)
