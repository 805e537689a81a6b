"""An analyst asks in SQL and reports, an auditor checks: over HTTP, as people type it."""

import csv
import io
import json
import shutil
import time

from ledger.log.tiles import unpack_entries
from signing.note import ED25519, make_vkey
from tests.cli.stage import LOG, chipledger, signer
from tests.cli.trading_ledger import asking, told


def test_an_analyst_asks_in_sql_and_reads_reports(world):
    question = "SELECT custodian, count(*) AS chips FROM chip GROUP BY 1 ORDER BY 2 DESC"
    deadline = time.monotonic() + 300
    while True:  # the snapshot follows the log
        answer = told(chipledger("sql", question, *asking(world, "lab"), "--json"))
        if (answer["rows"] and answer["rows"][0]["chips"] == 150) or time.monotonic() > deadline:
            break
    assert {row["custodian"]: row["chips"] for row in answer["rows"]} == {"acme-semi": 150, "north-dc": 150}
    text = chipledger("sql", question, *asking(world, "lab"), "--format", "csv").stdout
    assert len(list(csv.DictReader(io.StringIO(text)))) == 2 and text.startswith("custodian,")
    assert chipledger("sql", question, *asking(world, "lab"), "--excel").stdout.startswith("\ufeffcustodian,")
    assert "north-dc" in chipledger("sql", "-", *asking(world, "lab"), stdin=question).stdout
    shown = chipledger("report", "capacity", *asking(world, "lab")).stdout
    assert "█" in shown and "H100-equivalents" in shown
    for name in ("unaccounted", "overdue"):
        assert chipledger("report", name, *asking(world, "lab")).exit_code == 0
    assert chipledger("report", "nonsense", *asking(world, "lab")).exit_code == 2


def test_a_question_that_is_wrong_is_answered_with_what_to_do(world):
    for query in ("DROP TABLE chip", "SELECT * FROM chips"):
        wrong = chipledger("sql", query, *asking(world, "lab"))
        assert wrong.exit_code == 1 and "correct the query; the views are snapshot, entry" in wrong.stderr
        assert "sign again" not in wrong.stderr
    for words in (["sql", "SELECT 1"], ["report", "capacity"]):
        maker = chipledger(*words, *asking(world, "acme-semi"))
        assert maker.exit_code == 1 and "for analysts, verifiers and the registrar" in maker.stderr
    early = chipledger("report", "overdue", *asking(world, "lab"), "--at", 9_999)
    assert early.exit_code == 1 and "what to do: --at " in early.stderr


def test_overdue_takes_a_day_and_means_its_end(world):
    asked = ["report", "overdue", *asking(world, "lab"), "--json", "--as-of"]
    assert told(chipledger(*asked, "2999-01-01"))["as_of"] == "2999-01-01T23:59:59Z"
    assert told(chipledger(*asked, "2999-01-01T06:00:00Z"))["as_of"] == "2999-01-01T06:00:00Z"
    assert told(chipledger(*asked, "now"))["rows"] == []
    wrong = chipledger(*asked, "tomorrow")
    assert wrong.exit_code == 2 and "2026-11-21" in wrong.stderr


def test_a_day_or_a_time_that_is_not_the_books_is_not_passed_over_in_silence(world, tmp_path):
    asked = ["report", "overdue", *asking(world, "lab")]
    for words in (["--date", "2001-01-01"], ["--as-of", "2001-01-01"]):
        refused = chipledger(*asked, *words)
        assert refused.exit_code == 1 and "before the log's first entry" in " ".join(refused.stderr.split())
    for form in ([], ["--format", "csv"], ["--out", tmp_path / "rows.csv"]):
        future = chipledger(*asked, "--date", "2999-12-31", *form)
        assert future.exit_code == 0, future.output
        warned = " ".join(future.stderr.split())
        assert "Nothing is known after " in warned and "say as_of=2999-12-31T23:59:59Z" in warned
    beside = json.loads((tmp_path / "rows.csv.provenance.json").read_text())
    assert beside["caution"].startswith("Nothing is known after ")
    assert len(told(chipledger(*asked, "--date", "2999-12-31", "--json"))["cautions"]) == 2
    plain = chipledger(*asked)
    assert plain.exit_code == 0 and "warning" not in plain.stderr, "the control"


def test_the_audit_is_clean(world):
    ledger, _ = world
    ledger.level()
    clean = told(chipledger("audit", ledger.folder, "--log-key", ledger.vkey, "--json"))
    assert clean["clean"] and not clean["limited"] and "digest" in clean["checks_run"]
    over = ["audit", ledger.url, "--log-key", ledger.vkey]
    http = told(chipledger(*over, *asking(world, "agency")[2:], "--json"))
    assert http["clean"] and http["entries_read"] == http["size"]
    nobody = told(chipledger(*over, "--json"))
    assert nobody["clean"] and nobody["limited"]


def test_an_audit_that_may_not_see_all_says_so_and_raises_no_false_alarm(world, tmp_path):
    ledger, _ = world
    ledger.level()
    analyst = chipledger("audit", ledger.url, "--log-key", ledger.vkey, *asking(world, "lab")[2:])
    assert analyst.exit_code == 0, analyst.output
    assert "this key may not read entries (lab: analyst)" in analyst.stderr
    assert "CLEAN, as far as it was shown" in analyst.stdout
    unpinned = chipledger("audit", ledger.url)
    assert unpinned.exit_code == 0 and "trusting" in unpinned.stderr and "compare it" in unpinned.stderr
    assert "taken from the server" in unpinned.stdout
    answer = told(chipledger("audit", ledger.url, "--json"))
    assert answer["limited"] and not answer["log_key_given"] and answer["log_key"] == ledger.vkey
    shutil.copytree(ledger.folder / "public", tmp_path / "half" / "public")
    half = chipledger("audit", tmp_path / "half")
    assert half.exit_code == 2 and "give --log-key" in half.stderr
    assert chipledger("audit", tmp_path / "half", "--log-key", ledger.vkey).exit_code == 0
    # The control: a key that is not the log's is a finding even where little is shown.
    other = make_vkey(LOG, ED25519, signer("lab").public_key.octets).text()
    wrong = chipledger("audit", ledger.url, "--log-key", other)
    assert wrong.exit_code == 1 and "1 FINDING" in wrong.stdout and "1 FINDINGS" not in wrong.stdout


def test_the_audit_of_a_copy_names_a_flipped_byte(world, tmp_path):
    ledger, _ = world
    copy = tmp_path / "copy"
    ledger.level()
    for part in ("public", "private"):
        shutil.copytree(ledger.folder / part, copy / part)
    assert told(chipledger("audit", copy, "--json"))["clean"]
    bundle = newest_bundle(copy)
    raw = bytearray(bundle.read_bytes())
    entries = unpack_entries(bytes(raw))
    at = sum(2 + len(entry) for entry in entries[:3]) + 2 + len(entries[3]) // 2
    raw[at] ^= 1
    bundle.write_bytes(bytes(raw))
    spoiled = chipledger("audit", copy, "--json")
    assert spoiled.exit_code == 1 and json.loads(spoiled.stdout)["first_bad_entry"] == 3
    assert "FINDINGS" in chipledger("audit", copy).stdout
    assert chipledger("audit", tmp_path / "nothing").exit_code == 2


def newest_bundle(folder):
    size = int((folder / "public" / "checkpoint").read_text().split("\n")[1])
    return folder / "private" / "tile" / "entries" / "000.p" / str(size)
