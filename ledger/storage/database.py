"""Where do databases differ, as far as the store is concerned?

`Database` is the seam: how to connect, to begin, and to hand over a set of keys. All else is SQLAlchemy
Core, which spells one statement for each of them. Positional parameters are taken for granted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, FromClause


class UnfitDatabase(Exception):
    """The database may lose what it is given, or is of another layout; the message says what to do."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """A set of keys handed over as parameters: what to select from, and a column for each field of a key."""

    source: FromClause
    columns: tuple[ColumnElement[Any], ...]


class Database(Protocol):
    """One kind of database, opened."""

    writer: Engine
    reader: Engine

    def begin_write(self, connection: Connection) -> None:
        """Begin, with the log row locked against every other writer."""

    def begin_read(self, connection: Connection) -> None:
        """Begin, so that all that is read until the end is of one commit."""

    def key_set(self, kinds: Sequence[type]) -> KeySet:
        """A set of keys of as many fields as `kinds` (of str and int) has."""

    def key_parameters(self, keys: Iterable[Any], width: int) -> Mapping[str, Any]:
        """What to bind for a set of keys: texts or integers for a width of 1, tuples otherwise."""

    def settle(self) -> None:
        """Tidy up beside the writer."""
