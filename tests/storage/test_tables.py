"""The tables are the rows of the book and the entries of the record, field for field."""

from types import NoneType, SimpleNamespace
from typing import get_args, get_type_hints

import pytest
from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from ledger.book.rows import Chip
from ledger.book.tables import CHIPS, TABLES
from ledger.storage.layout import layout_of
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from ledger.storage.store import StoredEntry, StoredRefusal
from ledger.storage.tables import METADATA

VALUES = {Text: "x", BigInteger: 1, Integer: 1, LargeBinary: b"x"}
COLUMN_TYPES = {str: Text, int: BigInteger, bytes: LargeBinary}


def _mirrors(columns, kind):
    """What is wrong with these columns as the fields of a kind of value."""
    wanted = get_type_hints(kind)
    columns = list(columns)
    if [column.name for column in columns] != list(wanted):
        return [f"{[column.name for column in columns]} are not {list(wanted)}"]
    wrong = []
    for column in columns:
        types = get_args(wanted[column.name]) or (wanted[column.name],)
        fits = isinstance(column.type, COLUMN_TYPES[types[0]]) and column.nullable == (NoneType in types)
        wrong += [] if fits else [column.name]
    return wrong


PLAIN = [table for table in TABLES if table is not CHIPS]


@pytest.mark.parametrize("table", PLAIN, ids=lambda table: table.name)
def test_a_table_of_the_book_has_the_fields_of_its_rows(table):
    assert _mirrors(METADATA.tables[table.name].columns, table.row) == []
    versions = METADATA.tables.get(f"{table.name}_version")
    assert (versions is not None) == table.history
    if table.history:
        assert _mirrors(versions.columns, table.row) == []
        assert [column.name for column in versions.primary_key] == ["changed", *layout_of(table).key]
        assert "changed" in table.row.__struct_fields__
        assert "born" in table.row.__struct_fields__ or not table.corrected
    present = METADATA.tables[table.name]
    own_key = list(table.row.__struct_fields__[: table.key])
    assert [column.name for column in present.primary_key] == own_key


def test_of_a_chip_the_table_has_only_where_it_is_and_by_what_it_is_looked_for():
    fields = get_type_hints(Chip) | {"version": int}
    present, versions = METADATA.tables["chip"], METADATA.tables["chip_version"]
    wanted = [(name, fields[name]) for name in ("number", "chip", "custodian", "version")]
    assert _mirrors(present.columns, SimpleNamespace(__annotations__=dict(wanted))) == []
    assert [column.name for column in present.primary_key] == ["number"]
    assert [column.name for column in versions.columns] == ["version", "rows"]
    assert [column.name for column in versions.primary_key] == ["version"]


def test_a_dropped_book_is_dropped_from_every_table_but_the_sacred_ones(tmp_path):
    store = SqlStore(Sqlite(tmp_path / "record.db"))
    filled = {"log", "schema", "entry", "manifest", "attestation", "checkpoint", "refusal"}
    with store.database.writer.connect() as connection:
        for place in METADATA.tables.values():
            if place.name not in ("log", "schema"):
                values = {column.name: VALUES[type(column.type)] for column in place.columns}
                connection.execute(place.insert().values(values))
        connection.commit()
    store.drop_book()
    with store.database.reader.connect() as connection:
        left = {
            place.name for place in METADATA.tables.values() if connection.execute(place.select()).first()
        }
    assert left == filled
    store.close()


@pytest.mark.parametrize("spoil", ["order", "missing", "nullable", "type"])
def test_a_table_with_other_fields_is_noticed(spoil):
    columns = list(METADATA.tables["site"].to_metadata(MetaData()).columns)
    site = next(table.row for table in TABLES if table.name == "site")
    assert _mirrors(columns, site) == []
    if spoil == "order":
        columns.reverse()
    elif spoil == "missing":
        columns.pop()
    elif spoil == "nullable":
        columns[0].nullable = True
    else:
        columns[0].type = BigInteger()
    assert _mirrors(columns, site) != []


def test_entries_and_refusals_have_the_fields_of_what_is_stored():
    assert _mirrors(METADATA.tables["entry"].columns, StoredEntry) == []
    columns = [c for c in METADATA.tables["refusal"].columns if c.name not in ("came", "day")]
    assert _mirrors(columns, StoredRefusal) == []


def test_every_text_compares_by_its_bytes_in_postgresql_too():
    texts = 0
    for table in METADATA.tables.values():
        made = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert made.count("TEXT") == made.count('TEXT COLLATE "C"')
        assert "VARCHAR" not in made and " INTEGER" not in made
        texts += made.count("TEXT")
    assert texts > 100


def test_the_custodian_has_no_index_and_a_chip_s_number_is_its_row_s_own():
    indexed = {column.name for index in METADATA.tables["chip"].indexes for column in index.columns}
    assert "custodian" not in indexed
    made = str(CreateTable(METADATA.tables["chip"]).compile(dialect=sqlite.dialect()))
    assert "number INTEGER NOT NULL" in made and "PRIMARY KEY (number)" in made and "ROWID" not in made
