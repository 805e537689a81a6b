"""Faults in what verifiers say: commitments and draws."""

from dataclasses import replace
from functools import partial

from ledger.book.rejection import Reason
from ledger.book.times import format_seconds
from tests.book.faults import Fault, body, lines, stage
from tests.book.ready import busy
from tests.world import DICE, GENESIS, PERIOD_S

BAD = Reason.BAD_FIELD
NO_HEX = "AB" * 32
FAR = "2030-01-01T00:00:00Z"
_COMMITTED, _DRAWN = "inspection.committed", "inspection.drawn"


def _beyond(first, due):
    """A stage whose round is due in three years."""
    number = first["round"] + 3 * 366 * 86_400 // 30
    return first | {"round": number} | dict.fromkeys(("notice_by", "found_by"), format_seconds(due(number)))


def _committed(reason, name=None, **fields):
    return body(_COMMITTED, reason, name, **fields)


def _drawn(reason, name=None, **fields):
    return body(_DRAWN, reason, name, **fields)


def _staged(name, change):
    """Faults of several stages."""
    return Fault(
        name,
        BAD,
        frozenset({"body.stages"}),
        frozenset({_COMMITTED}),
        draft=lambda draft: draft.changed(stages=change(draft.body["stages"][0])),
    )


def _clocked(name, change):
    """Faults that only the beacon's clock shows."""
    return replace(
        _staged(name, lambda first: change(first, lambda number: GENESIS + (number - 1) * PERIOD_S)),
        touches=frozenset({"body.stages", "body.beacon"}),
    )


def _later(first, **fields):
    return {**first, "round": first["round"] + 1, "secret_sha256": "cd" * 32, **fields}


ALL = {"name": "all"}
COMMITMENT = (
    *(
        _committed(BAD, name, **fields)
        for name, fields in {
            "another's prefix": {"inspection": "peer/i"},
            "another's series": {"series": "peer/s"},
            "a beacon without prefix": {"beacon": "dice"},
            "nobody": {"provers": []},
            "unsorted provers": {"provers": ["oslo", "acme"]},
            "a prover twice": {"provers": ["oslo", "oslo"]},
            "no party": {"provers": ["Oslo"]},
            "1,001 provers": {"provers": [f"p{n:04}" for n in range(1001)]},
            "no risk": {"beta_ppm": 0},
            "all risk": {"beta_ppm": 1_000_000},
            "number 0": {"number": 0},
            "another direction": {"direction": "sideways"},
            "another planner": {"planner": "guess"},
            "no strata": {"strata": []},
            "one name twice": {"strata": [{"name": "a", "class": "B"}, {"name": "a"}]},
            "a name with a space": {"strata": [{"name": "a b"}]},
            "a last one with a predicate": {"strata": [{"name": "a", "class": "B"}]},
            "a class of positions": {
                "direction": "floor_to_book",
                "strata": [{"name": "a", "class": "B"}, ALL],
            },
            "a class nobody can draw": {"strata": [{"name": "a", "class": "D"}, ALL]},
            "a site without prefix": {"strata": [{"name": "a", "site": "hall"}, ALL]},
            "a model without prefix": {"strata": [{"name": "a", "model": "h100"}, ALL]},
            "65 strata": {"strata": [*({"name": f"s{n}", "class": "B"} for n in range(64)), ALL]},
            "no stages": {"stages": []},
            "a parameter nobody knows": {"parameters": {"guess": 1}},
            "a parameter of the other planner": {"parameters": {"run_days": "30"}},
            "a test that misses more than all": {"parameters": {"test_miss_ppm": 1_000_001}},
            "a test of no class": {"parameters": {"test_miss_ppm": {}}},
            "a test of a class nobody can draw": {"parameters": {"test_miss_ppm": {"D": 1}}},
            "another risk": {"parameters": {"beta_ppm": 50_001}},
            "a fraction of a chip": {"parameters": {"missing": "0.5"}},
            "true, as a number": {"parameters": {"missing": True}},
            "costs of two strata for one": {"parameters": {"costs": ["1", "2"]}},
            "a cost below 0": {"parameters": {"costs": ["-1"]}},
            "a run of nothing": {"parameters": {"run_flop": "0"}},
            "a power of three digits": {"parameters": {"run_flop": "1e100"}},
            "a listed model without prefix": {"parameters": {"model": "h100"}},
            "overridden, and not there": {"parameters": {"missing": 1, "overridden": ["frame"]}},
            "overridden twice": {"parameters": {"missing": 1, "overridden": ["missing", "missing"]}},
            "no chips for a hidden run": {"planner": "activity", "parameters": {"chips": 0}},
        }.items()
    ),
    *(
        stage(_COMMITTED, BAD, name, **fields)
        for name, fields in {
            "round 0": {"round": 0},
            "a secret that is no hash": {"secret_sha256": NO_HEX},
            "two sizes for one stratum": {"sizes": [1, 1]},
            "no sizes": {"sizes": []},
            "a size below 0": {"sizes": [-1]},
            "accepts what it rejects": {"accept": 1, "reject": 1},
            "accepts less than nothing": {"accept": -1},
            "no day of notice": {"notice_by": "2026-13-01T00:00:00Z"},
            "no day of findings": {"found_by": "soon"},
            "findings before the notice": {"found_by": "2026-01-01T00:00:00Z"},
        }.items()
    ),
    _staged("rounds that descend", lambda first: [first, _later(first, round=first["round"] - 1)]),
    _staged("one round for two", lambda first: [first, _later(first, round=first["round"])]),
    _staged("one secret for two", lambda first: [first, _later(first, secret_sha256=first["secret_sha256"])]),
    _clocked(
        "a second round before the first findings are due",
        lambda first, due: [
            first | {"found_by": format_seconds(due(first["round"] + 100) + 1)},
            _later(first, round=first["round"] + 100, notice_by=FAR, found_by=FAR),
        ],
    ),
    _clocked(
        "a notice that never comes due",
        lambda first, _: [first | {"notice_by": FAR, "found_by": FAR}],
    ),
    _clocked("a round beyond all planning", lambda *told: [_beyond(*told)]),
    _clocked(
        "notice before the round",
        lambda first, due: [first | {"notice_by": format_seconds(due(first["round"]) - 1)}],
    ),
    _staged(
        "17 stages",
        lambda first: [_later(first, round=2**40 + n, secret_sha256=f"{n:064x}") for n in range(17)],
    ),
    _committed(Reason.ID_TAKEN, inspection="watch/drawn"),
    _committed(Reason.UNKNOWN_REFERENCE, provers=["nobody", "oslo"]),
    _committed(Reason.UNKNOWN_REFERENCE, beacon="registrar/unlisted"),
    _committed(Reason.BAD_NUMBER, number=2),
    _committed(Reason.BAD_NUMBER, "the number before", series="watch/s1", number=1),
    _committed(Reason.OPEN_COMMITMENT, series="watch/s2", number=2),
    stage(_COMMITTED, Reason.TOO_EARLY, "a round that is past", round=1),
)


def _redrawn(name, reason, change, *touches):
    """Another draw, or by another hand."""
    return Fault(name, reason, frozenset({*touches}), frozenset({_DRAWN}), draft=change)


def _of(inspection, name, reason):
    """The draw of another inspection."""
    fields = ("inspection", "round", "pulse", "secret", "frame")

    def spoil(draft):
        other = busy().draw_draft("watch", inspection)
        return replace(draft.changed(**{field: other.body[field] for field in fields}), lines=other.lines)

    return _redrawn(name, reason, spoil, "lines", *(f"body.{field}" for field in fields))


def _pulse(draft, **fields):
    return draft.changed(pulse={**draft.body["pulse"], **fields})


def _reshaped(draft, shape):
    return draft.changed(pulse={"round": draft.body["round"], **shape})


def _other_round(draft):
    number = draft.body["round"] - 1
    pulse = {"round": number, "signature": DICE.pulse(number).hex()}
    return draft.changed(round=number, pulse=pulse)


DRAW = (
    *(
        _drawn(BAD, name, **fields)
        for name, fields in {
            "no prefix": {"inspection": "due"},
            "a beacon without prefix": {"beacon": "dice"},
            "a secret in capitals": {"secret": NO_HEX},
            "a root in capitals": {"frame": {"count": 1, "root": NO_HEX}},
            "a count below 0": {"frame__count": -1},
            "a pulse of another round": {"pulse__round": 1},
            "a signature in capitals": {"pulse__signature": "AB" * 48},
            "half an octet": {"pulse__signature": "abc"},
            "no signature": {"pulse__signature": ""},
            "a previous signature in capitals": {"pulse__previous_signature": "AB"},
            "a previous signature that none has": {"pulse__previous_signature": "ab" * 96},
            "a pulse that does not verify": {"pulse__signature": "ab" * 48},
            "two shapes of pulse": {"pulse__proof": "ab" * 80},
            "a published object beside a signature": {"pulse__nist": {}},
            "no checkpoint": {"timely": {"checkpoint": "", "proof": []}},
            "a checkpoint that is none": {"timely": {"checkpoint": "c", "proof": []}},
            "a proof in capitals": {"timely": {"checkpoint": "c", "proof": [NO_HEX]}},
            "a proof of 64 hashes": {"timely": {"checkpoint": "c", "proof": ["ab" * 32] * 64}},
        }.items()
    ),
    *(
        _redrawn(f"a pulse of another shape, {name}", BAD, partial(_reshaped, shape=shape), "body.pulse")
        for name, shape in {
            "a proof": {"proof": "ab" * 80},
            "a proof too short": {"proof": "ab" * 79},
            "a proof in capitals": {"proof": "AB" * 80},
            "an empty object of NIST's": {"nist": {}},
            "an object of NIST's that is none": {
                "nist": {"listValues": 1, "external": [], "cipherSuite": True}
            },
            "an object of NIST's without end": {"nist": {"uri": ["x" * 1024] * 17}},
            "an empty object of CURBy's": {"curby": {}},
            "an object of CURBy's that is none": {"curby": {"pulse": {"cid": {"/": 1}, "data": []}}},
            "an object of CURBy's and another": {"curby": {"pulse": {}, "previous": {}, "next": {}}},
            "only the signature before": {"previous_signature": "ab" * 96},
            "nothing": {},
        }.items()
    ),
    _drawn(Reason.UNKNOWN_REFERENCE, inspection="watch/none"),
    replace(
        _drawn(Reason.UNKNOWN_REFERENCE, beacon="registrar/unlisted"),
        touches=frozenset({"body.beacon", "body.pulse"}),  # no pulse can be judged then
    ),
    _redrawn(
        "another verifier's inspection",
        Reason.UNKNOWN_REFERENCE,
        lambda draft: replace(draft, party="peer"),
        "party",
    ),
    _of("watch/drawn", "drawn already", Reason.ENDED),
    _of("watch/soon", "before its round", Reason.TOO_EARLY),
    _drawn(Reason.WRONG_SELECTION, "another beacon with the same key", beacon="registrar/other"),
    _redrawn("another round", Reason.WRONG_SELECTION, _other_round, "body.round", "body.pulse"),
    _drawn(Reason.WRONG_SELECTION, secret="ab" * 32),
    _drawn(Reason.WRONG_SELECTION, frame__count=1),
    _drawn(Reason.WRONG_SELECTION, frame__root="ab" * 32),
    lines(_DRAWN, Reason.WRONG_SELECTION, "acme:S5", "acme:S6", name="one chip too few"),
    lines(_DRAWN, Reason.WRONG_SELECTION, "acme:S5", "acme:S6", "bolt:B1", name="another's chip"),
)

NOTHING_SELECTED = Fault(
    "no manifest at all",
    Reason.MANIFEST_MISMATCH,
    # Only who knows the inspection knows that something was to be selected.
    frozenset({"lines", "party", *(f"body.{name}" for name in ("inspection", "beacon", "round", "pulse"))})
    | frozenset({"body.secret", "body.frame"}),
    frozenset({_DRAWN}),
    draft=lambda draft: replace(draft, lines=None),
)

INSPECTIONS = (NOTHING_SELECTED, *COMMITMENT, *DRAW)
