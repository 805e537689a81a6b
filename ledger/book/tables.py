"""Under which key does the book remember what, and of which rows does it keep every version?

A new kind that remembers something new adds a row in `rows` and its table here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Generic, TypeVar

from ledger.book.rows import (
    Absence,
    Affiliation,
    BeaconRow,
    Chip,
    Claim,
    Correction,
    Discrepancy,
    DiscrepancyChip,
    IdentityRow,
    Inspection,
    Key,
    LogSettings,
    Lot,
    Mention,
    Model,
    OfferedChip,
    Party,
    Reference,
    Row,
    SampledChip,
    Seal,
    Series,
    Shipment,
    ShipmentLine,
    Site,
    SlotRow,
    Stocktake,
    StocktakeLine,
    Transfer,
    TransferLine,
)

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, eq=False)  # each table is itself alone, and hashed as such, fast
class Table(Generic[R]):
    """A set of rows. `key` is how many leading fields name a row; of a grouped table the first names a group.

    `history`: every version is kept, so that the table can be read as of any size. `corrected`: a row may be
    unmade by the correction of what made it; it then stays as a row that was never there (`rows.UNMADE`).
    """

    name: str
    row: type[R]
    key: int = 1
    grouped: bool = False
    history: bool = True
    corrected: bool = False
    key_of: Callable[[Row], Any] = field(init=False)  # the key under which a registry holds a row

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_of", attrgetter(*self.row.__struct_fields__[: self.key]))


LOG = Table("log_settings", LogSettings)
PARTIES = Table("party", Party)
KEYS = Table("key", Key)
MODELS = Table("model", Model, corrected=True)
SITES = Table("site", Site, corrected=True)
BEACONS = Table("beacon", BeaconRow)
CHIPS = Table("chip", Chip, corrected=True)
IDENTITIES = Table("identity", IdentityRow, history=False)
SLOTS = Table("slot", SlotRow, key=3, history=False)
SHIPMENTS = Table("shipment", Shipment)
LINES = Table("shipment_line", ShipmentLine, key=2, grouped=True, history=False)
DISCREPANCIES = Table("discrepancy", Discrepancy)
DISCREPANCY_CHIPS = Table("discrepancy_chip", DiscrepancyChip, key=3, grouped=True)
REFERENCES = Table("reference", Reference, key=2, history=False)
INSPECTIONS = Table("inspection", Inspection)
SAMPLED = Table("sampled_chip", SampledChip, key=2, grouped=True)
SERIES = Table("series", Series, history=False)
ABSENCES = Table("absence", Absence, key=2, grouped=True, history=False)
LOTS = Table("lot", Lot, corrected=True)
TRANSFERS = Table("transfer", Transfer)
TRANSFER_LINES = Table("transfer_line", TransferLine, key=2, grouped=True, history=False)
OFFERED = Table("offered_chip", OfferedChip, history=False)
STOCKTAKES = Table("stocktake", Stocktake, corrected=True)
STOCKTAKE_LINES = Table("stocktake_line", StocktakeLine, key=4, grouped=True, history=False)
AFFILIATIONS = Table("affiliation", Affiliation)
CLAIMS = Table("claim", Claim, corrected=True)
SEALS = Table("seal", Seal)
CORRECTIONS = Table("correction", Correction)
MENTIONS = Table("mention", Mention, history=False)

TABLES: tuple[Table[Row], ...] = (
    LOG, PARTIES, KEYS, MODELS, SITES, BEACONS, CHIPS, IDENTITIES, SLOTS, SHIPMENTS, LINES,
    DISCREPANCIES, DISCREPANCY_CHIPS, ABSENCES, REFERENCES, INSPECTIONS, SAMPLED, SERIES, LOTS,
    TRANSFERS, TRANSFER_LINES, OFFERED, STOCKTAKES, STOCKTAKE_LINES, AFFILIATIONS, CLAIMS, SEALS, CORRECTIONS,
    MENTIONS,
)  # type: ignore[assignment]  # fmt: skip
