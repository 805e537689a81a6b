"""What does the product load only when it is asked for, and is that as plain to read as an import?

`Later("module", "name")` stands for an import; a rule wants each written out at the top level of a file and
naming something that is there; `as_imports` spells them as imports for whoever judges who may import whom.
"""

import ast
from pathlib import Path

from tests.architecture.syntax import FUNCTIONS, calls, sources

PRODUCT = ("signing", "ledger", "analytics", "api")
PLACE_OF_LOADING = "api/cli/loading.py"
ARGUMENTS = 2


def unseen_loads(root: Path) -> list[str]:
    """What is loaded when it is asked for is named where all can read it, and is there."""
    found = []
    for name, tree in sources(root, *PRODUCT):
        if name == PLACE_OF_LOADING:
            continue
        hidden = {
            id(node) for each in ast.walk(tree) if isinstance(each, FUNCTIONS) for node in ast.walk(each)
        }
        found += [
            f"{name}:{node.lineno}: imports by name"
            for node in ast.walk(tree)
            if calls(node, "__import__", "import_module") and id(node) not in hidden  # those, inner_imports
        ]
        for node in loads(tree):
            if id(node) in hidden:
                found.append(f"{name}:{node.lineno}: a load named inside a function")
            elif (named := named_in(node)) is None:
                found.append(f"{name}:{node.lineno}: a load that is not written out")
            elif named[1] not in tops(root, named[0]):
                found.append(f"{name}:{node.lineno}: no {named[1]} in {named[0]}")
    return found


def as_imports(root: Path) -> dict[str, list[str]]:
    """By file: the modules it loads when asked, which it might as well import."""
    told: dict[str, list[str]] = {}
    for name, tree in sources(root, *PRODUCT):
        if modules := sorted({named[0] for node in loads(tree) if (named := named_in(node))}):
            told[name] = modules
    return told


def loads(tree):
    """Every place where a `Later` is made."""
    return [node for node in ast.walk(tree) if calls(node, "Later")]


def named_in(node):
    """Module and name of a load that is written out; None for another."""
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    written_out = len(texts) == len(node.args) == ARGUMENTS and not node.keywords
    return (texts[0], texts[1]) if written_out else None


def tops(root, module):
    """The names a module of the tree makes itself, at its top level; none where there is no such module."""
    path = root / (module.replace(".", "/") + ".py")
    if not path.is_file():
        return set()
    made = set()
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            made.add(node.name)
        for target in getattr(node, "targets", [node.target] if isinstance(node, ast.AnnAssign) else []):
            made |= {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}
    return made
