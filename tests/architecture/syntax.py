"""How does one ask a syntax tree the questions the house rules ask?

Takes trees and gives facts about them; knows no rule.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Python files below the named folders, as path from the root and syntax tree, in order of path."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_bytes())


def public(tree):
    """Module-level functions and classes without a leading underscore, and the methods of protocols."""
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef) and any("Protocol" in ast.dump(each) for each in node.bases):
                yield from (m for m in node.body if isinstance(m, FUNCTIONS) and not m.name.startswith("_"))


def imports(tree):
    """Line and module of every import, those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def calls(node, *names):
    """Whether the node calls something whose last name is one of these."""
    return isinstance(node, ast.Call) and last_two(node.func)[1] in names


def last_two(node):
    """('datetime', 'now') for datetime.now, x.datetime.now; ('', 'print') for a plain name."""
    if isinstance(node, ast.Attribute):
        return last_two(node.value)[1], node.attr
    return "", node.id if isinstance(node, ast.Name) else ""


def catches_all(caught):
    """Whether an except clause for this (None for a bare one) catches every exception."""
    if caught is None:
        return True
    each = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(one, ast.Name) and one.id in {"Exception", "BaseException"} for one in each)


def composed(node):
    """Whether the node puts text together at run time: f-string, +, % or format."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


def literal_text(node):
    """The fixed pieces of text in a composed node, in no promised order."""
    if isinstance(node, ast.Call):
        node = node.func
    parts = ast.walk(node)
    return " ".join(p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))


def names(node, name):
    """Whether the node speaks this name: bare, as an attribute, or in an import."""
    return (
        (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.Attribute) and node.attr == name)
        or (isinstance(node, ast.alias) and node.name == name)
    )


def verifies_with_ed25519(tree):
    """Calls of public_key().verify in a module that imports cryptography's Ed25519 keys."""
    if not any(
        isinstance(node, ast.Import | ast.ImportFrom) and "ed25519" in ast.dump(node).lower()
        for node in ast.walk(tree)
    ):
        return []
    return [
        node
        for node in ast.walk(tree)
        if calls(node, "verify")
        and isinstance(node.func, ast.Attribute)
        and calls(node.func.value, "public_key")
    ]
