"""How does an auditor read a published log from a server?

`ledger.audit.Published` over HTTP. With a verifier's or the registrar's token entries and manifests too,
without one only what everybody may see. Bytes are handed on as they come; judging them is the audit's work.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec

from api.cli.remote.client import LedgerClient, ProblemAnswer
from ledger.log.merkle import HASH_BYTES, TILE_WIDTH
from ledger.log.tiles import entries_path, pack_entries, tile_path, unpack_entries
from signing.canonical import Unreadable

MANIFESTS_AT_ONCE = 4
SIZES_AT_ONCE = 1_000


class _Size(msgspec.Struct, frozen=True):
    size: int


class _Sizes(msgspec.Struct, frozen=True):
    items: tuple[_Size, ...]
    next: str | None = None


_sizes = msgspec.json.Decoder(_Sizes)


def _read_sizes(raw: bytes) -> _Sizes:
    """What a server lists; `Unreadable` where it is no list of sizes."""
    try:
        return _sizes.decode(raw)
    except msgspec.MsgspecError as fault:
        raise Unreadable("checkpoints", str(fault)) from None


class HttpPublished:
    """A published log behind a client; `shows_entries` False reads as nobody."""

    def __init__(self, client: LedgerClient, *, shows_entries: bool) -> None:
        self._client = client
        self._shows_entries = shows_entries

    @property
    def shows_entries(self) -> bool:
        """Whether the asker sees entries."""
        return self._shows_entries

    @property
    def shows_attestations(self) -> bool:
        """Evidence is shown to whoever is shown entries."""
        return self._shows_entries

    def checkpoint(self) -> bytes | None:
        """The newest checkpoint."""
        return self._get("/checkpoint")

    def checkpoint_sizes(self) -> Sequence[int]:
        """All the server lists, page by page."""
        sizes: list[int] = []
        after: str | None = None
        while True:
            query = f"?limit={SIZES_AT_ONCE}" + ("" if after is None else f"&after={after}")
            raw = self._get(f"/checkpoints{query}")
            page = _Sizes(()) if raw is None else _read_sizes(raw)
            new = [item.size for item in page.items]
            if new != sorted(set(new)) or (sizes and new and new[0] <= sizes[-1]):
                raise Unreadable("checkpoints", "sizes do not ascend")
            sizes += new
            if page.next is None or not new:
                return sizes
            after = page.next

    def stored_checkpoint(self, size: int) -> bytes | None:
        """The checkpoint of a size."""
        return self._get(f"/checkpoints/{size}")

    def hash_tile(self, level: int, number: int, width: int) -> bytes | None:
        """A tile; the beginning of the full one where the log has outgrown a narrow one."""
        found = self._get(f"/{tile_path(level, number, width)}")
        if found is None and width < TILE_WIDTH:
            found = self._get(f"/{tile_path(level, number)}")
        return None if found is None else found[: width * HASH_BYTES]

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """A bundle of entries; the beginning of the full one where the log has outgrown a narrow one."""
        found = self._get(f"/{entries_path(number, width)}")
        if found is not None or width == TILE_WIDTH:
            return found
        full = self._get(f"/{entries_path(number)}")
        try:
            return None if full is None else pack_entries(unpack_entries(full)[:width])
        except Unreadable:
            return full  # the audit says what is wrong with it

    def manifests(self, statements: Collection[str]) -> Sequence[bytes | None]:
        """Several at once: a manifest is small, the way to it long."""
        with ThreadPoolExecutor(MANIFESTS_AT_ONCE, "manifests") as pool:
            return list(pool.map(lambda statement: self._get(f"/manifests/{statement}") or None, statements))

    def attestation(self, sha256: str) -> bytes | None:
        """Evidence, as it is served."""
        return self._get(f"/attestations/{sha256}")

    def _get(self, path: str) -> bytes | None:
        try:
            return self._client.get(path).content
        except ProblemAnswer as said:
            # To nobody what is private is not there; who was known before, and is no more, is not told that.
            unasked = said.status == httpx.codes.UNAUTHORIZED and not self._shows_entries
            if said.status == httpx.codes.NOT_FOUND or unasked:
                return None
            raise
