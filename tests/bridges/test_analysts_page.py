"""What the page for analysts tells people to type does what it says."""

import re
import shutil
from contextlib import chdir, closing
from pathlib import Path

import adbc_driver_postgresql.dbapi
import duckdb
import pytest
import yaml

from analytics.bridges.sources import sources_text
from tests.bridges.engines import asking_duckdb
from tests.bridges.test_mirror import put
from tests.cli.stage import chipledger
from tests.docs.papers import ROOT

PAGE = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<tongue>[a-z ]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
HELD = "SELECT custodian, COUNT(*) AS chips FROM chip GROUP BY custodian"


def blocks(tongue):
    """The texts of the page in one language, in order."""
    return [found["text"] for found in BLOCK.finditer(PAGE) if found["tongue"] == tongue]


@pytest.fixture
def desk(second, tmp_path):
    """A folder with `ledger.duckdb`, which we are in."""
    shutil.copyfile(second.path, tmp_path / "ledger.duckdb")
    with chdir(tmp_path):
        yield tmp_path


@pytest.fixture
def held(second):
    """How many chips each custodian has, asked plainly."""
    with asking_duckdb(second.path) as ask:
        return dict(ask(HELD).rows.keys())


def test_every_language_of_the_page_is_tried():
    tongues = [found["tongue"] for found in BLOCK.finditer(PAGE)]
    assert sorted(set(tongues) - {"sh"}) == ["python", "sql dbt", "sql duckdb", "sql postgresql"]
    assert len(blocks("python")) == 2


def test_a_snapshot_is_kept_under_its_own_name(second, tmp_path):
    for _ in range(2):
        assert chipledger("mirror", "--save", tmp_path / "kept", "--snapshot", second.path).exit_code == 0
    (kept,) = (tmp_path / "kept").iterdir()
    assert kept.name == second.name and kept.read_bytes() == second.path.read_bytes()


@pytest.mark.usefixtures("desk")
def test_a_snapshot_is_attached(held):
    (text,) = blocks("sql duckdb")
    with duckdb.connect() as mine:
        answers = [mine.execute(statement).fetchall() for statement in text.split(";\n") if statement]
    assert answers[1][0][1] == 252
    assert ("chip", "VARCHAR", "chip id; text") in answers[2]
    assert answers[4] == [("oslo", held["oslo"])]


@pytest.mark.usefixtures("desk")
def test_rows_go_into_pandas(held):
    said = {}
    exec(compile(blocks("python")[0], "docs/analysts.md", "exec"), said)
    assert said["by_custodian"].to_dict() == {name: n for name, n in held.items() if name is not None}


@pytest.mark.usefixtures("desk")
def test_the_views_are_made_in_spark(spark, held):
    spark.catalog.setCurrentDatabase("default")
    said = {"spark": spark}
    exec(compile(blocks("python")[1], "docs/analysts.md", "exec"), said)
    assert {row["custodian"]: row["chips"] for row in said["held"]} == held


def test_bi_tools_and_dbt_models_read_the_mirror(second, postgresql, held):
    put(second.path, postgresql, "chipledger")
    (grants,), (model,) = blocks("sql postgresql"), blocks("sql dbt")
    with (
        closing(adbc_driver_postgresql.dbapi.connect(postgresql, autocommit=True)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.executescript(grants)
        cursor.execute("SELECT custodian, chips FROM public.held")
        assert {name: n for name, n in cursor.fetchall() if name} == {k: n for k, n in held.items() if k}
        cursor.execute("SET ROLE dashboards")
        cursor.execute(re.sub(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}", r"\1.\2", model))
        rows = cursor.fetchall()
    assert sum(row[2] for row in rows) == sum(held.values()) and {row[3] for row in rows} == {252}


def test_the_sources_file_is_that_of_this_version_and_says_what_every_column_is(second, tmp_path):
    text = (ROOT / "docs" / "dbt" / "sources.yml").read_text(encoding="utf-8")
    assert text == sources_text(), "write it again: chipledger mirror --sources docs/dbt/sources.yml"
    (source,) = yaml.safe_load(text)["sources"]
    told = {
        (table["name"], column["name"]): f"{column['description']}; {column['meta']['unit']}"
        for table in source["tables"]
        for column in table["columns"]
    }
    with asking_duckdb(second.path) as ask:
        rows = ask(
            "SELECT table_name, column_name, comment FROM duckdb_columns()"
            " WHERE schema_name = 'main' AND NOT internal"
        ).rows
    assert told == {(view, column): comment for view, column, comment in rows}
    assert chipledger("mirror", "--sources", tmp_path / "s.yml", "--schema", "mine").exit_code == 0
    assert (tmp_path / "s.yml").read_text() == text.replace("schema: chipledger", "schema: mine")


def test_files_beside_the_page_are_there():
    for link in ("notebooks/first_look.ipynb", "dbt/sources.yml"):
        assert (Path(ROOT) / "docs" / link).is_file() and f"({link})" in PAGE
