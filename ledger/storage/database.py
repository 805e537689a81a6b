"""Where do databases differ, as far as the store is concerned?

`Database` is the seam: how to connect, to begin, to hand over a set of keys in one parameter, and how
a parameter is marked. All other SQL is the same text for each, with `?` for a parameter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Engine


class UnfitDatabase(Exception):
    """The database may lose what it is given, or is of another layout; the message says what to do."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """SQL for a set of keys given as parameters: a source to select from, and its columns."""

    source: str
    columns: tuple[str, ...]


class Database(Protocol):
    """One kind of database, opened."""

    writer: Engine
    reader: Engine

    def begin_write(self, connection: Connection) -> None:
        """Begin, with the log row locked against every other writer."""

    def begin_read(self, connection: Connection) -> None:
        """Begin, so that all that is read until the end is of one commit."""

    def marked(self, sql: str) -> str:
        """The text with its `?` as this database marks parameters."""

    def key_set(self, kinds: Sequence[type]) -> KeySet:
        """SQL for a set of keys of as many fields as `kinds` (of str and int) has, named `k`."""

    def key_parameters(self, keys: Iterable[Any], width: int) -> tuple[Any, ...]:
        """What to bind for a set of keys: texts or integers for a width of 1, tuples otherwise."""

    def settle(self) -> None:
        """Tidy up beside the writer."""
