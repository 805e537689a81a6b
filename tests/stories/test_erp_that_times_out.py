"""Story 5: an ERP signs a dispatch, hears no answer, and signs again from the same file.

It gets the same bytes, and for them the same receipt; nothing is dispatched twice. Other content under the
same reference is refused, and told which statement has the reference.
"""

import json
import socket
from urllib.parse import urlsplit

from ledger.book.encoding import read_bundle
from ledger.book.rejection import Reason
from tests.cli.stage import chipledger
from tests.world import LOG_KEY, REGISTRAR
from tests.world_http import WATCH
from tests.world_speech import ORIGIN

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO")}
HEARD_SECONDS_MAX = 20
SAME = ("index", "statement", "leaf_hash", "admitted_at")


def signed(world, folder, chips, **other):
    """What `chipledger sign` makes of a CSV with these chips, in a folder of its own.

    `other` may be name and reference: those of the dispatch.
    """
    name, reference = other.get("name", "s1"), other.get("reference", "PO-7")
    folder.mkdir()
    (folder / "asn.csv").write_text("chip\n" + "".join(f"{chip}\n" for chip in chips))
    words = ["shipment.dispatched", folder / "asn.csv", "--key", world.pem("acme"), "--party", "acme"]
    words += ["--log", ORIGIN, "--occurred-at", "2026-11-20", "--reference", reference]
    for setting in (f"shipment={name}", "to=oslo", "country=NO", "due_by=2026-12-20", "title=kept"):
        words += ["--set", setting]
    made = chipledger("sign", *words)
    assert made.exit_code == 0, made.output
    return folder / "asn.bundle.json"


def sent(world, file, code=0):
    """What `chipledger send` tells of a file."""
    answer = chipledger("send", file, "--url", world.door.url, "--log-key", LOG_KEY.text(), "--json")
    assert answer.exit_code == code, answer.output
    return answer


def hung_up(world, raw):
    """The bytes go out and the line goes dead: no answer is ever read. Returns once the log has grown."""
    size, server = world.door.size(), urlsplit(world.door.url)
    head = f"POST /statements HTTP/1.1\r\nHost: {server.netloc}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((server.hostname, server.port)) as line:
        line.sendall(f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
    page = world.told(REGISTRAR, "/entries", after=size - 1, wait=HEARD_SECONDS_MAX)
    assert [entry["entry_index"] for entry in page["items"]] == [size]


def test_what_is_signed_again_is_said_once(world, tmp_path):
    world.founds(CAST)
    chips = [f"acme:{number:06}" for number in range(1, 31)]
    assert world.registers("acme", *chips).admitted

    first = signed(world, tmp_path / "monday", chips[:20]).read_bytes()
    hung_up(world, first)
    assert world.inbox("oslo") == {"acme/s1": ("acme", 20, 0, 20)}  # it arrived, and the ERP does not know
    size = world.door.size()

    world.waits(3_600)
    again = signed(world, tmp_path / "tuesday", chips[:20])
    assert again.read_bytes() == first
    told = json.loads(sent(world, again).stdout)
    assert (told["admitted"], told["known"], told["refused"]) == (0, 1, [])
    receipt = json.loads((tmp_path / "tuesday" / "asn.receipts.jsonl").read_text())
    statement = read_bundle(first).envelope.id()
    assert (receipt["statement"], receipt["index"]) == (statement, size - 1)
    answer = world.door.post(first)  # 200 is known, 201 would be new
    assert answer.status_code == 200
    assert [answer.json()[name] for name in SAME] == [receipt[name] for name in SAME]
    (mine,) = world.told("acme", "/statements", reference="PO-7")["items"]
    assert [mine[name] for name in SAME] == [receipt[name] for name in SAME]
    assert world.door.size() == size and world.inbox("oslo") == {"acme/s1": ("acme", 20, 0, 20)}

    # One chip more under the same reference is another statement, and is told which one was first.
    other = signed(world, tmp_path / "other", chips[:21], name="s3")
    refused = sent(world, other, code=1).stdout
    assert "reference_reused" in refused and statement in refused
    problem = world.door.post(other.read_bytes())
    assert (problem.status_code, problem.json()["reason"]) == (409, "reference_reused")
    assert problem.json()["detail"] == f"reference: PO-7 is statement {statement}"
    kept = world.told("acme", f"/refusals/{problem.json()['refusal']}")
    assert kept["reason"] == "reference_reused" and statement in kept["detail"]
    assert world.told("oslo", f"/refusals/{problem.json()['refusal']}") is None

    # The control: under no reference, nothing holds a second dispatch back but its chips.
    free = world.dispatch_draft("acme", "acme/s3", *chips[20:], to="oslo")
    assert world.would(free).reason is None
    named = world.dispatch_draft("acme", "acme/s3", *chips[20:], to="oslo", reference="PO-7")
    assert world.would(named).reason is Reason.REFERENCE_REUSED
    same_chips = world.dispatch_draft("acme", "acme/s3", *chips[:20], to="oslo", reference="PO-9")
    assert world.would(same_chips).reason is Reason.IN_TRANSIT
    theirs = world.site_draft("oslo/annex", "NO")  # a reference is one party's own
    assert world.says(theirs).admitted and world.door.size() == size + 1
    # Even after it has expired.
    world.waits(200 * 86_400)
    assert world.door.post(first).json()["admitted_at"] == receipt["admitted_at"]
    late = signed(world, tmp_path / "late", chips[20:25], name="s2", reference="PO-8")
    assert "expired" in sent(world, late, code=1).stdout

    assert [kind for kind, *_ in world.history(chips[0], WATCH)] == [
        "chips.registered",
        "shipment.dispatched",
    ]
    assert world.audited()
