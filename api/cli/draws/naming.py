"""Which inspection is meant by the name that was typed? Makes and reads no draw."""

from api.cli.screen.terminal import wrong_usage
from ledger.book.identifiers import is_named


def own_name(name: str, party: str) -> str:
    """The name with its owner in front; `Ended` where it is no name, or another's."""
    full = name if "/" in name else f"{party}/{name}"
    if not is_named(full) or not full.startswith(f"{party}/"):
        raise wrong_usage(f"{name[:80]!r} is no name of {party}'s", f"such as {party}/visit-1")
    return full
