"""Do the import contracts of pyproject.toml hold in a given tree?

Runs import-linter in a process of its own, so that nothing already imported here answers in the tree's
place. AWAITED are the modules a contract may name before they are built: they are left out of their
contracts. A test holds the list to what is truly absent, so a renamed module cannot slip out of its contract.
"""

import configparser
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

AWAITED: frozenset[str] = frozenset()
LISTS = ("layers", "source_modules", "forbidden_modules", "ancestors")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
VERDICT = re.compile(r"^(?P<name>\S.*?) (?P<verdict>KEPT|BROKEN)\b", re.MULTILINE)
SECONDS_MAX = 600


def read(root: Path) -> dict:
    """The section [tool.importlinter] of the tree's pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


def modules_named(config: dict) -> set[str]:
    """Every module of ours that a contract names by its whole name; wildcards are not among them."""
    named = {module for contract in config["contracts"] for key in LISTS for module in contract.get(key, [])}
    ours = set(config["root_packages"])
    return ours | {module for module in named if module.split(".")[0] in ours and "*" not in module}


def missing(root: Path, config: dict) -> set[str]:
    """The modules of ours that a contract names and the tree does not have."""
    places = {module: root / module.replace(".", "/") for module in modules_named(config)}
    return {
        module
        for module, place in places.items()
        if not place.with_suffix(".py").is_file() and not any(place.glob("*.py"))
    }


def check(root: Path, scratch: Path, awaited: frozenset[str] = AWAITED) -> tuple[dict[str, bool], str]:
    """Contract name -> kept, and import-linter's own report, for the tree at `root`.

    `scratch` is a folder to write the configuration in. A contract left with nothing to say, because all of
    one side is awaited, has no verdict. AssertionError when import-linter could not judge the rest.
    """
    config = read(root)
    ini = _as_ini(config, missing(root, config) & awaited)
    lint = scratch / "contracts.ini"
    with lint.open("w", encoding="utf-8") as file:
        ini.write(file)
    ran = subprocess.run(
        [sys.executable, "-c", LINT, "--config", str(lint), "--no-cache"],
        cwd=root,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    verdicts = {found["name"]: found["verdict"] == "KEPT" for found in VERDICT.finditer(ran.stdout)}
    report = ran.stdout + ran.stderr
    assert set(verdicts) == {ini[section]["name"] for section in ini.sections()[1:]}, report
    assert (ran.returncode == 0) == all(verdicts.values()), report
    return verdicts, report


def _as_ini(config, left_out):
    """The contracts in import-linter's other spelling, without the modules left out."""

    def spelled(value):
        if isinstance(value, list):
            return "".join(f"\n{name}" for name in value if name not in left_out)
        return str(value)

    ini = configparser.ConfigParser(interpolation=None)
    ini["importlinter"] = {key: spelled(value) for key, value in config.items() if key != "contracts"}
    for number, contract in enumerate(config["contracts"]):
        options = {key: spelled(value) for key, value in contract.items()}
        if all(options.values()):
            ini[f"importlinter:contract:{number}"] = options
    return ini
