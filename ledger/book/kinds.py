"""Which kinds of statement are there?

Gathers every family's forms into one table. A kind that is not here is `malformed` at the door.
"""

from ledger.book.records import (
    affiliations,
    arrivals,
    beacons,
    claims,
    corrections,
    discrepancies,
    fabrication,
    inspections,
    keys,
    models,
    opening,
    parties,
    placements,
    registrations,
    seals,
    shipments,
    sightings,
    sites,
    stocktakes,
)
from ledger.book.records.form import Form

FORMS: dict[str, Form] = {
    form.kind: form
    for family in (
        opening,
        parties,
        models,
        sites,
        registrations,
        placements,
        shipments,
        arrivals,
        beacons,
        inspections,
        discrepancies,
        corrections,
        stocktakes,
        sightings,
        affiliations,
        keys,
        fabrication,
        claims,
        seals,
    )
    for form in family.FORMS
}
