"""The log speaks of itself: `log.opened`, entry 0, with the settings of every replay, and `log.changed`."""

from ledger.book.records.form import Body, Form, Part
from ledger.book.records.parties import ProvenKey


class RegistrarOpening(Part, frozen=True):
    """Who enrols: the first party of the log, with the keys one of which signs entry 0."""

    party: str
    name: str
    country: str
    keys: list[ProvenKey]


class Witness(Part, frozen=True):
    """A named cosigner; `vkey` is its own C2SP verifier key (cosignature/v1)."""

    name: str
    vkey: str
    operator: str


class Waits(Part, frozen=True):
    """Seconds that must pass before a round, a timely cosignature, a registrar's key."""

    beacon_lead_s: int
    timely_lead_s: int
    key_delay_s: int


class DeviceRoot(Part, frozen=True):
    """A vendor's pinned root key for evidence out of the silicon, as hex SHA-256 of its SPKI."""

    vendor: str
    spki_sha256: str


class Continued(Part, frozen=True):
    """The log this one goes on from, and its last head."""

    log: str
    size: int
    root: str


class LogOpened(Body, frozen=True):
    """Entry 0."""

    log_key: str
    registrar: RegistrarOpening
    witnesses: list[Witness]
    quorum: int
    rules: int
    waits: Waits
    device_roots: list[DeviceRoot]
    continues: Continued | None = None


class LogChanged(Body, frozen=True):
    """New settings; what is not named stays."""

    log_key: str | None = None
    witnesses: list[Witness] | None = None
    quorum: int | None = None
    rules: int | None = None
    waits: Waits | None = None
    device_roots: list[DeviceRoot] | None = None
    continues: Continued | None = None


FORMS = (Form("log.opened", LogOpened), Form("log.changed", LogChanged))
