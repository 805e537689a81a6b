"""Has the asker this very answer already, and may keep it?

What a snapshot answers follows from the snapshot, the question and this program, and from nothing else: so
the answer's tag is made of these before there is an answer, and who sends it back (`If-None-Match`) is told
304 without anything being asked of the snapshot. Only those may keep an answer who had it, and they ask each
time, which is when it is looked at whether they still may. One party's tags are nothing to another.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from starlette.requests import Request
from starlette.responses import Response

from analytics.snapshots import Snapshot
from api.http.gate import Desk
from ledger.viewer import Viewer

NOT_MODIFIED = 304
# Whoever has it may keep it, and must ask whether it is still the same: its tag says so.
PRIVATE_ASK_AGAIN = {"Cache-Control": "private, no-cache"}
# One address gives pages and rows, and whose it is stands in these.
VARIES = {"Vary": "Accept, Authorization, Cookie"}
TAG = re.compile(r'"([\x21\x23-\x7e]*)"')

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("analytics", "api", "ledger", "signing")
LIBRARIES = ("duckdb", "msgspec", "pyarrow", "starlette")
COMPILED = "__pycache__"


@dataclass(frozen=True, slots=True)
class Tag:
    """What names one answer. Weak: rows in another order may be the same answer."""

    name: str
    is_weak: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer, and of the word that it is still the same."""
        mark = "W/" if self.is_weak else ""
        return {**PRIVATE_ASK_AGAIN, **VARIES, "ETag": f'{mark}"{self.name}"'}

    def is_held_by(self, request: Request) -> bool:
        """Whether the asker has the answer. `*` is no tag: that there would be an answer is not known yet."""
        told = request.headers.getlist("if-none-match")
        return any(self.name in TAG.findall(line) for line in told)

    def unchanged(self) -> Response:
        """304, to who has it."""
        return Response(None, NOT_MODIFIED, self.headers)


async def tag_of(
    request: Request, desk: Desk, viewer: Viewer, snapshot: Snapshot, *more: str, is_weak: bool = False
) -> Tag:
    """Of the answer to this request by this snapshot; `more`: what else it follows from."""
    asked = sorted(request.query_params.multi_items())
    file = await desk.read(_mark, snapshot)
    said = [program(), desk.ledger.origin, viewer.party, file, request.url.path, asked, more]
    return Tag(sha256(json.dumps(said).encode()).hexdigest(), is_weak)


def _mark(snapshot: Snapshot) -> list[str | int]:
    """The file itself: a program of other tables may have made another under the same name."""
    found = snapshot.path.stat()
    return [snapshot.name, found.st_ino, found.st_size, found.st_ctime_ns]


@cache
def program() -> str:
    """What this program is made of, as it was when it was first asked, at the start."""
    digest = sha256(json.dumps([python_version(), *map(version, LIBRARIES)]).encode())
    for path in _files():
        raw = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)} {len(raw)}\n".encode() + raw)
    return digest.hexdigest()


def _files() -> Iterable[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if COMPILED not in path.parts and path.is_file():
                yield path
