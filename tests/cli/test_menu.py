"""The list of commands says what they say themselves; a command is loaded when asked for, and no other."""

import subprocess
import sys

import pytest
import typer

from api.cli.loading import Later
from api.cli.main import app
from api.cli.menu import MENU, Group
from api.cli.screen.options import help_of
from tests.cli.stage import chipledger

OFFERS = {
    (thing.name, offer.name) if isinstance(thing, Group) else (thing.name,): offer
    for things in MENU.values()
    for thing in things
    for offer in (thing.offers if isinstance(thing, Group) else (thing,))
}
FIRST_OF_ITS_MODULE = {offer.made_by.module: words for words, offer in reversed(OFFERS.items())}
ENGINES = {"duckdb", "pyarrow"}
DATABASE = {"sqlalchemy", "sqlmodel"}
PICTURES = {"fpdf", "pygal", "plotext", "segno"}
SERVER = {"fastapi", "starlette", "uvicorn"}
NETWORK, LAW = {"httpx"}, {"ledger.book.law"}
HEAVY = ENGINES | DATABASE | PICTURES | SERVER | NETWORK | LAW | {"prompt_toolkit", "adbc_driver_manager"}
SPEAKING = ENGINES | NETWORK | LAW  # the law draws again what was drawn, with an engine

# What the help of a command may import of `HEAVY`; a command that is not named, only what asks a server.
MAY_LOAD = {
    **dict.fromkeys([("init",), ("keygen",), ("bench",), ("inspect", "plan")], frozenset()),
    ("sign",): ENGINES | LAW,
    **dict.fromkeys([("enrol",), ("import",), ("check",), ("receive",), ("audit",), ("demo",)], SPEAKING),
    **{("inspect", name): SPEAKING for name in ("commit", "draw", "record", "close", "replay")},
    ("mirror",): SPEAKING | {"adbc_driver_manager"},
    ("redteam",): SPEAKING | DATABASE,
}
RUN = """
import sys
from api.cli.main import app
{before}
try:
    app()
finally:
    sys.stderr.write("now loaded: " + " ".join(sys.modules))
"""
LOAD_ALL = """
import typer
for one in typer.main.get_command(app).commands.values():
    for command in getattr(one, "commands", {"": one}).values():
        command.whole()
"""


def loaded(*words, before="", cwd=None):
    """Of `HEAVY`, what a process has imported that runs the command; it must end well."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN.format(before=before), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=600,  # only so that a hang ends
        check=False,
        cwd=cwd,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return HEAVY & set(ran.stderr.rpartition("now loaded: ")[2].split())


def drifted(offers):
    """Commands whose line in the menu is not the first paragraph of their own help."""
    return [
        words for words, one in offers.items() if help_of(one.made_by.load()).split("\n\n")[0] != one.line
    ]


def test_the_lines_of_the_menu_are_those_of_the_commands():
    assert drifted(OFFERS) == []
    assert len(OFFERS) >= 39


def test_a_line_that_says_something_else_is_noticed():
    assert drifted({**OFFERS, ("sign",): OFFERS["sign",]._replace(line="Sign.")}) == [("sign",)]


@pytest.mark.parametrize("words", [[], ["show"], ["inspect"], ["device"]], ids=" ".join)
def test_a_list_of_commands_loads_none_of_them(words):
    assert loaded(*words, "--help") == set()


def test_if_a_list_loaded_them_that_would_be_seen():
    assert loaded("--help", before=LOAD_ALL) >= ENGINES | DATABASE | NETWORK | LAW


@pytest.mark.parametrize("words", FIRST_OF_ITS_MODULE.values(), ids=" ".join)
def test_a_command_loads_what_it_may(words):
    assert loaded(*words, "--help") <= MAY_LOAD.get(words, NETWORK)


def test_every_module_of_commands_was_looked_at():
    assert len(FIRST_OF_ITS_MODULE) >= 27
    assert MAY_LOAD.keys() <= set(FIRST_OF_ITS_MODULE.values())


def test_a_key_is_made_with_nothing_heavy(tmp_path):
    words = ("keygen", "--party", "north-dc", "--log", "example.org/chips", "--unencrypted")
    assert loaded(*words, cwd=tmp_path) == set()
    assert (tmp_path / "north-dc.pem").exists()


def test_pictures_are_loaded_by_whoever_wants_one(tmp_path):
    plan = ("inspect", "plan", "--frame", "1000", "--missing", "50")
    assert loaded(*plan, "--json") == set()
    assert loaded(*plan) == {"plotext"}
    assert loaded(*plan, "--json", "--plot", tmp_path / "plan.svg") == {"pygal"}


def test_a_mistyped_command_is_guessed_and_ends_with_two():
    for words, meant in ((["sgin"], "sign"), (["inspect", "pln"], "plan"), (["show", "chp"], "chip")):
        result = chipledger(*words)
        assert result.exit_code == 2
        assert f"No such command '{words[-1]}'. Did you mean '{meant}'" in result.stderr


def test_the_headings_stand_in_their_order():
    shown = chipledger("--help").stdout
    places = [shown.index(f"─ {panel} ") for panel in MENU]
    assert places == sorted(places) and len(places) == 4


def test_a_loaded_command_is_called_what_the_menu_calls_it():
    group = typer.main.get_command(app)
    assert [group.commands[name].whole().name for name in ("import", "open")] == ["import", "open"]


def test_a_name_that_nothing_bears_cannot_be_loaded():
    with pytest.raises(AttributeError):
        Later("api.cli.menu", "NOTHING").load()
    with pytest.raises(ModuleNotFoundError):
        Later("api.cli.nothing", "MENU").load()
