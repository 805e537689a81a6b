"""Who may speak, of which log, and with which keys?"""

from ledger.book.rows.row import Row


class LogSettings(Row, frozen=True):
    """What `log.opened` said and `log.changed` changed; the only row of its table, keyed by the origin.

    From entry `rekeyed` on, checkpoints bear the signatures of `log_key` and of `former_log_key`.
    """

    origin: str
    log_key: str
    registrar: str
    rules: int
    quorum: int
    beacon_lead_s: int
    timely_lead_s: int
    key_delay_s: int
    witnesses: str
    device_roots: str
    continues: str | None
    former_log_key: str | None
    rekeyed: int | None
    born: int
    changed: int


class Party(Row, frozen=True):
    """Somebody who may speak or be spoken of. `suspended` is 0 or 1.

    `successors` are those who act for it, along the chain of `succeeded_by`, `predecessors` those it acts
    for: parties, sorted, in one text. `keyed` is 1 once it ever had a key.
    """

    party: str
    name: str
    roles: str
    country: str
    parent: str | None
    suspended: int
    succeeded_by: str | None
    successors: str
    predecessors: str
    keyed: int
    born: int
    changed: int


class Key(Row, frozen=True):
    """A public key, of one party for ever, valid for entries in [from_index, to_index).

    One that a registrar added is not valid before `not_before`, and none from `until` on (Unix seconds).
    `kinds` and `sites` narrow what it may say: sorted words in one text, None for no bound.
    """

    key_id: str
    party: str
    public_key: str
    from_index: int
    to_index: int | None
    kinds: str | None
    sites: str | None
    not_before: int | None
    until: int | None
    born: int
    changed: int


class Reference(Row, frozen=True):
    """A party's own number for something it said, used once."""

    party: str
    reference: str
    statement: str
    changed: int


class Affiliation(Row, frozen=True):
    """Parties a verifier suspects of belonging together; named by the statement that said so."""

    statement: str
    verifier: str
    parties: str
    evidence_sha256: str
    born: int
    changed: int
