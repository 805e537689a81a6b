"""What tests of signed evidence need: devices that answer, folders of answers, rows signed with them."""

from ledger.book.encoding import HeadText, read_bundle
from ledger.device.nonces import registration_nonce
from signing.canonical import read_object
from tests.cli.stage import LOG, chipledger, speaking
from tests.device.play import TestVendor

MAKER = TestVendor("evidence in files")
HEAD = HeadText(7, "ab" * 32)
TOLD_HEAD = f"{HEAD.size}:{HEAD.root}"
CHIP = "acme-semi:A1"
SITE = ["--set", "site=acme-semi/fab"]
MODEL = "registry/h100"
BORN = [*SITE, "--each", f"model={MODEL}"]
KIND = "chips.registered"


def answer(chip, serial=None, head=HEAD, kind=KIND):
    """What a chip's device answers, for a statement of this kind under this head."""
    nonce = registration_nonce(LOG, head.size, bytes.fromhex(head.root), chip, kind)
    return MAKER.device(serial or chip).answer(nonce)


def folder_of(folder, **files):
    made = folder / "evidence"
    made.mkdir(exist_ok=True)
    for name, octets in files.items():
        (made / name).write_bytes(octets)
    return made


def signing(folder, kind, rows, *words, party="acme-semi", suffix="csv"):
    file = folder / f"{kind}.{suffix}"
    file.write_text(rows)
    return chipledger("sign", kind, file, *speaking(folder, party), *words)


def signed(folder, kind=KIND):
    """The bundle that was made, and its lines."""
    bundle = read_bundle((folder / f"{kind}.bundle.json").read_bytes())
    return bundle, [read_object(line, "line") for line in bundle.manifest]
