"""What does an auditor see of a world? What its door keeps, in the published form."""

from ledger.log.merkle import HASH_BYTES, TILE_WIDTH
from ledger.log.tiles import pack_entries


class DoorPublished:
    """What a door keeps, as an auditor sees it."""

    shows_entries = True
    shows_attestations = True

    def __init__(self, door):
        self._door = door
        self.raws = list(door.raws)
        self.shown = door.shown.copy()

    def checkpoint(self):
        return self._door.note(len(self.raws))

    def checkpoint_sizes(self):
        return [len(self.raws)]

    def stored_checkpoint(self, size):
        return self._door.note(size)

    def hash_tile(self, level, number, width):
        return self._door.tile(level, number)[: width * HASH_BYTES]

    def entry_bundle(self, number, width):
        first = number * TILE_WIDTH
        return pack_entries(self.raws[first : first + width])

    def manifests(self, statements):
        return [self.shown[name] for name in statements]

    def attestation(self, sha256):
        return self._door.evidence.get(sha256)
