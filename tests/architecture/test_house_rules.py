"""The house rules hold in this tree, and each of them can go red."""

from pathlib import Path

import pytest

from tests.architecture import house_rules

ROOT = Path(__file__).resolve().parents[2]
OPENING = '"""What is here?"""\n'

# A tree that breaks nothing, with one file of each sort the rules look at.
CLEAN = {
    "signing/canonical.py": OPENING
    + 'def read(raw):\n    """Read."""\n    try:\n        return int(raw)\n'
    + "    except ValueError:\n        return 1\n",
    "ledger/sequencer.py": OPENING
    + "def _run(work):\n    try:\n        work()\n    except Exception:\n        raise\n",
    "ledger/book/rules/shipments.py": OPENING + "HALF = 1 // 2\n",
    "ledger/storage/sql.py": OPENING + 'LATEST = "select max(size) from head where log = ?"\n',
    "analytics/views/chip.sql": "-- Which chips are there?\nselect * from chips;\n",
    "api/cli/main.py": OPENING + 'def run():\n    """Run."""\n    print("ready")\n',
    "tests/signing/test_canonical.py": OPENING + "def test_reading():\n    assert True\n",
    "requirements/run.lock": "httpx==1.0 \\\n    --hash=sha256:00\n",
    "pyproject.toml": '[project]\nname = "chipledger"\n',
    "dev": "#!/bin/sh\n# The one door.\n",
    ".ci/run": "exec ./dev test\n",
}

# The rule that shall go red, the file that is added to or made, and what is written at its end.
OFFENCES = [
    ("long_functions", "signing/keys.py", OPENING + "def _long():\n" + "    pass\n" * 69),
    ("long_functions", "tests/signing/test_keys.py", OPENING + "async def _long():\n" + "    pass\n" * 69),
    ("long_files", "ledger/lookup.py", OPENING + "\n" * 300),
    ("missing_openings", "ledger/lookup.py", "LIMIT = 1\n"),
    ("missing_openings", "tests/signing/test_keys.py", "def test_x():\n    pass\n"),
    ("undocumented_names", "signing/canonical.py", "def write(value):\n    return value\n"),
    ("undocumented_names", "signing/canonical.py", "class Reader:\n    pass\n"),
    (
        "undocumented_names",
        "ledger/storage/store.py",
        OPENING + 'class Store(Protocol):\n    """Keeps."""\n    def put(self): ...\n',
    ),
    ("banned_module_names", "ledger/utils.py", OPENING),
    ("banned_module_names", "ledger/hash_helpers.py", OPENING),
    ("banned_module_names", "analytics/base/views.py", OPENING),
    ("inner_imports", "signing/canonical.py", "def _late():\n    import json\n"),
    ("inner_imports", "api/cli/main.py", "class _A:\n    def f(self):\n        from json import loads\n"),
    ("inner_imports", "api/cli/main.py", 'def _late():\n    importlib.import_module("json")\n'),
    ("inner_imports", "api/cli/loading.py", OPENING + "def _late():\n    import json\n"),
    ("unseen_loads", "api/cli/menu.py", OPENING + 'SIGN = Later("api.cli.main", "missing")\n'),
    ("unseen_loads", "api/cli/menu.py", OPENING + 'SIGN = Later("api.cli.missing", "run")\n'),
    ("unseen_loads", "api/cli/menu.py", OPENING + 'SIGN = Later("api.cli." + "main", "run")\n'),
    ("unseen_loads", "api/cli/menu.py", OPENING + 'SIGN = Later(module="api.cli.main", name="run")\n'),
    ("unseen_loads", "api/cli/menu.py", OPENING + 'def _late():\n    Later("api.cli.main", "run")\n'),
    ("unseen_loads", "ledger/lookup.py", OPENING + 'JSON = importlib.import_module("json")\n'),
    ("relative_imports", "ledger/sequencer.py", "from . import audit\n"),
    ("broad_excepts", "ledger/audit.py", OPENING + "try:\n    pass\nexcept Exception:\n    pass\n"),
    ("broad_excepts", "ledger/audit.py", OPENING + "try:\n    pass\nexcept:\n    pass\n"),
    (
        "broad_excepts",
        "ledger/audit.py",
        OPENING + "try:\n    pass\nexcept (OSError, BaseException):\n    pass\n",
    ),
    ("stray_prints", "ledger/sequencer.py", 'print("here")\n'),
    ("stray_prints", "api/http/routes.py", OPENING + 'print("here")\n'),
    ("named_hosts", "requirements/run.lock", "--extra-index-url https://example.org/simple\n"),
    ("named_hosts", "pyproject.toml", 'homepage = "http://example.org"\n'),
    ("named_hosts", "dev", "pip install --index-url=$INDEX x\n"),
    ("named_hosts", ".ci/run", "curl https://example.org\n"),
    ("stdlib_sqlite", "ledger/storage/sql.py", "import sqlite3\n"),
    ("stdlib_sqlite", "analytics/follower.py", OPENING + "from sqlite3.dbapi2 import connect\n"),
    ("inexact_rules", "ledger/book/rules/shipments.py", "import math\n"),
    ("inexact_rules", "ledger/book/rules/shipments.py", 'HALF = float("0.5")\n'),
    ("inexact_rules", "ledger/book/rules/shipments.py", "SHARE = 1 / 2\n"),
    ("inexact_rules", "ledger/book/rules/shipments.py", "HALF = 0.5\n"),
    ("composed_sql", "ledger/storage/sql.py", 'def _q(t):\n    return f"select * from {t}"\n'),
    ("composed_sql", "analytics/console.py", OPENING + 'Q = "DELETE FROM chips WHERE id = %s" % 1\n'),
    ("composed_sql", "analytics/console.py", OPENING + 'Q = "insert into {} values (1)".format("t")\n'),
    ("composed_sql", "analytics/console.py", OPENING + 'Q = "drop table " + NAME\n'),
    ("untitled_sql", "analytics/views/site.sql", "select 1;\n"),
    (
        "second_verifiers",
        "signing/keys.py",
        OPENING + "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey\n",
    ),
    ("second_verifiers", "signing/keys.py", OPENING + "KEY = ed25519.Ed25519PublicKey.from_public_bytes\n"),
    (
        "second_verifiers",
        "signing/keys.py",
        OPENING
        + "from cryptography.hazmat.primitives.asymmetric import ed25519\n"
        + 'ed25519.Ed25519PrivateKey.generate().public_key().verify(b"", b"")\n',
    ),
    ("clocks_and_dice", "ledger/sequencer.py", "NOW = datetime.now(UTC)\n"),
    ("clocks_and_dice", "analytics/follower.py", OPENING + "NOW = time.time()\n"),
    ("clocks_and_dice", "signing/keys.py", OPENING + "SALT = uuid.uuid4()\n"),
    ("packaged_tests", "tests/signing/__init__.py", OPENING),
]


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def red(root):
    return {rule.__name__ for rule in house_rules.RULES if rule(root)}


@pytest.mark.parametrize("rule", house_rules.RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds_in_this_tree(rule):
    assert rule.__doc__
    assert rule(ROOT) == []


def test_the_rules_look_at_this_tree():
    seen = [name for name, _ in house_rules.sources(ROOT, *house_rules.PRODUCT, "tests")]
    assert "tests/architecture/house_rules.py" in seen and "api/cli/figures/reader.py" in seen
    for pattern in house_rules.FILES_WITHOUT_HOSTS:
        assert list(ROOT.glob(pattern)), pattern


def test_a_clean_tree_is_clean(tmp_path):
    write(tmp_path, CLEAN)
    assert red(tmp_path) == set()


@pytest.mark.parametrize(("rule", "file", "text"), OFFENCES)
def test_an_offence_turns_exactly_its_own_rule_red(tmp_path, rule, file, text):
    write(tmp_path, {**CLEAN, file: CLEAN.get(file, "") + text})
    assert red(tmp_path) == {rule}


def test_every_rule_has_an_offender():
    assert {rule for rule, _, _ in OFFENCES} == {rule.__name__ for rule in house_rules.RULES}


def test_an_offence_is_named_by_file_and_line(tmp_path):
    write(tmp_path, {**CLEAN, "ledger/audit.py": OPENING + "\nprint(1)\n"})
    assert house_rules.stray_prints(tmp_path) == ["ledger/audit.py:3: print"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("signing/keys.py", OPENING + "def _fits():\n" + "    pass\n" * 68),
        ("ledger/lookup.py", OPENING + "\n" * 299),
        ("signing/keys.py", OPENING + "VERIFY = nacl.signing.VerifyKey(public_key).verify(signed)\n"),
        ("analytics/console.py", OPENING + 'SAY = f"select one of {1} chips"\n'),
        ("ledger/database.py", OPENING),
        ("api/cli/loading.py", OPENING + 'def _late():\n    importlib.import_module("json")\n'),
        ("api/cli/menu.py", OPENING + 'SIGN = Later("api.cli.main", "run")\n'),
    ],
)
def test_what_only_looks_like_an_offence_passes(tmp_path, file, text):
    write(tmp_path, {**CLEAN, file: text})
    assert red(tmp_path) == set()
