"""`sign` reads files as people have them, and signs nothing that is not right."""

import json

import pytest

from api.cli.paperwork.templates import TEMPLATES
from ledger.book.encoding import read_bundle, read_statement_text
from tests.cli.stage import LOG, OCCURRED, chipledger, day, key_file, speaking
from tests.cli.templates import sign_template

SIGNED, EXPIRES = day(9), day(99)


def bodies(path):
    raws = path.read_bytes().split(b"\n") if path.suffix == ".ndjson" else [path.read_bytes()]
    return [read_statement_text(read_bundle(raw).envelope.payload).body for raw in raws if raw]


def test_the_same_file_signed_twice_gives_equal_bytes(tmp_path):
    first = sign_template(tmp_path, "chips.registered").read_bytes()
    assert sign_template(tmp_path, "chips.registered").read_bytes() == first


def test_other_bytes_do_not_replace_a_signed_file_unasked(tmp_path):
    made = sign_template(tmp_path, "chips.registered")
    before = made.read_bytes()
    file = tmp_path / "chips.registered.csv"
    file.write_text("serial,model\nNEW1,registry/m\n")
    words = [
        "sign",
        "chips.registered",
        file,
        *speaking(tmp_path, "acme-semi"),
        "--set",
        "site=acme-semi/fab",
    ]
    refused = chipledger(*words)
    assert refused.exit_code == 1 and "--replace" in refused.stderr
    assert made.read_bytes() == before
    assert chipledger(*words, "--replace").exit_code == 0
    assert made.read_bytes() != before


def place(tmp_path, text, *more, name="chips.csv"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    words = ["chips.placed", file, *speaking(tmp_path, "north-dc"), "--set", "site=north-dc/hall", *more]
    return chipledger("sign", *words)


def lines(tmp_path, name="chips"):
    return [json.loads(raw) for raw in read_bundle((tmp_path / f"{name}.bundle.json").read_bytes()).manifest]


@pytest.mark.parametrize(
    "text",
    [
        "maker,serial,system\nacme,000123,r1\n",
        "\ufeffmaker,serial,system\r\nacme,000123,r1\r\n",
        "maker;serial;system\nacme;000123;r1\n",
        "maker\tserial\tsystem\nacme\t000123\tr1\n",
        'maker,serial,system\n"acme"," 000123 ","r1"\n\n',
        "chip,system,\nacme:000123,r1,\n",
    ],
    ids=["plain", "excel", "semicolons", "tabs", "quoted", "empty column"],
)
def test_a_csv_is_read_as_spreadsheets_write_it(tmp_path, text):
    assert place(tmp_path, text).exit_code == 0
    (line,) = lines(tmp_path)
    assert (line["chip"], line["system"]) == ("acme:000123", "r1")


def test_json_lines_keep_their_values(tmp_path):
    text = '{"serial": "000123", "maker": "acme", "system": "r1"}\n{"chip": "acme:2"}\n'
    assert place(tmp_path, text, name="chips.jsonl").exit_code == 0
    assert [line["chip"] for line in lines(tmp_path)] == ["acme:000123", "acme:2"]


BAD_FILES = {
    "empty": ("", "empty"),
    "only a header": ("chip,system\n", "no row"),
    "no chip column": ("name,system\nx,y\n", "no column is called 'name'"),
    "unknown column": ("chip,rack\nacme:1,r\n", "no column is called 'rack'"),
    "column twice": ("chip,chip\nacme:1,acme:2\n", "twice"),
    "too many cells": ("chip\nacme:1,\nacme:2,x\n", "3 2 cells under 1 columns"),
    "open quote": ('chip\n"acme:1\n', "row 2"),
    "latin-1": ("chip\nacm\u00e9:1\n".encode("latin-1"), "UTF-8"),
    "utf-16": ("chip\nacme:1\n".encode("utf-16"), "UTF-8"),
    "zero bytes": (b"chip\nacme:1\x00\n", "zero bytes"),
    "lower case": ("chip\nacme:1\nacme:ab1\n", "did you mean acme:AB1"),
    "repeated": ("chip\nacme:1\nacme:2\nacme:1\n", "stands in row 2 already"),
    "placeholder": ("serial,maker\n1,acme\nTBD,acme\n", "placeholder"),
    "not available": ("serial,maker\nN/A,acme\n", "placeholder"),
    "zeros": ("serial,maker\n0000,acme\n", "placeholder"),
    "scientific": ("serial,maker\n1E+05,acme\n", "spreadsheet rounded"),
    "scientific long": ("serial,maker\n1.65422E+12,acme\n", "spreadsheet rounded"),
    "total": ("serial,maker\n1,acme\nTOTAL,acme\n", "total row"),
    "grand total": ("serial,maker\n1,acme\nGrand Total 5,acme\n", "total row"),
    "no maker": ("serial\n123\n", "whose"),
    "slot without system": ("chip,slot\nacme:1,3\n", "2 a slot is"),
    "slot twice": ("chip,system,slot\nacme:1,r,3\nacme:2,r,3\n", "stands in two lines"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_a_reason_and_nothing_is_signed(tmp_path, name):
    text, why = BAD_FILES[name]
    result = place(tmp_path, text)
    assert result.exit_code == 1
    assert why in " ".join(result.stderr.replace("│", " ").split())
    assert not list(tmp_path.glob("*.bundle.json")) and not list(tmp_path.glob("*.part"))


def test_every_bad_row_is_named_by_the_number_a_spreadsheet_shows(tmp_path):
    text = "chip,system,slot\nacme:9,r,1\n\nacme:x,r,2\nTOTAL,,\nacme:3,,7\nacme:9,r,4\n"
    result = place(tmp_path, text)
    rows = [line.split("│")[1].strip() for line in result.stderr.splitlines() if line.startswith("│")]
    assert rows == ["4", "5", "7"] and "3 faults" in result.stderr
    result = place(tmp_path, "chip,system,slot\nacme:9,,1\nacme:3,r,7\nacme:1,,7\n")
    rows = [line.split("│")[1].strip() for line in result.stderr.splitlines() if line.startswith("│")]
    assert rows == ["2", "4"], "the law's faults, too, by row and not by sorted line"


BAD_JSON = {
    "truncated": '{"chip": "acme:1"}\n{"chip": "acm',
    "no object": "[1, 2]\n",
    "a number": '{"chip": 12}\n',
    "a fraction": '{"chip": "acme:1", "system": 1.5}\n',
    "duplicate keys": '{"chip": "acme:1", "chip": "acme:2"}\n',
    "null": '{"chip": "acme:1", "system": null}\n',
    "NaN": '{"chip": "acme:1", "system": NaN}\n',
    "surrogate": '{"chip": "acme:1", "system": "\\ud800"}\n',
    "nested": '{"chip": ' + "[" * 100_000 + "}\n",
    "unknown field": '{"chip": "acme:1", "colour": "red"}\n',
    "salted": '{"chip": "acme:1", "salt": "00000000000000000000000000000000"}\n',
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json_lines_are_refused(tmp_path, name):
    result = place(tmp_path, BAD_JSON[name], name="chips.jsonl")
    assert result.exit_code == 1 and "error:" in result.stderr
    assert not list(tmp_path.glob("*.bundle.json"))


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("".join(f"acme,{n}\n" for n in [*range(1000, 1020), 7]), "leading zeros stripped"),
        ("acme,00098\nacme,00099\nacme,100\nacme,101\n", "leading zeros stripped"),
        ("acme,1654223E5\nacme,A2\n", "(1654223E5) may have been rounded"),
        ("acme,100.0\nacme,A2\n", "end in .0"),
        ("acme,2025-03-01\n", "look like dates"),
    ],
)
def test_a_doubtful_file_is_signed_with_a_warning(tmp_path, text, doubt):
    result = place(tmp_path, "maker,serial\n" + text)
    assert result.exit_code == 0
    assert "warning" in result.stderr and doubt in " ".join(result.stderr.split())


def test_serials_of_several_lengths_without_zeros_raise_no_doubt(tmp_path):
    assert "warning" not in place(tmp_path, "maker,serial\nacme,98\nacme,99\nacme,100\nacme,101\n").stderr


def test_json_numbers_are_no_serials_for_they_keep_no_zeros(tmp_path):
    result = place(
        tmp_path, '{"maker":"acme","serial":7}\n{"maker":"acme","serial":"8"}\n', name="chips.jsonl"
    )
    assert result.exit_code == 1 and "keeps no leading zeros" in " ".join(result.stderr.split())
    assert "1 fault" in result.stderr and not list(tmp_path.glob("*.bundle.json"))


def test_a_shipment_beyond_a_hundred_thousand_lines_is_refused_with_advice(tmp_path):
    file = tmp_path / "big.csv"
    file.write_text("chip\n" + "".join(f"acme-semi:{n}\n" for n in range(1, 100_002)))
    options = ["--set", "shipment=s", "--set", "to=north-dc", "--set", "country=NO", "--set", "title=kept"]
    words = [*speaking(tmp_path, "acme-semi"), *options, "--set", f"due_by={day(9)}"]
    result = chipledger("sign", "shipment.dispatched", file, *words)
    assert result.exit_code == 1 and "split the file" in result.stderr


def test_a_registration_is_split_where_it_is_asked(tmp_path):
    file = tmp_path / "chips.csv"
    file.write_text("serial\n" + "".join(f"S{n:03}\n" for n in range(25)))
    words = [*speaking(tmp_path, "acme-semi"), "--set", "site=acme-semi/fab", "--each", "model=registry/m"]
    result = chipledger("sign", "chips.registered", file, *words, "--lines", 10, "--reference", "LOT")
    assert result.exit_code == 0
    raws = (tmp_path / "chips.ndjson").read_bytes().splitlines()
    texts = [read_statement_text(read_bundle(raw).envelope.payload) for raw in raws]
    assert [text.manifest.count for text in texts] == [10, 10, 5]
    assert [text.reference for text in texts] == ["LOT-1", "LOT-2", "LOT-3"]


def test_models_come_from_the_list_people_have(tmp_path):
    made = sign_template(tmp_path, "model.listed")
    (body,) = bodies(made)
    assert body["gflops"] == {"fp64": 66_900, "bf16": 989_400, "fp8": 1_978_900, "int8": 1_978_900}
    assert body["model"] == "registry/h100-sxm5-80"
    assert body["part_numbers"] == [] and body["released"] == "2022-09-20T00:00:00Z"


def test_a_rate_that_does_not_come_out_whole_is_refused(tmp_path):
    file = tmp_path / "models.csv"
    file.write_text(TEMPLATES["model.listed"].csv.replace("66.9", "66.90001"))
    result = chipledger("sign", "model.listed", file, *speaking(tmp_path, "registry"))
    assert result.exit_code == 1 and "whole" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["no.kind", "x.csv"],
        ["log.opened", "x.csv"],
        ["chips.placed"],
        ["chips.placed", "missing.csv"],
        ["chips.placed", "../missing.csv", "--occurred-at", "now"],
        ["chips.placed", "chips.csv", "--occurred-at", "yesterday"],
        ["chips.placed", "chips.csv", "--no-such-option"],
        ["--template", "no.kind"],
    ],
)
def test_wrong_usage_exits_with_two(tmp_path, words):
    (tmp_path / "chips.csv").write_text("chip\nacme:1\n")
    words = [str(tmp_path / word) if word.endswith(".csv") else word for word in words]
    who = ["--key", str(key_file(tmp_path, "north-dc")), "--party", "north-dc", "--log", LOG]
    result = chipledger("sign", *words, *who)
    assert result.exit_code == 2, result.output
    assert result.stderr.strip()


def test_the_time_is_never_taken_from_the_clock_unasked(tmp_path):
    (tmp_path / "chips.csv").write_text("chip\nacme:1\n")
    who = ["--key", key_file(tmp_path, "north-dc"), "--party", "north-dc", "--log", LOG]
    words = ["sign", "chips.placed", tmp_path / "chips.csv", *who, "--set", "site=north-dc/hall"]
    assert chipledger(*words).exit_code == 2
    assert chipledger(*words, "--occurred-at", "now").exit_code == 0


def test_expiry_counts_from_the_later_of_the_deed_and_the_signing(tmp_path):
    assert place(tmp_path, "chip\nacme:1\n", "--as-of", SIGNED).exit_code == 0
    text = read_statement_text(read_bundle((tmp_path / "chips.bundle.json").read_bytes()).envelope.payload)
    assert (text.occurred_at, text.expires_at) == (f"{OCCURRED}T00:00:00Z", f"{EXPIRES}T00:00:00Z")


def test_a_body_of_wrong_fields_is_refused(tmp_path):
    assert "no such field" in place(tmp_path, "chip\nacme:1\n", "--set", "place=x").stderr
    assert place(tmp_path, "chip\nacme:1\n", "--set", "site").exit_code == 1
    (tmp_path / "body.json").write_text('{"site": 5}')
    words = [*speaking(tmp_path, "north-dc"), "--body", tmp_path / "body.json"]
    assert chipledger("sign", "chips.placed", tmp_path / "chips.csv", *words).exit_code == 1


def test_an_arrival_of_sealed_cartons_needs_no_file(tmp_path):
    options = ["shipment=acme-semi/s1", "site=north-dc/hall", "evidence=as_dispatched"]
    words = [word for option in options for word in ("--set", option)]
    out = tmp_path / "arrival"
    result = chipledger("sign", "shipment.arrived", *words, "--out", out, *speaking(tmp_path, "north-dc"))
    assert result.exit_code == 0
    assert read_bundle((tmp_path / "arrival.bundle.json").read_bytes()).manifest is None


def test_a_file_that_shrank_is_warned_of(tmp_path):
    whole = "chip\n" + "".join(f"acme:{n}\n" for n in range(10, 30))
    assert "Is it whole?" not in place(tmp_path, whole).stderr
    (tmp_path / "chips.bundle.json").rename(tmp_path / "last.bundle.json")
    assert "Is it whole?" not in place(tmp_path, whole.replace("acme:10\n", "")).stderr
    asked = chipledger("check", tmp_path / "chips.bundle.json", "--before", tmp_path / "last.bundle.json")
    said = " ".join(asked.stderr.split())
    assert asked.exit_code == 0 and "19 chips where" in said and "1 are gone (acme:10)" in said
    same = chipledger("check", tmp_path / "last.bundle.json", "--before", tmp_path / "last.bundle.json")
    assert "Is it whole?" not in same.stderr
    assert "Is it whole?" in place(tmp_path, "chip\nacme:11\n", "--replace").stderr


def test_a_file_whose_zeros_went_is_warned_of_however_long_it_is(tmp_path):
    padded = "chip\n" + "".join(f"acme:{n:06}\n" for n in range(7001, 7013))
    assert "warning" not in place(tmp_path, padded).stderr
    (tmp_path / "chips.bundle.json").rename(tmp_path / "last.bundle.json")
    assert "warning" not in place(tmp_path, padded.replace("acme:00", "acme:")).stderr
    asked = chipledger("check", tmp_path / "chips.bundle.json", "--before", tmp_path / "last.bundle.json")
    said = " ".join(asked.stderr.split())
    assert asked.exit_code == 0 and "12 chips of" in said and "(acme:7001 for acme:007001)" in said
    other = place(tmp_path, padded.replace("acme:00", "acme:1"), "--replace").stderr
    assert "without their leading zeros" not in other, "other serials are other chips"
