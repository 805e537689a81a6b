"""A served ledger on which an inspection was drawn, and the office that carries it into the hall.

acme made the chips; oslo holds twenty of them, in racks. After the commitment one went to oslo's annex, one
is on its way to lima, one was reported lost. Serials run from 000001, so that zeros in front can get lost.
"""

import csv
import io
import json
from contextlib import contextmanager
from hashlib import sha256

from api.cli.field.form import COLUMNS, written
from ledger.book.times import format_seconds
from tests.cli.stage import chipledger
from tests.world import LOG_KEY
from tests.world_http import WATCH
from tests.world_lives import MAKER
from tests.world_speech import ORIGIN
from tests.world_verifying import verifier_world

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}
HELD = 20
CHIPS = [f"acme:{number:06}" for number in range(1, HELD + 1)]
MOVED, SENT, LOST, TALKING, LABELLED = CHIPS[3], CHIPS[5], CHIPS[7], CHIPS[0], CHIPS[1]
NAMES = {"signed_by_1": "Ada Rossi", "signed_by_2": "Bo Lind"}
VISIT, FLOOR = f"{WATCH}/visit", f"{WATCH}/floor"
HALL, ANNEX, TRANSIT = (f"visit.{site}.team-1-of-1.csv" for site in ("oslo-hall", "oslo-annex", "in-transit"))


@contextmanager
def hall_world(folder):
    """The world, with `VISIT` drawn over all twenty chips and `FLOOR` over the six positions of a floor."""
    with verifier_world(folder, CAST) as world:
        told = [world.declares_site("oslo/annex"), world.declares_site("oslo/floor", positions=6)]
        lines = [{"chip": chip, **identity_of(chip)} for chip in [*CHIPS, "acme:SPARE"]]
        told.append(world.registers("acme", *lines))
        told.append(world.dispatches("acme", "acme/s1", *CHIPS, to="oslo"))
        told.append(world.arrives("oslo", "acme/s1", *CHIPS))
        places = [
            {"chip": chip, "system": f"rack-{10 if n % 2 else 2}", "slot": f"u{n}"}
            for n, chip in enumerate(CHIPS, start=1)
        ]
        told.append(world.places("oslo", *places))
        told.append(world.commits(WATCH, VISIT, "oslo", sizes=(HELD,), series=f"{WATCH}/s1"))
        floor = {"direction": "floor_to_book", "sizes": (4,), "series": f"{WATCH}/s2"}
        draft = world.commitment_draft(WATCH, FLOOR, "oslo", **floor)
        told.append(world.says_positions(draft, {"oslo/floor": 6}))
        told.append(world.dispatches("oslo", "oslo/s2", MOVED, to="oslo"))
        told.append(world.arrives("oslo", "oslo/s2", MOVED, site="oslo/annex"))
        told.append(world.dispatches("oslo", "oslo/s3", SENT, to="lima", country="PE"))
        told.append(world.retires("oslo", LOST, reason="lost"))
        assert all(each.admitted for each in told), [each.detail for each in told]
        assert len(world.drawn(VISIT)) == HELD and len(world.drawn(FLOOR)) == 4
        yield world


def identity_of(chip):
    """One chip can answer for itself, one has a label in the book."""
    if chip == TALKING:
        return {"identity": {"ik_sha256": device().ik_sha256}}
    return {"identity": {"label": "LBL-2"}} if chip == LABELLED else {}


def device():
    """What `TALKING` is."""
    return MAKER.device("talks")


def asking(world):
    """The options of the verifier's office, as a reader."""
    return ["--url", world.door.url, "--party", WATCH, "--key", world.pem(WATCH)]


def speaking(world):
    """The same, as one who signs."""
    return [*asking(world), "--log", ORIGIN, "--log-key", LOG_KEY.text()]


def packed(world, folder, *words, name="visit"):
    """The files of `inspect worksheet`."""
    result = chipledger("inspect", "worksheet", name, "--out", folder, *words, *asking(world))
    assert result.exit_code == 0, result.output
    return folder


def rows_of(path):
    """The rows of a sheet's CSV."""
    with io.StringIO(path.read_text(encoding="utf-8-sig"), newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path, rows):
    """A CSV of the sheet's columns."""
    path.write_text(written([{name: row.get(name, "") for name in COLUMNS} for row in rows]), "utf-8")
    return path


def chip_of(world, reference, inspection=VISIT):
    """Which drawn thing a reference stands for, by the definition written a second time."""
    statement = world.inspection(inspection)["statement"]
    return next(item for item in world.sample(inspection) if short(statement, item) == reference)


def short(statement, item):
    """The first twelve digits."""
    parts = (b"chipledger-field-v1", bytes.fromhex(statement), item.encode())
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()[:12]


def filled(world, row, result="confirmed", **cells):
    """A row as an honest inspector fills it in."""
    read = chip_of(world, row["reference"], row["inspection"]).partition(":")[2]
    seen = {"seen_serial": read} if result == "confirmed" else {}
    when = {"found_at": format_seconds(world.now // 1000)}
    return {**row, "result": result, **seen, **when, **NAMES, **cells}


def record(world, file, *words, code=0, name="visit"):
    """`inspect record`; its JSON where it went well, else everything it said."""
    result = chipledger("inspect", "record", name, file, *words, *speaking(world), "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if code == 0 else " ".join(result.output.split())


def results(world, inspection=VISIT):
    """The result of each drawn thing, as the ledger tells it."""
    items = world.told(WATCH, f"/inspections/{inspection}/sample")["items"]
    return {item.get("chip") or item["position"]: item["result"] for item in items}


def hall_rows(world, sheets, *but):
    """The hall's sheet, all confirmed, and the rows by chip; those of `but` are left blank."""
    rows = {chip_of(world, row["reference"]): row for row in rows_of(sheets / HALL)}
    return {chip: row if chip in but else filled(world, row) for chip, row in rows.items()}
