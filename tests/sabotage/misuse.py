"""Every command that takes something in, with the files and words a clumsy user may give it.

A slot is a place in a command where a file goes, with one that would do; `spoils` makes the bad ones of it.
"""

from typing import NamedTuple

from signing.canonical import encode
from tests.cli.stage import LOG, key_file, speaking
from tests.sabotage.besieged import OCCURRED, SECRET

MEBIBYTES = 33
LINES = 100_001
DEPTH = 100_000
STDIN = "stdin"  # a slot that is no file, but what is typed
ODD = ("", "NaN", "x" * 50_000, "[" * 10_000, "../../log.key", "%00", "\n", "--")


class Slot(NamedTuple):
    """A command with `FILE` among its words, the name the file needs, and good content for it."""

    name: str
    words: tuple
    suffix: str
    good: bytes


def slots(ledger):
    """Every file that a command reads, but for signed bundles."""
    home = ledger.home
    registry, agency = ledger.who("registry"), ledger.who("agency")
    speaks = speaking(home, "acme-semi")
    draw = ("inspect", "draw", "v1", *agency, "--log", LOG, "--log-key", ledger.vkey, "--wait-s", 0)
    enrol = ("--name", "N", "--roles", "holder", "--country", "NO", "--log", LOG)
    kept = {name: home / name for name in ("good.pulse", "good.secret")}
    kept["good.pulse"].write_bytes(encode({"round": 1, "signature": "00" * 48}))
    kept["good.secret"].write_bytes(encode({"inspection": "agency/v1", "secret": SECRET.hex()}))
    proof = encode({"party": "acme-semi", "public_key": "00" * 32, "proof": {}})
    sites = ("--log", LOG, "--occurred-at", OCCURRED)
    pem = key_file(home, "acme-semi").read_bytes()
    chips = b"".join(
        encode({"serial": f"N{number}", "model": "registry/h100"}) + b"\n" for number in range(3)
    )
    key = ("--party", "acme-semi", "--key", "FILE")
    return [
        Slot("enrol PROOF", ("enrol", "FILE", *enrol, *registry), ".proof.json", proof),
        Slot("sign CSV", ("sign", "site.declared", "FILE", *speaks), ".csv", b"site,name,country\nx,X,US\n"),
        Slot(
            "sign JSON lines",
            ("sign", "chips.registered", "FILE", *speaks, "--set", "site=acme-semi/fab"),
            ".jsonl",
            chips,
        ),
        Slot(
            "sign --body",
            ("sign", "shipment.arrived", "--out", home / "never", "--body", "FILE", *speaks),
            ".json",
            b'{"shipment":"x/y"}',
        ),
        Slot("sign --key", ("sign", "site.declared", home / "rows.csv", *sites, *key), ".pem", pem),
        Slot("show --key", ("show", "party", "me", "--url", ledger.url, *key), ".pem", pem),
        Slot(
            "draw --pulse",
            (*draw, "--pulse", "FILE", "--secret", kept["good.secret"]),
            ".json",
            kept["good.pulse"].read_bytes(),
        ),
        Slot(
            "draw --secret",
            (*draw, "--pulse", kept["good.pulse"], "--secret", "FILE"),
            ".json",
            kept["good.secret"].read_bytes(),
        ),
        Slot(
            "send --log-key",
            ("send", home / "new.bundle.json", "--url", ledger.url, "--log-key", "FILE"),
            ".vkey",
            ledger.vkey.encode(),
        ),
        Slot("audit --log-key", ("audit", ledger.folder, "--log-key", "FILE"), ".vkey", ledger.vkey.encode()),
        Slot("sql -", ("sql", "-", *ledger.who("lab")), STDIN, b"SELECT 1"),
    ]


def spoils(slot):
    """What may be in a file instead of what should be."""
    good = slot.good
    yield "empty", b""
    yield "truncated", good[: len(good) // 2]
    yield "33 MiB", b"x" * (MEBIBYTES << 20)
    yield "100,001 lines", b"{}\n" * LINES
    yield "wrong type", b"[1]"
    if slot.suffix != STDIN:
        yield "wrong type", b"\x89PNG\r\n\x1a\n\x00\x00"
    yield "unknown field", b'{"colour":"red"}'
    yield "NaN", b'{"party":NaN,"round":NaN,"secret":NaN}'
    yield "duplicate keys", b'{"party":"a","party":"b","round":1,"round":2}'
    yield "lone surrogates", b'{"party":"\\ud800"}'
    if slot.suffix != STDIN:
        yield "lone surrogates", good[: len(good) // 2] + b"\xed\xa0\x80" + good[len(good) // 2 :]
    yield "nested brackets", b"[" * DEPTH
    yield "nested brackets", b'{"a":' * DEPTH + b"1" + b"}" * DEPTH


def mistyped(ledger):
    """Wrong words, command by command."""
    for word in ODD:
        yield from _odd_things(ledger, word)
        yield from _odd_options(ledger, word)
    yield from _things_at_odds(ledger)


def _odd_things(ledger, word):
    """No such thing."""
    home, url = ledger.home, ledger.url
    acme, agency, lab = (ledger.who(name) for name in ("acme-semi", "agency", "lab"))
    log = "--log", LOG, "--log-key", ledger.vkey, "--wait-s", 0
    visit = "--provers", "north-dc", "--beacon", "registry/dice", "--missing", 2
    for name in ("chip", "party", "shipment", "inspection", "entry"):
        yield "show", name, *acme, "--", word
    yield "receipt", "--url", url, "--log-key", ledger.vkey, "--", word or "x"
    yield "audit", "--", word
    yield "report", *lab, "--", word
    yield "sql", *lab, "--", word
    yield "inspect", "draw", "--pulse", home / "rows.csv", *agency, *log, "--", word
    yield "inspect", "commit", *visit, *agency, *log, "--", f"other/{word}"
    yield "sign", *speaking(home, "acme-semi"), "--", word
    yield "sign", *speaking(home, "acme-semi"), "--", "site.declared", word
    yield "send", "--url", url, "--log-key", ledger.vkey, "--", word
    yield "check", "--url", url, "--", word


def _odd_options(ledger, word):
    """No such value."""
    home, rows = ledger.home, ledger.home / "rows.csv"
    acme, lab = ledger.who("acme-semi"), ledger.who("lab")
    site = "sign", "site.declared", rows, "--key", key_file(home, "acme-semi")
    yield *site, "--party", "acme-semi", "--log", LOG, "--occurred-at", word
    yield *site, "--party", word, "--log", LOG, "--occurred-at", OCCURRED
    yield "sign", "site.declared", rows, *speaking(home, "acme-semi"), "--set", word
    yield "sign", "--template", word or "x"
    yield "keygen", "--log", LOG, "--unencrypted", "--party", word
    enrol = "enrol", "--as", word or "A", "--name", "N", "--roles", "holder", "--country", "NO"
    yield *enrol, *ledger.who("registry"), "--log", LOG, "--log-key", ledger.vkey
    yield "show", "party", "me", "--url", word
    yield "sql", "SELECT 1", *lab, "--at", word
    yield "inspect", "plan", "--frame", word, "--missing", 1
    yield "show", "party", "me", *acme, "--limit", word
    yield "bench", "--chips", word


def _things_at_odds(ledger):
    """Each word is fine, and not with the others."""
    home, url, new = ledger.home, ledger.url, ledger.home / "new.bundle.json"
    key, agency = key_file(home, "acme-semi"), ledger.who("agency")
    plan = "inspect", "plan", "--frame"
    visit = "inspect", "commit", "w1", "--provers", "north-dc", "--beacon", "registry/dice", "--missing", 2
    yield *plan, 10, "--missing", 11
    yield *plan, 9**30, "--missing", 11
    yield *plan, -1, "--missing", 0
    yield "show", "party", "me", "--url", url, "--party", "north-dc", "--key", key
    yield "show", "party", "me", "--url", url, "--party", "acme-semi", "--key", home
    yield *visit, *agency, "--log", "example.org/other", "--log-key", ledger.vkey, "--wait-s", 0
    yield "send", new, "--url", url, "--log-key", ledger.vkey.replace("chips", "other"), "--wait-s", 0
    yield "send", new, "--url", "http://127.0.0.1:1", "--log-key", ledger.vkey, "--wait-s", 0
    yield "receipt", new, "--log-key", ledger.vkey
    yield "send", home, "--url", url
    yield "send", new, "--url", url, "--colour", "red"
    yield "sned", new
    yield "keygen", "--party", "acme-semi", "--log", LOG, "--out", home, "--unencrypted"
    yield "demo", "--keep", home


def misfounded(ledger, room):
    """Wrong words for the commands that end in processes of their own."""
    found = "init", room / "other", "--unencrypted", "--registrar", "registry"
    good = "--registrar-key", key_file(ledger.home, "registry")
    yield "init", ledger.folder, *found[2:], "--origin", LOG, *good
    yield *found, "--origin", LOG, "--registrar-key", ledger.home / "rows.csv"
    yield *found, "--origin", "http://x", *good
    yield *found, "--origin", LOG, "--quorum", "7", *good
    yield *found, "--origin", LOG, "--beacon-lead-s", str(9**30), *good
    yield "serve", room
    yield "serve", ledger.folder, "--port", str(ledger.port)
