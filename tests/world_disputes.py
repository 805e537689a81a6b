"""What is said where parties disagree: answers, resolutions, corrections, and a world full of disagreements.

Drafts are made for a `World` that is given: `world.says` says them.
"""


def answer_draft(world, party, discrepancy, *chips, concedes=False, **body):
    """A side speaks."""
    said = {"discrepancy": discrepancy, "text": "so it is", "concedes": concedes} | body
    return world.draft(party, "discrepancy.answered", said, chips or None)


def resolution_draft(world, party, discrepancy, outcome, **body):
    """Somebody decides."""
    return world.draft(party, "discrepancy.resolved", {"discrepancy": discrepancy, "outcome": outcome} | body)


def correction_draft(world, party, statement, reason="a mistake"):
    """What was said is taken back; `statement` by its id or as it was told."""
    corrects = statement if isinstance(statement, str) else statement.outcome.statement
    return world.draft(party, "statement.corrected", {"corrects": corrects, "reason": reason})


def stirred(world):
    """acme's chips D0 to D9, and what others say of them; (all that was told, names of what came of it)."""
    told = [world.registers("acme", "acme:D0")]
    told.append(
        world.registers(
            "acme",
            *(f"acme:D{number}" for number in (1, 2, 3, 4, 7, 8, 9)),
            {"chip": "acme:D5", "identity": {"uuid": "GPU-D5"}},
            {"chip": "acme:D6", "identity": {"uuid": "GPU-D6"}},
        )
    )
    named = {"alone": told[0].outcome.statement, "registration": told[1].outcome.statement}
    observations = {
        "place": world.sighting_draft("watch", "acme:D1", site="lima/hall"),
        "extra": world.arrival_draft("oslo", "acme/none", {"chip": "acme:D2", "seen": {"uuid": "GPU-D2"}}),
        "over": world.sighting_draft("watch", "acme:D3", site="lima/hall"),
        "moved": world.sighting_draft("watch", "acme:D4", site="lima/hall"),
        "borne": world.sighting_draft("watch", {"chip": "acme:D5", "seen": {"uuid": "GPU-D6"}}),
        "two": world.arrival_draft("oslo", "acme/none", "acme:D7", "acme:D8"),
    }
    for name, draft in observations.items():
        told.append(world.says(draft))
        named[name] = f"{told[-1].index}.0"
    told += [
        world.says(answer_draft(world, "acme", named["over"], concedes=True)),
        world.places("acme", {"chip": "acme:D4", "system": "r9"}),
        world.dispatches("acme", "acme/d1", "acme:D9", to="lima"),
    ]
    named["dispatch"] = told[-1].outcome.statement
    return told, named
