"""The import contracts hold in this tree, and each of them can be broken."""

import shutil
from pathlib import Path

import pytest

from tests.architecture import contracts, loads

ROOT = Path(__file__).resolve().parents[2]
DOWNHILL = "imports run downhill"
REPLAY = "the law of replay sees no chance, clock, machine or store"
PURE = "the pure parts import nothing of ours"
NO_CHIP = "the log knows no chip, the book no store"
NO_BOOK = "the log does not know the book"
AUDIT = "audit stands on published bytes alone"
EDGE = "web, terminal and schema libraries stop at the edge"
CIRCLES = "no circles among neighbours"

# What is written into which module of an otherwise empty house, and every contract that it breaks.
PLANTS = [
    ({"signing/canonical.py": "import ledger.book.rules"}, {DOWNHILL}),
    ({"ledger/admission.py": "def late():\n    import api"}, {DOWNHILL}),
    ({"ledger/book/rules/chips.py": "from random import choice"}, {REPLAY}),
    ({"ledger/book/rules/chips.py": "import os.path"}, {REPLAY}),
    ({"ledger/inspection/draw.py": "import time"}, {REPLAY}),
    (
        {"ledger/book/rules/chips.py": "import ledger.book.keys", "ledger/book/keys.py": "import secrets"},
        {REPLAY},
    ),
    ({"ledger/inspection/draw.py": "import ledger.log"}, {PURE}),
    ({"ledger/device/spdm.py": "import signing"}, {PURE}),
    ({"ledger/log/tiles.py": "import sqlalchemy"}, {NO_CHIP}),
    ({"ledger/book/registry.py": "import ledger.sequencer"}, {NO_CHIP}),
    ({"ledger/log/tiles.py": "import ledger.book"}, {NO_BOOK}),
    ({"ledger/audit.py": "import ledger.storage"}, {AUDIT}),
    ({"ledger/audit.py": "import ledger.lookup", "ledger/lookup.py": "import sqlmodel"}, {AUDIT}),
    ({"ledger/lookup.py": "import pydantic"}, {EDGE}),
    ({"analytics/console.py": "from rich import print"}, {EDGE}),
    ({"ledger/lookup.py": "import ledger.audit", "ledger/audit.py": "import ledger.lookup"}, {CIRCLES}),
]


def plant(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in path.relative_to(root).parents:
            if folder.parts:
                (root / folder / "__init__.py").touch()
        with path.open("a", encoding="utf-8") as file:
            file.write(text + "\n")


@pytest.fixture
def house(tmp_path):
    """Every module the contracts name, empty, under the real contracts."""
    root = tmp_path / "house"
    root.mkdir()
    shutil.copy(ROOT / "pyproject.toml", root)
    for module in contracts.modules_named(contracts.read(root)):
        plant(root, {module.replace(".", "/") + "/__init__.py": ""})
    return root


def test_the_contracts_hold_in_this_tree(tmp_path):
    verdicts, report = contracts.check(ROOT, tmp_path)
    assert all(verdicts.values()), report


def test_the_modules_awaited_are_exactly_the_modules_missing():
    assert contracts.missing(ROOT, contracts.read(ROOT)) == contracts.AWAITED


def test_an_empty_house_keeps_every_contract(house, tmp_path):
    verdicts, report = contracts.check(house, tmp_path)
    assert set(verdicts.values()) == {True}, report


@pytest.mark.parametrize(("files", "broken"), PLANTS)
def test_a_planted_import_breaks_exactly_its_contract(house, tmp_path, files, broken):
    plant(house, files)
    verdicts, report = contracts.check(house, tmp_path)
    assert {name for name, kept in verdicts.items() if not kept} == broken, report


def test_every_contract_has_an_offender(house):
    named = {contract["name"] for contract in contracts.read(house)["contracts"]}
    assert set().union(*(broken for _, broken in PLANTS)) == named


@pytest.fixture
def copy(tmp_path):
    """This tree's product and its contracts."""
    root = tmp_path / "copy"
    for folder in loads.PRODUCT:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def import_what_is_loaded(root):
    """Write every load as the import it stands for; how many there were."""
    told = loads.as_imports(root)
    plant(root, {name: "\n".join(f"import {module}" for module in told[name]) for name in told})
    return sum(map(len, told.values()))


def test_the_contracts_hold_for_what_is_loaded_when_asked_for_too(copy, tmp_path):
    assert import_what_is_loaded(copy) >= 20
    verdicts, report = contracts.check(copy, tmp_path)
    assert all(verdicts.values()), report


def test_a_load_that_no_import_might_be_is_found(copy, tmp_path):
    plant(copy, {"ledger/lookup/chips.py": 'MAIN = Later("api.cli.main", "run")'})
    import_what_is_loaded(copy)
    verdicts, report = contracts.check(copy, tmp_path)
    assert not verdicts[DOWNHILL] and "ledger.lookup.chips -> api.cli.main" in report


def test_an_import_planted_in_a_copy_of_this_tree_is_found(copy, tmp_path):
    plant(copy, {"ledger/book/rules/__init__.py": "", "signing/canonical.py": "import ledger.book.rules"})
    verdicts, report = contracts.check(copy, tmp_path)
    assert not verdicts[DOWNHILL] and "signing.canonical -> ledger.book.rules" in report


def test_a_missing_module_is_an_error_unless_awaited(house, tmp_path):
    shutil.rmtree(house / "ledger/inspection")
    verdicts, report = contracts.check(house, tmp_path, frozenset({"ledger.inspection"}))
    assert len(verdicts) == len(contracts.read(house)["contracts"]) and all(verdicts.values()), report
    with pytest.raises(AssertionError, match=r"ledger\.inspection"):
        contracts.check(house, tmp_path, frozenset())
