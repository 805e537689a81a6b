"""The documents say what is so: commands, dependencies, settings, links and numbers agree with the code."""

import io
import re
import subprocess
import tomllib

import pytest
import typer
from rich.console import Console

from analytics.report import REPORTS
from api.cli.demo.scenario import play
from api.cli.figures.reader import clusters
from api.cli.main import app
from api.cli.paperwork.templates import TEMPLATES
from api.cli.screen.audit_table import folded
from api.cli.screen.terminal import PLAIN_WIDTH, table_of
from api.settings import SETTINGS_FILE_VARIABLE, Settings
from ledger.audit.report import AuditFinding, Check
from ledger.book.kinds import FORMS
from ledger.book.times import DAY_SECONDS
from tests.docs.papers import (
    ROOT,
    VARIABLE,
    anchors_of,
    broken_links,
    commands_in,
    links_in,
    papers,
    table_under,
)

README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
HOSTS_NAMED = {"creativecommons.org", "127.0.0.1:8440"}


def command_tree():
    """Every command of the application: (name, "") or (group, name), with its options' variables."""
    tree = {}
    for name, command in typer.main.get_command(app).commands.items():
        inner = getattr(command, "commands", None)
        for second, one in inner.items() if inner else [("", command)]:
            options = one.whole().params
            tree[name, second] = {option.envvar for option in options if getattr(option, "envvar", None)}
    return tree


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements):
    return [re.match(r"[A-Za-z0-9._-]+", one)[0] for one in requirements]


def dependency_gaps(readme, project):
    """What the README's two tables and pyproject.toml do not agree on."""
    wanted = {
        "to run": names(project["dependencies"]),
        "to test": names(project["optional-dependencies"]["test"]),
    }
    gaps = []
    for heading, there in wanted.items():
        rows = table_under(readme, heading)
        told = [name for name, _ in rows]
        gaps += [f"{heading}: {name}" for name in {*told} ^ {*there}]
        gaps += [f"{heading}: {name} twice" for name in told if told.count(name) > 1]
        gaps += [f"{heading}: {name} without a reason" for name, reason in rows if len(reason) < 10]
    return gaps


def setting_gaps(page):
    """What the table of settings and `api/settings.py` do not agree on."""
    there = {
        f"`CHIPLEDGER_{name.upper()}`": [
            "none" if field.default in (None, "") else f"`{field.default}`",
            field.description,
        ]
        for name, field in Settings.model_fields.items()
    }
    told = {name: rest for name, *rest in table_under(page, "variable")}
    return [name for name in {*there} | {*told} if there.get(name) != told.get(name)]


def strange_commands(text, tree):
    """Commands a text names that the application does not have."""
    groups = {name for name, second in tree if second}
    strange = set()
    for name, second in commands_in(text):
        if name in groups:
            strange |= {f"{name} {second}"} if second and (name, second) not in tree else set()
        elif (name, "") not in tree:
            strange.add(name)
    return sorted(strange)


def untold_commands(text, tree):
    """Commands of the application that a text does not name."""
    told = commands_in(text)
    return [
        key for key in tree if not any(key[0] == name and key[1] in ("", second) for name, second in told)
    ]


@pytest.mark.parametrize("command", ["demo", "test", "check", "setup", "help"])
def test_the_chores_the_documents_name_are_in_dev(command):
    told = subprocess.run(["sh", ROOT / "dev", "help"], capture_output=True, text=True, check=True).stdout
    assert f"./dev {command}" in README + TUTORIAL
    assert re.search(rf"^\./dev {command}\b", told, re.MULTILINE)


def test_the_first_commands_are_the_demo_and_the_tests():
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)[1].split("\n")
    assert [line.split("#")[0].strip() for line in first[:2]] == ["./dev demo", "./dev test"]


def test_every_chore_the_documents_name_exists():
    told = subprocess.run(["sh", ROOT / "dev", "help"], capture_output=True, text=True, check=True).stdout
    there = set(re.findall(r"^\./dev ([a-z]+)", told, re.MULTILINE))
    named = {name for text in papers().values() for name in re.findall(r"\./dev ([a-z]+)", text)}
    assert named <= there
    assert len(named) >= 5


def test_the_dependency_tables_are_those_of_the_project():
    assert dependency_gaps(README, project()) == []
    assert len(table_under(README, "to run")) >= 15


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: re.sub(r"^\| duckdb .*\n", "", text, flags=re.MULTILINE),
        lambda text: text.replace("| duckdb |", "| docker |"),
        lambda text: text.replace("| scipy |", "| duckdb |"),
        lambda text: re.sub(r"^\| duckdb \|.*", "| duckdb | |", text, flags=re.MULTILINE),
    ],
)
def test_a_spoiled_dependency_table_is_noticed(spoil):
    assert dependency_gaps(spoil(README), project())


def test_every_command_the_documents_name_exists():
    tree = command_tree()
    strange = {name: strange_commands(text, tree) for name, text in papers().items()}
    assert {name: found for name, found in strange.items() if found} == {}
    assert strange_commands("`chipledger teleport x`", tree) == ["teleport"]
    assert strange_commands("`chipledger show weather`", tree) == ["show weather"]


def test_every_command_is_told_of():
    tree = command_tree()
    assert untold_commands(README + TUTORIAL, tree) == []
    assert ("audit", "") in untold_commands((README + TUTORIAL).replace("chipledger audit", ""), tree)
    assert ("show", "party") in untold_commands(README.replace("chipledger show party", ""), tree)
    assert len(tree) >= 20


def test_the_settings_are_told_as_they_are():
    assert setting_gaps(OPERATING) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: re.sub(r"^\| `CHIPLEDGER_PORT` .*\n", "", text, flags=re.MULTILINE),
        lambda text: text.replace("| `8440` |", "| `8441` |"),
        lambda text: text.replace("`CHIPLEDGER_READ_THREADS`", "`CHIPLEDGER_THREADS`"),
        lambda text: text.replace("address to listen on", "address"),
    ],
)
def test_a_spoiled_table_of_settings_is_noticed(spoil):
    assert setting_gaps(spoil(OPERATING))


def test_every_variable_in_the_documents_is_one_of_ours():
    options = {variable for variables in command_tree().values() for variable in variables}
    settings = {f"CHIPLEDGER_{name.upper()}" for name in Settings.model_fields}
    told = {variable for text in papers().values() for variable in VARIABLE.findall(text)}
    assert told - options - settings - {SETTINGS_FILE_VARIABLE} == set()
    assert options <= set(VARIABLE.findall(OPERATING))
    assert len(options) == 6


def test_links_inside_the_project_lead_somewhere():
    pages = papers()
    assert broken_links(pages) == []
    assert sum(len(links_in(text)) for text in pages.values()) >= 10


def test_its_last_list_leads_to_every_page():
    onward = README.split("## Read on")[1]
    pages = sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))
    assert [page for page in pages if f"]({page})" not in onward] == []
    assert len(pages) >= 11


def test_a_link_that_leads_nowhere_is_noticed():
    assert len(broken_links({"README.md": "[a](docs/nowhere.md) [b](README.md#nowhere) [c](README.md)"})) == 2
    assert "who-uses-what" in anchors_of(README)


def test_these_pages_name_no_host_but_their_own_and_the_licences():
    named = {
        host
        for text in (README, TUTORIAL, OPERATING)
        for host in re.findall(r"https?://([A-Za-z0-9.:-]+[A-Za-z0-9])", text)
    }
    assert named <= HOSTS_NAMED


def test_the_numbers_of_the_demo_are_the_demos():
    scenario = play(20_000 * DAY_SECONDS)
    assert f"{scenario.chips:,} chips" in README
    assert f"{scenario.chips:,} chips" in TUTORIAL
    chips: dict[str, int] = {}
    for cluster in clusters():
        chips[cluster.holder] = chips.get(cluster.holder, 0) + cluster.chips
    assert len(chips) == 5
    assert "five data-centre" in README
    told = dict(re.findall(r"^ *([a-z-]+) [█▉▊▋▌▍▎▏]+ ([0-9,]+)$", README, re.MULTILINE))
    assert {*chips} <= {*told}
    # Of H100s the count is the capacity; others differ.
    assert sum(told[holder] == f"{count:,}" for holder, count in chips.items()) >= 4


def test_the_sample_of_an_audit_is_as_an_audit_prints_it():
    sample = README[README.index("One byte of entry 60 is flipped") :]
    rows = re.findall(r"^│ ([a-z]+) +│ +([0-9]*) │ (.*?) +│$", sample, re.MULTILINE)
    found = [
        AuditFinding(Check(check), int(entry) if entry else None, wrong)
        for check, entry, wrong in rows
        if check != Check.ROOTS
    ]
    found += [AuditFinding(Check.ROOTS, None, "", size) for size in range(154, 154 + 25)]
    console = Console(width=PLAIN_WIDTH, file=io.StringIO())
    with console.capture() as capture:
        console.print(table_of("findings", ("check", "entry", "what is wrong"), folded(found)))
    printed = [line for line in capture.get().splitlines() if line.startswith("│")]
    assert len(rows) == 5 and printed == re.findall(r"^│ .*│$", sample, re.MULTILINE)
    assert "│ first bad entry: 60\n" in sample


def test_what_no_table_says_a_command_of_its_own_does():
    """Kinds without a template: entry 0, and the verifier's four, each with a command in the README."""
    own = {"committed": "commit", "drawn": "draw", "found": "record", "closed": "close"}
    kinds = {f"inspection.{word}" for word in own}
    assert kinds | {"log.opened"} == FORMS.keys() - TEMPLATES.keys()
    for command in own.values():
        assert f"`chipledger inspect {command}`" in README, command
    assert len(FORMS) == 33
    told = re.search(r"`chipledger report unaccounted` \(or (.*?): ", README)[1]
    assert sorted(["unaccounted", *told.split(", ")]) == sorted(REPORTS)
