"""What does `comparing` ask of a ledger, asked over HTTP as the verifier?"""

from collections.abc import Sequence

from api.cli.field.whereabouts import look_up
from api.cli.remote.client import LedgerClient


class AskedBook:
    """`comparing.Book`, each question asked once."""

    def __init__(self, client: LedgerClient) -> None:
        self._client = client
        self._serials: dict[str, Sequence[str]] = {}
        self._known: dict[str, bool] = {}

    def chips_of_serial(self, serial: str) -> Sequence[str]:
        """Every chip with this serial, whoever made it."""
        if serial not in self._serials:
            items = self._client.items("/chips", {"serial": serial})
            self._serials[serial] = [item["chip"] for item in items]
        return self._serials[serial]

    def knows(self, chip: str) -> bool:
        """Whether the book has the chip."""
        if chip not in self._known:
            self._known[chip] = bool(look_up(self._client, [chip]))
        return self._known[chip]
