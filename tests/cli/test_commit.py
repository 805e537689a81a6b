"""A verifier commits: strata counted by the log, stages, both planners, series, and what was overridden."""

import json
from contextlib import chdir
from itertools import count

import pytest

from ledger.book.encoding import read_bundle
from ledger.book.times import DAY_SECONDS, parse_seconds
from ledger.planning.reading import read_demand
from ledger.planning.telling import tell
from signing.canonical import read_object
from tests.cli.stage import LOG, chipledger
from tests.cli.trading_ledger import asking

NAMES = count(1)
LEAD_S = 600
H100_FLOP_PER_DAY = str(989_400 * 10**9 * 86_400)  # as this world's log lists it
RUN = ("--planner", "activity", "--run-flop", "3E+21", "--run-days", 30, "--period-days", 30)


@pytest.fixture
def commits(world, tmp_path):
    """Commit with these options: (what was signed, what was printed)."""

    def commit(*words, name=None, code=0, provers="north-dc", party="agency"):
        ledger, _ = world
        name = name or f"commit-{next(NAMES)}"
        who = ["--log", LOG, "--log-key", ledger.vkey, *asking(world, party)]
        line = ["inspect", "commit", name, "--provers", provers, "--beacon", "registry/demo", *words]
        line += ["--lead-s", LEAD_S]  # long: a busy machine takes seconds to sign and send
        with chdir(tmp_path):
            result = chipledger(*line, *who)
        assert result.exit_code == code, result.stdout + result.stderr
        file = tmp_path / f"{name}.committed.bundle.json"
        if code:
            return None, result.stderr
        payload = read_bundle(file.read_bytes()).envelope.payload
        secrets = json.loads((tmp_path / f"{name}.secret.json").read_text())["secrets"]
        body = read_object(payload, "payload")["body"]
        assert len(secrets) == len(body["stages"])
        return body, " ".join((result.stdout + result.stderr).split())

    return commit


def test_a_plain_commitment_plans_for_the_logs_own_count(commits):
    body, shown = commits("--missing", 15)
    assert body["parameters"] == {"accept": 0, "frame": 150, "missing": 15, "test_miss_ppm": 0}
    query = {"frame": "150", "missing": "15", "beta_ppm": "50000"}
    assert body["stages"][0]["sizes"] == [tell(read_demand("presence", query)).facts["n"]]
    assert (body["number"], body["direction"], body["strata"]) == (1, "book_to_floor", [{"name": "all"}])
    assert "Visit " in shown and "of 150 chips" in shown


def test_strata_are_the_logs_and_the_last_takes_the_rest(commits):
    strata = ("--stratum", "hall:site=north-dc/hall,model=registry/h100", "--stratum", "old:class=C,cost=2.5")
    body, shown = commits("--missing", 15, *strata, "--class-miss-ppm", "C=100000", "--budget", 500)
    assert body["strata"] == [
        {"model": "registry/h100", "name": "hall", "site": "north-dc/hall"},
        {"class": "C", "name": "old"},
        {"name": "rest"},
    ]
    assert body["parameters"]["chips"] == [150, 0, 0] and body["parameters"]["costs"] == ["1", "2.5", "1"]
    assert body["parameters"]["test_miss_ppm"] == {"C": 100_000} and body["parameters"]["budget"] == "500"
    sizes = body["stages"][0]["sizes"]
    assert sizes[1:] == [0, 0] and sizes[0] > 0 and "hall" in shown


def test_a_later_stage_waits_for_the_findings_of_the_one_before(commits):
    words = ("--stage", "0:2", "--stage", "1:2", "--found-days", 3, "--notice-days", 1)
    body, shown = commits("--missing", 15, *words)
    first, second = body["stages"]
    assert [(each["accept"], each["reject"]) for each in body["stages"]] == [(0, 2), (1, 2)]
    assert first["secret_sha256"] != second["secret_sha256"] and first["sizes"] == second["sizes"]
    assert second["round"] - first["round"] == 3 * DAY_SECONDS  # this beacon has a round a second
    found = parse_seconds(first["found_by"], "found_by")
    assert found - parse_seconds(first["notice_by"], "notice_by") == 2 * DAY_SECONDS
    assert "stage 2" in shown


def test_a_series_counts_by_itself(commits):
    first, _ = commits("--missing", 15, "--series", f"yearly-{next(NAMES)}")
    series = first["series"]
    second, err = commits("--missing", 15, "--series", series, code=1)
    assert second is None and "open_commitment" in err  # number 2 was counted; the first is not drawn yet
    wrong, err = commits("--missing", 15, "--series", series, "--number", 7, code=1)
    assert wrong is None and "bad_number" in err


def test_a_hidden_run_is_sized_by_the_logs_model_list(commits):
    body, _ = commits(*RUN, "--snapshots-per-day", 1)
    assert body["planner"] == "activity"
    parameters = body["parameters"]
    assert parameters == {
        "chip_flop_per_day": H100_FLOP_PER_DAY,
        "chips": 150,
        "model": "registry/h100",
        "period_days": "30",
        "run_days": "30",
        "run_flop": "3e21",
        "snapshots_per_day": "1",
    }
    asked = {name: str(value) for name, value in parameters.items() if name != "model"}
    facts = tell(read_demand("activity", {**asked, "beta_ppm": "50000"})).facts
    assert body["stages"][0]["sizes"] == [min(150, facts["worst"]["per_period"])]


def test_what_a_person_says_otherwise_is_committed_and_printed(commits):
    body, shown = commits(*RUN, "--snapshots-per-day", 1, "--chip-flop-per-day", "1e20", "--chips", 140)
    assert body["parameters"]["overridden"] == ["chips", "chip_flop_per_day"]
    assert body["parameters"]["chip_flop_per_day"] == "1e20"
    assert "said otherwise than the book" in shown and "chip_flop_per_day 1e20" in shown
    same = ("--model", "registry/h100", "--chip-flop-per-day", H100_FLOP_PER_DAY)
    body, shown = commits(*RUN, "--snapshots-per-day", 1, *same)
    assert "overridden" not in body["parameters"] and "otherwise" not in shown
    body, shown = commits("--missing", 15, "--frame", 200)
    assert body["parameters"]["frame"] == 200 and body["parameters"]["overridden"] == ["frame"]
    body, shown = commits("--missing", 15, "--sizes", "40")
    assert body["parameters"]["sizes"] == [40] == body["stages"][0]["sizes"] and "sizes [40]" in shown
    assert body["parameters"]["overridden"] == ["sizes"]


def test_a_significant_quantity_says_how_many_are_missing(commits):
    body, _ = commits("--run-flop", "2e22", "--run-days", 15)
    expected = -(-2 * 10**22 // (int(H100_FLOP_PER_DAY) * 15))
    assert body["parameters"]["missing"] == expected
    assert (body["parameters"]["days"], body["parameters"]["model"]) == ("15", "registry/h100")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--missing", 151), 2, "missing"),
        ((), 2, "missing"),
        (("--missing", 15, "--stratum", "a:colour=red"), 2, "NAME:site="),
        (("--missing", 15, "--class-miss-ppm", "C"), 2, "CLASS=PPM"),
        (("--missing", 15, "--budget", 3), 1, "beyond the budget"),
        (("--missing", 1, "--test-miss-ppm", 500_000), 1, "No sample is enough"),
        ((*RUN, "--snapshots-per-day", 1, "--model", "registry/none"), 1, "no such rate"),
        (("--planner", "activity", "--run-flop", "9e30", "--run-days", 1, "--period-days", 30,
          "--snapshots-per-day", 1), 1, "No such run"),
        (("--missing", 15, "--planner", "guess"), 2, "presence or activity"),
        (("--missing", 15, "--stage", "0:2"), 2, "stages"),
    ],
)  # fmt: skip
def test_nothing_is_signed_where_no_sample_will_do(commits, tmp_path, words, code, said):
    name = f"commit-{next(NAMES)}"
    _, err = commits(*words, name=name, code=code)
    assert said in " ".join(err.split())
    assert not list(tmp_path.glob(f"{name}.*"))


@pytest.mark.parametrize(
    ("provers", "words", "said"),
    [
        ("lab", (), "no chip is in the custody of lab"),
        ("lab,agency", (), "no chip is in the custody of agency, lab"),
        ("lab", (*RUN, "--snapshots-per-day", 1), "no chip is in the custody of lab"),
        ("north-dc", ("--direction", "floor_to_book"), "no site of north-dc declares positions"),
        ("north-dc,nobody", (), "knows no party 'nobody'"),
        ("North DC", (), "knows no party 'North DC'"),
    ],
)
def test_whoever_has_nothing_or_is_unknown_is_named(commits, provers, words, said):
    missing = () if "--planner" in words else ("--missing", 1)
    _, err = commits(*missing, *words, provers=provers, code=1)
    assert said in " ".join(err.split())


def test_who_may_not_ask_for_a_frame_is_told_who_may(commits):
    _, err = commits("--missing", 1, party="north-dc", code=1)
    assert "no frame of north-dc" in err and "verifiers and the registrar" in " ".join(err.split())
