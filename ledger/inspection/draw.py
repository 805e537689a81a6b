"""Which chips will an inspector visit?

Every chip of the frame gets a ticket, SHA-256 of the seed and its id; the chips with the smallest tickets
are drawn. Same seed and frame: same chips, in any program and any order of the frame; a longer draw
contains the shorter one. Nobody who does not know every part of the seed can tell tickets from random
numbers. This is the plain reference, what larger frames are drawn by (`engine`) is held against it. Bad
input raises ValueError naming the parameter. Knows no statements, parties or beacons, no clock and no source
of chance.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from math import isqrt
from typing import NamedTuple

DRAW_CONTEXT = b"chipledger-draw-v1"
SEED_BYTES = 32
SECRET_BYTES = 32
STATEMENT_ID_BYTES = 32
TICKET_BITS = 256

FILTER_SPARE_CHIPS = 20
"""With these and six standard deviations to spare, a second pass over the frame is next to never needed."""

HEX_SEED = re.compile(r"[0-9a-fA-F]{64}")
# What stands for itself inside a JSON string, so that a line needs no encoder.
PLAIN_TEXT = re.compile(r"[ !#-\[\]-~]+")
PLAIN_TEXT_BYTES = bytes(code for code in range(128) if PLAIN_TEXT.fullmatch(chr(code)))


class Ticket(NamedTuple):
    """A drawn chip and the 32 bytes that it was drawn by; tickets compare in drawing order for ASCII ids."""

    ticket: bytes
    chip: str


def draw_seed(beacon: str, round_number: int, randomness: bytes, commitment: bytes, secret: bytes) -> bytes:
    """The 32-byte seed: SHA-256 over the framed parts, each behind its length as u32 big-endian.

    `commitment` is the raw statement id of the inspection's commitment, `secret` the 32 bytes revealed at
    the draw, `randomness` what the named beacon published in that round.
    """
    if not beacon or not beacon.isascii():
        raise ValueError("beacon must be a name in ASCII")
    if type(round_number) is not int or round_number < 1:
        raise ValueError("round_number must be a whole number from 1")
    if not randomness:
        raise ValueError("randomness is empty")
    if len(commitment) != STATEMENT_ID_BYTES:
        raise ValueError(f"commitment must be {STATEMENT_ID_BYTES} raw bytes")
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"secret must be {SECRET_BYTES} bytes")
    parts = (DRAW_CONTEXT, beacon.encode(), str(round_number).encode(), randomness, commitment, secret)
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def seed_from_hex(text: str) -> bytes:
    """A seed as a replay file prints it: 64 hexadecimal digits, either case."""
    if not isinstance(text, str) or not HEX_SEED.fullmatch(text):
        raise ValueError("seed must be 64 hexadecimal digits")
    return bytes.fromhex(text)


def ticket(seed: bytes, chip: str) -> bytes:
    """The chip's ticket; for a chip that can attest this is also the nonce it must answer."""
    return sha256(seed + chip.encode()).digest()


def draw(seed: bytes, chips: Sequence[str], n: int) -> list[Ticket]:
    """The n chips with the smallest tickets, smallest first; equal tickets by the bytes of the id.

    Memory beyond the frame itself is proportional to n where the chips come in ascending order, otherwise to
    the frame, for the check that none comes twice.
    """
    check_seed(seed)
    check_size("n", n)
    _check_chips(chips)
    if n > len(chips):
        raise ValueError("n exceeds the frame")
    return _smallest(seed, chips, n)


def draw_strata(
    seed: bytes, frame: Sequence[tuple[str, str]], sizes: Mapping[str, int]
) -> dict[str, list[Ticket]]:
    """Per stratum, in the order of `sizes`, its chips with the smallest tickets; a size above it means all.

    `frame` is (chip, stratum) pairs; a stratum that `sizes` does not name is refused rather than left out.
    """
    check_seed(seed)
    _check_chips([chip for chip, _ in frame])
    strata: dict[str, list[str]] = {stratum: [] for stratum in sizes}
    for chip, stratum in frame:
        if stratum not in strata:
            raise ValueError(f"sizes names no stratum {stratum!r}")
        strata[stratum].append(chip)
    for stratum, size in sizes.items():
        check_size(f"sizes[{stratum!r}]", size)
    return {s: _smallest(seed, chips, min(sizes[s], len(chips))) for s, chips in strata.items()}


def frame_leaf(chip: str, stratum: str) -> bytes:
    """The frame's line for a chip, in canonical JSON. Both names were read as identifiers before."""
    assert PLAIN_TEXT.fullmatch(chip), chip
    assert PLAIN_TEXT.fullmatch(stratum), stratum
    return f'{{"chip":"{chip}","stratum":"{stratum}"}}'.encode()


def frame_root(frame: Iterable[tuple[str, str]]) -> bytes:
    """The root over the frame's lines by chip, whatever the order they come in."""
    lines = sorted(frame)
    _check_chips([chip for chip, _ in lines])
    return tree_root(frame_leaf(chip, stratum) for chip, stratum in lines)


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """RFC 6962 section 2.1 tree hash, in memory that grows with the tree's height only."""
    # Complete subtrees from left to right, each (leaves, hash), each smaller than the one before.
    subtrees: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, sha256(b"\x00" + leaf).digest()
        while subtrees and subtrees[-1][0] == size:
            node = sha256(b"\x01" + subtrees.pop()[1] + node).digest()
            size *= 2
        subtrees.append((size, node))
    if not subtrees:
        return sha256(b"").digest()
    root = subtrees.pop()[1]
    while subtrees:
        root = sha256(b"\x01" + subtrees.pop()[1] + root).digest()
    return root


def smallest(count: int, n: int, below: Callable[[bytes], list[tuple[bytes, bytes]]]) -> list[Ticket]:
    """The n smallest of `count` tickets, n <= count; `below` gives (ticket, id bytes) of all up to a limit.

    About n pass the first limit. It decides how much is kept, never who is drawn.
    """
    if n == 0:
        return []
    expected = n + 6 * isqrt(n) + FILTER_SPARE_CHIPS
    while True:
        limit = min((expected << TICKET_BITS) // count, (1 << TICKET_BITS) - 1)
        kept = below(limit.to_bytes(TICKET_BITS // 8, "big"))
        if len(kept) >= n:
            kept.sort()
            return [Ticket(number, name.decode()) for number, name in kept[:n]]
        # All are below the last limit: whoever still finds too few is counting wrong.
        assert limit < (1 << TICKET_BITS) - 1, "fewer tickets than chips"
        expected *= 2


def _smallest(seed: bytes, chips: Sequence[str], n: int) -> list[Ticket]:
    return smallest(len(chips), n, lambda limit: _below(seed, chips, limit))


def _below(seed: bytes, chips: Sequence[str], limit: bytes) -> list[tuple[bytes, bytes]]:
    """(ticket, id bytes) of the chips whose ticket is at most the limit."""
    kept = []
    for chip in chips:
        name = chip.encode()
        number = sha256(seed + name).digest()
        if number <= limit:
            kept.append((number, name))
    return kept


def check_seed(seed: bytes) -> None:
    """ValueError for what is no seed."""
    if not isinstance(seed, bytes) or len(seed) != SEED_BYTES:
        raise ValueError(f"seed must be {SEED_BYTES} bytes")


def check_size(name: str, size: int) -> None:
    """ValueError for what is no number of chips, naming the parameter."""
    if type(size) is not int or size < 0:
        raise ValueError(f"{name} must be a whole number from 0")


def _check_chips(chips: Sequence[str]) -> None:
    before = ""
    ascending = True
    for chip in chips:
        if not isinstance(chip, str) or not chip:
            raise ValueError("chips must be ids that are not empty")
        ascending = ascending and before < chip
        before = chip
    # A list in ascending order repeats nothing; any other is worth the memory of a set.
    if not ascending and len(set(chips)) != len(chips):
        raise ValueError("chips holds an id twice")
