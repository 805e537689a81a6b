"""Which tables hold who and what is named in the book?

Field for field the rows of `ledger.book.rows`: one table of what is, and one of every version where
history is kept. All of it can be folded again. Rows, nothing else.
"""

from ledger.storage.tables.columns import MaybeWhole, MaybeWord, Stored, Whole, Word, kept, ordered


class LogSettingsFields(Stored):
    """Of table `log_settings`, now and before."""

    origin: Word
    log_key: Word
    registrar: Word
    rules: Whole
    quorum: Whole
    beacon_lead_s: Whole
    timely_lead_s: Whole
    key_delay_s: Whole
    witnesses: Word
    device_roots: Word
    continues: MaybeWord
    former_log_key: MaybeWord
    rekeyed: MaybeWhole
    born: Whole
    changed: Whole


class LogSettingsRow(LogSettingsFields, table=True):
    """`LogSettings`, as it is."""

    __tablename__ = "log_settings"
    __table_args__ = ordered("origin")


class LogSettingsVersion(LogSettingsFields, table=True):
    """`LogSettings`, as it was after each entry that wrote it."""

    __tablename__ = "log_settings_version"
    __table_args__ = kept("origin")


class PartyFields(Stored):
    """Of table `party`, now and before."""

    party: Word
    name: Word
    roles: Word
    country: Word
    parent: MaybeWord
    suspended: Whole
    succeeded_by: MaybeWord
    successors: Word
    predecessors: Word
    keyed: Whole
    born: Whole
    changed: Whole


class PartyRow(PartyFields, table=True):
    """`Party`, as it is."""

    __tablename__ = "party"
    __table_args__ = ordered("party")


class PartyVersion(PartyFields, table=True):
    """`Party`, as it was after each entry that wrote it."""

    __tablename__ = "party_version"
    __table_args__ = kept("party")


class KeyFields(Stored):
    """Of table `key`, now and before."""

    key_id: Word
    party: Word
    public_key: Word
    from_index: Whole
    to_index: MaybeWhole
    kinds: MaybeWord
    sites: MaybeWord
    not_before: MaybeWhole
    until: MaybeWhole
    born: Whole
    changed: Whole


class KeyRow(KeyFields, table=True):
    """`Key`, as it is."""

    __tablename__ = "key"
    __table_args__ = ordered("key_id")


class KeyVersion(KeyFields, table=True):
    """`Key`, as it was after each entry that wrote it."""

    __tablename__ = "key_version"
    __table_args__ = kept("key_id")


class ModelFields(Stored):
    """Of table `model`, now and before."""

    model: Word
    vendor: Word
    figures: Word
    born: Whole
    changed: Whole


class ModelRow(ModelFields, table=True):
    """`Model`, as it is."""

    __tablename__ = "model"
    __table_args__ = ordered("model")


class ModelVersion(ModelFields, table=True):
    """`Model`, as it was after each entry that wrote it."""

    __tablename__ = "model_version"
    __table_args__ = kept("model")


class SiteFields(Stored):
    """Of table `site`, now and before."""

    site: Word
    operator: Word
    name: Word
    country: Word
    latitude_udeg: MaybeWhole
    longitude_udeg: MaybeWhole
    power_kw: MaybeWhole
    positions: MaybeWhole
    born: Whole
    changed: Whole


class SiteRow(SiteFields, table=True):
    """`Site`, as it is."""

    __tablename__ = "site"
    __table_args__ = ordered("site")


class SiteVersion(SiteFields, table=True):
    """`Site`, as it was after each entry that wrote it."""

    __tablename__ = "site_version"
    __table_args__ = kept("site")


class BeaconFields(Stored):
    """Of table `beacon`, now and before."""

    beacon: Word
    scheme: Word
    public_key: Word
    genesis: Whole
    period_s: Whole
    source: Word
    chain: Word
    born: Whole
    changed: Whole


class BeaconRow(BeaconFields, table=True):
    """`BeaconRow`, as it is."""

    __tablename__ = "beacon"
    __table_args__ = ordered("beacon")


class BeaconVersion(BeaconFields, table=True):
    """`BeaconRow`, as it was after each entry that wrote it."""

    __tablename__ = "beacon_version"
    __table_args__ = kept("beacon")


class ReferenceRow(Stored, table=True):
    """`Reference`."""

    __tablename__ = "reference"
    __table_args__ = ordered("party", "reference")
    party: Word
    reference: Word
    statement: Word
    changed: Whole
