"""Which bytes are signed, and by whom?

Canonical JSON, keys, signers, DSSE envelopes and signed notes. Knows bytes and keys, never a chip.
"""
