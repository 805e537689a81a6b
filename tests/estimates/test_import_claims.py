"""A table of outside estimates becomes claims: nothing guessed, nothing lost without a word."""

import csv
import json
from collections import Counter

import pytest

from analytics.reporting.families import families, models_of
from api.cli.estimates.reading import COLUMNS, Naming, read_estimates
from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from signing.canonical import Unreadable, decode
from tests.cli.stage import LOG, chipledger, key_file
from tests.shared import shared

CLAIMS = shared("data", "market", "claims.csv")
ROW = {
    "claim_id": "c1", "source": "press", "source_row": "1", "subject": "Site A", "owner": "Acme",
    "chip_text": "NVIDIA H100", "model_id": "nvidia-h100-sxm5-80", "quantity_kind": "installed at one site",
    "quantity": "100", "as_of": "2024-05-31", "status": "Existing", "certainty": "Likely",
}  # fmt: skip


def table(folder, *rows):
    """A file of such rows."""
    path = folder / "claims.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
    return path


def body_of(folder, **row):
    """The body of the one claim, or why there is none."""
    found = read_estimates(table(folder, row), Naming({}))
    return found.claims[0].body if found.claims else found.left[0].why


def test_every_row_of_the_real_table_is_a_claim_or_has_a_reason():
    found = read_estimates(CLAIMS, Naming({}))
    with CLAIMS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 1_057 == len(found.claims) + len(found.left)
    undated = sum(not row["as_of"] for row in rows)
    assert Counter(left.why for left in found.left)["no day"] == undated == 178
    assert sum(row["possible_duplicate"] == "yes" for row in rows) == 94
    kept = {claim.number for claim in found.claims}
    marked = [claim for claim in found.claims if "possible duplicate" in claim.body["status"]]
    assert (
        len(marked)
        == sum(
            row["possible_duplicate"] == "yes" for number, row in enumerate(rows, start=1) if number in kept
        )
        > 80
    )
    planned = [claim for claim in found.claims if claim.body["status"].startswith("Planned")]
    assert all(claim.doubt for claim in (*planned, *marked))
    for claim in found.claims:
        row = rows[claim.number - 1]
        unit = "chips" if row["quantity"] else "h100e"
        value = float(row["quantity"] or row["h100_equivalents"])
        assert (
            claim.body["unit"] == unit
            and claim.body["low"] <= value + 1e-6
            and value - 1e-6 <= claim.body["high"]
        )
    subjects = Counter(
        (claim.body["subject"], claim.body["as_of"])
        for claim in found.claims
        if claim.body["measure"] == "installed"
    )
    assert max(subjects.values()) == 1, "no site is taken for another that bears its name"


def test_a_row_says_what_it_says(tmp_path):
    body = body_of(tmp_path)
    named = ("subject", "unit", "measure", "low", "high", "family", "status")
    assert {name: body[name] for name in named} == {
        "subject": "Site A", "unit": "chips", "measure": "installed", "low": 100, "high": 100,
        "family": "nvidia-h100-sxm5-80", "status": "Existing, Likely",
    }  # fmt: skip
    assert body["as_of"] == "2024-05-31T23:59:59Z" and "from" not in body
    quarter = body_of(tmp_path, quantity_kind="acquired in the quarter", as_of="2024-12-31")
    assert (quarter["subject"], quarter["measure"]) == ("Acme", "acquired")
    assert (quarter["from"], quarter["as_of"]) == ("2024-10-01T00:00:00Z", "2024-12-31T23:59:59Z")
    year = body_of(tmp_path, quantity_kind="acquired or deployed in the year", as_of="2024-12-31")
    assert year["from"] == "2024-01-01T00:00:00Z"
    world = body_of(tmp_path, quantity_kind="sold in the quarter", owner="all owners")
    assert world["subject"] == "world"
    between = body_of(tmp_path, quantity="100", quantity_low="90.2", quantity_high="110.7")
    assert (between["low"], between["high"]) == (90, 111)
    assert body_of(tmp_path, quantity="30000.000000000004")["high"] == 30_000
    nothing = body_of(tmp_path, quantity="0", h100_equivalents="0")
    assert (nothing["unit"], nothing["low"], nothing["high"]) == ("chips", 0, 0)
    perhaps = body_of(tmp_path, quantity="243", quantity_low="0", quantity_high="11111")
    assert (perhaps["low"], perhaps["high"]) == (0, 11_111), "no chip at all is a bound like any other"
    worth = body_of(tmp_path, quantity="", h100_equivalents="12.5")
    assert (worth["unit"], worth["low"], worth["high"]) == ("h100e", 12, 13)
    assert body_of(tmp_path, model_id="", chip_text="Hopper family")["family"] == "nvidia-hopper-family"
    assert "family" not in body_of(tmp_path, model_id="", chip_text="")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"as_of": ""}, "no day"),
        ({"as_of": "2024-02-30"}, "'2024-02-30' is no day"),
        ({"quantity": "", "h100_equivalents": ""}, "no quantity"),
        ({"quantity": "many"}, "a quantity is no number"),
        ({"quantity": "-3"}, "a quantity is no number"),
        ({"quantity": "nan"}, "a quantity is no number"),
        ({"quantity_low": "9", "quantity_high": "8"}, "low quantity is over the high one"),
        ({"quantity_kind": "rumoured"}, "no measure is known for 'rumoured'"),
    ],
)
def test_a_row_that_makes_no_claim_says_why(tmp_path, row, why):
    assert why in body_of(tmp_path, **row)


def test_owners_are_told_as_parties_and_models_as_listed_where_asked(tmp_path):
    path = table(tmp_path, {"quantity_kind": "acquired in the quarter"}, {"source": "other"})
    found = read_estimates(path, Naming({"Acme": "acme"}, "registry", frozenset({"press"})))
    assert [claim.body["subject"] for claim in found.claims] == ["acme"]
    assert found.claims[0].body["model"] == "registry/nvidia-h100-sxm5-80"
    assert [left.why for left in found.left] == ["another source was asked for"]


def test_a_file_of_another_shape_is_unreadable(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(Unreadable, match="no column is called claim_id"):
        read_estimates(path, Naming({}))
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Unreadable, match="not UTF-8"):
        read_estimates(path, Naming({}))


def test_the_families_are_those_of_the_data():
    with shared("data", "chips", "chip_families.csv").open(encoding="utf-8") as lines:
        there = {
            row["family_id"]: frozenset(row["model_ids"].split(";")) - {""} for row in csv.DictReader(lines)
        }
    assert families() == there and len(there) == 7
    assert models_of("nvidia-h100-sxm5-80") == {"nvidia-h100-sxm5-80"}
    assert models_of("meta-mtia-family") == {"meta-mtia-family"}, "of no model of ours, and part of no family"


def test_a_dry_run_signs_nothing_and_the_run_signs_every_claim(tmp_path):
    path = table(tmp_path, {}, {"claim_id": "c2", "as_of": ""}, {"claim_id": "c3", "subject": "Site B"})
    dry = chipledger("import", path, "--claims", "--dry-run")
    assert dry.exit_code == 0 and "no day" in dry.stderr and not list(tmp_path.glob("*.ndjson"))
    told = json.loads(chipledger("import", path, "--claims", "--dry-run", "--json").stdout)
    assert [one["claim_id"] for one in told["left_out"]] == ["c2"] and len(told["claims"]) == 2
    who = ["--party", "lab", "--key", key_file(tmp_path, "lab"), "--log", LOG]
    who += ["--occurred-at", "2026-11-20"]
    done = chipledger("import", path, "--claims", *who)
    assert done.exit_code == 0
    raws = (tmp_path / "claims.ndjson").read_bytes().splitlines()
    statements = [read_statement(read_bundle(raw)) for raw in raws]
    assert [statement.fault for statement in statements] == [None, None]
    assert [statement.body.subject for statement in statements] == ["Site A (row 1)", "Site B"]
    assert {statement.body.source_sha256 for statement in statements} == {told["source_sha256"]}
    assert chipledger("import", path, "--claims", *who).exit_code == 0, "the same bytes again"
    assert (tmp_path / "claims.ndjson").read_bytes().splitlines() == raws
    assert decode(raws[0], "bundle")


def test_neither_kind_of_file_is_guessed(tmp_path):
    wrong = chipledger("import", table(tmp_path, {}))
    assert wrong.exit_code == 2 and "say --epcis or --claims" in wrong.stderr
    two = chipledger("import", table(tmp_path, {}), CLAIMS, "--claims", "--dry-run")
    assert two.exit_code == 1 and "one file of estimates at a time" in two.stderr
