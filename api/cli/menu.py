"""Which commands are there, what does each do in one line, and where is it made?

The list that `chipledger --help` shows, in its order. Nothing here imports a command: its module is named,
and loaded when the command is asked for. A line is the first paragraph of its command's own help, and a test
holds the two together. Knows no terminal.
"""

from collections.abc import Mapping
from typing import NamedTuple

from api.cli.loading import Later

LESSONS = Later("api.cli.commands.inspections.lessons", "LESSONS")


class Offer(NamedTuple):
    """A command: its name, one line about it, the function that does it, and lessons beyond its own help."""

    name: str
    line: str
    made_by: Later
    lessons: Later | None = None
    """Paragraphs of help by the command's name, or nothing."""


class Group(NamedTuple):
    """Commands under one first word."""

    name: str
    line: str
    offers: tuple[Offer, ...]


SHOW = (
    Offer(
        "chip",
        "Who holds a chip, who answers for it, on what evidence, and every entry of its life.",
        Later("api.cli.commands.show", "chip"),
    ),
    Offer(
        "party", "A party, its keys, and the chips in its custody.", Later("api.cli.commands.show", "party")
    ),
    Offer(
        "shipment",
        "A shipment: who sent what to whom, and what has come.",
        Later("api.cli.commands.show", "shipment"),
    ),
    Offer(
        "shipments",
        "Shipments you sent or are sent; with --to me --state open, your inbox.",
        Later("api.cli.commands.show", "shipments"),
    ),
    Offer(
        "discrepancy",
        "One discrepancy and the chips it is about; `sign discrepancy.answered` takes the same chips.",
        Later("api.cli.commands.show", "discrepancy"),
    ),
    Offer(
        "discrepancies",
        "Where the book and what somebody saw disagree.",
        Later("api.cli.commands.show", "discrepancies"),
    ),
    Offer(
        "inspection",
        "An inspection, and its sample once it is drawn.",
        Later("api.cli.commands.show", "inspection"),
    ),
    Offer(
        "entry",
        "What stands in the log at a place: the statement as it was signed.",
        Later("api.cli.commands.show", "entry"),
    ),
)
INSPECT = (
    Offer(
        "plan",
        "How many chips must be visited, or looked at? Needs no ledger; exact, no approximation.",
        Later("api.cli.commands.inspections.plan", "plan"),
        LESSONS,
    ),
    Offer(
        "commit",
        "Bind yourself to a draw before anybody can know it.",
        Later("api.cli.commands.inspections.commit", "commit"),
        LESSONS,
    ),
    Offer(
        "draw",
        "Draw the next stage of an inspection, and publish it.",
        Later("api.cli.commands.inspections.draw", "draw"),
    ),
    Offer(
        "worksheet",
        "Make the sheets that inspectors carry: on paper, on a phone, and as CSV.",
        Later("api.cli.commands.inspections.worksheet", "worksheet"),
    ),
    Offer(
        "record",
        "Tell the log what inspectors found: a statement for each site, signed and sent.",
        Later("api.cli.commands.inspections.record", "record"),
    ),
    Offer(
        "progress",
        "How many were visited, with which results, and what is left, by site and team.",
        Later("api.cli.commands.inspections.progress", "progress"),
    ),
    Offer(
        "close",
        "Reckon the verdict on this machine, say it, sign it and send it.",
        Later("api.cli.commands.inspections.close", "close"),
    ),
    Offer(
        "joint",
        "Several provers or periods in one claim, with the risk of each and of all at once.",
        Later("api.cli.commands.inspections.joint", "joint"),
    ),
    Offer(
        "replay",
        "Redo an inspection from its replay file, and say what each step means.",
        Later("api.cli.commands.inspections.replay", "replay"),
    ),
)
DEVICE = (
    Offer(
        "verify",
        "Check a piece of evidence and explain it: which chip, proved by what, wired to whom.",
        Later("api.cli.commands.device", "verify"),
    ),
    Offer(
        "nonce",
        "Make the nonce a chip must answer, bound to log, checkpoint, chip and kind of statement.",
        Later("api.cli.commands.device", "nonce"),
    ),
    Offer(
        "boards",
        "Do GPUs and switches stand together as a list says? Whom each names in its own signed report.",
        Later("api.cli.commands.device", "boards"),
    ),
)
SETTING_UP = (
    Offer(
        "init",
        "Make a new ledger: its folder, the log's key, and entry 0.",
        Later("api.cli.commands.hosting", "init"),
    ),
    Offer(
        "serve",
        "Serve a ledger on this machine, with its tiles, follower and SQL console.",
        Later("api.cli.commands.hosting", "serve"),
    ),
    Offer(
        "keygen",
        "Make a party's key, and the proof that it holds it.",
        Later("api.cli.commands.keygen", "keygen"),
    ),
    Offer(
        "enrol",
        "Enrol a party, as the registrar: sign its name, roles and key, and send.",
        Later("api.cli.commands.enrolment", "enrol"),
    ),
)
SPEAKING = (
    Offer("sign", "Sign a file of rows, offline.", Later("api.cli.commands.sign", "sign")),
    Offer(
        "import",
        "Sign what EPCIS documents tell, each event by the party it happened at.",
        Later("api.cli.commands.importing", "import_"),
    ),
    Offer(
        "check",
        "Would these statements be admitted? A dry run: nothing is written anywhere.",
        Later("api.cli.commands.check", "check"),
    ),
    Offer(
        "send",
        "Send signed files, and keep a verified receipt for every statement.",
        Later("api.cli.commands.send", "send"),
    ),
    Offer(
        "receive",
        "Receive a shipment by a scanner's list; without arguments, show your inbox.",
        Later("api.cli.commands.receive", "receive"),
    ),
)
READING = (
    Offer("receipt", "Prove that a statement is in the log.", Later("api.cli.commands.receipt", "receipt")),
    Offer(
        "sql",
        "Ask a question in SQL of a snapshot of the whole ledger; without one, many, in a shell.",
        Later("api.cli.commands.asking", "sql"),
    ),
    Offer(
        "open",
        "Let a browser read as you, for an hour: prints a link that is good once, for two minutes.",
        Later("api.cli.commands.asking", "open_"),
    ),
    Offer(
        "report",
        "A standing question: missing and undeclared chips, capacity, balances, claims, classes, losses.",
        Later("api.cli.commands.analysis", "report"),
    ),
    Offer(
        "mirror",
        "Copy a snapshot into PostgreSQL, for BI tools, dbt and whoever speaks with it.",
        Later("api.cli.commands.mirroring", "mirror"),
    ),
    Offer(
        "audit",
        "Check the whole ledger again, trusting nobody: every signature, judgment, hash and account.",
        Later("api.cli.commands.audit", "audit"),
    ),
    Offer(
        "export",
        "Write the entries you may see as EPCIS 2.0 events.",
        Later("api.cli.commands.exporting", "export"),
    ),
    Group("show", "What the book says about a chip, a party, a shipment, an entry.", SHOW),
    Group("inspect", "Plan an inspection, commit to it, draw the sample.", INSPECT),
    Group("device", "Prove which chip answers: verify evidence, make a challenge.", DEVICE),
)
SEEING = (
    Offer(
        "demo",
        "Run the whole main job once: 107,192 chips from two makers to five data-centre holders.",
        Later("api.cli.demo.play", "demo"),
    ),
    Offer(
        "bench",
        "Measure this machine: each figure beside the bare parts it is made of, in the same run.",
        Later("api.cli.commands.bench", "bench"),
    ),
    Offer(
        "redteam",
        "Attack a plan with everything a cheat could try. Needs no ledger: attempts get one of their own.",
        Later("api.cli.commands.redteam", "redteam"),
    ),
)
MENU: Mapping[str, tuple[Offer | Group, ...]] = {
    "Set up": SETTING_UP,
    "Sign and send": SPEAKING,
    "Read and check": READING,
    "See it work": SEEING,
}
"""By the heading it stands under."""
