"""Every kind has an example, and the example of every kind can be signed."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.cli.paperwork.files import read_sheet
from api.cli.paperwork.templates import TEMPLATES
from ledger.book.encoding import read_bundle
from ledger.book.kinds import FORMS
from ledger.book.law import read_statement
from tests.cli.stage import chipledger
from tests.cli.templates import SPEAKERS, sign_template

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "cli"


def test_every_kind_but_those_of_other_commands_has_an_example_and_a_speaker():
    assert len(TEMPLATES) == len(FORMS) - 5
    assert TEMPLATES.keys() <= SPEAKERS.keys()


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_template_of_every_kind_signs_to_its_golden_bytes(kind, tmp_path, rewrite_golden):
    made = sign_template(tmp_path, kind)
    golden = GOLDEN / made.name
    if rewrite_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(made.read_bytes())
    assert made.read_bytes() == golden.read_bytes()
    for raw in made.read_bytes().splitlines():
        assert read_statement(read_bundle(raw)).fault is None


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_printed_template_is_a_file_to_sign(kind):
    result = chipledger("sign", "--template", kind)
    assert result.exit_code == 0
    assert result.stdout == TEMPLATES[kind].csv
    assert f"chipledger sign {kind}" in result.stderr


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_same_rows_as_json_lines_and_as_parquet_sign_to_the_same_bytes(kind, tmp_path):
    for folder in ("csv", "jsonl", "parquet"):
        (tmp_path / folder).mkdir()
    expected = sign_template(tmp_path / "csv", kind).read_bytes()
    rows = [row.cells for row in read_sheet(tmp_path / "csv" / f"{kind}.csv").rows]
    columns = {name: [row.get(name) for row in rows] for row in rows for name in row}
    file = tmp_path / "parquet" / f"{kind}.parquet"
    pq.write_table(pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}), file)
    assert sign_template(tmp_path / "parquet", kind, file).read_bytes() == expected
    raws = expected.splitlines()
    file = tmp_path / "jsonl" / f"{kind}.jsonl"
    signed = [read_statement(read_bundle(raw)) for raw in raws]
    if FORMS[kind].line is not None:
        values = [json.loads(line) for one in signed for line in one.bundle.manifest]
        values = [{name: value for name, value in line.items() if name != "salt"} for line in values]
    else:
        values = [json.loads(one.bundle.envelope.payload)["body"] for one in signed]
    file.write_text("".join(json.dumps(value) + "\n" for value in values))
    assert sign_template(tmp_path / "jsonl", kind, file).read_bytes() == expected


def test_leading_zeros_and_nested_values_survive_parquet(tmp_path):
    columns = {
        "serial": ["000123", "000124"],
        "model": ["registry/m", "registry/m"],
        "lots": [["fab/b", "fab/a"], None],
        "identity": [{"uuid": "U-1", "label": None}, {"uuid": None, "label": "L"}],
    }
    columns["lots"] = [["fab/a", "fab/b"], None]
    file = tmp_path / "chips.parquet"
    pq.write_table(pa.table(columns), file)
    made = sign_template(tmp_path, "chips.registered", file)
    lines = [json.loads(line) for line in read_bundle(made.read_bytes()).manifest]
    assert [line["chip"] for line in lines] == ["acme-semi:000123", "acme-semi:000124"]
    assert lines[0]["lots"] == ["fab/a", "fab/b"] and "lots" not in lines[1]
    assert [line["identity"] for line in lines] == [{"uuid": "U-1"}, {"label": "L"}]


BAD_PARQUET = {
    "serials are numbers": ({"serial": [1, 2]}, "holds numbers"),
    "serials are fractions": ({"serial": [1.0, None]}, "holds numbers"),
    "a column of bytes": ({"serial": [b"1"]}, "write it as text"),
    "no such column": ({"serial": ["1"], "colour": ["red"]}, "no column is called"),
    "no rows": ({"serial": pa.array([], pa.string())}, "no row"),
    "the same twice": ({"serial": ["1"], "uuid": ["u"], "identity.uuid": ["v"]}, "say the same"),
    "a list of wrong things": ({"serial": ["1"], "lots": [[1, 2]]}, "row"),
}


@pytest.mark.parametrize("name", BAD_PARQUET)
def test_a_bad_parquet_file_is_refused_with_a_reason(name, tmp_path):
    columns, why = BAD_PARQUET[name]
    count = len(next(iter(columns.values())))
    file = tmp_path / "chips.parquet"
    pq.write_table(pa.table(columns | {"model": pa.array(["registry/m"] * count, pa.string())}), file)
    with pytest.raises(AssertionError, match=why):
        sign_template(tmp_path, "chips.registered", file)
    assert not list(tmp_path.glob("*.bundle.json"))


@pytest.mark.parametrize("raw", [b"", b"PAR1", b"chip\nacme:1\n", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_what_is_no_parquet_is_refused_with_a_sentence(raw, tmp_path):
    file = tmp_path / "chips.parquet"
    file.write_bytes(raw)
    result = chipledger("sign", "chips.placed", file, "--set", "site=a/b", "--key", "k", "--party", "p")
    assert result.exit_code in (1, 2) and "error:" in result.stderr
