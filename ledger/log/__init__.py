"""An append-only tree of bytes: hashes, proofs, checkpoints, tiles, cosignatures.

Knows no chip, no store, no clock and no network; whoever keeps the bytes hands them in.
"""
