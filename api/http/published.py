"""What may everybody have of the log, and how quickly?

Checkpoint, hash tiles and proofs, public; entry tiles for verifiers and the registrar. Plain ASGI handlers:
full tiles are kept in memory once read, files are read in threads, and what never changes says so.
"""

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.gate import Desk
from api.http.parameters import WHOLE
from api.http.problems import NOT_FOUND, Problem, Refusal
from api.http.reply import ALWAYS_ASK, JSON, OCTETS, PRIVATE_FOR_EVER, PUBLIC_FOR_EVER, TEXT, json_bytes
from ledger.book.rejection import Reason
from ledger.log.merkle import HASH_BYTES, TILE_WIDTH
from ledger.log.tiles import TilePath, pack_entries, parse_tile_path, unpack_entries
from signing.canonical import Unreadable

TILES_KEPT_BYTES_MAX = 64 * 1024 * 1024
QUERY_CHARACTERS_MAX = 200


class TileCache:
    """Immutable files by path, the most used of them in memory."""

    def __init__(self, bytes_max: int = TILES_KEPT_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._kept: OrderedDict[Path, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, path: Path) -> bytes | None:
        """The file if it is in memory."""
        with self._lock:
            if path in self._kept:
                self._kept.move_to_end(path)
            return self._kept.get(path)

    def read(self, path: Path) -> bytes | None:
        """The file from the disk, kept from now on; None where there is none."""
        try:
            raw = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        with self._lock:
            self._bytes += len(raw) - len(self._kept.pop(path, b""))
            self._kept[path] = raw
            while self._bytes > self._bytes_max:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return raw


class Tiles:
    """GET /tile/…: hash tiles to all, entry tiles to those who see all."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cache = TileCache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        _refuse_query(scope)
        try:
            tile = parse_tile_path("tile/" + scope["path_params"]["path"])
        except Unreadable:
            raise Refusal(NOT_FOUND) from None
        folder = self._desk.ledger.folder
        if tile.level is None:
            viewer = await self._desk.viewer(scope)
            if not viewer.sees_all:
                raise Refusal(NOT_FOUND)
        path = (folder.private if tile.level is None else folder.public) / tile.text()
        raw = self._cache.get(path)
        if raw is None:
            raw = await self._desk.read(self._cache.read, path)
        if raw is None and tile.width < TILE_WIDTH:
            raw = await self._desk.read(self._of_the_whole, path.parent.with_suffix(""), tile)
        if raw is None:
            raise Refusal(NOT_FOUND)
        headers = PRIVATE_FOR_EVER if tile.level is None else PUBLIC_FOR_EVER
        await Response(raw, 200, headers, OCTETS)(scope, receive, send)

    def _of_the_whole(self, path: Path, tile: TilePath) -> bytes | None:
        """An unfinished tile whose file went when the tile was whole: the first part of that."""
        whole = self._cache.get(path) or self._cache.read(path)
        if whole is None or tile.level is not None:
            return None if whole is None else whole[: tile.width * HASH_BYTES]
        return pack_entries(unpack_entries(whole)[: tile.width])


class Checkpoint:
    """GET /checkpoint: the newest that is published."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        _refuse_query(scope)
        path = self._desk.ledger.folder.public / "checkpoint"
        try:
            raw = await self._desk.read(path.read_bytes)
        except FileNotFoundError:
            raise Refusal(NOT_FOUND) from None
        await Response(raw, 200, ALWAYS_ASK, TEXT)(scope, receive, send)


class Proofs:
    """GET /proofs/inclusion and /proofs/consistency: hashes that anybody could take from the tiles."""

    def __init__(self, desk: Desk, names: tuple[str, str]) -> None:
        self._desk = desk
        self._names = names  # (index, size) or (from, to)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        first, second = _two_numbers(scope, self._names)
        record = self._desk.ledger.lookup.record
        prove = record.inclusion if self._names == INCLUSION else record.consistency
        if first > second or (self._names == INCLUSION and first == second):
            raise Refusal(Problem(422, Reason.BAD_FIELD, f"{self._names[0]}: lies below {self._names[1]}"))
        proof = await self._desk.read(prove, first, second)
        if proof is None:
            raise Refusal(NOT_FOUND)
        answer = Response(json_bytes({"proof": proof}), 200, PUBLIC_FOR_EVER, JSON)
        await answer(scope, receive, send)


INCLUSION = ("index", "size")
CONSISTENCY = ("from", "to")


def _refuse_query(scope: Scope) -> None:
    """422 for any query: a route without parameters knows none."""
    if scope["query_string"]:
        raise Refusal(Problem(422, Reason.BAD_FIELD, "query: no parameter of this route"))


def _two_numbers(scope: Scope, names: tuple[str, str]) -> tuple[int, int]:
    """The two parameters, each given once and spelled as numbers are; 422 for any other query."""
    query = scope["query_string"].decode("latin-1")[:QUERY_CHARACTERS_MAX]
    given = dict(pairs := parse_qsl(query, keep_blank_values=True))
    if (
        given.keys() != set(names)
        or len(pairs) != len(names)
        or not all(map(WHOLE.fullmatch, given.values()))
    ):
        raise Refusal(
            Problem(422, Reason.BAD_FIELD, f"query: {names[0]} and {names[1]}, whole numbers, once")
        )
    return int(given[names[0]]), int(given[names[1]])
