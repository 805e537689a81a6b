"""Which column does a field become, in whichever database?

Texts collate by their bytes everywhere, whole numbers have 64 bits, and a table whose key is not one
integer is stored in the order of its key. Knows no table.
"""

from typing import Annotated, Any

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Text
from sqlmodel import Field, SQLModel

# SQLite compares bytes by itself. PostgreSQL would sort by the language of the database.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite gives a key its row's own number only where the type is spelled INTEGER.
_WHOLE = BigInteger().with_variant(Integer(), "sqlite")
_OWN_NUMBER = {"autoincrement": False}

Word = Annotated[str, Field(sa_type=_TEXT)]
MaybeWord = Annotated[str | None, Field(sa_type=_TEXT)]
Whole = Annotated[int, Field(sa_type=_WHOLE, sa_column_kwargs=_OWN_NUMBER)]
MaybeWhole = Annotated[int | None, Field(sa_type=_WHOLE)]
Octets = Annotated[bytes, Field(sa_type=LargeBinary)]


class Stored(SQLModel):
    """What all tables of the record belong to."""

    metadata = MetaData()


def numbered(key: str, *rules: Any) -> tuple[Any, ...]:
    """Arguments of a table whose rows have an integer of their own."""
    return (PrimaryKeyConstraint(key), *rules)


def ordered(*key: str) -> tuple[Any, ...]:
    """Arguments of a table whose rows lie in the order of their key, so that a group lies together."""
    return (PrimaryKeyConstraint(*key), {"sqlite_with_rowid": False})


def kept(*key: str) -> tuple[Any, ...]:
    """Arguments of a table of versions: appended by entry, and found again by what they are versions of."""
    return (PrimaryKeyConstraint("changed", *key), Index(None, *key, "changed"), {"sqlite_with_rowid": False})
