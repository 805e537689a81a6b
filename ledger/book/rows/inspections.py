"""Which inspections are under way?"""

from ledger.book.rows.row import Row


class Inspection(Row, frozen=True):
    """An inspection as far as it has come; `commitment` is the body as committed, canonical."""

    inspection: str
    series: str
    number: int
    verifier: str
    statement: str
    provers: str
    beacon: str
    commitment: str
    stages_drawn: int
    frame_count: int | None
    frame_root: str | None
    timely: str | None
    state: str
    born: int
    changed: int


class Series(Row, frozen=True):
    """The last number a verifier used in a series, and the inspection that bears it."""

    series: str
    number: int
    inspection: str
    born: int
    changed: int
