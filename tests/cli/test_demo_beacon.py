"""The demo's beacon can be listed and asked for a round without a line of Python."""

import csv
import io
import json
from dataclasses import replace

from typer.testing import CliRunner

from api.cli.demo_beacon import GENESIS, PERIOD_S, app
from ledger.book.times import parse_seconds
from ledger.inspection.beacon import Beacon, Pulse, verify_pulse


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def listed(*words):
    (row,) = csv.DictReader(io.StringIO(run("list", *words).stdout))
    return row


def test_a_printed_round_verifies_under_the_listed_key():
    row, said = listed("--name", "tutorial"), json.loads(run("pulse", 5).stdout)
    assert (row["beacon"], row["genesis"], row["period_s"]) == ("tutorial", GENESIS, str(PERIOD_S))
    genesis = parse_seconds(row["genesis"], "genesis")
    beacon = Beacon("registry/tutorial", row["scheme"], bytes.fromhex(row["public_key"]), genesis, PERIOD_S)
    pulse = Pulse(said["round"], bytes.fromhex(said["signature"]), None)
    assert verify_pulse(beacon, pulse) is not None
    assert verify_pulse(beacon, replace(pulse, round=6)) is None
    assert listed("--secret", 12)["public_key"] != row["public_key"]


def test_what_names_no_round_is_wrong_usage(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    for words in (
        ["pulse", tmp_path / "none.json"],
        ["pulse", tmp_path / "x.json"],
        ["pulse", 0],
        ["list", "--secret", 0],
    ):
        assert run(*words).exit_code == 2
