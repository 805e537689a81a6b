"""May what was said be taken back, and what is the book without it? The law of `statement.corrected`."""

# Kinds that may be corrected (details.md, 6): what others have their own undo for, or what nobody may take back, is not here.
CORRECTABLE = frozenset(
    {
        "model.listed",
        "site.declared",
        "lot.produced",
        "lot.used",
        "chips.registered",
        "chips.placed",
        "chips.retired",
        "chips.declared",
        "stocktake.declared",
        "chips.sighted",
        "claim.noted",
        "party.changed",
    }
)
