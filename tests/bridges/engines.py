"""What does each engine answer to the same text over the same base tables, as plain rows?

Two rows are alike when their values are, by this rule: whole numbers of any width are whole numbers;
fractions agree to twelve significant digits (a sum depends on the order of adding); times are UTC; texts,
truths and nothing are themselves. A column has the same kind in every engine. The order of rows is not
compared: engines sort texts and nulls their own ways.
"""

from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path

import adbc_driver_postgresql.dbapi
import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from analytics.bridges.dialects import for_postgresql, for_spark, placeholders
from analytics.warehouse import VIEWS

DIGITS = 12


def kind_of(column):
    """What a column is, whatever its width."""
    for kind, is_one in {
        "whole": pa.types.is_integer, "fraction": pa.types.is_floating, "text": pa.types.is_string,
        "large text": pa.types.is_large_string, "truth": pa.types.is_boolean, "time": pa.types.is_timestamp,
        "day": pa.types.is_date,
    }.items():  # fmt: skip
        if is_one(column.type):
            return kind.removeprefix("large ")
    return str(column.type)


def plain(value):
    """A value by the rule."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS - 1}e}")
    return value


class Answer:
    """Names and kinds of columns, and how often each row comes."""

    def __init__(self, table):
        columns = [
            pa.compute.cast(column, pa.timestamp("us")) if pa.types.is_timestamp(column.type) else column
            for column in table.columns
        ]
        self.columns = [
            (name, kind_of(column)) for name, column in zip(table.column_names, columns, strict=True)
        ]
        values = [column.to_pylist() for column in columns]
        self.rows = Counter(tuple(map(plain, row)) for row in zip(*values, strict=True))

    def __eq__(self, other):
        return (self.columns, self.rows) == (other.columns, other.rows)

    __hash__ = None

    def differences(self, other):
        """For people: what one has and the other has not."""
        said = [pair for pair in zip(self.columns, other.columns, strict=False) if pair[0] != pair[1]]
        return said + [("only here", row) for row in list((self.rows - other.rows).items())[:3]] + [
            ("only there", row) for row in list((other.rows - self.rows).items())[:3]
        ]  # fmt: skip


@contextmanager
def asking_duckdb(path):
    """A question to the snapshot itself: (text, values) to an `Answer`."""
    with duckdb.connect(str(path), read_only=True) as connection:

        def ask(text, values=None):
            asked = {name: value for name, value in (values or {}).items() if name in placeholders(text)}
            return Answer(connection.sql(text, params=asked).to_arrow_table())

        yield ask


@contextmanager
def asking_postgresql(uri, schema):
    """A question to the mirror in these schemas: (text, values) to an `Answer`."""
    with closing(adbc_driver_postgresql.dbapi.connect(uri, autocommit=True)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {schema}")

        def ask(text, values=None):
            asked, names = for_postgresql(text, f"{schema}_record")
            with connection.cursor() as cursor:
                cursor.execute(asked.rstrip().rstrip(";"), [(values or {})[name] for name in names] or None)
                return Answer(cursor.fetch_arrow_table())

        yield ask


class Lake:
    """Base tables of a snapshot as Parquet files, and the views over them, in a Spark session."""

    def __init__(self, spark, name, snapshot, folder):
        self.spark, self.name = spark, name
        spark.sql(f"CREATE DATABASE {name}")
        spark.sql(f"CREATE DATABASE {name}_record")
        with duckdb.connect(str(snapshot), read_only=True) as connection:
            for (table,) in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'record'"
            ).fetchall():
                file = Path(folder) / f"{table}.parquet"
                pa.parquet.write_table(connection.table(f"record.{table}").to_arrow_table(), file)
                spark.sql(f"CREATE TABLE {name}_record.{table} USING parquet LOCATION '{file}'")
        spark.catalog.setCurrentDatabase(name)
        for text in VIEWS.values():
            spark.sql(for_spark(text, f"{name}_record"))

    def ask(self, text, values=None):
        """The answer to a text with its values."""
        self.spark.catalog.setCurrentDatabase(self.name)
        asked = {name: value for name, value in (values or {}).items() if name in placeholders(text)}
        return Answer(self.spark.sql(for_spark(text, f"{self.name}_record"), args=asked).toArrow())
