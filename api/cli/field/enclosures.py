"""Are the photographs and the chips' answers there that the rows refer to?

Photographs are known by their SHA-256 alone: a file is hashed where it is at hand, and a row that names one
that is not is wrong. Answers of chips are examined here, before anything is signed: sound, under a trusted
root, and to the very nonce that this inspection asks of this chip.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path

from api.cli.checks.device_evidence import read_evidence_file
from api.cli.field.comparing import Answer
from api.cli.field.returns import Photo, Returned
from api.cli.field.visits import Trip, Visit
from api.cli.paperwork.sheets import RowFault
from ledger.device.evidence import Check, Expected, Failed
from ledger.device.vendors import examine
from signing.canonical import TooLarge, Unreadable

PHOTO_BYTES_MAX = 256 * 1024 * 1024
PHOTO_FILES_MAX = 50_000
NAMES_OUTSIDE = ("/", "\\")


def hashed_photos(rows: Sequence[Returned], folder: Path | None) -> tuple[list[Returned], list[RowFault]]:
    """The rows with a hash for every photograph, and those whose photographs are not there.

    Without a folder the hashes told have to do. With one each photograph must lie in it, under its name or,
    where a phone called them all alike, under any.
    """
    files = _files(folder)
    by_hash: dict[str, str] = {}
    wanted = {photo.sha256 for row in rows for photo in row.photos if photo.sha256 is not None}
    if folder is not None and any(photo.name not in files for row in rows for photo in row.photos) and wanted:
        by_hash = {_hash(path): name for name, path in files.items()}
    found, faults = [], []
    for row in rows:
        try:
            photos = tuple(_hashed(photo, files, by_hash, folder) for photo in row.photos)
            found.append(replace(row, photos=photos))
        except Unreadable as fault:
            faults.append(RowFault(row.number, f"{fault.field}: {fault.detail}"))
    return found, faults


def _files(folder: Path | None) -> dict[str, Path]:
    if folder is None:
        return {}
    files = {path.name: path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
    if len(files) > PHOTO_FILES_MAX:
        raise TooLarge(str(folder), f"over {PHOTO_FILES_MAX:,} files")
    return files


def _hashed(
    photo: Photo, files: Mapping[str, Path], by_hash: Mapping[str, str], folder: Path | None
) -> Photo:
    if any(sign in photo.name for sign in NAMES_OUTSIDE):
        raise Unreadable("photos", f"{photo.name[:80]!r} is a path: say the file's name alone")
    if folder is None:
        if photo.sha256 is None:
            raise Unreadable("photo_sha256", f"{photo.name[:80]!r} has no hash: say --photos DIR")
        return photo
    path = files.get(photo.name)
    if path is not None:
        sha = _hash(path)
        if photo.sha256 in (None, sha):
            return Photo(photo.name, sha)
    if photo.sha256 is not None and photo.sha256 in by_hash:
        return Photo(by_hash[photo.sha256], photo.sha256)
    if path is None:
        raise Unreadable("photos", f"there is no {photo.name[:80] or photo.sha256!r} in {folder}")
    raise Unreadable(
        "photo_sha256", f"{photo.name[:80]!r} is another file than the one that was hashed on site"
    )


def _hash(path: Path) -> str:
    if path.stat().st_size > PHOTO_BYTES_MAX:
        raise TooLarge(str(path), f"over {PHOTO_BYTES_MAX:,} bytes")
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


# -- what chips answered


def answers_of(
    trip: Trip, rows: Iterable[Returned], folder: Path | None, roots: frozenset[str]
) -> tuple[dict[int, Answer], list[RowFault]]:
    """By row number what its chip answered, and every row whose answer does not hold, with the reason."""
    visits = {visit.reference: visit for visit in trip.visits}
    answers: dict[int, Answer] = {}
    bearers: dict[str, int] = {}
    faults = []
    for row in rows:
        if not row.evidence:
            continue
        try:
            answer = _answer(visits.get(row.reference), row, folder, roots)
            before = bearers.setdefault(answer.found.ik_sha256, row.number)
            if before != row.number:
                raise Unreadable(
                    "device_evidence", f"the chip in {answer.name} answered for row {before} already"
                )
            answers[row.number] = answer
        except Unreadable as fault:
            faults.append(RowFault(row.number, f"{fault.field}: {fault.detail}"))
    return answers, faults


def _answer(visit: Visit | None, row: Returned, folder: Path | None, roots: frozenset[str]) -> Answer:
    if folder is None:
        raise Unreadable("device_evidence", "the row names a file: say --device-evidence DIR")
    if visit is None or visit.is_position:
        raise Unreadable("device_evidence", "only a drawn chip is asked with a nonce of this inspection")
    path = folder / row.evidence
    if any(sign in row.evidence for sign in NAMES_OUTSIDE) or not path.is_file():
        raise Unreadable("device_evidence", f"there is no file {row.evidence[:80]!r} in {folder}")
    octets = read_evidence_file(path)
    found = examine(octets, Expected(roots, bytes.fromhex(visit.ticket)))
    if isinstance(found, Failed):
        why = f"{row.evidence}: {found.check.value}: {found.detail}"
        if found.check is Check.NONCE:
            why += ". It was made for something else, or before the draw, and proves nothing here"
        raise Unreadable("device_evidence", why)
    return Answer(row.evidence, octets, sha256(octets).hexdigest(), found)
