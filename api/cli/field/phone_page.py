"""What does a team take along on a phone?

One HTML file with everything in it: it opens from the phone's own storage, speaks to no network, keeps what
is entered in the browser, and gives it out as the CSV that `inspect record` reads. It holds no serial: a
reading is compared by a salted hash, which keeps an inspector from copying and is no secret (see `masking`).
The salt comes from the caller.
"""

import json
from pathlib import Path

from api.cli.field.form import COLUMNS, mask_of, site_of
from api.cli.field.masking import reading_hash
from api.cli.field.visits import EMPTY, NONCE_DIGITS_SHOWN, Sheet
from ledger.book.rules.tallies import CONFIRMED

PAGE = Path(__file__).with_name("phone.html")
PLACE_OF_SHEET = "__SHEET__"
HOW_TO = (
    "Read the serial off the chip itself, then say what you found. What you could not see is not confirmed. "
    "Take photographs with the camera, then pick them here: they stay on the phone, their hash goes along."
)
HOW_TO_FLOOR = (
    "Go to each position and say what stands there. Read maker and serial off the chip itself. "
    "Take photographs with the camera, then pick them here: they stay on the phone, their hash goes along."
)


def phone_page(sheet: Sheet, salt: bytes) -> bytes:
    """The page for a sheet; the same sheet and salt give the same bytes."""
    lines = [
        {
            "k": k,
            "reference": visit.reference,
            "place": visit.place,
            "masked": mask_of(visit),
            "remark": visit.remark,
            "nonce": "" if visit.is_position else visit.ticket[:NONCE_DIGITS_SHOWN],
            "accepts": sorted({reading_hash(salt, reading) for reading in visit.accepts}),
        }
        for k, visit in enumerate(sheet.visits, start=1)
    ]
    told = {
        "inspection": sheet.inspection,
        "stem": sheet.stem,
        "group": sheet.group,
        "site": site_of(sheet),
        "title": sheet.title,
        "team": sheet.team,
        "teams": sheet.teams,
        "found_by": sheet.found_by,
        "floor": sheet.is_floor,
        "howto": HOW_TO_FLOOR if sheet.is_floor else HOW_TO,
        "good": [CONFIRMED, EMPTY],
        "words": list(sheet.visits[0].words.items()) if sheet.visits else [],
        "columns": COLUMNS,
        "salt": salt.hex(),
        "lines": lines,
    }
    return PAGE.read_text(encoding="utf-8").replace(PLACE_OF_SHEET, _script_text(told)).encode()


def _script_text(value: object) -> str:
    """JSON that cannot end the element it stands in: no angle bracket or ampersand is left as it is."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
