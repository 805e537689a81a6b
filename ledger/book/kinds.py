"""Which kinds of statement are there?

Gathers every family's forms into one table. A kind that is not here is `malformed` at the door.
"""

from ledger.book.records import (
    arrivals,
    beacons,
    inspections,
    models,
    opening,
    parties,
    placements,
    registrations,
    shipments,
    sites,
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
    )
    for form in family.FORMS
}
