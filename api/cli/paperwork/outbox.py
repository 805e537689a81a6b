"""Where do signed statements go, and when is a file not written?

NAME.bundle.json for one, NAME.ndjson for several. Promises never to overwrite other signed statements
unasked, and to leave no half-written file. Knows no key.
"""

from collections.abc import Sequence
from pathlib import Path

from api.cli.paperwork.signing_desk import write_bundles
from api.cli.screen.terminal import Ended, say, warn
from ledger.book.encoding import Bundle, read_bundle
from signing.canonical import Unreadable, read_object

GONE_NAMED_MAX = 5


def put_out(name: Path, bundles: Sequence[Bundle], *, replace: bool) -> Path:
    """Write them under a name; the file that was made. The same bytes again are no overwriting."""
    target = name.with_name(name.name + (".bundle.json" if len(bundles) == 1 else ".ndjson"))
    made = target.with_name(target.name + ".part")
    write_bundles(made, bundles)
    if target.exists() and not replace and target.read_bytes() != made.read_bytes():
        made.unlink()
        raise Ended(f"{target} holds other signed statements", "choose another --out, or say --replace")
    if target.exists():
        warn_if_shrunk(
            chips_of(target.read_bytes().splitlines()), chips_of(made.read_bytes().splitlines()), target
        )
    made.rename(target)
    say(f"[green]signed[/] [bold]{target}[/]")
    return target


def chips_of(raws: Sequence[bytes]) -> set[str]:
    """The chips that bundles name; lines that are none name nothing."""
    found: set[str] = set()
    for raw in raws:
        try:
            lines = read_bundle(raw).manifest or ()
        except Unreadable:
            continue
        found |= {str(read_object(line, "line").get("chip")) for line in lines}
    return found


def warn_if_shrunk(before: set[str], now: set[str], file: Path) -> None:
    """Say so where a file names fewer chips than its forerunner did, or has lost their zeros."""
    gone = sorted(before - now)
    stripped = [chip for chip in gone if _without_zeros(chip) in now - before]
    if stripped:
        warn(
            f"{len(stripped):,} chips of {file} are here without their leading zeros "
            f"({_without_zeros(stripped[0])} for {stripped[0]}): did a spreadsheet strip them?"
        )
    if gone and len(now) < len(before):
        named = ", ".join(gone[:GONE_NAMED_MAX]) + (", …" if len(gone) > GONE_NAMED_MAX else "")
        warn(
            f"{len(now):,} chips where {file} had {len(before):,}: "
            f"{len(gone):,} are gone ({named}). Is it whole?"
        )


def _without_zeros(chip: str) -> str:
    """The id a chip gets when a spreadsheet takes its serial for a number."""
    maker, _, serial = chip.partition(":")
    return f"{maker}:{serial.lstrip('0')}" if serial.isdigit() else chip
