"""Where do signed statements go, and when is a file not written?

NAME.bundle.json for one, NAME.ndjson for several. Promises never to overwrite other signed statements
unasked, and to leave no half-written file. Knows no key.
"""

from collections.abc import Sequence
from pathlib import Path

from api.cli.paperwork.signing_desk import write_bundles
from api.cli.screen.terminal import Ended, say
from ledger.book.encoding import Bundle


def put_out(name: Path, bundles: Sequence[Bundle], *, replace: bool) -> Path:
    """Write them under a name; the file that was made. The same bytes again are no overwriting."""
    target = name.with_name(name.name + (".bundle.json" if len(bundles) == 1 else ".ndjson"))
    made = target.with_name(target.name + ".part")
    write_bundles(made, bundles)
    if target.exists() and not replace and target.read_bytes() != made.read_bytes():
        made.unlink()
        raise Ended(f"{target} holds other signed statements", "choose another --out, or say --replace")
    made.rename(target)
    say(f"[green]signed[/] [bold]{target}[/]")
    return target
