"""The shell of `chipledger sql`: what is completed, when it waits, what it does, by hand and in a pipe."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from analytics.catalogue import saved, views
from analytics.question import QUERY_BYTES_MAX, Limits
from api.cli.commands.analysis import answered
from api.cli.remote.reading import open_client
from api.cli.shell.completing import SqlCompleter
from api.cli.shell.prompt import take_or_go_on, talk_at_terminal
from api.cli.shell.statements import inputs, is_whole
from api.cli.shell.talk import ROWS_SHOWN_MAX, Talk
from api.cli.shell.waiting import put, put_and_watch
from tests.cli.stage import chipledger, key_file
from tests.cli.trading_ledger import asking, trading_ledger
from tests.console.slow import SLOW, children, until

TERMINAL_SECONDS = 180
CHIPS = "SELECT COUNT(*) AS chips FROM chip"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A ledger that runs, whose snapshot has all its chips."""
    with trading_ledger(tmp_path_factory.mktemp("shell")) as ledger:
        told = asking((ledger, ledger.folder.parent), "lab")

        def has_all():
            answer = chipledger("sql", CHIPS, *told, "--json")
            return answer.exit_code == 0 and json.loads(answer.stdout)["rows"] == [{"chips": 300}]

        assert until(has_all, seconds=300)
        yield ledger, ledger.folder.parent


@pytest.fixture
def client(world):
    ledger, folder = world
    with open_client(ledger.url, "lab", key_file(folder, "lab")) as client:
        yield client


def completions(text):
    document = Document(text)
    return [each.text for each in SqlCompleter().get_completions(document, CompleteEvent())]


def test_views_columns_keywords_and_commands_are_completed():
    assert "custodian" in completions("SELECT cust") and "chip_span" in completions("SELECT * FROM chip_")
    assert completions("SELECT * FROM chip AS c WHERE c.cust") == ["custodian"]
    assert completions("SELECT * FROM shipment s WHERE s.due") == ["due_by"]
    assert "SELECT" in completions("SEL") and "where" in completions("select 1 from chip wh")
    assert completions("\\vi") == ["views"] and completions("\\d inspection_") == ["inspection_item"]
    assert completions("\\run hold") == ["holders"]
    assert set(completions("\\run ")) == {query.name for query in saved()}
    assert "due_by" not in completions("SELECT d FROM chip WHERE d"), "not of the views that are named"


@pytest.mark.parametrize(
    ("text", "whole"),
    {
        "SELECT 1;": True, "SELECT 1": False, "": True, "\\views": True, "SELECT ';'": False,
        "SELECT ';';": True, "SELECT 1 -- ;": False, "SELECT /* ; */": False, "SELECT $$;$$": False,
        "SELECT $a$;$$;$a$;": True, 'SELECT ";': False, "SELECT 1;  \n": True, "SELECT 'it''s;": False,
    }.items(),
)  # fmt: skip
def test_return_waits_for_the_semicolon(text, whole):
    assert is_whole(text) is whole
    taken = []
    buffer = Buffer(accept_handler=lambda buffer: taken.append(buffer.text), multiline=True)
    buffer.insert_text(text)
    take_or_go_on(buffer)
    assert taken == ([text] if whole else [])


def test_statements_and_commands_are_told_apart():
    text = "\\views\nSELECT 1;SELECT ';' --;\n;\n  \\at 5\nSELECT\n2"
    assert inputs(text) == ["\\views", "SELECT 1", "SELECT ';' --;", "\\at 5", "SELECT\n2"]
    assert inputs(".views\n.quit") == ["\\views", "\\quit"] and is_whole(".tables"), (
        "as other shells write them"
    )


def talk_of(client):
    return Talk(lambda query, form, at: answered(lambda: put(client, query, form, at)))


def test_each_command_does_what_it_says(client, tmp_path, capsys):
    talk = talk_of(client)
    assert talk.take("\\views\n\\d chip\n\\saved")
    said = capsys.readouterr().out
    assert all(view.name in said for view in views()) and "late_speakers" in said and "custodian" in said
    talk.take(f"{CHIPS};\n\\save {tmp_path}/a.csv\n\\save {tmp_path}/a.parquet")
    assert (tmp_path / "a.csv").read_text("utf-8-sig").split() == ["chips", "300"]
    assert (tmp_path / "a.parquet").read_bytes()[:4] == b"PAR1"
    assert talk.faults == 0
    talk.take(f"\\save {tmp_path}/a.csv\n\\save a.xls\n\\d nothing\n\\at soon\n\\run nothing")
    assert talk.faults == 5, "a file is not written over; each mistake is a sentence"
    talk.take("\\run holders")
    assert "acme-semi" in capsys.readouterr().out
    assert not talk.take("\\q") and talk.take("\\?")


def test_a_size_is_chosen_and_a_mistake_ends_nothing(client, capsys):
    talk = talk_of(client)
    size = json.loads(put(client, CHIPS, "json", None))["size"]
    talk.take(f"\\at {size}\n{CHIPS};")
    assert talk.at == size and "300" in capsys.readouterr().out
    talk.take(f"\\at 999999\n{CHIPS};")
    assert talk.faults == 1 and f"--at {size}" in capsys.readouterr().err
    talk.take("\\at newest\nSELECT custodain FROM chip;")
    assert talk.at is None and talk.faults == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "line 1, column 8" in said and "did you mean custodian" in said


def test_a_result_that_was_cut_says_so_and_one_that_was_not_does_not(client, tmp_path, capsys):
    """On the screen, where only the first are shown, and of the file, which has no more than came."""
    talk = talk_of(client)
    most = Limits().rows_max
    talk.take(f"SELECT range AS n FROM range({most + 1});\n\\save {tmp_path}/cut.csv")
    said = capsys.readouterr()
    told = " ".join((said.out + said.err).split())
    assert f"{most:,} rows came, the first {ROWS_SHOWN_MAX:,} shown; a file has these {most:,}" in told
    assert told.count("there were more rows than one answer may have, in a file too: ask for fewer") >= 1
    assert len((tmp_path / "cut.csv").read_text("utf-8-sig").split()) == 1 + most
    talk.take(f"SELECT range AS n FROM range({most});")
    said = capsys.readouterr()
    told = " ".join((said.out + said.err).split())
    assert f"{most:,} rows, the first {ROWS_SHOWN_MAX:,} shown; a file gives all" in told
    assert "there were more" not in told and talk.faults == 0


def test_a_session_at_a_terminal_goes_over_many_lines(client, capsys):
    with create_pipe_input() as typed:
        typed.send_text("SELECT COUNT(*) AS chips\rFROM chip;\r\\d site\rnonsense;\r\\q\r")
        history = InMemoryHistory()
        talk_at_terminal(talk_of(client), history, typed, DummyOutput())
    said = capsys.readouterr()
    assert "300" in said.out and "power_kw" in said.out and "error" in said.err
    assert next(iter(history.get_strings())) == "SELECT COUNT(*) AS chips\nFROM chip;"


def test_a_real_terminal_completes_a_word(world, tmp_path):
    ledger, folder = world
    ours, theirs = pty.openpty()
    words = ["sql", "--url", ledger.url, "--party", "lab", "--key", str(key_file(folder, "lab"))]
    environment = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm", "CHIPLEDGER_KEY_PASSWORD": ""}
    environment |= {"PROMPT_TOOLKIT_NO_CPR": "1"}
    command = [sys.executable, "-m", "api.cli", *words]
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    try:
        assert "sql>" in read_until(ours, "sql>")
        os.write(ours, b"SELECT COUNT(DISTINCT custod\t")
        assert "ian" in read_until(ours, "ian"), "the rest of the word"
        os.write(ours, b") AS holders FROM chip;\r")
        assert re.search(r"holders", read_until(ours, "snapshot "))
        os.write(ours, b"\\q\r")
        assert child.wait(TERMINAL_SECONDS) == 0
    finally:
        child.kill()
        child.wait()
        os.close(ours)
    history = next(tmp_path.rglob("sql_history"))
    assert "COUNT(DISTINCT custodian)" in history.read_text() and history.stat().st_mode & 0o077 == 0


def read_until(handle, words):
    """What a terminal shows, up to some words."""
    shown, deadline = "", time.monotonic() + TERMINAL_SECONDS
    while words not in shown and time.monotonic() < deadline:
        if select.select([handle], [], [], 0.2)[0]:
            shown += os.read(handle, 65_536).decode("utf-8", "replace")
    return shown


def test_a_pipe_is_answered_plainly(world):
    told = asking(world, "lab")
    done = chipledger("sql", *told, stdin=f"\\d site\n{CHIPS};\nSELECT 7 AS seven;\n")
    assert done.exit_code == 0 and "300" in done.stdout and "seven" in done.stdout
    failed = chipledger("sql", *told, stdin=f"SELEC 1;\n{CHIPS};\n")
    assert failed.exit_code == 1 and "did you mean select" in failed.stderr and "300" in failed.stdout


def test_a_query_that_is_too_long_is_told_so_with_the_limit(world):
    told = asking(world, "lab")
    long = f"{CHIPS} -- " + "x" * 60_000
    assert json.loads(chipledger("sql", "-", *told, "--json", stdin=long).stdout)["rows"] == [{"chips": 300}]
    over = chipledger("sql", "-", *told, stdin=CHIPS + " " * QUERY_BYTES_MAX)
    assert over.exit_code == 1 and "at most 65,536" in over.stderr and "no answer" not in over.stderr


def test_a_question_is_watched_and_ended_by_its_asker(world, client, capsys):
    ledger, folder = world

    class Impatient:
        """A watcher that presses Ctrl-C once it was told how far it is."""

        def __init__(self, inner):
            self.inner, self.told = inner, []

        def get_json(self, path):
            answer = self.inner.get_json(path)
            self.told += [each["percent"] for each in answer["items"]]
            if any(percent >= 0 for percent in self.told):
                raise KeyboardInterrupt
            return answer

        def delete(self, path):
            self.inner.delete(path)

    with open_client(ledger.url, "lab", key_file(folder, "lab")) as other:
        watcher = Impatient(other)
        talk = Talk(lambda query, form, at: put_and_watch(client, watcher, query, form, at))
        talk.take(f"{SLOW};")
    assert watcher.told and talk.faults == 1
    assert "ended by whoever asked" in " ".join(capsys.readouterr().err.split())
    assert until(lambda: not children())


def test_open_prints_a_link_that_lets_a_browser_in(world):
    ledger, _ = world
    told = json.loads(chipledger("open", *asking(world, "lab"), "--json").stdout)
    assert told["link"].startswith(f"{ledger.url}/session/")
    plain = chipledger("open", *asking(world, "lab"))
    assert plain.stdout.strip().startswith(f"{ledger.url}/session/") and "good once" in plain.stderr
    assert chipledger("open", "--url", ledger.url).exit_code == 2
