"""Which 32 bytes must a chip sign, so that no report made for something else will do?

A registration's nonce names the log, a checkpoint the speaker knew, the chip and the purpose; an
inspection's comes from the seed of the draw, which nobody knew before. Wrong parameters raise ValueError
naming the parameter: they are a caller's mistake, never a device's. Knows no evidence.
"""

from hashlib import sha256

NONCE_CONTEXT = b"chipledger-nonce-v1"
ROOT_BYTES = 32
SEED_BYTES = 32
TREE_SIZE_MAX = 2**63 - 1


def registration_nonce(log: str, size: int, root: bytes, chip: str, kind: str) -> bytes:
    """SHA-256 over context, log, size, root, chip and kind, each behind its length as u32 big-endian.

    `log` is the origin, `size` (as decimal ASCII) and `root` (32 raw bytes) are the head the statement names,
    `kind` is the statement's kind, such as chips.registered.
    """
    for name, text in (("log", log), ("chip", chip), ("kind", kind)):
        if not text or not text.isascii():
            raise ValueError(f"{name} must be a name in ASCII")
    if type(size) is not int or not 0 <= size <= TREE_SIZE_MAX:
        raise ValueError("size must be a whole number from 0, below 2^63")
    if len(root) != ROOT_BYTES:
        raise ValueError(f"root must be {ROOT_BYTES} raw bytes")
    parts = (NONCE_CONTEXT, log.encode(), str(size).encode(), root, chip.encode(), kind.encode())
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def inspection_nonce(seed: bytes, chip: str) -> bytes:
    """SHA-256(seed ‖ chip id): the ticket the chip was drawn by is also the nonce it must answer."""
    if len(seed) != SEED_BYTES:
        raise ValueError(f"seed must be {SEED_BYTES} bytes")
    if not chip or not chip.isascii():
        raise ValueError("chip must be a name in ASCII")
    return sha256(seed + chip.encode()).digest()
