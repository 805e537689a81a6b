"""What is a row?

One frozen struct a thing, flat: texts, integers, None. `changed` is the index of the entry that wrote this
version of the row, `born` of the one that wrote the first. Times are Unix seconds.
"""

from typing import Final

import msgspec

# `born` of a row whose making was corrected away: nothing is there, and its name is free again.
UNMADE: Final = -1


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A version of one thing in the book."""
