"""What makes a file fit this house?

Each rule is a function `rule(root) -> offences`, one line of text an offence, `path:line: what is wrong`;
RULES names them all. They read syntax trees, so no comment or string fools them, and they know nothing of
this project's behaviour. Who may import whom is not here but in pyproject.toml.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from tests.architecture.loads import PLACE_OF_LOADING, unseen_loads
from tests.architecture.syntax import (
    FUNCTIONS,
    calls,
    catches_all,
    composed,
    imports,
    last_two,
    literal_text,
    names,
    public,
    sources,
    verifies_with_ed25519,
)

PRODUCT = ("signing", "ledger", "analytics", "api")
FUNCTION_LINES_MAX = 69
FILE_LINES_MAX = 300
BANNED_ANYWHERE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
BANNED_WHOLE = {"base", "data", "info"}
PLACES_THAT_CATCH_ALL = ("api/", "ledger/sequencer.py")
PLACE_OF_EXACT_RULES = "ledger/book/rules/"
PLACES_OF_SQL = ("analytics/", "ledger/storage/")
FILES_WITHOUT_HOSTS = ("pyproject.toml", "dev", ".ci/run", "requirements/*")
HOST = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host|\bpypi\b", re.IGNORECASE)
SQL = re.compile(
    r"\b(select\b.*\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|(create|drop|alter)\s+(table|view|index))\b",
    re.IGNORECASE | re.DOTALL,
)
CLOCKS_AND_DICE = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("uuid", "uuid1"),
    ("uuid", "uuid4"),
}
Rule = Callable[[Path], list[str]]


def long_functions(root: Path) -> list[str]:
    """A function fits a screen."""
    return [
        f"{name}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"
        for name, tree in sources(root, *PRODUCT, "tests")
        for node in ast.walk(tree)
        if isinstance(node, FUNCTIONS)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def long_files(root: Path) -> list[str]:
    """A file fits a sitting."""
    return [
        f"{path.relative_to(root).as_posix()}:1: {lines} lines, at most {FILE_LINES_MAX}"
        for folder in (*PRODUCT, "tests")
        for path in sorted((root / folder).rglob("*.py"))
        if (lines := len(path.read_bytes().splitlines())) > FILE_LINES_MAX
    ]


def missing_openings(root: Path) -> list[str]:
    """Every module opens with what it is for."""
    return [
        f"{name}:1: no opening docstring"
        for name, tree in sources(root, *PRODUCT, "tests")
        if not (ast.get_docstring(tree) or "").strip()
    ]


def undocumented_names(root: Path) -> list[str]:
    """Public functions and classes of a module say what they promise; so do the methods of a protocol."""
    return [
        f"{name}:{node.lineno}: {node.name} has no docstring"
        for name, tree in sources(root, *PRODUCT)
        for node in public(tree)
        if not (ast.get_docstring(node) or "").strip()
    ]


def banned_module_names(root: Path) -> list[str]:
    """No drawer for oddments: homeless code lacks a noun."""
    return [
        f"{name}:1: '{part}' is no name for a module"
        for name, _ in sources(root, *PRODUCT, "tests")
        for part in Path(name).with_suffix("").parts
        if part in BANNED_WHOLE or BANNED_ANYWHERE & set(part.split("_"))
    ]


def inner_imports(root: Path) -> list[str]:
    """An import inside a function hides who needs whom."""
    return [
        f"{name}:{node.lineno}: import inside {function.name}"
        for name, tree in sources(root, *PRODUCT, "tests")
        for function in ast.walk(tree)
        if isinstance(function, FUNCTIONS)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (name != PLACE_OF_LOADING and calls(node, "__import__", "import_module"))
    ]


def relative_imports(root: Path) -> list[str]:
    """Imports are absolute: the line says where the name lives."""
    return [
        f"{name}:{node.lineno}: relative import"
        for name, tree in sources(root, *PRODUCT, "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def broad_excepts(root: Path) -> list[str]:
    """Only the edge and the sequencer, which must outlive a poisonous statement, may catch everything."""
    return [
        f"{name}:{node.lineno}: catches everything"
        for name, tree in sources(root, *PRODUCT)
        if not name.startswith(PLACES_THAT_CATCH_ALL)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and catches_all(node.type)
    ]


def stray_prints(root: Path) -> list[str]:
    """Only commands speak to the terminal."""
    return [
        f"{name}:{node.lineno}: print"
        for name, tree in sources(root, *PRODUCT)
        if not name.startswith("api/cli/")
        for node in ast.walk(tree)
        if calls(node, "print")
    ]


def named_hosts(root: Path) -> list[str]:
    """Where packages come from is the user's setting, never ours."""
    return [
        f"{path.relative_to(root).as_posix()}:{number}: names a package index or host"
        for pattern in FILES_WITHOUT_HOSTS
        for path in sorted(root.glob(pattern))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if HOST.search(line)
    ]


def stdlib_sqlite(root: Path) -> list[str]:
    """One SQLite: the pinned one, not whatever the interpreter was built with."""
    return [
        f"{name}:{line}: imports sqlite3 of the standard library"
        for name, tree in sources(root, *PRODUCT)
        for line, module in imports(tree)
        if module.split(".")[0] == "sqlite3"
    ]


def inexact_rules(root: Path) -> list[str]:
    """The law computes with integers: fractions differ between machines in the last place."""
    found = []
    for name, tree in sources(root, PLACE_OF_EXACT_RULES):
        found += [f"{name}:{line}: imports {m}" for line, m in imports(tree) if m in {"math", "cmath"}]
        found += [
            f"{name}:{node.lineno}: a float"
            for node in ast.walk(tree)
            if (isinstance(node, ast.Name) and node.id == "float")
            or (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        ]
    return found


def composed_sql(root: Path) -> list[str]:
    """Values reach SQL by placeholder; a statement is never glued together."""
    return [
        f"{name}:{node.lineno}: SQL put together from pieces"
        for name, tree in sources(root, *PLACES_OF_SQL)
        for node in ast.walk(tree)
        if composed(node) and SQL.search(literal_text(node))
    ]


def untitled_sql(root: Path) -> list[str]:
    """The first line of a .sql file is the question it answers."""
    return [
        f"{path.relative_to(root).as_posix()}:1: does not open with its question"
        for folder in PRODUCT
        for path in sorted((root / folder).rglob("*.sql"))
        if not re.match(r"-- *\S", path.read_text(encoding="utf-8"))
    ]


def second_verifiers(root: Path) -> list[str]:
    """Ed25519 is verified in one way only, with strict key admission; another library accepts other keys."""
    return [
        f"{name}:{node.lineno}: cryptography's Ed25519 public key"
        for name, tree in sources(root, *PRODUCT)
        for node in [
            *(node for node in ast.walk(tree) if names(node, "Ed25519PublicKey")),
            *verifies_with_ed25519(tree),
        ]
    ]


def clocks_and_dice(root: Path) -> list[str]:
    """Time and chance arrive as arguments: only the edge asks for them."""
    return [
        f"{name}:{node.lineno}: {'.'.join(asked)}()"
        for name, tree in sources(root, "signing", "ledger", "analytics")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (asked := last_two(node.func)) in CLOCKS_AND_DICE
    ]


def packaged_tests(root: Path) -> list[str]:
    """Tests are folders, not packages: nothing imports one by accident."""
    return [
        f"{path.relative_to(root).as_posix()}:1: makes tests a package"
        for path in sorted((root / "tests").rglob("__init__.py"))
    ]


RULES: tuple[Rule, ...] = (
    long_functions,
    long_files,
    missing_openings,
    undocumented_names,
    banned_module_names,
    inner_imports,
    unseen_loads,
    relative_imports,
    broad_excepts,
    stray_prints,
    named_hosts,
    stdlib_sqlite,
    inexact_rules,
    composed_sql,
    untitled_sql,
    second_verifiers,
    clocks_and_dice,
    packaged_tests,
)
