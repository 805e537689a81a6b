"""Which inspections are under way, and what became of what was drawn?"""

from ledger.book.rows.row import Row


class Inspection(Row, frozen=True):
    """An inspection as far as it has come; `commitment` is the body as committed, canonical.

    `leaf` is the hex leaf hash of the commitment's entry; `quorum`, `timely_lead_s` and `witnesses` are the
    log's settings as it stood there. Of the stages drawn `seeds` are the hex seeds and `drawn_at` the Unix
    seconds at which their draws were admitted, in order, `strata_counts` how many of the frame each stratum
    holds, in the order of the strata, `known_missing` the chips that were missing on the provers' account
    when it was committed. `withheld` is 1 once a stage was not drawn by its day. `verdict`, `counts`
    (canonical), `upper_bound`, `off_book` and `draws` (the m of draw k of m) are those of the closing.
    """

    inspection: str
    series: str
    number: int
    verifier: str
    statement: str
    leaf: str
    provers: str
    direction: str
    beacon: str
    commitment: str
    quorum: int
    timely_lead_s: int
    witnesses: str
    stages_drawn: int
    seeds: str
    drawn_at: str
    frame_count: int | None
    frame_root: str | None
    strata_counts: str | None
    known_missing: int | None
    timely: str | None
    withheld: int
    state: str
    verdict: str | None
    counts: str | None
    upper_bound: int | None
    off_book: int | None
    draws: int | None
    born: int
    changed: int


class SampledChip(Row, frozen=True):
    """A chip or position that an inspection drew or came upon; `stages` are those that drew it, by number.

    `result` is the worst of what was found, None before a visit, `found_at` (Unix seconds) and
    `evidence_sha256` are of the first visit that found that. `shown` is where and when it was confirmed:
    `<Unix seconds>@<site>`, or the position in place of the site, in one text.
    """

    inspection: str
    item: str
    stages: str
    stratum: str
    result: str | None
    shown: str
    found_at: int | None
    evidence_sha256: str | None
    changed: int


class Series(Row, frozen=True):
    """The last number a verifier used in a series, and the inspection that bears it."""

    series: str
    number: int
    inspection: str
    born: int
    changed: int
