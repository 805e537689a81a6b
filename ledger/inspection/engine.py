"""Which chips are drawn from a frame of millions?

The same as `draw.draw_strata` gives: small listings are drawn by that plain reference itself, large ones by
DuckDB in this process. The engine is not believed: before each draw its SHA-256 is held against `hashlib` at
every length around a block of the hash; it must count as many names as there are; and of whomever it hands
over the ticket is hashed again, and the name found in its stratum. What remains trusted is that it passed
over nobody with a smaller ticket, which every replay by another program shows. Whatever it gets wrong is an
AssertionError, never a draw. Memory: the columns, `ENGINE_MEMORY` for the engine, and some 200 bytes for each
drawn name. Bad input raises ValueError naming the parameter.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from ledger.inspection.draw import Ticket, check_seed, check_size, draw_strata, smallest
from ledger.inspection.listing import Listing

ENGINE_FROM_NAMES = 100_000  # below, the plain reference is as quick
ENGINE_THREADS = 2
ENGINE_MEMORY = "512MB"
KNOWN_LENGTHS = 200  # bytes; every length below takes one to four blocks of the hash

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": ENGINE_THREADS,
    "memory_limit": ENGINE_MEMORY,
    "enable_external_access": False,  # no files: what does not fit in its memory is a fault
    "python_enable_replacements": False,  # a table is what was registered, never a variable of ours
}
_PASSING = """
    SELECT ticket, name FROM (SELECT name, sha256(?::BLOB || name) AS ticket FROM frame) WHERE ticket <= ?
"""
_PASSING_IN = """
    SELECT ticket, name FROM (SELECT name, sha256(?::BLOB || name) AS ticket FROM frame WHERE stratum = ?)
    WHERE ticket <= ?
"""
_COUNTS = "SELECT stratum, count(*) FROM frame GROUP BY stratum"
_KNOWN = "SELECT message, sha256(?::BLOB || message) FROM known"


def new_engine() -> duckdb.DuckDBPyConnection:
    """An engine that holds nothing, reads no files and takes no more memory than it may."""
    return duckdb.connect(":memory:", config=_CONFIG)


def draw_listing(
    seed: bytes,
    listing: Listing,
    sizes: Mapping[str, int],
    *,
    engine_from: int = ENGINE_FROM_NAMES,
    engine_of: Callable[[], duckdb.DuckDBPyConnection] = new_engine,
) -> dict[str, list[Ticket]]:
    """Per stratum, in the order of `sizes`, its names with the smallest tickets; a size above it means all.

    A stratum of the listing that `sizes` does not name is refused rather than left out. From `engine_from`
    names on an engine draws; what it is decides how long it takes, never who is drawn.
    """
    check_seed(seed)
    unnamed = [stratum for stratum, count in listing.counts.items() if count and stratum not in sizes]
    if unnamed:
        raise ValueError(f"sizes names no stratum {unnamed[0]!r}")
    if len(listing) < engine_from:
        return draw_strata(seed, list(listing.pairs()), sizes)
    for stratum, size in sizes.items():
        check_size(f"sizes[{stratum!r}]", size)
    with engine_of() as engine:
        return _draw_by(engine, seed, listing, sizes)


def _draw_by(
    engine: duckdb.DuckDBPyConnection, seed: bytes, listing: Listing, sizes: Mapping[str, int]
) -> dict[str, list[Ticket]]:
    counts = listing.counts
    codes = {stratum: code for code, stratum in enumerate(listing.strata)}
    _check_engine(engine, seed)
    engine.register("frame", pa.table({"name": listing.ids, "stratum": listing.codes}))
    told = dict(engine.execute(_COUNTS).fetchall())
    assert told == {codes[name]: count for name, count in counts.items() if count}, "the engine miscounts"
    drawn = {}
    for stratum, size in sizes.items():
        count = counts.get(stratum, 0)
        below = _Below(engine, seed, None if count == len(listing) else codes.get(stratum))
        drawn[stratum] = smallest(count, min(size, count), below)
    engine.unregister("frame")
    for stratum, tickets in drawn.items():
        _check_drawn(seed, listing, codes.get(stratum), tickets)
    return drawn


class _Below:
    """Tickets up to a limit, of one stratum, None for all, as the engine has them."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, seed: bytes, code: int | None) -> None:
        self._engine, self._seed, self._code = engine, seed, code

    def __call__(self, limit: bytes) -> list[tuple[bytes, bytes]]:
        # Hexadecimal digits of one case compare as the bytes they stand for.
        if self._code is None:
            rows = self._engine.execute(_PASSING, [self._seed, limit.hex()]).fetchall()
        else:
            rows = self._engine.execute(_PASSING_IN, [self._seed, self._code, limit.hex()]).fetchall()
        return [(bytes.fromhex(ticket), name) for ticket, name in rows]


def _check_engine(engine: duckdb.DuckDBPyConnection, seed: bytes) -> None:
    """Known answers, on this very connection."""
    messages = [bytes((length + place) % 256 for place in range(length)) for length in range(KNOWN_LENGTHS)]
    engine.register("known", pa.table({"message": pa.array(messages, pa.large_binary())}))
    told = dict(engine.execute(_KNOWN, [seed]).fetchall())
    engine.unregister("known")
    right = {message: sha256(seed + message).hexdigest() for message in messages}
    assert told == right, "the engine's SHA-256 is not SHA-256"


def _check_drawn(seed: bytes, listing: Listing, code: int | None, tickets: list[Ticket]) -> None:
    """Each of these is listed in that stratum, has that ticket, and comes once."""
    for number, name in tickets:
        assert sha256(seed + name.encode()).digest() == number, "the engine gave a ticket that is none"
        assert listing.stratum_of(name.encode()) == code, "the engine gave a name that is not in the stratum"
    assert len({ticket.chip for ticket in tickets}) == len(tickets), "the engine gave a name twice"
