"""Where does each thing on the page of a report lead?

Addresses of the same page with something else asked, of its rows as files, of questions in SQL on the same
snapshot. Everything is in the address, so that it can be sent to whoever should check it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from analytics.reporting.drills import Way
from api.web.sql import address


@dataclass(frozen=True, slots=True)
class Here:
    """One page: the report, its snapshot's size, what was asked of it (as text, nothing empty)."""

    name: str
    size: int
    asked: Mapping[str, str]

    def page(self, **other: str | None) -> str:
        """The page at this size with something else asked; None takes a word away."""
        return self._to({**self._lasting(), **other})

    def data(self, form: str, part: str | None = None) -> str:
        """The same rows for a program, or as a file."""
        return self._to({**self._lasting(), "part": part, "format": form})

    def sql(self, query: str | Way) -> str:
        """A question on the same snapshot, or a way down by its name."""
        return address(query, self.size)

    def _lasting(self) -> dict[str, str | None]:
        """What was asked, with the size it was asked of in place of a day."""
        return {**{name: value for name, value in self.asked.items() if name != "date"}, "at": str(self.size)}

    def _to(self, said: Mapping[str, str | None]) -> str:
        query = urlencode({name: value for name, value in said.items() if value is not None})
        return f"/reports/{self.name}?{query}"
