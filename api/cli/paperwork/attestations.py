"""Which chips of a file prove who they are?

Takes a folder of evidence, examines every file in it, and fills what it proves into the row of the chip it
is for: a row names its file in the column `evidence`, or its hash, or the file is called as the chip is.
Promises that evidence which does not hold, or does not belong to its row, is a fault of that row, before
anything is signed. Which roots a log trusts is not known here, and what was revoked is not asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from api.cli.paperwork.columns import OBSERVED
from api.cli.screen.terminal import Ended
from ledger.book.encoding import BODY_BYTES_MAX, Bundle, HeadText
from ledger.book.identifiers import is_chip
from ledger.book.records.form import Form
from ledger.device.evidence import EVIDENCE_BYTES_MAX, Check, Examined, Failed
from ledger.device.nonces import ROOT_BYTES, registration_nonce
from ledger.device.vendors import examine_all
from signing.canonical import TooLarge, Unreadable, to_base64

EVIDENCE_COLUMN = "evidence"
EVIDENCE_FILES_MAX = 20_000
SUFFIX = ".json"


def bearer_of(form: Form) -> str | None:
    """The field of this kind's lines in which evidence is named; None where there is none."""
    fields = () if form.line is None else form.line.__struct_fields__
    return next((name for name in OBSERVED if name in fields), None)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of evidence, and who answered in it."""

    name: str
    octets: bytes
    sha256: str
    found: Examined | Failed


@dataclass(frozen=True, slots=True)
class Asked:
    """What evidence has to answer: the log, the head and the kind of the statement; no head asks nothing."""

    log: str
    head: HeadText | None
    kind: str

    def nonce(self, chip: str) -> bytes | None:
        """The nonce that this chip was to answer."""
        if self.head is None:
            return None
        try:
            root = bytes.fromhex(self.head.root)
        except ValueError:
            root = b""
        if len(root) != ROOT_BYTES:
            raise Unreadable("head", "its root is not 64 hexadecimal digits")
        return registration_nonce(self.log, self.head.size, root, chip, self.kind)


class EvidenceFolder:
    """The files of a folder; each is for one row, and is remembered once it was taken."""

    def __init__(self, pieces: Sequence[Piece], asked: Asked) -> None:
        self._asked = asked
        self._names = {piece.name: piece for piece in pieces}
        self._hashes = {piece.sha256: piece for piece in pieces}
        self._taken: dict[str, int] = {}
        self._bearers: dict[str, str] = {}

    @property
    def taken(self) -> int:
        """How many files are for a row."""
        return len(self._taken)

    @property
    def left(self) -> list[str]:
        """The files that are for no row, by name."""
        return sorted(self._names.keys() - self._taken.keys())

    @property
    def roots(self) -> list[str]:
        """Hex SHA-256 of the root keys under which the files that were taken hold."""
        found = (self._names[name].found for name in self._taken)
        return sorted({one.root_spki_sha256 for one in found if isinstance(one, Examined)})

    def filled(self, number: int, chip: str, told: Mapping[str, Any] | None, named: Any) -> dict[str, Any]:
        """An identity as a row tells it, with the key and the hash of its evidence; as it was without any.

        `number` is the row's, `named` its cell in the column `evidence`. Unreadable says what is wrong.
        """
        before = dict(told or {})
        piece = self._piece_of(chip, before.get("attestation_sha256"), named)
        if piece is None or not is_chip(chip):  # a chip that is none has a fault of its own
            return before
        found = self._sound(piece, chip)
        proved = {"ik_sha256": found.ik_sha256, "attestation_sha256": piece.sha256}
        for name, value in [*proved.items(), ("pdi", found.pdi)]:
            said = before.get(name)
            if said is not None and value and str(said).lower() != value.lower():
                raise Unreadable(name, f"the row says {str(said)[:64]}, the evidence {piece.name} {value}")
        row = self._taken.setdefault(piece.name, number)
        if row != number:
            raise Unreadable(EVIDENCE_COLUMN, f"{piece.name} is for row {row} already: name each row's own")
        bearer = self._bearers.setdefault(found.ik_sha256, chip)
        if bearer != chip:
            raise Unreadable(EVIDENCE_COLUMN, f"{piece.name}: the key in it answered for {bearer} already")
        return before | proved

    def carried_by(self, lines: Sequence[Mapping[str, Any]], bearer: str) -> dict[str, str]:
        """The evidence these lines name, as a bundle carries it: base64 by hex SHA-256."""
        named = (line.get(bearer, {}).get("attestation_sha256") for line in lines)
        pieces = (self._hashes[name] for name in named if name in self._hashes)
        return {piece.sha256: to_base64(piece.octets) for piece in pieces}

    def _piece_of(self, chip: str, hashed: Any, named: Any) -> Piece | None:
        if named is not None:
            piece = self._names.get(named) if isinstance(named, str) else None
            if piece is None:
                raise Unreadable(EVIDENCE_COLUMN, f"there is no file {str(named)[:80]!r} in the folder")
            return piece
        if hashed is not None:
            piece = self._hashes.get(hashed) if isinstance(hashed, str) else None
            if piece is None:
                raise Unreadable("attestation_sha256", "no file in the folder has this hash")
            return piece
        serial = chip.partition(":")[2]
        return self._names.get(f"{chip}{SUFFIX}") or self._names.get(f"{serial}{SUFFIX}")

    def _sound(self, piece: Piece, chip: str) -> Examined:
        """Who answered, for this chip and this statement."""
        found = piece.found
        if isinstance(found, Failed):
            raise Unreadable(EVIDENCE_COLUMN, f"{piece.name}: {found.check.value}: {found.detail}")
        nonce = self._asked.nonce(chip)
        if nonce is not None and found.nonce != nonce:
            why = f"it answers {found.nonce.hex()}, and head, chip and kind ask {nonce.hex()}"
            raise Unreadable(EVIDENCE_COLUMN, f"{piece.name}: {Check.NONCE.value}: {why}")
        return found


def open_evidence(folder: Path, asked: Asked) -> EvidenceFolder:
    """Every file of a folder, examined; files whose names begin with a dot are passed over."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if len(paths) > EVIDENCE_FILES_MAX:
        raise TooLarge(str(folder), f"over {EVIDENCE_FILES_MAX:,} files: split it, and the rows")
    octets = []
    for path in paths:
        with path.open("rb") as file:
            octets.append(file.read(EVIDENCE_BYTES_MAX + 1))
    pieces = [
        Piece(path.name, each, sha256(each).hexdigest(), found)
        for path, each, found in zip(paths, octets, examine_all(octets), strict=True)
    ]
    return EvidenceFolder(pieces, asked)


def refuse_heavy(bundle: Bundle) -> None:
    """`Ended` where the evidence makes a bundle larger than the door takes."""
    if bundle.attestations and len(bundle.raw()) > BODY_BYTES_MAX:
        raise Ended(
            f"{len(bundle.attestations):,} pieces of evidence are more than one statement can carry",
            "split it: --lines 1000, or the file where the kind is not said in parts",
        )
