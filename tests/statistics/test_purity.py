"""The arithmetic of losses knows counts and chances, and nothing of where they come from."""

import ast
import sys

from tests.docs.papers import ROOT

ROOM = ROOT / "analytics" / "statistics"
OURS = ("analytics.statistics", "ledger.inspection")
CLOCKS_AND_DICE = {"random", "secrets", "time", "datetime", "os", "uuid", "locale", "socket"}


def strangers(name, text):
    """Imports that are neither of the standard library nor exact tools of ours."""
    found = []
    for node in ast.walk(ast.parse(text)):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            top = module.split(".")[0]
            standard = top in sys.stdlib_module_names and top not in CLOCKS_AND_DICE
            if not standard and not module.startswith(OURS):
                found.append(f"{name}: {module}")
    return found


def test_the_room_imports_arithmetic_only():
    files = sorted(ROOM.glob("*.py"))
    assert len(files) == 6
    assert [line for file in files for line in strangers(file.name, file.read_text(encoding="utf-8"))] == []
    for planted in ("import scipy", "from random import Random", "from analytics.snapshots import Snapshot"):
        assert len(strangers("planted", planted)) == 1, planted
