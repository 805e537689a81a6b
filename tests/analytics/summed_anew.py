"""A snapshot whose sums are counted anew with one of their texts spoiled: a file of its own."""

import shutil
from dataclasses import replace

import duckdb

from analytics.warehouse import FOLDS, SUMS


def summed_anew(snapshot, folder, name, before, after):
    """The snapshot as it would be if the sum called `name` said `after` in place of `before`."""
    assert SUMS[name].count(before) == 1, (name, SUMS[name].count(before))
    path = folder / f"spoiled-{snapshot.name}"
    shutil.copyfile(snapshot.path, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(FOLDS["summed"])
        for table, text in {**SUMS, name: SUMS[name].replace(before, after)}.items():
            connection.sql(text).insert_into(f"record.{table}")
    return replace(snapshot, path=path)
