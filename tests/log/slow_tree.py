"""The definitions of RFC 9162, section 2.1, as they stand there: the slow twin of tree and proofs.

Shares with the product only the two hashes, and those are written out again here.
"""

from hashlib import sha256


def slow_leaf(entry):
    return sha256(b"\x00" + entry).digest()


def slow_node(left, right):
    return sha256(b"\x01" + left + right).digest()


def split_of(count):
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def slow_root(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = split_of(len(hashes))
    return slow_node(slow_root(hashes[:k]), slow_root(hashes[k:]))


def slow_inclusion(index, hashes):
    if len(hashes) == 1:
        return []
    k = split_of(len(hashes))
    if index < k:
        return [*slow_inclusion(index, hashes[:k]), slow_root(hashes[k:])]
    return [*slow_inclusion(index - k, hashes[k:]), slow_root(hashes[:k])]


def slow_consistency(old, hashes, whole=True):
    if old == len(hashes):
        return [] if whole else [slow_root(hashes)]
    k = split_of(len(hashes))
    if old <= k:
        return [*slow_consistency(old, hashes[:k], whole), slow_root(hashes[k:])]
    return [*slow_consistency(old - k, hashes[k:], False), slow_root(hashes[:k])]


def some_leaves(count, seed=b"leaf"):
    return [slow_leaf(seed + b" %d" % number) for number in range(count)]
