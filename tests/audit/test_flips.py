"""Every bit of a small log, flipped in turn, is found."""

import random

import pytest

from ledger.audit.auditor import audit
from tests.audit.build import (
    LOG_KEY,
    AtOnce,
    MemoryPublished,
    arrive,
    chip,
    dispatch,
    enrol,
    opened,
    registered,
    traded,
)

SHARDS = 100  # of all bits of the smallest log; each holds every 100th bit, of all files
SAMPLED = 300  # bits of the larger log, flipped in every run
SEED = 20_261_121


def smallest():
    """12 entries: one chip made, sent, received, with evidence of nothing but its lines."""
    log = opened()
    figures = {"vendor": "A", "part_numbers": [], "memory_gb": 1, "memory_bandwidth_gbps": 1}
    figures |= {"interconnect_gbps": 1, "gflops": {}, "tpp": 1, "dies": 1, "released": "2026-01-01T00:00:00Z"}
    log.say("registrar", "model.listed", {"model": "registrar/h100", **figures})
    enrol(log, "acme", "maker")
    enrol(log, "oslo", "holder")
    for party in ("acme", "oslo"):
        log.say(party, "site.declared", {"site": f"{party}/hall", "name": "H", "country": "NO"})
    log.say("acme", "chips.registered", {"site": "acme/hall"}, registered([1, 2]))
    dispatch(log, "acme", "s1", [1, 2], "oslo")
    arrive(log, "oslo", "acme/s1", [chip(1, condition="received"), chip(2, condition="refused")])
    log.say("oslo", "chips.placed", {"site": "oslo/hall"}, [chip(1, system="r", slot="1")])
    dispatch(log, "acme", "s2", [2], "oslo")
    arrive(log, "oslo", "acme/s2", None)
    log.kept = (7,)
    return log


def bits_of(files):
    """Every bit of every file as (path, byte, bit)."""
    return [
        (path, place, bit) for path in sorted(files) for place in range(len(files[path])) for bit in range(8)
    ]


def unfound(files, bits):
    """Those bits whose flipping leaves the audit clean."""
    missed = []
    for path, place, bit in bits:
        octets = bytearray(files[path])
        octets[place] ^= 1 << bit
        published = MemoryPublished({**files, path: bytes(octets)})
        if audit(published, log_key=LOG_KEY, workers=AtOnce()).clean:
            missed.append((path, place, bit))
    return missed


def test_a_seeded_share_of_all_bits_is_found():
    files = traded().files()
    assert audit(MemoryPublished(files), log_key=LOG_KEY, workers=AtOnce()).clean
    # One of every kind of file at the least, however small it is beside the others.
    kinds = {path.split("/")[1]: bits_of({path: octets}) for path, octets in files.items()}
    bits = [random.Random(SEED).choice(some) for some in kinds.values()]
    bits += random.Random(SEED).sample(bits_of(files), SAMPLED)
    assert set(kinds) == {"checkpoint", "checkpoints", "tile", "manifests", "attestations"}
    assert unfound(files, bits) == []


def test_one_bit_of_every_byte_of_the_heads_is_found():
    """Names, sizes, roots and signature lines, the witness's too: nothing in a note is passed over."""
    files = traded().files()
    heads = [path for path in files if "checkpoint" in path]
    bits = [(path, place, place % 8) for path in heads[:2] for place in range(len(files[path]))]
    assert len(bits) > 500
    assert unfound(files, bits) == []


@pytest.mark.long
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_bit_of_the_smallest_log_is_found(shard):
    log = smallest()
    assert len(log.raws) == 12
    files = log.files()
    assert audit(MemoryPublished(files), log_key=LOG_KEY, workers=AtOnce()).clean
    bits = bits_of(files)
    mine = bits[shard::SHARDS]
    assert len(mine) >= len(bits) // SHARDS > 0
    assert unfound(files, mine) == []
