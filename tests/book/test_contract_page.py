"""The page of the contract says what the code does: kinds, fields, reasons, limits, routes, commands."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
import typer.main

from analytics.question import QUERY_BYTES_MAX, REASONS
from api.cli.main import app as commands
from api.http.routes import (
    analysis,
    book,
    identity,
    inspections,
    operations,
    planning,
    record,
    replay,
    reports,
    sessions,
    sql,
)
from ledger.book import law, manifest
from ledger.book.encoding import BODY_BYTES_MAX, ENTRY_BYTES_MAX, NOTE_CHARACTERS_MAX, read_bundle
from ledger.book.identifiers import REFERENCE_CHARACTERS_MAX
from ledger.book.kinds import FORMS
from ledger.book.rejection import Reason, Rejection
from ledger.book.rules.rule import NAME_CHARACTERS_MAX
from ledger.book.rules.shipments import DUE_DAYS_MAX
from signing.canonical import JSON_DEPTH_MAX, STRING_CHARACTERS_MAX
from signing.envelope import PAYLOAD_BYTES_MAX
from signing.keys import verify
from tests.book.faults_affairs import AFFAIRS
from tests.book.faults_outer import OUTER
from tests.book.test_golden import FOLDER
from tests.book.test_refusals import FAULTS

PAGE = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")
CELL = re.compile(r"(?<!\\)\|")
WORD = re.compile(r"[a-z][a-z0-9_]*")
LIMITS = {
    "payload, bytes": PAYLOAD_BYTES_MAX,
    "body of a request, bytes": BODY_BYTES_MAX,
    "lines of a manifest": manifest.MANIFEST_LINES_MAX,
    "lines of a manifest, bytes": manifest.MANIFEST_BYTES_MAX,
    "entry, bytes": ENTRY_BYTES_MAX,
    "depth of JSON": JSON_DEPTH_MAX,
    "characters of a text": STRING_CHARACTERS_MAX,
    "characters of a checkpoint note in `timely`": NOTE_CHARACTERS_MAX,
    "characters of a name": NAME_CHARACTERS_MAX,
    "characters of a `reference`": REFERENCE_CHARACTERS_MAX,
    "days from `occurred_at` to `due_by`": DUE_DAYS_MAX,
    "days from admission to `expires_at`": law.EXPIRY_DAYS_MAX,
    "seconds that `occurred_at` may lie ahead": law.CLOCK_AHEAD_SECONDS_MAX,
}
HOT_ROUTES = {  # plain handlers, which no router lists
    "POST /statements", "GET /checkpoint", "GET /tile/{path}", "GET /proofs/inclusion",
    "GET /proofs/consistency",
}  # fmt: skip


def table(head):
    """The rows of the table whose first column has this head, as lists of cells."""
    lines = PAGE.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {head} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in CELL.split(line)[1:-1]])
    return rows


def block(name):
    """The text of a fenced example."""
    return re.search(rf"```json {name}\n(.*?)\n```", PAGE, re.DOTALL)[1]


def test_every_kind_is_there_with_every_field_and_no_other():
    rows = {row[0].strip("`"): row for row in table("kind")}
    assert rows.keys() == FORMS.keys()
    for kind, form in FORMS.items():
        _, who, body, line, sort = rows[kind]
        outer = re.sub(r"\{[^{}]*\}", "", re.sub(r"\{[^{}]*\}", "", body))
        assert set(WORD.findall(outer)) == set(form.body.__struct_encode_fields__), kind
        lines = set() if form.line is None else set(form.line.__struct_encode_fields__) - {"chip", "salt"}
        told = re.sub(r"\{[^{}]*\}", "", line)
        assert set(WORD.findall(told)) - {"none", "nothing"} == lines, kind
        assert sort == ("observation" if form.observation else "claim")
        assert all(role in who for role in law.RULES[kind].roles), kind


def test_what_may_be_left_out_is_marked():
    rows = {row[0].strip("`"): row for row in table("kind")}
    for kind, form in FORMS.items():
        fields, defaults = form.body.__struct_encode_fields__, form.body.__struct_defaults__
        for name in fields[len(fields) - len(defaults) :]:
            assert f"{name}?" in rows[kind][2], (kind, name)


def test_every_reason_is_there_in_order_with_its_status():
    rows = table("reason")
    assert [row[0].strip("`") for row in rows] == [reason.value for reason in Reason]
    assert [int(row[1]) for row in rows] == [Rejection(reason, "").status for reason in Reason]
    assert all(row[2] for row in rows)


def test_every_rule_that_a_fault_breaks_is_there_with_its_reason():
    """Both ways: no rule is told that no fault breaks, and none that a fault breaks is left untold."""
    rows = [
        (kind.strip("`"), rule, reason.strip("`"), int(status))
        for kind, rule, reason, status in table("statement")
    ]
    told = {(kind, reason) for kind, _, reason, _ in rows}
    faults = {
        (kind, fault.reason.value)
        for fault in FAULTS
        if fault not in OUTER
        for kind in fault.kinds & {kind for kind, _ in told}
    }
    assert told == faults
    assert {kind for fault in AFFAIRS for kind in fault.kinds} <= {kind for kind, _ in told}
    assert all(rule and Rejection(Reason(reason), "").status == status for _, rule, reason, status in rows)


def test_every_limit_is_the_one_kept():
    rows = {row[0]: int(row[1].replace(",", "")) for row in table("limit")}
    assert rows == LIMITS


def test_every_route_is_there_and_no_other():
    told = set(re.findall(r"`((?:GET|POST|DELETE) /[^`]*)`", "\n".join(row[0] for row in table("route"))))
    routers = (
        planning.planning,
        *(module.routes for module in (inspections, replay, identity, record, book, analysis, operations)),
        *(module.routes for module in (reports, sessions, sql)),
    )
    served = {
        f"{method} {route.path}" for router in routers for route in router.routes for method in route.methods
    }
    assert told == served | HOT_ROUTES


def test_the_words_of_the_console_are_there_and_its_limit():
    told = re.search(r"\*\*SQL\.\*\*(.*?)\n\n", PAGE, re.DOTALL)[1]
    among = re.search(r"one of (.*?), and of", told, re.DOTALL)[1]
    assert set(re.findall(r"`(\w+)`", among)) == set(REASONS) - {"busy", "no_such_format"}
    assert f"{QUERY_BYTES_MAX:,} bytes" in told


def test_every_command_is_there_and_no_other():
    line = re.search(r"`chipledger (.*?)`", PAGE, re.DOTALL)[1]
    told = {}
    for part in line.split("·"):
        name, _, inner = " ".join(part.split()).partition(" ")
        told[name] = set(re.findall(r"[a-z]+", inner))
    group = typer.main.get_command(commands)
    served = {name: set(getattr(command, "commands", {})) for name, command in group.commands.items()}
    assert told == served


@pytest.mark.parametrize("spoilt", [False, True])
def test_the_example_verifies_and_a_spoilt_one_does_not(spoilt):
    text = block("bundle")
    if spoilt:
        text = text.replace('"sig":"o', '"sig":"p')
    bundle = read_bundle(text.encode())
    key = re.search(r"signed by the key\s+`([0-9a-f]{64})`", PAGE)[1]
    envelope = bundle.envelope
    assert envelope.payload.decode() == block("payload")
    assert f"`{envelope.id()}`" in PAGE
    assert sha256(bytes.fromhex(key)).hexdigest() == envelope.key_id
    assert verify(bytes.fromhex(key), envelope.pae(), envelope.signature) is not spoilt
    assert law.read_statement(bundle).fault is None


def test_the_example_is_the_golden_one():
    golden = json.loads((FOLDER / "chips.registered.json").read_text(encoding="utf-8"))
    assert block("payload") == golden["payload"]
    lines = ",".join(golden["manifest"])
    assert block("bundle") == f'{{"envelope":{golden["envelope"]},"manifest":[{lines}]}}'
    for name in ("leaf_hash", "statement", "admitted_at"):
        assert f"`{golden[name]}`" in PAGE
