"""Which kinds of statement are there?

Gathers every family's forms into one table. A kind that is not here is `malformed` at the door.
"""

from ledger.book.records import (
    affiliations,
    arrivals,
    beacons,
    claims,
    corrections,
    declarations,
    discrepancies,
    fabrication,
    inspections,
    keys,
    models,
    opening,
    parties,
    placements,
    registrations,
    retirements,
    seals,
    shipments,
    sightings,
    sites,
    stocktakes,
    titles,
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
        declarations,
        retirements,
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
        titles,
    )
    for form in family.FORMS
}
