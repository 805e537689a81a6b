"""What is there to say about an example file?

One shape for all of them. Knows no kind.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """An example file, and the options besides key, party, log and time that sign it."""

    says: str
    csv: str
    options: tuple[str, ...] = ()
    hint: str = ""
