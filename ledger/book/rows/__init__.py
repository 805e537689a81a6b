"""What does the book remember?

One frozen row a thing, flat (texts, integers, None), so that rows go to a database, a digest and a
column store without translation. A list of words is one text with single spaces; an object keeps its
canonical JSON.
"""

from ledger.book.rows.catalogue import (
    BeaconRow,
    Lot,
    Mention,
    Model,
    Site,
)
from ledger.book.rows.chips import (
    AT_HAND,
    CHIP_NUMBER_SHIFT,
    DESTROYED,
    ENDED,
    HELD,
    IN_TRANSIT,
    MISSING,
    REPLACED,
    Chip,
    IdentityRow,
    SlotRow,
    Status,
)
from ledger.book.rows.disputes import (
    Absence,
    Claim,
    Correction,
    Discrepancy,
    DiscrepancyChip,
    Seal,
    Stocktake,
    StocktakeLine,
)
from ledger.book.rows.inspections import (
    Inspection,
    SampledChip,
    Series,
)
from ledger.book.rows.parties import (
    Affiliation,
    Key,
    LogSettings,
    Party,
    Reference,
)
from ledger.book.rows.row import (
    UNMADE,
    Row,
)
from ledger.book.rows.trade import (
    OfferedChip,
    Shipment,
    ShipmentLine,
    Transfer,
    TransferLine,
)

__all__ = [
    "AT_HAND",
    "CHIP_NUMBER_SHIFT",
    "DESTROYED",
    "ENDED",
    "HELD",
    "IN_TRANSIT",
    "MISSING",
    "REPLACED",
    "UNMADE",
    "Absence",
    "Affiliation",
    "BeaconRow",
    "Chip",
    "Claim",
    "Correction",
    "Discrepancy",
    "DiscrepancyChip",
    "IdentityRow",
    "Inspection",
    "Key",
    "LogSettings",
    "Lot",
    "Mention",
    "Model",
    "OfferedChip",
    "Party",
    "Reference",
    "Row",
    "SampledChip",
    "Seal",
    "Series",
    "Shipment",
    "ShipmentLine",
    "Site",
    "SlotRow",
    "Status",
    "Stocktake",
    "StocktakeLine",
    "Transfer",
    "TransferLine",
]
