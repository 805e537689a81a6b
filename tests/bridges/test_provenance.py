"""A file of rows says what it stands for, so that anybody can ask the same again and compare."""

import io
import json
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.bridges.test_mirror import holds
from tests.cli.stage import LOG, chipledger
from tests.cli.trading_ledger import asking

QUERY = "SELECT custodian, count(*) AS chips FROM chip GROUP BY custodian ORDER BY custodian"
HELD = [{"custodian": "acme-semi", "chips": 150}, {"custodian": "north-dc", "chips": 150}]


def rows_in(raw, form):
    """The rows of a file, however it is written; of a report's JSON its rows."""
    match form:
        case "json":
            told = json.loads(raw)
            return told["rows"]
        case "csv":
            head, *rows = raw.decode("utf-8-sig").splitlines()
            return [dict(zip(head.split(","), row.split(","), strict=True)) for row in rows]
        case "arrow":
            return pa.ipc.open_stream(raw).read_all().to_pylist()
    return pyarrow.parquet.read_table(io.BytesIO(raw)).to_pylist()


def checked(file):
    """What lies beside a file, which fits it."""
    told = json.loads(file.with_name(file.name + ".provenance.json").read_text())
    raw = file.read_bytes()
    assert told["file"] == file.name and told["bytes"] == len(raw)
    assert told["sha256"] == sha256(raw).hexdigest()
    assert told["log"] == LOG and len(told["root"]) == 64
    assert told["snapshot"] == f"{told['size']}-{told['root'][:16]}.duckdb"
    assert told["truncated"] is False
    return told


@pytest.mark.parametrize("form", ["json", "csv", "arrow", "parquet"])
def test_an_answer_is_saved_with_its_question(served, tmp_path, form):
    file = tmp_path / f"held.{form}"
    assert chipledger("sql", QUERY, *asking(served, "lab"), "--out", file).exit_code == 0
    told = checked(file)
    assert (told["query"], told["parameters"], told["format"]) == (QUERY, {}, form)
    rows = rows_in(file.read_bytes(), form)
    assert [{**row, "chips": int(row["chips"])} for row in rows] == HELD
    words = ["--grouping", "owner", "--set", "basis=suspected"]
    assert (
        chipledger(
            "report", "capacity", *words, *asking(served, "lab"), "--out", tmp_path / f"c.{form}"
        ).exit_code
        == 0
    )
    told = checked(tmp_path / f"c.{form}")
    assert told["report"] == "capacity"
    assert told["asked"] == {"grouping": "owner", "basis": "suspected"}
    assert told["grouping"] == "owner" and told["group"] is None and told["as_of"].startswith("20")
    assert told["parameters"]["basis"] == "suspected" and told["parameters"]["window_days"] == 180
    assert told["parameters"]["utilisation_percent"] == 40 and told["row_count"] >= 2
    assert {row["grouped"] for row in rows_in((tmp_path / f"c.{form}").read_bytes(), form)} == {
        "acme-semi",
        "north-dc",
    }


def test_a_file_that_is_no_answer_or_was_changed_is_not_overwritten(served, tmp_path):
    file = tmp_path / "held.csv"
    words = ["sql", QUERY, *asking(served, "lab"), "--out", file]
    assert chipledger(*words).exit_code == 0
    assert chipledger(*words).exit_code == 0, "an answer gives way to the next"
    file.write_text("mine")
    refused = chipledger(*words)
    assert refused.exit_code == 1 and "is there already" in refused.stderr
    assert file.read_text() == "mine"
    assert chipledger("sql", QUERY, *asking(served, "lab"), "--out", tmp_path / "held.txt").exit_code == 2
    assert chipledger("sql", QUERY, *asking(served, "lab"), "--format", "parquet").exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["held.csv", "held.csv.provenance.json"]


def test_a_served_ledger_is_mirrored_over_http_and_from_its_folder(served, postgresql):
    ledger, _ = served
    fetched = chipledger(
        "mirror", "--to", postgresql, "--schema", "fetched", *asking(served, "lab"), "--json"
    )
    assert fetched.exit_code == 0, fetched.output
    told = json.loads(fetched.stdout)
    assert told["log"] == LOG and told["written"] is True and told["schema"] == "fetched"
    snapshot = ledger.folder / "warehouse" / "snapshots" / f"{told['size']}-{told['root'][:16]}.duckdb"
    assert holds(postgresql, "fetched", snapshot)
    again = chipledger(
        "mirror", "--to", postgresql, "--schema", "fetched", "--ledger", ledger.folder, "--json"
    )
    assert json.loads(again.stdout) == {**told, "rows": 0, "written": False}
    words = ["mirror", "--to", postgresql, "--snapshot", snapshot]
    assert "mirrored" in chipledger(*words).stderr


def test_what_is_asked_wrongly_of_a_mirror_is_said(served, small, tmp_path):
    nowhere = "postgresql://me:s3cret@127.0.0.1:1/none"
    refused = chipledger("mirror", "--to", nowhere, "--snapshot", small.path)
    assert refused.exit_code == 1 and "s3cret" not in refused.output + refused.stderr
    odd = chipledger("mirror", "--to", "postgresql://me:s3cret@[::1/none", "--snapshot", small.path)
    assert odd.exit_code == 1 and "s3cret" not in odd.output + odd.stderr
    (tmp_path / "other.duckdb").write_bytes(b"no snapshot")
    for words, code in (
        (["--to", "mysql://x", "--snapshot", small.path], 2),
        (["--to", nowhere], 2),
        (["--to", nowhere, "--schema", "Drop; --", "--snapshot", small.path], 2),
        (["--to", nowhere, "--snapshot", tmp_path / "none"], 2),
        (["--to", nowhere, "--snapshot", tmp_path / "other.duckdb"], 1),
        (["--to", nowhere, "--ledger", tmp_path], 2),
        (["--to", nowhere, "--ledger", served[0].folder, "--at", "1000000"], 1),
    ):
        assert chipledger("mirror", *words).exit_code == code, words
