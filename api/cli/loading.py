"""How does a program of many parts start quickly?

By importing a part when it is asked for. `Later` names a part by module and name; `load` imports the module,
once a process. This is the only place that imports by name: everywhere else imports stand at the top of a
file, where everybody sees who needs whom. The names are whole and literal, so that the tests of imports read
them as imports of the module that writes them. For commands, and for branches of a command that few take and
that need much; everything else is imported as usual.
"""

import importlib
from typing import Any, NamedTuple


class Later(NamedTuple):
    """Something that a module has, not imported yet."""

    module: str
    name: str

    def load(self) -> Any:
        """What is named. A name that nothing bears is a mistake of ours: ImportError or AttributeError."""
        return getattr(importlib.import_module(self.module), self.name)
